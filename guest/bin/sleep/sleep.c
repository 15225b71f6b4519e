/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define NSEC_PER_SEC	1000000000L
#define SECONDS_MAX	1000000000LL	/* more is surely a mistake */

/* Read "seconds[.fraction]". */
static void
parse_seconds(const char *s, struct timespec *ts)
{
	const char *p = s;
	long digit = NSEC_PER_SEC / 10;

	ts->tv_sec = ts->tv_nsec = 0;
	for (; isdigit((unsigned char)*p); p++) {
		ts->tv_sec = ts->tv_sec * 10 + (*p - '0');
		if (ts->tv_sec > SECONDS_MAX)
			errx(1, "seconds is too large: %s", s);
	}
	if (*p == '.')
		for (p++; isdigit((unsigned char)*p); p++, digit /= 10)
			ts->tv_nsec += (*p - '0') * digit;
	if (*p != '\0' || p == s)
		errx(1, "seconds is invalid: %s", s);
}

int
main(int argc, char *argv[])
{
	struct timespec ts;

	if (argc != 2) {
		fprintf(stderr, "usage: sleep seconds\n");
		return 1;
	}
	parse_seconds(argv[1], &ts);
	if (nanosleep(&ts, NULL) == -1)
		err(1, "nanosleep");
	return 0;
}
