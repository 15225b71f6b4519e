/* SPDX-License-Identifier: ISC */
/* Stopped and continued processes, orphaned groups, and who hears of it. */

#include <sys/mman.h>
#include <sys/resource.h>
#include <signal.h>
#include <unistd.h>
#include "../kstat.h"
#include "../regress.h"

#define A_WHILE		20000	/* microseconds: all others have run */

static const int stops[] = { SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU };
#define NSTOPS		(sizeof(stops) / sizeof(stops[0]))

static volatile sig_atomic_t count;

static void
note(int sig)
{
	count++;
}

/* A child that sleeps or, busy, does not; in a group of its own. */
static pid_t
job(int busy)
{
	pid_t pid;

	if ((pid = fork()) == 0) {
		for (;;)
			if (!busy)
				pause();
	}
	setpgid(pid, pid);
	usleep(A_WHILE);
	return pid;
}

static const char *
stopped_and_continued(int busy)
{
	pid_t pid = job(busy);
	int status;
	size_t i;

	for (i = 0; i < NSTOPS; i++) {
		CHECK(kill(pid, stops[i]) == 0);
		CHECK(waitpid(pid, &status, WUNTRACED) == pid);
		CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == stops[i]);
		/* told once */
		CHECK(waitpid(pid, &status, WUNTRACED | WNOHANG) == 0);
		/* another stop changes nothing, and waits for nothing */
		CHECK(kill(pid, stops[NSTOPS - 1 - i]) == 0);
		usleep(A_WHILE);
		CHECK(waitpid(pid, &status, WUNTRACED | WNOHANG) == 0);
		CHECK(waitpid(pid, &status, WCONTINUED | WNOHANG) == 0);
		CHECK(kill(pid, SIGCONT) == 0);
		CHECK(waitpid(pid, &status, WCONTINUED) == pid);
		CHECK(WIFCONTINUED(status));
		CHECK(waitpid(pid, &status, WCONTINUED | WNOHANG) == 0);
		usleep(A_WHILE);
		CHECK(waitpid(pid, &status, WUNTRACED | WNOHANG) == 0);
	}
	/* one who does not ask is not told */
	CHECK(kill(pid, SIGSTOP) == 0);
	usleep(A_WHILE);
	CHECK(waitpid(pid, &status, WNOHANG) == 0);
	/* what is stopped is killed only when it goes on, but by SIGKILL */
	CHECK(kill(pid, SIGTERM) == 0);
	usleep(A_WHILE);
	CHECK(waitpid(pid, &status, WNOHANG) == 0);
	CHECK(kill(pid, SIGKILL) == 0);
	CHECK(killed(wait_status(pid), SIGKILL));

	pid = job(busy);
	CHECK(kill(pid, SIGSTOP) == 0);
	CHECK(waitpid(pid, &status, WUNTRACED) == pid);
	CHECK(kill(pid, SIGTERM) == 0 && kill(pid, SIGCONT) == 0);
	CHECK(killed(wait_status(pid), SIGTERM));
	return NULL;
}

static const char *
asleep(void)
{
	return stopped_and_continued(0);
}

static const char *
busy(void)
{
	return stopped_and_continued(1);
}

/*
 * A child that is the leader of a session, which makes its group orphaned,
 * and sends itself sig; with a handler or without.
 */
static int
orphan_status(int sig, void (*handler)(int))
{
	pid_t pid;
	int status;

	if ((pid = fork()) == 0) {
		setsid();
		signal(sig, handler);
		count = 0;
		kill(getpid(), sig);
		_exit(10 + count);
	}
	waitpid(pid, &status, WUNTRACED);
	if (WIFSTOPPED(status)) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	return status;
}

static const char *
orphans(void)
{
	size_t i;
	int status;

	/* SIGSTOP stops everybody, those of the terminal only whom one could
	 * continue; handlers run all the same */
	for (i = 0; i < NSTOPS; i++) {
		status = orphan_status(stops[i], SIG_DFL);
		if (stops[i] == SIGSTOP) {
			CHECK(WIFSTOPPED(status));
			CHECK(WSTOPSIG(status) == SIGSTOP);
			continue;
		}
		CHECK(exited(status, 10));
		CHECK(exited(orphan_status(stops[i], note), 11));
		CHECK(exited(orphan_status(stops[i], SIG_IGN), 10));
	}
	return NULL;
}

/* The same, sent to one that sleeps. */
static const char *
sleeping_orphans(void)
{
	pid_t pid;
	int status;

	if ((pid = fork()) == 0) {
		setsid();
		for (;;)
			pause();
	}
	usleep(A_WHILE);
	CHECK(kill(pid, SIGTSTP) == 0);
	usleep(A_WHILE);
	CHECK(waitpid(pid, &status, WUNTRACED | WNOHANG) == 0);
	CHECK(kill(pid, SIGSTOP) == 0);
	CHECK(waitpid(pid, &status, WUNTRACED) == pid);
	CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
	CHECK(kill(pid, SIGKILL) == 0);
	CHECK(killed(wait_status(pid), SIGKILL));
	return NULL;
}

/* Shared with children: what became of a grandchild. */
static volatile int *shared;

