/* SPDX-License-Identifier: ISC */
/* kqueue(2): processes, signals, pipes and timers are watched. */

#include <sys/event.h>
#include <sys/time.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include "../kstat.h"
#include "../regress.h"

#define A_WHILE		50000	/* microseconds */
#define ALL_NOTES	(NOTE_FORK | NOTE_EXEC | NOTE_EXIT)

char *myself;

static const struct timespec now = { 0, 0 };
static const struct timespec a_second = { 1, 0 };

/* Make one change; 0, or -1. */
int
change(int kq, u_long ident, int filter, int flags, u_int fflags, long data)
{
	struct kevent kev;

	EV_SET(&kev, ident, filter, flags, fflags, data, &kev);
	return kevent(kq, &kev, 1, NULL, 0, NULL);
}

/* The next event, waited for a second at most: 1, 0 or -1. */
int
next(int kq, struct kevent *kev)
{
	return kevent(kq, NULL, 0, kev, 1, &a_second);
}

/* Is there no event now? */
int
quiet(int kq)
{
	struct kevent kev;

	return kevent(kq, NULL, 0, &kev, 1, &now) == 0;
}

const char *
pipes(void)
{
	struct kevent kev;
	char buf[100];
	int fds[2], kq = kqueue();

	CHECK(kq != -1 && pipe(fds) == 0);
	CHECK(change(kq, fds[0], EVFILT_READ, EV_ADD, 0, 0) == 0);
	CHECK(quiet(kq));
	CHECK(write(fds[1], "hello", 5) == 5);
	CHECK(next(kq, &kev) == 1);
	CHECK(kev.ident == (u_long)fds[0] && kev.filter == EVFILT_READ);
	CHECK(kev.data == 5 && (kev.flags & EV_EOF) == 0);
	/* it is still so, until it is read */
	CHECK(next(kq, &kev) == 1 && kev.data == 5);
	CHECK(read(fds[0], buf, sizeof(buf)) == 5);
	CHECK(quiet(kq));

	CHECK(change(kq, fds[1], EVFILT_WRITE, EV_ADD, 0, 0) == 0);
	CHECK(next(kq, &kev) == 1 && kev.filter == EVFILT_WRITE);
	CHECK(kev.data > 0);
	CHECK(change(kq, fds[1], EVFILT_WRITE, EV_DELETE, 0, 0) == 0);
	CHECK_ERRNO(change(kq, fds[1], EVFILT_WRITE, EV_DELETE, 0, 0),
	    ENOENT);

	/* the other end is closed */
	CHECK(close(fds[1]) == 0);
	CHECK(next(kq, &kev) == 1 && (kev.flags & EV_EOF));
	/* and this one: it is forgotten */
	CHECK(close(fds[0]) == 0);
	CHECK(quiet(kq));
	CHECK(close(kq) == 0);
	return NULL;
}

const char *
a_sleeper_is_woken(void)
{
	struct kevent kev;
	int fds[2], kq = kqueue();
	pid_t pid;

	CHECK(pipe(fds) == 0);
	CHECK(change(kq, fds[0], EVFILT_READ, EV_ADD | EV_CLEAR, 0, 0) == 0);
	if ((pid = fork()) == 0) {
		usleep(A_WHILE);
		write(fds[1], "x", 1);
		_exit(0);
	}
	CHECK(kevent(kq, NULL, 0, &kev, 1, NULL) == 1);
	CHECK(kev.ident == (u_long)fds[0] && kev.data == 1);
	/* cleared: only the next byte is news */
	CHECK(quiet(kq));
	CHECK(write(fds[1], "y", 1) == 1);
	CHECK(next(kq, &kev) == 1 && kev.data == 2);
	CHECK(exited(wait_status(pid), 0));
	CHECK(close(kq) == 0 && close(fds[0]) == 0 && close(fds[1]) == 0);
	return NULL;
}

