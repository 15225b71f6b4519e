/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <err.h>
#include <stdio.h>
#include <unistd.h>

struct counts {
	unsigned long	lines;
	unsigned long	words;
	unsigned long	bytes;
};

static int show_lines, show_words, show_bytes;

static void
count(FILE *fp, struct counts *n)
{
	int c, in_word = 0;

	while ((c = getc(fp)) != EOF) {
		n->bytes++;
		if (c == '\n')
			n->lines++;
		if (isspace(c))
			in_word = 0;
		else if (!in_word) {
			in_word = 1;
			n->words++;
		}
	}
}

static void
show(const struct counts *n, const char *name)
{
	if (show_lines)
		printf("%8lu", n->lines);
	if (show_words)
		printf("%8lu", n->words);
	if (show_bytes)
		printf("%8lu", n->bytes);
	printf(name != NULL ? " %s\n" : "\n", name);
}

int
main(int argc, char *argv[])
{
	struct counts total = { 0, 0, 0 };
	int ch, i, status = 0;
	FILE *fp;

	while ((ch = getopt(argc, argv, "clw")) != -1)
		switch (ch) {
		case 'c':
			show_bytes = 1;
			break;
		case 'l':
			show_lines = 1;
			break;
		case 'w':
			show_words = 1;
			break;
		default:
			fprintf(stderr, "usage: wc [-clw] [file ...]\n");
			return 1;
		}
	if (!show_lines && !show_words && !show_bytes)
		show_lines = show_words = show_bytes = 1;
	if (optind == argc) {
		count(stdin, &total);
		show(&total, NULL);
	}
	for (i = optind; i < argc; i++) {
		struct counts n = { 0, 0, 0 };

		if ((fp = fopen(argv[i], "r")) == NULL) {
			warn("%s", argv[i]);
			status = 1;
			continue;
		}
		count(fp, &n);
		if (ferror(fp)) {
			warn("%s", argv[i]);
			status = 1;
		}
		fclose(fp);
		show(&n, argv[i]);
		total.lines += n.lines;
		total.words += n.words;
		total.bytes += n.bytes;
	}
	if (argc - optind > 1)
		show(&total, "total");
	return fflush(stdout) == EOF ? 1 : status;
}
