/* SPDX-License-Identifier: ISC */
/* Signals: masks, what is pending, actions and their flags, who may send. */

#include <sys/time.h>
#include <signal.h>
#include <stdlib.h>
#include "../kstat.h"
#include "../regress.h"

#define NO_SIGNAL	33
#define AN_ID		1000
#define BIT(sig)	(1U << ((sig) - 1))

static volatile sig_atomic_t count, depth, deepest, mask_inside;

static sigset_t
mask_now(void)
{
	sigset_t now = 0;

	sigprocmask(SIG_BLOCK, NULL, &now);
	return now;
}

static void
note(int sig)
{
	count++;
	mask_inside = mask_now();
}

static void
nest(int sig)
{
	count++;
	if (++depth > deepest)
		deepest = depth;
	if (count == 1)
		raise(sig);
	depth--;
}

static int
catch(int sig, void (*handler)(int), int flags, sigset_t mask)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = handler;
	sa.sa_flags = flags;
	sa.sa_mask = mask;
	count = depth = deepest = 0;
	return sigaction(sig, &sa, NULL);
}

static const char *
masks(void)
{
	sigset_t set = BIT(SIGUSR1) | BIT(SIGKILL) | BIT(SIGSTOP), old;

	CHECK(mask_now() == 0);
	CHECK(sigprocmask(SIG_BLOCK, &set, &old) == 0 && old == 0);
	CHECK(mask_now() == BIT(SIGUSR1));
	set = BIT(SIGUSR2);
	CHECK(sigprocmask(SIG_BLOCK, &set, &old) == 0);
	CHECK(old == BIT(SIGUSR1));
	CHECK(mask_now() == (BIT(SIGUSR1) | BIT(SIGUSR2)));
	set = BIT(SIGUSR1);
	CHECK(sigprocmask(SIG_UNBLOCK, &set, NULL) == 0);
	CHECK(mask_now() == BIT(SIGUSR2));
	set = BIT(SIGHUP) | BIT(SIGKILL);
	CHECK(sigprocmask(SIG_SETMASK, &set, NULL) == 0);
	CHECK(mask_now() == BIT(SIGHUP));
	CHECK_ERRNO(sigprocmask(7, &set, NULL), EINVAL);
	set = 0;
	CHECK(sigprocmask(SIG_SETMASK, &set, NULL) == 0 && mask_now() == 0);
	return NULL;
}

static const char *
pending(void)
{
	sigset_t set = BIT(SIGUSR1), none = 0, now;

	CHECK(catch(SIGUSR1, note, 0, 0) == 0);
	CHECK(sigprocmask(SIG_SETMASK, &set, NULL) == 0);
	CHECK(kill(getpid(), SIGUSR1) == 0 && kill(getpid(), SIGUSR1) == 0);
	CHECK(count == 0);
	CHECK(sigpending(&now) == 0 && now == BIT(SIGUSR1));
	/* both are one, and it comes inside of sigsuspend */
	CHECK_ERRNO(sigsuspend(&none), EINTR);
	CHECK(count == 1 && mask_now() == BIT(SIGUSR1));
	CHECK(mask_inside == BIT(SIGUSR1));
	/* the handler has the mask of sigsuspend, and its own signal's */
	none = BIT(SIGHUP) | BIT(SIGKILL);
	CHECK(kill(getpid(), SIGUSR1) == 0);
	CHECK_ERRNO(sigsuspend(&none), EINTR);
	CHECK(count == 2 && mask_now() == BIT(SIGUSR1));
	CHECK(mask_inside == (BIT(SIGHUP) | BIT(SIGUSR1)));
	none = 0;
	count = 0;
	CHECK(sigpending(&now) == 0 && now == 0);
	/* what is ignored is forgotten */
	CHECK(kill(getpid(), SIGUSR1) == 0);
	CHECK(catch(SIGUSR1, SIG_IGN, 0, 0) == 0);
	CHECK(sigpending(&now) == 0 && now == 0);
	CHECK(catch(SIGUSR1, note, 0, 0) == 0);
	CHECK(sigprocmask(SIG_SETMASK, &none, NULL) == 0);
	CHECK(count == 0);
	return NULL;
}

/* Stop and continue signals that wait cancel each other. */
static const char *
cancelled(void)
{
	sigset_t both = BIT(SIGCONT) | BIT(SIGTSTP), none = 0, now;

	CHECK(catch(SIGCONT, note, 0, 0) == 0);
	CHECK(catch(SIGTSTP, note, 0, 0) == 0);
	CHECK(sigprocmask(SIG_SETMASK, &both, NULL) == 0);
	CHECK(kill(getpid(), SIGCONT) == 0);
	CHECK(sigpending(&now) == 0 && now == BIT(SIGCONT));
	CHECK(kill(getpid(), SIGTSTP) == 0);
	CHECK(sigpending(&now) == 0 && now == BIT(SIGTSTP));
	CHECK(kill(getpid(), SIGCONT) == 0);
	CHECK(sigpending(&now) == 0 && now == BIT(SIGCONT));
	CHECK(sigprocmask(SIG_SETMASK, &none, NULL) == 0 && count == 1);
	CHECK(catch(SIGCONT, SIG_DFL, 0, 0) == 0);
	CHECK(catch(SIGTSTP, SIG_DFL, 0, 0) == 0);
	return NULL;
}

