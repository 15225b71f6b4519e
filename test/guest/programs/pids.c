/* SPDX-License-Identifier: ISC */
/*
 * pids live|zombies COUNT: makes children, all of which keep their pids
 * until the last has got one; prints these.
 */
#include <sys/wait.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
main(int argc, char *argv[])
{
	int live = argc > 1 && strcmp(argv[1], "live") == 0, i;
	int count = argc > 2 ? atoi(argv[2]) : 0;
	pid_t pids[64];

	for (i = 0; i < count && i < 64; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			if (live)
				for (;;)
					pause();
			_exit(0);
		}
		/* it is what it is to be before there is another */
		usleep(20000);
	}
	for (i = 0; i < count; i++)
		printf("%d\n", pids[i]);
	for (i = 0; i < count; i++)
		kill(pids[i], SIGKILL);
	while (wait(NULL) != -1)
		continue;
	return 0;
}
