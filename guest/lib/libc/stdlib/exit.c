/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ATEXIT_MAX	32	/* what ISO C promises */

static void (*handlers[ATEXIT_MAX])(void);
static int nhandlers;

int
atexit(void (*handler)(void))
{
	if (nhandlers == ATEXIT_MAX) {
		errno = ENOMEM;
		return -1;
	}
	handlers[nhandlers++] = handler;
	return 0;
}

__dead void
exit(int status)
{
	while (nhandlers > 0)
		handlers[--nhandlers]();
	fflush(NULL);
	_exit(status);
}

__dead void
_Exit(int status)
{
	_exit(status);
}

/* SIGABRT, first as the program handles it, then with its default action. */
__dead void
abort(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGABRT);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(SIGABRT);
	signal(SIGABRT, SIG_DFL);
	raise(SIGABRT);
	_exit(128 + SIGABRT);
}
