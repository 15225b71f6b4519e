/* SPDX-License-Identifier: ISC */
/* sigaltstack(2): what it tells, what it refuses, while it is used. */

#include <sys/mman.h>
#include <signal.h>
#include <stdlib.h>
#include "../kstat.h"
#include "../regress.h"

#define PAGE	4096

static char memory[SIGSTKSZ] __attribute__((__aligned__(PAGE)));

/* What a handler on the alternate stack has seen. */
static volatile int seen_flags, seen_errno;

static void
look(int sig)
{
	struct sigaltstack now = { NULL, 0, 0 }, other = { NULL, 0, SS_DISABLE };

	seen_flags = sigaltstack(NULL, &now) == 0 ? now.ss_flags : -1;
	seen_errno = sigaltstack(&other, NULL) == -1 ? errno : 0;
}

static int
catch_on_stack(int sig, int flags)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = look;
	sa.sa_flags = flags;
	return sigaction(sig, &sa, NULL);
}

static const char *
at_first(void)
{
	struct sigaltstack ss = { memory, 1, 0 };

	CHECK(sigaltstack(NULL, &ss) == 0);
	CHECK(ss.ss_flags == SS_DISABLE && ss.ss_size == 0);
	CHECK(ss.ss_sp == NULL);
	CHECK(sigaltstack(NULL, NULL) == 0);
	return NULL;
}

static const char *
refused(void)
{
	struct sigaltstack ss = { memory, sizeof(memory), SS_ONSTACK };

	CHECK_ERRNO(sigaltstack(&ss, NULL), EINVAL);
	ss.ss_flags = 0;
	ss.ss_size = MINSIGSTKSZ - 1;
	CHECK_ERRNO(sigaltstack(&ss, NULL), ENOMEM);
	CHECK_ERRNO(sigaltstack((void *)PAGE, NULL), EFAULT);
	CHECK_ERRNO(sigaltstack(NULL, (void *)PAGE), EFAULT);
	CHECK(sigaltstack(NULL, &ss) == 0 && ss.ss_flags == SS_DISABLE);
	return NULL;
}

static const char *
told(void)
{
	struct sigaltstack ss = { memory, MINSIGSTKSZ, 0 }, old;

	/* the least, and then more */
	CHECK(sigaltstack(&ss, &old) == 0);
	CHECK(old.ss_flags == SS_DISABLE);
	ss.ss_size = sizeof(memory);
	CHECK(sigaltstack(&ss, &old) == 0);
	CHECK(old.ss_size == MINSIGSTKSZ && old.ss_flags == 0);
	memset(&old, 0, sizeof(old));
	CHECK(sigaltstack(NULL, &old) == 0);
	CHECK(old.ss_sp == memory && old.ss_size == sizeof(memory));
	CHECK(old.ss_flags == 0);
	return NULL;
}

static const char *
in_use(void)
{
	struct sigaltstack ss;

	CHECK(catch_on_stack(SIGUSR1, SA_ONSTACK) == 0);
	seen_flags = seen_errno = -1;
	CHECK(kill(getpid(), SIGUSR1) == 0);
	CHECK(seen_flags == SS_ONSTACK && seen_errno == EPERM);
	CHECK(sigaltstack(NULL, &ss) == 0 && ss.ss_flags == 0);
	return NULL;
}

/* Without SA_ONSTACK, and in a child after fork(2). */
static const char *
who_uses_it(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		seen_flags = -1;
		kill(getpid(), SIGUSR1);
		_exit(seen_flags == SS_ONSTACK ? 3 : 4);
	}
	CHECK(exited(wait_status(pid), 3));
	CHECK(catch_on_stack(SIGUSR2, 0) == 0);
	if ((pid = fork()) == 0) {
		seen_flags = -1;
		seen_errno = -1;
		kill(getpid(), SIGUSR2);
		_exit(seen_flags == 0 && seen_errno == 0 ? 3 : 4);
	}
	CHECK(exited(wait_status(pid), 3));
	return NULL;
}

static const char *
disabled(void)
{
	struct sigaltstack ss = { NULL, 0, SS_DISABLE }, old;

	CHECK(sigaltstack(&ss, &old) == 0 && old.ss_sp == memory);
	CHECK(sigaltstack(NULL, &old) == 0);
	CHECK(old.ss_flags == SS_DISABLE && old.ss_size == 0);
	seen_flags = -1;
	CHECK(kill(getpid(), SIGUSR1) == 0);
	CHECK(seen_flags == SS_DISABLE);
	return NULL;
}

const struct regress cases[] = {
	{ at_first, "there is none at first" },
	{ refused, "stacks that are refused" },
	{ told, "the old one is told" },
	{ in_use, "it cannot be changed while it is in use" },
	{ who_uses_it, "children have it, other handlers do not use it" },
	{ disabled, "it can be given up" },
};

REGRESS_MAIN(cases)
