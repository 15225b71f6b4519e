/* SPDX-License-Identifier: ISC */
/* Process groups and sessions: who may be where, and groups without a guard. */

#include <sys/wait.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>
#include "../kstat.h"
#include "../regress.h"

#define TRIES	200		/* looks at what another process does */
#define A_WHILE	10000000	/* ns between two of them */
#define TOLD	5		/* status of a process that got SIGHUP */

void
a_while(void)
{
	struct timespec ts = { 0, A_WHILE };

	nanosleep(&ts, NULL);
}

/* A child that does nothing until it is killed. */
pid_t
idle_child(void)
{
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	return pid;
}

const char *
end_child(pid_t pid)
{
	CHECK(kill(pid, SIGKILL) == 0);
	CHECK(killed(wait_status(pid), SIGKILL));
	return NULL;
}

const char *
inherited(void)
{
	pid_t pid = idle_child();

	CHECK(getpgid(pid) == getpgrp() && getpgid(0) == getpgrp());
	return end_child(pid);
}

const char *
own_group(void)
{
	pid_t pid = idle_child();

	CHECK(setpgid(pid, 0) == 0 && getpgid(pid) == pid);
	/* a group is signalled as a whole, and its name outlives nobody */
	CHECK(kill(-pid, SIGKILL) == 0);
	CHECK(killed(wait_status(pid), SIGKILL));
	CHECK_ERRNO(kill(-pid, 0), ESRCH);
	CHECK_ERRNO(getpgid(pid), ESRCH);
	return NULL;
}

const char *
not_after_exec(void)
{
	int i;
	pid_t pid = fork();

	if (pid == 0) {
		execl("/bin/sleep", "sleep", "1000", (char *)NULL);
		_exit(1);
	}
	for (i = 0; i < TRIES; i++) {
		if (setpgid(pid, pid) == -1)
			break;
		a_while();
	}
	CHECK(errno == EACCES);
	return end_child(pid);
}

const char *
sessions(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (setsid() != getpid() || getpgrp() != getpid())
			_exit(1);
		/* who leads a group already cannot begin a session */
		if (setsid() != -1 || errno != EPERM)
			_exit(2);
		/* nor leave its own */
		if (setpgid(0, 0) != -1 || errno != EPERM)
			_exit(3);
		_exit(0);
	}
	CHECK(exited(wait_status(pid), 0));
	return NULL;
}

static volatile sig_atomic_t hung_up;

void
hang_up(int sig)
{
	hung_up = 1;
}

/*
 * A stopped process whose parent, alone in another group of the session,
 * exits: nobody is left who would continue it.
 */
const char *
orphaned(void)
{
	struct sigaction sa = { .sa_handler = hang_up };
	int fds[2], i;
	char told = 0;
	pid_t pid, member;

	CHECK(pipe(fds) == 0);
	if ((pid = fork()) == 0) {
		setpgid(0, 0);
		if ((member = fork()) == 0) {
			setpgid(0, 0);
			sigaction(SIGHUP, &sa, NULL);
			kill(getpid(), SIGSTOP);
			/* SIGHUP came, and SIGCONT to hear of it */
			told = hung_up ? TOLD : 1;
			write(fds[1], &told, 1);
			_exit(0);
		}
		for (i = 0; i < TRIES; i++)
			if (waitpid(member, &i, WUNTRACED) == member)
				break;
		_exit(0);
	}
	CHECK(exited(wait_status(pid), 0));
	close(fds[1]);
	CHECK(read(fds[0], &told, 1) == 1 && told == TOLD);
	close(fds[0]);
	return NULL;
}

static const struct regress cases[] = {
	{ inherited, "a child is in its parent's group" },
	{ own_group, "a group of its own" },
	{ not_after_exec, "a child that has executed is left alone" },
	{ sessions, "a session of its own" },
	{ orphaned, "an orphaned stopped group is hung up and continued" },
};

REGRESS_MAIN(cases)
