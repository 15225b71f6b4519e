/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>
#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define COPY_SIZE	4096		/* bytes of one transfer */

/* The last component of a path. */
static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* Move the bytes; -1 after a message. */
static int
copy_bytes(int from, int to, const char *source, const char *target)
{
	static char buf[COPY_SIZE];
	ssize_t n, done, w;

	while ((n = read(from, buf, sizeof(buf))) > 0)
		for (done = 0; done < n; done += w)
			if ((w = write(to, buf + done, n - done)) == -1) {
				warn("%s", target);
				return -1;
			}
	if (n == -1)
		warn("%s", source);
	return n;
}

static int
copy_file(const char *source, const char *target)
{
	struct stat from_st, to_st;
	int from, to, result = -1;

	if ((from = open(source, O_RDONLY)) == -1 ||
	    fstat(from, &from_st) == -1) {
		warn("%s", source);
		return 1;
	}
	if (S_ISDIR(from_st.st_mode))
		warnx("%s is a directory (not copied)", source);
	else if (stat(target, &to_st) == 0 && to_st.st_dev == from_st.st_dev &&
	    to_st.st_ino == from_st.st_ino)
		warnx("%s and %s are identical (not copied)", target, source);
	else if ((to = open(target, O_WRONLY | O_CREAT | O_TRUNC,
	    from_st.st_mode & ACCESSPERMS)) == -1)
		warn("%s", target);
	else {
		result = copy_bytes(from, to, source, target);
		close(to);
	}
	close(from);
	return result != 0;
}

int
main(int argc, char *argv[])
{
	char path[PATH_MAX];
	const char *target;
	struct stat st;
	int i, into, status = 0;

	if (argc < 3 || argv[1][0] == '-') {
		fprintf(stderr, "usage: cp source target\n"
		    "       cp source ... directory\n");
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
		status |= copy_file(argv[i], path);
	}
	return status;
}
