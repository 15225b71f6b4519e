/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int f_force, f_recursive, status;

static void	remove_path(const char *);

static void
complain(const char *path)
{
	if (f_force && errno == ENOENT)
		return;
	warn("%s", path);
	status = 1;
}

static int
is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Remove what a directory holds.  It is read again after each name. */
static void
empty_directory(const char *path)
{
	struct dirent *entry;
	char *full;
	DIR *dir;
	int before = status;

	for (;;) {
		if ((dir = opendir(path)) == NULL) {
			complain(path);
			return;
		}
		while ((entry = readdir(dir)) != NULL && is_dot(entry->d_name))
			continue;
		full = NULL;
		if (entry != NULL && asprintf(&full, "%s/%s", path,
		    entry->d_name) == -1)
			err(1, NULL);
		closedir(dir);
		if (full == NULL)
			return;
		remove_path(full);
		free(full);
		/* What cannot be removed would be found again. */
		if (status != before)
			return;
	}
}

static void
remove_path(const char *path)
{
	struct stat st;

	if (lstat(path, &st) == -1) {
		complain(path);
		return;
	}
	if (!S_ISDIR(st.st_mode)) {
		if (unlink(path) == -1)
			complain(path);
		return;
	}
	if (!f_recursive) {
		warnx("%s: is a directory", path);
		status = 1;
		return;
	}
	empty_directory(path);
	if (rmdir(path) == -1)
		complain(path);
}

int
main(int argc, char *argv[])
{
	const char *base;
	int ch;

	while ((ch = getopt(argc, argv, "fRr")) != -1)
		switch (ch) {
		case 'f':
			f_force = 1;
			break;
		case 'R':
		case 'r':
			f_recursive = 1;
			break;
		default:
			optind = argc;
			f_force = 0;
			break;
		}
	if (optind >= argc && !f_force) {
		fprintf(stderr, "usage: rm [-fRr] file ...\n");
		return 1;
	}
	for (; optind < argc; optind++) {
		base = strrchr(argv[optind], '/');
		base = base != NULL ? base + 1 : argv[optind];
		if (is_dot(base)) {
			warnx("\".\" and \"..\" may not be removed");
			status = 1;
			continue;
		}
		remove_path(argv[optind]);
	}
	return status;
}