const char *
how_often(void)
{
	struct kevent kev;
	int fds[2], kq = kqueue();

	CHECK(pipe(fds) == 0 && write(fds[1], "x", 1) == 1);
	CHECK(change(kq, fds[0], EVFILT_READ, EV_ADD | EV_ONESHOT, 0, 0) == 0);
	CHECK(next(kq, &kev) == 1 && quiet(kq));
	CHECK_ERRNO(change(kq, fds[0], EVFILT_READ, EV_ENABLE, 0, 0), ENOENT);

	CHECK(change(kq, fds[0], EVFILT_READ, EV_ADD | EV_DISPATCH, 0, 0) ==
	    0);
	CHECK(next(kq, &kev) == 1 && quiet(kq));
	CHECK(change(kq, fds[0], EVFILT_READ, EV_ENABLE, 0, 0) == 0);
	CHECK(next(kq, &kev) == 1 && quiet(kq));

	CHECK(change(kq, fds[0], EVFILT_READ, EV_DELETE, 0, 0) == 0);
	CHECK(change(kq, fds[0], EVFILT_READ, EV_ADD | EV_DISABLE, 0, 0) == 0);
	CHECK(quiet(kq));
	CHECK(change(kq, fds[0], EVFILT_READ, EV_ENABLE, 0, 0) == 0);
	CHECK(next(kq, &kev) == 1);
	CHECK(close(kq) == 0 && close(fds[0]) == 0 && close(fds[1]) == 0);
	return NULL;
}

const char *
processes(void)
{
	char *argv[] = { myself, "exit", NULL };
	struct kevent kev;
	int go[2], kq = kqueue();
	pid_t pid, child;
	char c;

	CHECK(pipe(go) == 0);
	if ((pid = fork()) == 0) {
		read(go[0], &c, 1);
		if ((child = fork()) == 0)
			_exit(0);
		wait_status(child);
		read(go[0], &c, 1);
		execv(myself, argv);
		_exit(1);
	}
	CHECK(change(kq, pid, EVFILT_PROC, EV_ADD, ALL_NOTES, 0) == 0);
	CHECK(quiet(kq));
	CHECK(write(go[1], "f", 1) == 1);
	CHECK(next(kq, &kev) == 1);
	CHECK(kev.ident == (u_long)pid && kev.fflags == NOTE_FORK);
	CHECK(quiet(kq));
	CHECK(write(go[1], "e", 1) == 1);
	CHECK(next(kq, &kev) == 1);
	CHECK(kev.fflags & NOTE_EXEC);
	if ((kev.fflags & NOTE_EXIT) == 0)
		CHECK(next(kq, &kev) == 1);
	CHECK(kev.fflags & NOTE_EXIT);
	CHECK((kev.flags & EV_EOF) && kev.data == 9 << 8);
	/* that was all */
	CHECK(quiet(kq));
	CHECK(exited(wait_status(pid), 9));
	CHECK_ERRNO(change(kq, pid, EVFILT_PROC, EV_ADD, ALL_NOTES, 0), ESRCH);
	CHECK(close(kq) == 0 && close(go[0]) == 0 && close(go[1]) == 0);
	return NULL;
}

const char *
forks_are_followed(void)
{
	struct kevent kev;
	int go[2], kq = kqueue(), child_seen = 0, exits = 0;
	pid_t pid, child = 0, grandchild;
	char c;

	CHECK(pipe(go) == 0);
	if ((pid = fork()) == 0) {
		read(go[0], &c, 1);
		if ((grandchild = fork()) == 0)
			_exit(3);
		_exit(wait_status(grandchild) >> 8);
	}
	CHECK(change(kq, pid, EVFILT_PROC, EV_ADD, NOTE_TRACK | ALL_NOTES,
	    0) == 0);
	CHECK(write(go[1], "f", 1) == 1);
	while (exits < 2) {
		CHECK(next(kq, &kev) == 1);
		CHECK((kev.fflags & NOTE_TRACKERR) == 0);
		if (kev.fflags & NOTE_CHILD) {
			child_seen++;
			child = kev.ident;
			CHECK(child != pid);
			/* unless it has ended meanwhile */
			CHECK((kev.fflags & NOTE_EXIT) || kev.data == pid);
		}
		if (kev.fflags & NOTE_EXIT) {
			exits++;
			CHECK(kev.data == 3 << 8);
		}
	}
	CHECK(child_seen == 1);
	CHECK(exited(wait_status(pid), 3));
	CHECK(close(kq) == 0 && close(go[0]) == 0 && close(go[1]) == 0);
	return NULL;
}

const char *
whose_processes(void)
{
	int kq;
	pid_t pid = fork();

	if (pid == 0) {
		setuid(1000);
		kq = kqueue();
		if (change(kq, 1, EVFILT_PROC, EV_ADD, ALL_NOTES, 0) == 0 ||
		    errno != EACCES)
			_exit(1);
		if (change(kq, getpid(), EVFILT_PROC, EV_ADD, ALL_NOTES, 0) ==
		    -1)
			_exit(2);
		_exit(0);
	}
	CHECK(exited(wait_status(pid), 0));
	return NULL;
}

