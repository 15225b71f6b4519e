/* SPDX-License-Identifier: ISC */
/*
 * ktrace(1): have the kernel record what a command, or a running process,
 * asks of it.
 */
#include <sys/stat.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "ktrace.h"

static void
usage(void)
{
	fprintf(stderr, "usage: ktrace [-aCcdi] [-f trfile] [-g pgid] "
	    "[-p pid] [-t trstr]\n"
	    "       ktrace [-adi] [-f trfile] [-t trstr] command\n");
	exit(1);
}

/* A number of a process or a group. */
static pid_t
number(const char *s)
{
	char *end;
	long n = strtol(s, &end, 10);

	if (*s == '\0' || *end != '\0' || n <= 0)
		errx(1, "%s: not a process id", s);
	return n;
}

/* The file must be there; an old trace goes unless it is continued. */
static void
make_file(const char *name, int append)
{
	struct stat sb;
	int fd;

	if (append) {
		if (stat(name, &sb) == -1)
			err(1, "%s", name);
		return;
	}
	if (unlink(name) == -1 && errno != ENOENT)
		err(1, "unlink %s", name);
	fd = open(name, O_CREAT | O_EXCL | O_WRONLY, 0600);
	if (fd == -1)
		err(1, "%s", name);
	close(fd);
}

int
main(int argc, char *argv[])
{
	const char *tracefile = DEF_TRACEFILE;
	enum { RUN, SET, CLEAR, CLEARALL } what = RUN;
	int append = 0, descend = 0, inherit = 0, ch;
	int ops, facs = DEF_POINTS;
	pid_t pid = 0;

	while ((ch = getopt(argc, argv, "aCcdf:g:ip:t:")) != -1)
		switch (ch) {
		case 'a':
			append = 1;
			break;
		case 'C':
			what = CLEARALL;
			break;
		case 'c':
			what = CLEAR;
			break;
		case 'd':
			descend = KTRFLAG_DESCEND;
			break;
		case 'f':
			tracefile = optarg;
			break;
		case 'g':
			pid = -number(optarg);
			break;
		case 'i':
			inherit = KTRFAC_INHERIT;
			break;
		case 'p':
			pid = number(optarg);
			break;
		case 't':
			facs = getpoints(optarg);
			if (facs == -1)
				errx(1, "unknown letter in %s", optarg);
			break;
		default:
			usage();
		}
	argc -= optind;
	argv += optind;
	if (what == RUN && pid != 0)
		what = SET;
	if ((what == RUN) != (argc > 0) || (what == CLEAR && pid == 0))
		usage();

	switch (what) {
	case CLEARALL:
		if (ktrace(tracefile, KTROP_CLEARFILE, 0, 0) == -1)
			err(1, "%s", tracefile);
		return 0;
	case CLEAR:
		ops = KTROP_CLEAR | descend;
		if (ktrace(NULL, ops, ALL_POINTS | KTRFAC_INHERIT, pid) == -1)
			err(1, "ktrace");
		return 0;
	default:
		break;
	}
	make_file(tracefile, append);
	ops = KTROP_SET | descend;
	if (what == RUN)
		pid = getpid();
	if (ktrace(tracefile, ops, facs | inherit, pid) == -1)
		err(1, "%s", tracefile);
	if (what == RUN) {
		execvp(argv[0], argv);
		err(1, "%s", argv[0]);
	}
	return 0;
}
