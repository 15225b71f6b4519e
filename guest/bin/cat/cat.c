/* SPDX-License-Identifier: ISC */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COPY_SIZE	4096		/* bytes of one transfer */

static int status;

/* Copy all of a descriptor to standard output. */
static void
copy(int fd, const char *name)
{
	static char buf[COPY_SIZE];
	ssize_t n, done, w;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		for (done = 0; done < n; done += w)
			if ((w = write(STDOUT_FILENO, buf + done,
			    n - done)) == -1)
				err(1, "stdout");
	if (n == -1) {
		warn("%s", name);
		status = 1;
	}
}

/* The same, line by line, with line numbers. */
static void
copy_numbered(FILE *fp)
{
	static int number;
	char *line = NULL;
	size_t size;

	while (getline(&line, &size, fp) != -1)
		printf("%6d\t%s", ++number, line);
	free(line);
}

static void
cat_file(const char *name, int numbers)
{
	int fd = STDIN_FILENO;
	FILE *fp;

	if (strcmp(name, "-") != 0 && (fd = open(name, O_RDONLY)) == -1) {
		warn("%s", name);
		status = 1;
		return;
	}
	if (!numbers)
		copy(fd, fd == STDIN_FILENO ? "stdin" : name);
	else if (fd == STDIN_FILENO)
		copy_numbered(stdin);
	else if ((fp = fdopen(fd, "r")) == NULL)
		err(1, "%s", name);
	else {
		copy_numbered(fp);
		fclose(fp);
		return;
	}
	if (fd != STDIN_FILENO)
		close(fd);
}

int
main(int argc, char *argv[])
{
	int ch, numbers = 0;

	while ((ch = getopt(argc, argv, "nu")) != -1)
		switch (ch) {
		case 'n':
			numbers = 1;
			break;
		case 'u':
			break;		/* it never buffers */
		default:
			fprintf(stderr, "usage: cat [-nu] [file ...]\n");
			return 1;
		}
	if (optind == argc)
		cat_file("-", numbers);
	for (; optind < argc; optind++)
		cat_file(argv[optind], numbers);
	return fflush(stdout) == EOF ? 1 : status;
}
