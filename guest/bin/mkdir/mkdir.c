/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DIR_MODE	0777		/* before the umask */

/* Make a directory and those above it that are not there. */
static int
make_path(char *path)
{
	struct stat st;
	char *slash = path;

	while ((slash = strchr(slash + 1, '/')) != NULL) {
		*slash = '\0';
		if (mkdir(path, DIR_MODE) == -1 && errno != EEXIST)
			return -1;
		*slash = '/';
	}
	if (mkdir(path, DIR_MODE) == 0)
		return 0;
	if (errno != EEXIST || stat(path, &st) == -1)
		return -1;
	if (S_ISDIR(st.st_mode))
		return 0;
	errno = EEXIST;
	return -1;
}

int
main(int argc, char *argv[])
{
	int ch, parents = 0, mode = -1, status = 0;
	char *end;

	while ((ch = getopt(argc, argv, "m:p")) != -1)
		switch (ch) {
		case 'm':
			mode = strtol(optarg, &end, 8);
			if (*end != '\0' || mode < 0 || mode > ALLPERMS)
				errx(1, "invalid file mode: %s", optarg);
			break;
		case 'p':
			parents = 1;
			break;
		default:
			optind = argc;
			break;
		}
	if (optind >= argc) {
		fprintf(stderr, "usage: mkdir [-p] [-m mode] dirname ...\n");
		return 1;
	}
	for (; optind < argc; optind++)
		if ((parents ? make_path(argv[optind]) :
		    mkdir(argv[optind], DIR_MODE)) == -1 ||
		    (mode != -1 && chmod(argv[optind], mode) == -1)) {
			warn("%s", argv[optind]);
			status = 1;
		}
	return status;
}
