/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

/* echo [-n] [string ...]: nothing but -n is an option, and only in front. */
int
main(int argc, char *argv[])
{
	int newline = 1, i = 1;

	if (argc > 1 && strcmp(argv[1], "-n") == 0) {
		newline = 0;
		i = 2;
	}
	for (; i < argc; i++) {
		fputs(argv[i], stdout);
		if (i < argc - 1)
			putchar(' ');
	}
	if (newline)
		putchar('\n');
	return fflush(stdout) == EOF;
}