const char *
signals(void)
{
	struct kevent kev;
	int kq = kqueue();

	CHECK(signal(SIGUSR1, SIG_IGN) != SIG_ERR);
	CHECK(change(kq, SIGUSR1, EVFILT_SIGNAL, EV_ADD, 0, 0) == 0);
	CHECK_ERRNO(change(kq, NSIG, EVFILT_SIGNAL, EV_ADD, 0, 0), EINVAL);
	CHECK(quiet(kq));
	CHECK(kill(getpid(), SIGUSR1) == 0 && kill(getpid(), SIGUSR1) == 0);
	CHECK(next(kq, &kev) == 1);
	CHECK(kev.ident == SIGUSR1 && kev.data == 2);
	CHECK(quiet(kq));
	CHECK(close(kq) == 0);
	return NULL;
}

const char *
timers(void)
{
	struct kevent kev;
	int kq = kqueue();

	CHECK(change(kq, 7, EVFILT_TIMER, EV_ADD, 0, 30) == 0);
	CHECK(quiet(kq));
	CHECK(next(kq, &kev) == 1);
	CHECK(kev.ident == 7 && kev.data == 1);
	usleep(4 * 30000);
	CHECK(next(kq, &kev) == 1 && kev.data >= 3);
	CHECK(change(kq, 7, EVFILT_TIMER, EV_DELETE, 0, 0) == 0);
	CHECK(change(kq, 8, EVFILT_TIMER, EV_ADD | EV_ONESHOT, 0, 10) == 0);
	CHECK(next(kq, &kev) == 1 && kev.ident == 8);
	CHECK_ERRNO(change(kq, 8, EVFILT_TIMER, EV_DELETE, 0, 0), ENOENT);
	/* one that is still running when its kqueue goes */
	CHECK(change(kq, 9, EVFILT_TIMER, EV_ADD, 0, 10) == 0);
	CHECK(close(kq) == 0);
	usleep(30000);
	return NULL;
}

const char *
many_at_once(void)
{
	struct kevent kev[20];
	int fds[2], kq = kqueue(), i, n;

	CHECK(pipe(fds) == 0);
	for (i = 0; i < 20; i++)
		EV_SET(&kev[i], 100 + i, EVFILT_TIMER, EV_ADD | EV_ONESHOT, 0,
		    10, (void *)(long)i);
	CHECK(kevent(kq, kev, 20, NULL, 0, NULL) == 0);
	usleep(A_WHILE);
	n = kevent(kq, NULL, 0, kev, 12, &now);
	CHECK(n == 12);
	for (i = 0; i < n; i++)
		CHECK((long)kev[i].udata == (long)kev[i].ident - 100);
	CHECK(kevent(kq, NULL, 0, kev, 12, &now) == 8);
	CHECK(close(kq) == 0 && close(fds[0]) == 0 && close(fds[1]) == 0);
	return NULL;
}

void
interrupt(int sig)
{
}

const char *
errors_and_answers(void)
{
	struct sigaction sa;
	struct kevent kev[2];
	struct timespec bad = { -1, 0 };
	int kq = kqueue();
	pid_t pid;

	CHECK_ERRNO(kevent(0, NULL, 0, kev, 1, &now), EBADF);
	CHECK_ERRNO(kevent(99, NULL, 0, kev, 1, &now), EBADF);
	CHECK_ERRNO(kevent(kq, NULL, 0, kev, 1, &bad), EINVAL);
	CHECK_ERRNO(change(kq, 99, EVFILT_READ, EV_ADD, 0, 0), EBADF);
	CHECK_ERRNO(change(kq, 0, 5, EV_ADD, 0, 0), EINVAL);
	CHECK_ERRNO(change(kq, 0, -99, EV_ADD, 0, 0), EINVAL);
	CHECK_ERRNO(change(kq, kq, EVFILT_READ, EV_ADD, 0, 0), EINVAL);
	CHECK_ERRNO(kevent(kq, (struct kevent *)1, 1, NULL, 0, NULL), EFAULT);
	/* an error becomes an event if there is room for one */
	EV_SET(&kev[0], 99, EVFILT_READ, EV_ADD, 0, 0, NULL);
	CHECK(kevent(kq, kev, 1, kev, 1, NULL) == 1);
	CHECK((kev[0].flags & EV_ERROR) && kev[0].data == EBADF);
	EV_SET(&kev[0], 1, EVFILT_TIMER, EV_ADD | EV_RECEIPT, 0, 10000, NULL);
	CHECK(kevent(kq, kev, 1, kev, 1, NULL) == 1);
	CHECK((kev[0].flags & EV_ERROR) && kev[0].data == 0);
	/* a signal ends the wait, whatever SA_RESTART says */
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = interrupt;
	sa.sa_flags = SA_RESTART;
	CHECK(sigaction(SIGUSR2, &sa, NULL) == 0);
	if ((pid = fork()) == 0) {
		usleep(A_WHILE);
		kill(getppid(), SIGUSR2);
		_exit(0);
	}
	CHECK_ERRNO(kevent(kq, NULL, 0, kev, 1, NULL), EINTR);
	CHECK(exited(wait_status(pid), 0));
	CHECK(close(kq) == 0);
	return NULL;
}

