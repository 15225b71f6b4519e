/* SPDX-License-Identifier: ISC */
/* _exit(2): what goes with a process, what it leaves, who inherits it. */

#include <sys/wait.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>
#include "../kstat.h"
#include "../regress.h"

#define INIT	1		/* who inherits orphans */
#define TRIES	200		/* looks at what another process does */
#define A_WHILE	10000000	/* ns between two of them */

static volatile sig_atomic_t children_ended;

void
a_while(void)
{
	struct timespec ts = { 0, A_WHILE };

	nanosleep(&ts, NULL);
}

void
count_child(int sig)
{
	children_ended++;
}

const char *
low_byte(void)
{
	static const int given[] = { 0, 1, 127, 128, 255, 256, -1 };
	static const int seen[] = { 0, 1, 127, 128, 255, 0, 255 };
	size_t i;
	pid_t pid;

	for (i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
		if ((pid = fork()) == 0)
			_exit(given[i]);
		CHECK(exited(wait_status(pid), seen[i]));
	}
	return NULL;
}

const char *
descriptors_close(void)
{
	int fds[2];
	char c;
	pid_t pid;

	CHECK(pipe(fds) == 0);
	if ((pid = fork()) == 0)
		_exit(write(fds[1], "x", 1) == 1 ? 0 : 1);
	close(fds[1]);
	/* the child's byte, and then the end, since nobody writes any more */
	CHECK(read(fds[0], &c, 1) == 1 && c == 'x');
	CHECK(read(fds[0], &c, 1) == 0);
	CHECK(exited(wait_status(pid), 0));
	close(fds[0]);
	return NULL;
}

/*
 * The child exits while its own child lives, which tells through a pipe
 * whose child it has become.
 */
const char *
orphans_go_to_init(void)
{
	int fds[2], i;
	pid_t pid, parent = 0;

	CHECK(pipe(fds) == 0);
	if ((pid = fork()) == 0) {
		if (fork() == 0) {
			for (i = 0; i < TRIES && getppid() != INIT; i++)
				a_while();
			parent = getppid();
			write(fds[1], &parent, sizeof(parent));
			_exit(0);
		}
		_exit(0);
	}
	CHECK(exited(wait_status(pid), 0));
	CHECK(read(fds[0], &parent, sizeof(parent)) == sizeof(parent));
	CHECK(parent == INIT);
	CHECK_ERRNO(wait(NULL), ECHILD);
	close(fds[0]);
	close(fds[1]);
	return NULL;
}

const char *
parent_is_told(void)
{
	struct sigaction sa = { .sa_handler = count_child }, old;
	sigset_t block, before, wait_mask;
	pid_t pid;

	sigemptyset(&block);
	sigaddset(&block, SIGCHLD);
	CHECK(sigprocmask(SIG_BLOCK, &block, &before) == 0);
	CHECK(sigaction(SIGCHLD, &sa, &old) == 0);
	children_ended = 0;
	if ((pid = fork()) == 0)
		_exit(0);
	wait_mask = before;
	sigdelset(&wait_mask, SIGCHLD);
	CHECK_ERRNO(sigsuspend(&wait_mask), EINTR);
	CHECK(children_ended == 1);
	/* the mask of before is back: it is blocked again */
	CHECK(sigprocmask(SIG_SETMASK, &before, &block) == 0);
	CHECK(sigismember(&block, SIGCHLD));
	CHECK(exited(wait_status(pid), 0));
	CHECK(sigaction(SIGCHLD, &old, NULL) == 0);
	return NULL;
}

/* A zombie can be signalled, to no effect, and stays until it is waited for. */
const char *
zombies_wait(void)
{
	int before = kern_int(KERN_NPROCS), i;
	pid_t pid;

	if ((pid = fork()) == 0)
		_exit(3);
	for (i = 0; i < 5; i++)
		a_while();
	CHECK(kern_int(KERN_NPROCS) == before + 1);
	CHECK(kill(pid, SIGKILL) == 0);
	CHECK(exited(wait_status(pid), 3));
	CHECK(kern_int(KERN_NPROCS) == before);
	CHECK_ERRNO(kill(pid, 0), ESRCH);
	return NULL;
}

static const struct regress cases[] = {
	{ low_byte, "the low byte of the status arrives" },
	{ descriptors_close, "descriptors are closed" },
	{ orphans_go_to_init, "orphans become init's children" },
	{ parent_is_told, "SIGCHLD, for which sigsuspend waits" },
	{ zombies_wait, "a zombie stays until it is waited for" },
};

REGRESS_MAIN(cases)
