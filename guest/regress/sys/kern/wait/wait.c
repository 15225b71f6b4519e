/* SPDX-License-Identifier: ISC */
/* wait4(2) and what children leave: statuses, pids, memory, usage. */

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include "../regress.h"

#define PAGE		4096
#define PAGES		64	/* of a range that both write to */
#define MANY		32	/* children at a time */
#define TURNS		200	/* more than the kernel remembers pids */
#define OLDPIDS		128	/* freed pids that it remembers */
#define A_WHILE		300000	/* microseconds: thirty ticks of the clock */

int value = 1;			/* in the data segment */

/* The status with which a child of ours ends; -1 if that cannot be had. */
int
status_of(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid ? status : -1;
}

char *
make_pages(int count, int how)
{
	return mmap(NULL, (size_t)count * PAGE, PROT_READ | PROT_WRITE,
	    MAP_ANON | how, -1, 0);
}

const char *
statuses(void)
{
	pid_t pid;
	int status;

	if ((pid = fork()) == 0)
		_exit(0x1ff);
	status = status_of(pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0xff);
	if ((pid = fork()) == 0)
		for (;;)
			pause();
	CHECK(kill(pid, SIGTERM) == 0);
	status = status_of(pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	return NULL;
}

const char *
no_children(void)
{
	int status;
	pid_t pid;

	CHECK_ERRNO(wait(&status), ECHILD);
	CHECK_ERRNO(waitpid(1, &status, 0), ECHILD);
	CHECK_ERRNO(waitpid(-1, &status, 0x1000), EINVAL);
	if ((pid = fork()) == 0)
		_exit(0);
	CHECK(status_of(pid) == 0);
	CHECK_ERRNO(waitpid(pid, &status, 0), ECHILD);
	return NULL;
}

/* WNOHANG answers 0 as long as the child lives. */
const char *
no_hang(void)
{
	int fds[2], status;
	pid_t pid;
	char c;

	CHECK(pipe(fds) == 0);
	if ((pid = fork()) == 0) {
		close(fds[1]);
		_exit(read(fds[0], &c, 1) == 0 ? 6 : 1);
	}
	CHECK(close(fds[0]) == 0);
	CHECK(waitpid(pid, &status, WNOHANG) == 0);
	CHECK(close(fds[1]) == 0);
	CHECK(status_of(pid) == 6 << 8);
	return NULL;
}

const char *
many_children(void)
{
	pid_t pids[MANY], pid;
	int i, j, seen[MANY] = { 0 }, status;

	for (i = 0; i < MANY; i++) {
		if ((pids[i] = fork()) == 0)
			_exit(i);
		CHECK(pids[i] > 0);
		for (j = 0; j < i; j++)
			CHECK(pids[i] != pids[j]);
	}
	for (i = 0; i < MANY; i++) {
		pid = wait(&status);
		CHECK(pid > 0 && WIFEXITED(status));
		j = WEXITSTATUS(status);
		CHECK(j < MANY && pids[j] == pid && !seen[j]);
		seen[j] = 1;
	}
	CHECK_ERRNO(wait(&status), ECHILD);
	return NULL;
}

const char *
pids_rest(void)
{
	static pid_t pids[TURNS];
	int i, j;

	for (i = 0; i < TURNS; i++) {
		if ((pids[i] = fork()) == 0)
			_exit(0);
		CHECK(status_of(pids[i]) == 0);
		for (j = i - 1; j >= 0 && j >= i - OLDPIDS; j--)
			CHECK(pids[i] != pids[j]);
	}
	return NULL;
}

/* The grandchild sees what the child has written, the parent does not. */
const char *
generations(void)
{
	pid_t pid;

	if ((pid = fork()) == 0) {
		value = 2;
		if ((pid = fork()) == 0)
			_exit(value == 2 ? 4 : 1);
		_exit(status_of(pid) == 4 << 8 ? 3 : 2);
	}
	CHECK(status_of(pid) == 3 << 8);
	CHECK(value == 1);
	return NULL;
}

/* Each writes to one half of a range; nobody sees the other's pages. */
const char *
own_pages(void)
{
	size_t size = PAGES * PAGE, i;
	char *p = make_pages(PAGES, MAP_PRIVATE);
	pid_t pid;

	CHECK(p != MAP_FAILED);
	memset(p, 'p', size);
	if ((pid = fork()) == 0) {
		memset(p, 'c', size / 2);
		for (i = 0; i < size; i++)
			if (p[i] != (i < size / 2 ? 'c' : 'p'))
				_exit(1);
		_exit(0);
	}
	memset(p + size / 2, 'q', size / 2);
	CHECK(status_of(pid) == 0);
	for (i = 0; i < size; i++)
		CHECK(p[i] == (i < size / 2 ? 'p' : 'q'));
	CHECK(munmap(p, size) == 0);
	return NULL;
}

const char *
shared_page(void)
{
	volatile char *p = make_pages(1, MAP_SHARED);
	pid_t pid;

	CHECK(p != MAP_FAILED);
	if ((pid = fork()) == 0) {
		*p = 5;
		_exit(0);
	}
	CHECK(status_of(pid) == 0);
	CHECK(*p == 5);
	CHECK(munmap((void *)p, PAGE) == 0);
	return NULL;
}

/* The faults of a child count when it has been waited for, not before. */
const char *
usage(void)
{
	struct rusage before, running, after;
	int fds[2], i;
	pid_t pid;
	char *p, c;

	CHECK(pipe(fds) == 0);
	CHECK(getrusage(RUSAGE_CHILDREN, &before) == 0);
	if ((pid = fork()) == 0) {
		p = make_pages(PAGES, MAP_PRIVATE);
		for (i = 0; i < PAGES; i++)
			p[i * PAGE] = 1;
		write(fds[1], "x", 1);
		_exit(0);
	}
	CHECK(read(fds[0], &c, 1) == 1);
	CHECK(getrusage(RUSAGE_CHILDREN, &running) == 0);
	CHECK(running.ru_minflt == before.ru_minflt);
	CHECK(status_of(pid) == 0);
	CHECK(getrusage(RUSAGE_CHILDREN, &after) == 0);
	CHECK(after.ru_minflt >= before.ru_minflt + PAGES);
	CHECK(close(fds[0]) == 0 && close(fds[1]) == 0);
	return NULL;
}

/* How often the process has gone to sleep. */
long
sleeps(void)
{
	struct rusage used;

	return getrusage(RUSAGE_SELF, &used) == 0 ? used.ru_nvcsw : -1;
}

/* Who waits without a limit sleeps until there is a reason to wake up. */
const char *
asleep(void)
{
	long before = sleeps();
	pid_t pid;

	if ((pid = vfork()) == 0) {
		usleep(A_WHILE);
		_exit(0);
	}
	CHECK(sleeps() <= before + 2);
	CHECK(status_of(pid) == 0);
	before = sleeps();
	if ((pid = fork()) == 0) {
		usleep(A_WHILE);
		_exit(0);
	}
	CHECK(status_of(pid) == 0);
	CHECK(sleeps() <= before + 2);
	return NULL;
}

/* What stops or goes on has used nothing yet, to who asks. */
const char *
no_usage_yet(void)
{
	struct rusage used, nothing;
	int status;
	pid_t pid;

	memset(&nothing, 0, sizeof(nothing));
	if ((pid = fork()) == 0) {
		raise(SIGSTOP);
		_exit(0);
	}
	memset(&used, 0xff, sizeof(used));
	CHECK(wait4(pid, &status, WUNTRACED, &used) == pid);
	CHECK(WIFSTOPPED(status));
	CHECK(memcmp(&used, &nothing, sizeof(used)) == 0);
	CHECK(kill(pid, SIGCONT) == 0);
	memset(&used, 0xff, sizeof(used));
	CHECK(wait4(pid, &status, WCONTINUED, &used) == pid);
	CHECK(WIFCONTINUED(status));
	CHECK(memcmp(&used, &nothing, sizeof(used)) == 0);
	memset(&used, 0xff, sizeof(used));
	CHECK(wait4(pid, &status, 0, &used) == pid && status == 0);
	CHECK(used.ru_minflt > 0 && used.ru_nivcsw >= 0);
	return NULL;
}

const struct regress cases[] = {
	{ statuses, "exits and signals are told apart" },
	{ no_children, "waiting for no child is ECHILD" },
	{ no_hang, "WNOHANG does not wait" },
	{ many_children, "each of many children is waited for once" },
	{ pids_rest, "a pid is not used again soon" },
	{ generations, "a grandchild has its parent's memory" },
	{ own_pages, "each writes to its own pages" },
	{ shared_page, "a shared page is shared" },
	{ usage, "the usage of a child counts when it was waited for" },
	{ asleep, "who waits sleeps" },
	{ no_usage_yet, "what stops or goes on tells of no usage" },
};

REGRESS_MAIN(cases)
