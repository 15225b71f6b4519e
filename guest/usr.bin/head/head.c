/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <err.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void
head(FILE *fp, long lines)
{
	int c;

	while (lines > 0 && (c = getc(fp)) != EOF) {
		putchar(c);
		if (c == '\n')
			lines--;
	}
}

static long
line_count(const char *s)
{
	const char *errstr;
	long lines = strtonum(s, 1, LONG_MAX, &errstr);

	if (errstr != NULL)
		errx(1, "count is %s: %s", errstr, s);
	return lines;
}

int
main(int argc, char *argv[])
{
	int ch, several, status = 0;
	const char *separator = "";
	long lines = 10;
	FILE *fp;

	if (argc > 1 && argv[1][0] == '-' &&
	    isdigit((unsigned char)argv[1][1])) {
		lines = line_count(argv[1] + 1);
		argv++, argc--;
	}
	while ((ch = getopt(argc, argv, "n:")) != -1)
		switch (ch) {
		case 'n':
			lines = line_count(optarg);
			break;
		default:
			fprintf(stderr,
			    "usage: head [-count | -n count] [file ...]\n");
			return 1;
		}
	if (optind == argc)
		head(stdin, lines);
	several = argc - optind > 1;
	for (; optind < argc; optind++) {
		if ((fp = fopen(argv[optind], "r")) == NULL) {
			warn("%s", argv[optind]);
			status = 1;
			continue;
		}
		if (several)
			printf("%s==> %s <==\n", separator, argv[optind]);
		separator = "\n";
		head(fp, lines);
		fclose(fp);
	}
	return fflush(stdout) == EOF ? 1 : status;
}
