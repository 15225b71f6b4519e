/* SPDX-License-Identifier: ISC */
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <paths.h>
#include <stdarg.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/*
 * The first process.  It keeps a shell on the console, in a session of the
 * shell's own, and reaps whatever is left to it.
 */

static char *const shell_argv[] = { (char *)"ksh", NULL };
static char *const shell_envp[] = {
	(char *)"HOME=/",
	(char *)"LOGNAME=root",
	(char *)"PATH=" _PATH_STDPATH,
	(char *)"SHELL=" _PATH_BSHELL,
	(char *)"TERM=vt100",
	(char *)"USER=root",
	NULL,
};

/*
 * Say something on the console.  It is opened each time: the end of a session
 * revokes its terminal, and with it descriptors that were open before.
 */
static void __printflike(1, 2)
console_message(const char *fmt, ...)
{
	int fd = open(_PATH_CONSOLE, O_WRONLY | O_NOCTTY);
	va_list ap;

	if (fd == -1)
		return;
	dprintf(fd, "init: ");
	va_start(ap, fmt);
	vdprintf(fd, fmt, ap);
	va_end(ap);
	dprintf(fd, "\n");
	close(fd);
}

/* The console as descriptors 0, 1 and 2 of a new session. */
static int
open_console(void)
{
	int fd;

	setsid();
	closefrom(STDIN_FILENO);
	if ((fd = open(_PATH_CONSOLE, O_RDWR)) == -1)
		return -1;
	if (fd != STDIN_FILENO)
		dup2(fd, STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
	return ioctl(STDIN_FILENO, TIOCSCTTY, 0);
}

static __dead void
run_shell(void)
{
	if (open_console() == -1)
		console_message("%s: %s", _PATH_CONSOLE, strerror(errno));
	execve(_PATH_BSHELL, shell_argv, shell_envp);
	console_message("%s: %s", _PATH_BSHELL, strerror(errno));
	_exit(1);
}

static pid_t
start_shell(void)
{
	pid_t pid = fork();

	if (pid == 0)
		run_shell();
	if (pid == -1)
		console_message("fork: %s", strerror(errno));
	return pid;
}

/* Say how the shell ended. */
static void
report(int status)
{
	if (WIFSIGNALED(status))
		console_message("ksh: %s", strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) != 0)
		console_message("ksh exited with status %d",
		    WEXITSTATUS(status));
	else
		console_message("ksh exited");
}

int
main(void)
{
	pid_t shell = -1, pid;
	int status;

	if (getpid() != 1) {
		dprintf(STDERR_FILENO, "init: already running\n");
		return 1;
	}
	for (;;) {
		while (shell == -1)
			if ((shell = start_shell()) == -1)
				sleep(1);
		pid = wait4(WAIT_ANY, &status, 0, NULL);
		if (pid == shell) {
			report(status);
			shell = -1;
		}
	}
}
