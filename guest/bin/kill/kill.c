/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void
usage(void)
{
	fprintf(stderr, "usage: kill [-s signal_name] pid ...\n"
	    "       kill -l [exit_status]\n"
	    "       kill -signal_name pid ...\n"
	    "       kill -signal_number pid ...\n");
	exit(1);
}

/* A signal by its number or its name, with or without SIG. */
static int
signal_number(const char *name)
{
	const char *errstr;
	int sig;

	if (isdigit((unsigned char)*name)) {
		sig = strtonum(name, 0, NSIG - 1, &errstr);
		if (errstr != NULL)
			errx(1, "unknown signal %s", name);
		return sig;
	}
	if (strncasecmp(name, "SIG", 3) == 0)
		name += 3;
	for (sig = 1; sig < NSIG; sig++)
		if (strcasecmp(sys_signame[sig], name) == 0)
			return sig;
	errx(1, "unknown signal %s", name);
}

/* All names, or the name that belongs to a shell's exit status. */
static void
list_signals(const char *status)
{
	const char *errstr;
	int sig;

	if (status != NULL) {
		sig = strtonum(status, 1, 128 + NSIG - 1, &errstr);
		if (sig > 128)
			sig -= 128;
		if (errstr != NULL || sig >= NSIG)
			errx(1, "unknown signal %s", status);
		puts(sys_signame[sig]);
		return;
	}
	for (sig = 1; sig < NSIG; sig++)
		printf("%s%s", sys_signame[sig],
		    sig == NSIG - 1 || sig == NSIG / 2 ? "\n" : " ");
}

int
main(int argc, char *argv[])
{
	int sig = SIGTERM, status = 0, i = 1;
	const char *errstr;
	pid_t pid;

	if (argc < 2)
		usage();
	if (strcmp(argv[1], "-l") == 0) {
		if (argc > 3)
			usage();
		list_signals(argv[2]);
		return 0;
	}
	if (strcmp(argv[1], "-s") == 0) {
		if (argc < 4)
			usage();
		sig = strcmp(argv[2], "0") == 0 ? 0 : signal_number(argv[2]);
		i = 3;
	} else if (argv[1][0] == '-' && strcmp(argv[1], "--") != 0) {
		sig = signal_number(argv[1] + 1);
		i = 2;
	}
	if (i < argc && strcmp(argv[i], "--") == 0)
		i++;
	if (i == argc)
		usage();
	for (; i < argc; i++) {
		pid = strtonum(argv[i], -99999, 99999, &errstr);
		if (errstr != NULL)
			errx(1, "illegal process id: %s", argv[i]);
		if (kill(pid, sig) == -1) {
			warn("%s", argv[i]);
			status = 1;
		}
	}
	return status;
}
