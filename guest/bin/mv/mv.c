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

/* There is one file system, so moving is renaming. */
int
main(int argc, char *argv[])
{
	char path[PATH_MAX];
	const char *target;
	struct stat st;
	int i, into, status = 0;

	if (argc > 1 && strcmp(argv[1], "-f") == 0)
		argc--, argv++;
	if (argc < 3) {
		fprintf(stderr, "usage: mv [-f] source target\n"
		    "       mv [-f] source ... directory\n");
		return 1;
	}
	target = argv[argc - 1];
	into = stat(target, &st) == 0 && S_ISDIR(st.st_mode);
	if (argc > 3 && !into)
		errx(1, "%s is not a directory", target);
	for (i = 1; i < argc - 1; i++) {
		if (snprintf(path, sizeof(path), "%s%s%s", target,
		    into ? "/" : "", into ? base_name(argv[i]) : "") >=
		    (int)sizeof(path))
			errx(1, "%s: name too long", target);
		if (rename(argv[i], path) == -1) {
			warn("rename %s to %s", argv[i], path);
			status = 1;
		}
	}
	return status;
}
