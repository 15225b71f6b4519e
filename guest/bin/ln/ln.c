/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>
#include <err.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The last component of a path. */
static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

int
main(int argc, char *argv[])
{
	int ch, force = 0, symbolic = 0;
	const char *source, *target;
	char path[PATH_MAX];
	struct stat st;

	while ((ch = getopt(argc, argv, "fs")) != -1)
		switch (ch) {
		case 'f':
			force = 1;
			break;
		case 's':
			symbolic = 1;
			break;
		default:
			optind = argc;
			break;
		}
	if (argc - optind < 1 || argc - optind > 2) {
		fprintf(stderr, "usage: ln [-fs] source [target]\n");
		return 1;
	}
	source = argv[optind];
	target = argc - optind == 2 ? argv[optind + 1] : ".";
	if (stat(target, &st) == 0 && S_ISDIR(st.st_mode)) {
		if (snprintf(path, sizeof(path), "%s/%s", target,
		    base_name(source)) >= (int)sizeof(path))
			errx(1, "%s: name too long", target);
		target = path;
	}
	if (force)
		unlink(target);
	if ((symbolic ? symlink(source, target) : link(source, target)) == -1)
		err(1, "%s", target);
	return 0;
}