static void
hangup(int sig)
{
	shared[0]++;
}

static void
go_on(int sig)
{
	shared[1]++;
}

/*
 * A stopped job whose only possible helper ends gets SIGHUP and SIGCONT; one
 * that runs gets nothing.
 */
static const char *
left_alone(int stop)
{
	pid_t helper, member;
	int status;

	shared[0] = shared[1] = shared[2] = 0;
	if ((helper = fork()) == 0) {
		/* of the session, so that it could continue the group */
		if ((member = fork()) == 0) {
			setpgid(0, 0);
			signal(SIGHUP, hangup);
			signal(SIGCONT, go_on);
			shared[2] = getpid();
			for (;;)
				usleep(A_WHILE / 4);
		}
		usleep(A_WHILE);
		if (stop) {
			kill(member, SIGSTOP);
			waitpid(member, &status, WUNTRACED);
		}
		_exit(0);
	}
	CHECK(exited(wait_status(helper), 0));
	usleep(2 * A_WHILE);
	CHECK(shared[0] == stop && shared[1] == stop);
	CHECK(kill(shared[2], SIGKILL) == 0);
	usleep(A_WHILE);
	CHECK_ERRNO(kill(shared[2], 0), ESRCH);
	return NULL;
}

static const char *
helper_ends(void)
{
	const char *reason;

	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANON, -1, 0);
	CHECK(shared != MAP_FAILED);
	if ((reason = left_alone(1)) != NULL ||
	    (reason = left_alone(0)) != NULL)
		return reason;
	CHECK(munmap((void *)shared, 4096) == 0);
	return NULL;
}

/* A sleep goes on where it was when the sleeper was stopped meanwhile. */
static const char *
sleep_goes_on(void)
{
	int fds[2], status;
	pid_t pid;
	char c;

	CHECK(pipe(fds) == 0);
	if ((pid = fork()) == 0) {
		if (read(fds[0], &c, 1) != 1)
			_exit(1);
		_exit(c);
	}
	usleep(A_WHILE);
	CHECK(kill(pid, SIGSTOP) == 0);
	CHECK(waitpid(pid, &status, WUNTRACED) == pid);
	/* woken while it is stopped: it stays so, and then has been */
	CHECK(write(fds[1], "x", 1) == 1);
	usleep(A_WHILE);
	CHECK(waitpid(pid, &status, WNOHANG) == 0);
	CHECK(kill(pid, SIGCONT) == 0);
	CHECK(exited(wait_status(pid), 'x'));

	if ((pid = fork()) == 0) {
		if (read(fds[0], &c, 1) != 1)
			_exit(1);
		_exit(c);
	}
	usleep(A_WHILE);
	CHECK(kill(pid, SIGSTOP) == 0);
	CHECK(waitpid(pid, &status, WUNTRACED) == pid);
	CHECK(kill(pid, SIGCONT) == 0);
	usleep(A_WHILE);
	CHECK(write(fds[1], "y", 1) == 1);
	CHECK(exited(wait_status(pid), 'y'));
	CHECK(close(fds[0]) == 0 && close(fds[1]) == 0);
	return NULL;
}

/* What does nothing by default does not even end a sleep; a handler does. */
static const char *
woken_or_not(void)
{
	int fds[2];
	pid_t pid, parent = getpid();
	char c;

	CHECK(pipe(fds) == 0);
	signal(SIGURG, SIG_DFL);
	if ((pid = fork()) == 0) {
		usleep(A_WHILE);
		kill(parent, SIGURG);
		kill(parent, SIGWINCH);
		usleep(A_WHILE);
		write(fds[1], "z", 1);
		_exit(0);
	}
	CHECK(read(fds[0], &c, 1) == 1 && c == 'z');
	CHECK(exited(wait_status(pid), 0));
	CHECK(close(fds[0]) == 0 && close(fds[1]) == 0);
	return NULL;
}

/* SIGCONT: a blocked one continues too, and the handler runs later. */
static const char *
blocked_continue(void)
{
	pid_t pid;
	int status;
	sigset_t set;

	if ((pid = fork()) == 0) {
		signal(SIGCONT, note);
		sigemptyset(&set);
		sigaddset(&set, SIGCONT);
		sigprocmask(SIG_BLOCK, &set, NULL);
		kill(getpid(), SIGSTOP);
		if (count != 0)
			_exit(1);
		sigprocmask(SIG_UNBLOCK, &set, NULL);
		_exit(10 + count);
	}
	CHECK(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
	CHECK(kill(pid, SIGCONT) == 0);
	CHECK(exited(wait_status(pid), 11));
	return NULL;
}

const struct regress cases[] = {
	{ asleep, "a sleeper is stopped and continued" },
	{ busy, "a busy one is stopped and continued" },
	{ orphans, "orphaned groups are not stopped by the terminal" },
	{ sleeping_orphans, "not even when they sleep" },
	{ helper_ends, "a stopped group that is left alone goes on" },
	{ sleep_goes_on, "sleeps survive a stop" },
	{ woken_or_not, "what is ignored wakes nobody" },
	{ blocked_continue, "a blocked SIGCONT continues" },
};

REGRESS_MAIN(cases)
