/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *optarg;
int optind = 1, opterr = 1, optopt, optreset;

/* The next option letter, '?' (or ':') for a wrong one, -1 at the end. */
int
getopt(int argc, char *const *argv, const char *options)
{
	static const char *place = "";
	const char *option;
	int quiet = *options == ':';

	if (optreset || *place == '\0') {
		optreset = 0;
		place = "";
		if (optind >= argc || argv[optind][0] != '-' ||
		    argv[optind][1] == '\0')
			return -1;
		if (strcmp(argv[optind], "--") == 0) {
			optind++;
			return -1;
		}
		place = argv[optind] + 1;
	}
	optopt = (unsigned char)*place++;
	option = optopt == ':' ? NULL : strchr(options, optopt);
	if (option == NULL || option[1] != ':') {
		if (*place == '\0')
			optind++;
		if (option != NULL)
			return optopt;
		if (opterr && !quiet)
			fprintf(stderr, "%s: unknown option -- %c\n",
			    getprogname(), optopt);
		return '?';
	}
	optarg = (char *)place;
	place = "";
	if (*optarg == '\0') {
		if (++optind >= argc) {
			optarg = NULL;
			if (opterr && !quiet)
				fprintf(stderr,
				    "%s: option requires an argument -- %c\n",
				    getprogname(), optopt);
			return quiet ? ':' : '?';
		}
		optarg = argv[optind];
	}
	optind++;
	return optopt;
}
