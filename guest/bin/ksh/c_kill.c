/* SPDX-License-Identifier: ISC */
/*
 * kill in the shell itself: it works where no process can be made any more.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sh.h"

static int
usage(void)
{
	bi_errorf("usage: kill [-s signal | -signal] pid ... | "
	    "kill -l [status]");
	return 1;
}

/* The name that belongs to a shell's exit status, or all of them. */
static int
list_signals(const char *status)
{
	const char *errstr;
	int sig;

	if (status != NULL) {
		sig = strtonum(status, 1, 128 + NSIG - 1, &errstr);
		if (sig > 128)
			sig -= 128;
		if (errstr != NULL || sig >= NSIG) {
			bi_errorf("unknown signal %s", status);
			return 1;
		}
		printf("%s\n", sys_signame[sig]);
		return 0;
	}
	for (sig = 1; sig < NSIG; sig++)
		printf("%s%s", sys_signame[sig],
		    sig == NSIG - 1 || sig == NSIG / 2 ? "\n" : " ");
	return 0;
}

/* kill [-s signal | -signal] pid ...; kill -l [status] */
int
c_kill(char **args)
{
	const char *name = NULL, *errstr;
	int sig = SIGTERM, status = 0;
	pid_t pid;

	if (*++args == NULL)
		return usage();
	if (strcmp(*args, "-l") == 0)
		return list_signals(args[1]);
	if (strcmp(*args, "-s") == 0) {
		if ((name = *++args) == NULL)
			return usage();
		args++;
	} else if ((*args)[0] == '-' && strcmp(*args, "--") != 0)
		name = *args++ + 1;
	if (name != NULL && (sig = signal_number(name)) == -1) {
		bi_errorf("unknown signal %s", name);
		return 1;
	}
	if (*args != NULL && strcmp(*args, "--") == 0)
		args++;
	if (*args == NULL)
		return usage();
	for (; *args != NULL; args++) {
		pid = strtonum(*args, -INT_MAX, INT_MAX, &errstr);
		if (errstr != NULL) {
			bi_errorf("illegal process id: %s", *args);
			return 1;
		}
		if (kill(pid, sig) == -1) {
			bi_errorf("%s: %s", *args, strerror(errno));
			status = 1;
		}
	}
	return status;
}
