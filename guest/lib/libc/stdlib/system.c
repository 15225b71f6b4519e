/* SPDX-License-Identifier: ISC */
#include <sys/wait.h>
#include <errno.h>
#include <paths.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* Run a command line with the shell; its wait status, or -1. */
int
system(const char *command)
{
	sigset_t block, saved;
	sig_t intr, quit;
	int status;
	pid_t pid;

	if (command == NULL)
		return 1;
	sigemptyset(&block);
	sigaddset(&block, SIGCHLD);
	sigprocmask(SIG_BLOCK, &block, &saved);
	if ((pid = fork()) == 0) {
		sigprocmask(SIG_SETMASK, &saved, NULL);
		execl(_PATH_BSHELL, "ksh", "-c", command, (char *)NULL);
		_exit(127);
	}
	intr = signal(SIGINT, SIG_IGN);
	quit = signal(SIGQUIT, SIG_IGN);
	status = -1;
	if (pid > 0)
		while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
			continue;
	signal(SIGINT, intr);
	signal(SIGQUIT, quit);
	sigprocmask(SIG_SETMASK, &saved, NULL);
	return status;
}
