/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* The handler stays, and interrupted calls are restarted. */
sig_t
signal(int sig, sig_t handler)
{
	struct sigaction new, old;

	memset(&new, 0, sizeof(new));
	new.sa_handler = handler;
	sigemptyset(&new.sa_mask);
	new.sa_flags = SA_RESTART;
	return sigaction(sig, &new, &old) == -1 ? SIG_ERR : old.sa_handler;
}

int
raise(int sig)
{
	return kill(getpid(), sig);
}

int
killpg(pid_t pgrp, int sig)
{
	if (pgrp <= 1) {
		errno = ESRCH;
		return -1;
	}
	return kill(-pgrp, sig);
}

static int
bad_signal(int sig)
{
	if (sig <= 0 || sig >= NSIG) {
		errno = EINVAL;
		return 1;
	}
	return 0;
}

int
sigemptyset(sigset_t *set)
{
	*set = 0;
	return 0;
}

int
sigfillset(sigset_t *set)
{
	*set = ~(sigset_t)0;
	return 0;
}

int
sigaddset(sigset_t *set, int sig)
{
	if (bad_signal(sig))
		return -1;
	*set |= sigmask(sig);
	return 0;
}

int
sigdelset(sigset_t *set, int sig)
{
	if (bad_signal(sig))
		return -1;
	*set &= ~sigmask(sig);
	return 0;
}

int
sigismember(const sigset_t *set, int sig)
{
	return bad_signal(sig) ? -1 : (*set & sigmask(sig)) != 0;
}
