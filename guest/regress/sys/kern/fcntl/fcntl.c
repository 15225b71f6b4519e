/* SPDX-License-Identifier: ISC */
/* fcntl(2), ioctl(2) on any descriptor, close-on-exec. */

#include <sys/fcntl.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <stdlib.h>
#include <unistd.h>
#include "../regress.h"

const char *self;		/* the program's path, as it was called */

const char *
duplicates(void)
{
	int fd;

	CHECK((fd = open("/dev/null", O_RDWR)) != -1);
	CHECK(fcntl(fd, F_DUPFD, 10) == 10);
	CHECK(fcntl(fd, F_DUPFD, 10) == 11);
	CHECK(fcntl(fd, F_DUPFD, 0) == fd + 1);
	CHECK(fcntl(fd, F_DUPFD_CLOEXEC, 10) == 12);
	CHECK(fcntl(10, F_GETFD) == 0);
	CHECK(fcntl(12, F_GETFD) == FD_CLOEXEC);
	CHECK_ERRNO(fcntl(fd, F_DUPFD, -1), EINVAL);
	CHECK_ERRNO(fcntl(fd, F_DUPFD, 100000), EINVAL);
	CHECK(closefrom(fd) == 0);
	return NULL;
}

const char *
descriptor_flags(void)
{
	int fd, other;

	CHECK((fd = open("/dev/null", O_RDWR | O_CLOEXEC)) != -1);
	CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC);
	CHECK((other = dup(fd)) != -1);
	CHECK(fcntl(other, F_GETFD) == 0);
	CHECK(fcntl(fd, F_SETFD, 0) == 0 && fcntl(fd, F_GETFD) == 0);
	CHECK(ioctl(fd, FIOCLEX, NULL) == 0);
	CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC);
	CHECK(ioctl(fd, FIONCLEX, NULL) == 0);
	CHECK(fcntl(fd, F_GETFD) == 0);
	CHECK(closefrom(fd) == 0);
	return NULL;
}

const char *
status_flags(void)
{
	int fd, on = 1, other;

	CHECK((fd = open("/dev/null", O_WRONLY | O_APPEND)) != -1);
	CHECK(fcntl(fd, F_GETFL) == (O_WRONLY | O_APPEND));
	CHECK((other = dup(fd)) != -1);
	CHECK(fcntl(other, F_SETFL, O_NONBLOCK) == 0);
	CHECK(fcntl(fd, F_GETFL) == (O_WRONLY | O_NONBLOCK));
	/* The access mode cannot be changed. */
	CHECK(fcntl(fd, F_SETFL, O_RDWR) == 0);
	CHECK(fcntl(fd, F_GETFL) == O_WRONLY);
	CHECK(ioctl(fd, FIONBIO, &on) == 0);
	CHECK(fcntl(other, F_GETFL) == (O_WRONLY | O_NONBLOCK));
	CHECK(closefrom(fd) == 0);
	return NULL;
}

const char *
errors(void)
{
	int fd;

	CHECK((fd = open("/dev/null", O_RDWR)) != -1);
	CHECK_ERRNO(fcntl(fd, 99), EINVAL);
	CHECK_ERRNO(fcntl(fd, F_GETLK, NULL), EOPNOTSUPP);
	CHECK_ERRNO(fcntl(99, F_GETFD), EBADF);
	CHECK_ERRNO(ioctl(99, FIONBIO, &fd), EBADF);
	CHECK_ERRNO(ioctl(fd, FIONBIO, (void *)8), EFAULT);
	CHECK_ERRNO(ioctl(fd, TIOCGPGRP, &fd), ENOTTY);
	CHECK_ERRNO(fcntl(fd, F_ISATTY), ENOTTY);
	CHECK(isatty(fd) == 0);
	CHECK(close(fd) == 0);
	return NULL;
}

/* The program runs itself; the copy expects descriptor 20 and not 21. */
const char *
close_on_exec(void)
{
	char *argv[] = { "fcntl", "check", NULL };
	char *envp[] = { NULL };
	int status;
	pid_t pid;

	CHECK(dup2(0, 20) == 20 && dup2(0, 21) == 21);
	CHECK(fcntl(21, F_SETFD, FD_CLOEXEC) == 0);
	if ((pid = fork()) == 0) {
		execve(self, argv, envp);
		_exit(99);
	}
	CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	CHECK(WEXITSTATUS(status) == 0);
	CHECK(fcntl(21, F_GETFD) == FD_CLOEXEC);
	CHECK(close(20) == 0 && close(21) == 0);
	return NULL;
}

const struct regress cases[] = {
	{ duplicates, "F_DUPFD" },
	{ descriptor_flags, "close-on-exec belongs to the descriptor" },
	{ status_flags, "status flags belong to the open file" },
	{ errors, "errors" },
	{ close_on_exec, "execve closes what is marked" },
};

int
main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "check") == 0)
		return fcntl(20, F_GETFD) == 0 &&
		    fcntl(21, F_GETFD) == -1 && errno == EBADF ? 0 : 1;
	self = argv[0];
	return regress_run(cases, sizeof(cases) / sizeof(cases[0]));
}
