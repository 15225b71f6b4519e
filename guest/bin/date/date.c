/* SPDX-License-Identifier: ISC */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define LINE_SIZE	1024

int
main(int argc, char *argv[])
{
	const char *format = "%a %b %e %H:%M:%S %Z %Y", *errstr;
	char line[LINE_SIZE];
	time_t when = time(NULL);
	int ch;

	while ((ch = getopt(argc, argv, "r:u")) != -1)
		switch (ch) {
		case 'r':
			when = strtonum(optarg, -99999999999LL, 99999999999LL,
			    &errstr);
			if (errstr != NULL)
				errx(1, "seconds is %s: %s", errstr, optarg);
			break;
		case 'u':
			break;		/* all times are UTC */
		default:
			optind = argc + 1;
			break;
		}
	if (optind == argc - 1 && argv[optind][0] == '+')
		format = argv[optind] + 1;
	else if (optind != argc) {
		fprintf(stderr, "usage: date [-u] [-r seconds] [+format]\n");
		return 1;
	}
	line[0] = '\0';
	if (*format != '\0' && strftime(line, sizeof(line), format,
	    localtime(&when)) == 0)
		errx(1, "bad format: %s", format);
	puts(line);
	return fflush(stdout) == EOF;
}
