/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "match.h"

static int f_count, f_names, f_number, f_quiet, f_invert, f_fixed;
static int many;			/* several files: names in front */

static int
is_match(const char *pattern, const char *line)
{
	int found = f_fixed ? find_fixed(pattern, line) :
	    find_basic(pattern, line);

	return found != f_invert;
}

/* Look through a file; how many lines matched. */
static unsigned long
search(const char *pattern, FILE *fp, const char *name)
{
	unsigned long matches = 0, number = 0;
	char *line = NULL;
	size_t size;
	ssize_t len;

	while ((len = getline(&line, &size, fp)) != -1) {
		if (line[len - 1] == '\n')
			line[len - 1] = '\0';
		number++;
		if (!is_match(pattern, line))
			continue;
		matches++;
		if (f_quiet || f_names)
			break;
		if (f_count)
			continue;
		if (many)
			printf("%s:", name);
		if (f_number)
			printf("%lu:", number);
		puts(line);
	}
	free(line);
	if (f_names && matches > 0)
		puts(name);
	if (f_count && !f_quiet && !f_names) {
		if (many)
			printf("%s:", name);
		printf("%lu\n", matches);
	}
	return matches;
}

static void
usage(void)
{
	fprintf(stderr, "usage: grep [-cFilnqv] pattern [file ...]\n");
	exit(2);
}

int
main(int argc, char *argv[])
{
	unsigned long matches = 0;
	const char *pattern;
	int ch, failed = 0;
	FILE *fp;

	while ((ch = getopt(argc, argv, "cFilnqv")) != -1)
		switch (ch) {
		case 'c':
			f_count = 1;
			break;
		case 'F':
			f_fixed = 1;
			break;
		case 'i':
			ignore_case = 1;
			break;
		case 'l':
			f_names = 1;
			break;
		case 'n':
			f_number = 1;
			break;
		case 'q':
			f_quiet = 1;
			break;
		case 'v':
			f_invert = 1;
			break;
		default:
			usage();
		}
	if (optind == argc)
		usage();
	pattern = argv[optind++];
	many = argc - optind > 1;
	if (optind == argc)
		matches = search(pattern, stdin, "(standard input)");
	for (; optind < argc; optind++) {
		if ((fp = fopen(argv[optind], "r")) == NULL) {
			warn("%s", argv[optind]);
			failed = 1;
			continue;
		}
		matches += search(pattern, fp, argv[optind]);
		fclose(fp);
	}
	if (fflush(stdout) == EOF)
		return 2;
	return failed && !(f_quiet && matches > 0) ? 2 : matches == 0;
}