static const char *
actions(void)
{
	struct sigaction sa, old;

	CHECK(catch(SIGUSR2, note, SA_RESTART, BIT(SIGHUP) | BIT(SIGKILL)) ==
	    0);
	CHECK(sigaction(SIGUSR2, NULL, &old) == 0);
	CHECK(old.sa_handler == note && old.sa_flags == SA_RESTART);
	CHECK(old.sa_mask == BIT(SIGHUP));
	CHECK(raise(SIGUSR2) == 0 && count == 1);
	CHECK(mask_inside == (int)(BIT(SIGHUP) | BIT(SIGUSR2)));
	CHECK(mask_now() == 0);
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = SIG_DFL;
	CHECK(sigaction(SIGUSR2, &sa, &old) == 0 && old.sa_handler == note);
	CHECK(sigaction(SIGUSR2, NULL, &old) == 0);
	CHECK(old.sa_handler == SIG_DFL);
	CHECK_ERRNO(sigaction(0, &sa, NULL), EINVAL);
	CHECK_ERRNO(sigaction(NO_SIGNAL, &sa, NULL), EINVAL);
	CHECK_ERRNO(sigaction(SIGUSR2, (void *)4096, NULL), EFAULT);
	CHECK_ERRNO(sigaction(SIGUSR2, NULL, (void *)4096), EFAULT);
	return NULL;
}

/* Nothing can be set for these two, not even what they are; but asked. */
static const char *
not_to_be_changed(void)
{
	static const int signals[] = { SIGKILL, SIGSTOP };
	static void (*const handlers[])(int) = { SIG_DFL, SIG_IGN, note };
	struct sigaction old;
	size_t i, j;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		for (j = 0; j < sizeof(handlers) / sizeof(handlers[0]); j++)
			CHECK_ERRNO(catch(signals[i], handlers[j], 0, 0),
			    EINVAL);
		old.sa_handler = note;
		CHECK(sigaction(signals[i], NULL, &old) == 0);
		CHECK(old.sa_handler == SIG_DFL);
	}
	return NULL;
}

/* All flags that are set are told again, and no others. */
static const char *
flags_are_told(void)
{
	const int all = SA_ONSTACK | SA_RESTART | SA_RESETHAND | SA_NODEFER |
	    SA_SIGINFO, for_children = SA_NOCLDSTOP | SA_NOCLDWAIT;
	struct sigaction now;
	int set;

	for (set = 0; set <= (all | for_children); set++) {
		CHECK(catch(SIGUSR1, note, set, 0) == 0);
		CHECK(sigaction(SIGUSR1, NULL, &now) == 0);
		CHECK(now.sa_flags == (set & all));
		CHECK(catch(SIGCHLD, note, set, 0) == 0);
		CHECK(sigaction(SIGCHLD, NULL, &now) == 0);
		CHECK(now.sa_flags == (set & (all | for_children)));
	}
	CHECK(catch(SIGUSR1, SIG_DFL, 0, 0) == 0);
	CHECK(catch(SIGCHLD, SIG_DFL, 0, 0) == 0);
	return NULL;
}

static const char *
flags(void)
{
	struct sigaction now;

	CHECK(catch(SIGUSR1, nest, 0, 0) == 0);
	CHECK(raise(SIGUSR1) == 0 && count == 2 && deepest == 1);
	CHECK(catch(SIGUSR1, nest, SA_NODEFER, 0) == 0);
	CHECK(raise(SIGUSR1) == 0 && count == 2 && deepest == 2);
	CHECK(catch(SIGUSR1, note, SA_RESETHAND, 0) == 0);
	CHECK(raise(SIGUSR1) == 0 && count == 1);
	CHECK(sigaction(SIGUSR1, NULL, &now) == 0);
	CHECK(now.sa_handler == SIG_DFL);
	return NULL;
}

