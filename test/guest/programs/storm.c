/* SPDX-License-Identifier: ISC */
/*
 * storm [rounds]: processes that begin and end, in all ways at once.  In
 * each round some children run at the same time: one exits, one executes
 * another program, one is killed, one has a child of its own that init
 * inherits.
 */
#include <sys/wait.h>
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ROUNDS	50
#define EXITS	3	/* status of the child that exits */

__dead void
executes(void)
{
	execl("/usr/bin/true", "true", (char *)NULL);
	_exit(1);
}

__dead void
leaves_a_child(void)
{
	if (fork() == 0)
		_exit(0);
	_exit(0);
}

/* A child that calls function, which does not return. */
pid_t
child(void (*function)(void))
{
	pid_t pid = fork();

	if (pid == -1)
		err(1, "fork");
	if (pid == 0)
		function();
	return pid;
}

__dead void
exits(void)
{
	_exit(EXITS);
}

__dead void
waits(void)
{
	for (;;)
		pause();
}

void
expect_status(pid_t pid, int expected)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || status != expected)
		errx(1, "status %#x, not %#x", status, expected);
}

int
main(int argc, char *argv[])
{
	int round, rounds = argc > 1 ? atoi(argv[1]) : ROUNDS;
	pid_t exiting, executing, waiting, leaving, vforked;

	for (round = 0; round < rounds; round++) {
		waiting = child(waits);
		exiting = child(exits);
		executing = child(executes);
		leaving = child(leaves_a_child);
		if ((vforked = vfork()) == 0)
			_exit(EXITS);
		if (kill(waiting, SIGKILL) == -1)
			err(1, "kill");
		expect_status(vforked, EXITS << 8);
		expect_status(exiting, EXITS << 8);
		expect_status(executing, 0);
		expect_status(leaving, 0);
		expect_status(waiting, SIGKILL);
	}
	printf("%d rounds\n", rounds);
	return 0;
}