const char *
a_kqueue_is_a_descriptor(void)
{
	struct pollfd pfd;
	struct kevent kev;
	int kq = kqueue(), outer = kqueue(), fds[2];
	char c;
	pid_t pid;

	CHECK(pipe(fds) == 0);
	CHECK(change(kq, fds[0], EVFILT_READ, EV_ADD, 0, 0) == 0);
	CHECK(change(outer, kq, EVFILT_READ, EV_ADD, 0, 0) == 0);
	pfd.fd = kq;
	pfd.events = POLLIN;
	CHECK(poll(&pfd, 1, 0) == 0 && quiet(outer));
	CHECK(write(fds[1], "x", 1) == 1);
	CHECK(poll(&pfd, 1, 0) == 1 && (pfd.revents & POLLIN));
	CHECK(next(outer, &kev) == 1 && kev.ident == (u_long)kq);
	CHECK_ERRNO(read(kq, &c, 1), ENXIO);
	/* it is not inherited */
	if ((pid = fork()) == 0)
		_exit(kevent(kq, NULL, 0, &kev, 1, &now) == -1 &&
		    errno == EBADF ? 0 : 1);
	CHECK(exited(wait_status(pid), 0));
	/* dup2 over a watched descriptor forgets it */
	CHECK(dup2(fds[1], fds[0]) == fds[0]);
	CHECK(quiet(kq));
	CHECK(close(kq) == 0 && quiet(outer) && close(outer) == 0);
	CHECK(close(fds[0]) == 0 && close(fds[1]) == 0);
	return NULL;
}

/* Whatever order a process's descriptors go in when it ends. */
const char *
exit_with_everything_open(void)
{
	pid_t pid;
	int i;

	for (i = 0; i < 2; i++) {
		if ((pid = fork()) == 0) {
			int fds[2], kq = i == 0 ? kqueue() : -1;

			pipe(fds);
			if (kq == -1)
				kq = kqueue();
			change(kq, fds[0], EVFILT_READ, EV_ADD, 0, 0);
			change(kq, fds[1], EVFILT_WRITE, EV_ADD, 0, 0);
			change(kq, 0, EVFILT_READ, EV_ADD, 0, 0);
			change(kq, SIGUSR1, EVFILT_SIGNAL, EV_ADD, 0, 0);
			change(kq, getpid(), EVFILT_PROC, EV_ADD, ALL_NOTES,
			    0);
			change(kq, getppid(), EVFILT_PROC, EV_ADD, ALL_NOTES,
			    0);
			change(kq, 1, EVFILT_TIMER, EV_ADD, 0, 10);
			usleep(A_WHILE);
			_exit(0);
		}
		CHECK(exited(wait_status(pid), 0));
	}
	return NULL;
}

const struct regress cases[] = {
	{ pipes, "pipes" },
	{ a_sleeper_is_woken, "a sleeper is woken" },
	{ how_often, "once, cleared, dispatched, disabled" },
	{ processes, "fork, exec and exit of a process" },
	{ forks_are_followed, "forks are followed" },
	{ whose_processes, "only one's own processes" },
	{ signals, "signals" },
	{ timers, "timers" },
	{ many_at_once, "many at once" },
	{ errors_and_answers, "errors and answers" },
	{ a_kqueue_is_a_descriptor, "a kqueue is a descriptor" },
	{ exit_with_everything_open, "exit with everything open" },
};

int
main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "exit") == 0)
		return 9;
	myself = argv[0];
	return regress_run(cases, sizeof(cases) / sizeof(cases[0]));
}