static const char *
children(void)
{
	int status;
	pid_t pid;

	CHECK(catch(SIGCHLD, note, SA_RESTART, 0) == 0);
	if ((pid = fork()) == 0)
		_exit(0);
	CHECK(exited(wait_status(pid), 0) && count == 1);

	/* stops are told, unless one does not want to know */
	CHECK(catch(SIGCHLD, note, SA_NOCLDSTOP | SA_RESTART,
	    0) == 0);
	if ((pid = fork()) == 0)
		for (;;)
			pause();
	CHECK(kill(pid, SIGSTOP) == 0);
	CHECK(waitpid(pid, &status, WUNTRACED) == pid && count == 0);
	CHECK(kill(pid, SIGCONT) == 0);
	CHECK(catch(SIGCHLD, note, SA_RESTART, 0) == 0);
	CHECK(kill(pid, SIGSTOP) == 0);
	CHECK(waitpid(pid, &status, WUNTRACED) == pid && count == 1);
	CHECK(kill(pid, SIGKILL) == 0);
	CHECK(killed(wait_status(pid), SIGKILL) && count == 2);

	/* no zombies for a parent that wants none */
	CHECK(catch(SIGCHLD, SIG_DFL, SA_NOCLDWAIT, 0) == 0);
	if ((pid = fork()) == 0)
		_exit(0);
	CHECK_ERRNO(waitpid(pid, &status, 0), ECHILD);
	CHECK(catch(SIGCHLD, SIG_IGN, 0, 0) == 0);
	if ((pid = fork()) == 0)
		_exit(0);
	CHECK_ERRNO(waitpid(pid, &status, 0), ECHILD);
	CHECK(catch(SIGCHLD, SIG_DFL, 0, 0) == 0);
	if ((pid = fork()) == 0)
		_exit(9);
	CHECK(exited(wait_status(pid), 9));
	return NULL;
}

static const char *
default_actions(void)
{
	static const int deadly[] = { SIGHUP, SIGINT, SIGQUIT, SIGABRT,
	    SIGPIPE, SIGALRM, SIGTERM, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF,
	    SIGUSR1, SIGUSR2 };
	static const int harmless[] = { SIGURG, SIGCONT, SIGCHLD, SIGIO,
	    SIGWINCH, SIGINFO };
	size_t i;
	pid_t pid;

	for (i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++) {
		if ((pid = fork()) == 0) {
			signal(deadly[i], SIG_DFL);
			raise(deadly[i]);
			_exit(0);
		}
		CHECK(killed(wait_status(pid), deadly[i]));
	}
	for (i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
		if ((pid = fork()) == 0) {
			raise(harmless[i]);
			_exit(5);
		}
		CHECK(exited(wait_status(pid), 5));
	}
	return NULL;
}

/* A child with an id of its own, as a user's. */
static const char *
permission(void)
{
	pid_t pid, parent = getpid();

	CHECK_ERRNO(kill(parent, NO_SIGNAL), EINVAL);
	CHECK_ERRNO(kill(parent, -1), EINVAL);
	CHECK_ERRNO(kill(32000, 0), ESRCH);
	CHECK_ERRNO(kill(-32000, 0), ESRCH);
	CHECK(kill(parent, 0) == 0);
	if ((pid = fork()) == 0) {
		setuid(AN_ID);
		if (kill(parent, 0) != -1 || errno != EPERM)
			_exit(1);
		if (kill(1, SIGTERM) != -1 || errno != EPERM)
			_exit(2);
		/* but anybody may continue his session */
		if (kill(parent, SIGCONT) != 0)
			_exit(3);
		_exit(kill(getpid(), 0) == 0 ? 0 : 4);
	}
	CHECK(exited(wait_status(pid), 0));
	return NULL;
}

static const char *
groups(void)
{
	pid_t first, second;

	if ((first = fork()) == 0)
		for (;;)
			pause();
	CHECK(setpgid(first, first) == 0 && getpgid(first) == first);
	if ((second = fork()) == 0)
		for (;;)
			pause();
	CHECK(setpgid(second, first) == 0 && getpgid(second) == first);
	CHECK_ERRNO(setpgid(second, 32000), EPERM);
	CHECK_ERRNO(setpgid(second, -1), EINVAL);
	CHECK_ERRNO(setpgid(1, 1), ESRCH);
	CHECK(killpg(first, SIGTERM) == 0);
	CHECK(killed(wait_status(first), SIGTERM));
	CHECK(killed(wait_status(second), SIGTERM));
	CHECK_ERRNO(killpg(first, SIGTERM), ESRCH);
	return NULL;
}

const struct regress cases[] = {
	{ masks, "masks" },
	{ pending, "what is blocked is pending" },
	{ cancelled, "stop and continue signals cancel each other" },
	{ actions, "actions and their masks" },
	{ not_to_be_changed, "SIGKILL and SIGSTOP are not to be changed" },
	{ flags_are_told, "flags are told as they were set" },
	{ flags, "nested, reset" },
	{ children, "SIGCHLD, and children that leave nothing" },
	{ default_actions, "default actions" },
	{ permission, "who may send" },
	{ groups, "process groups" },
};

REGRESS_MAIN(cases)
