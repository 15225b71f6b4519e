/* SPDX-License-Identifier: ISC */
/* dup(2), dup2(2), close(2): the table of descriptors. */

#include <sys/fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <stdlib.h>
#include <unistd.h>
#include "../regress.h"

#define TESTFILE	"/tmp/regress.dup2"

/* A new file with ten bytes in it. */
int
make_file(void)
{
	int fd = open(TESTFILE, O_RDWR | O_CREAT | O_TRUNC, 0600);

	if (fd != -1 && (write(fd, "0123456789", 10) != 10 ||
	    lseek(fd, 0, SEEK_SET) != 0))
		return -1;
	unlink(TESTFILE);
	return fd;
}

const char *
lowest_first(void)
{
	int fd = make_file(), next;

	CHECK(fd >= 3);
	next = dup(fd);
	CHECK(next == fd + 1);
	CHECK(dup(fd) == fd + 2);
	CHECK(close(next) == 0);
	CHECK(dup(fd) == next);
	CHECK(closefrom(fd) == 0);
	return NULL;
}

const char *
offset_is_shared(void)
{
	int fd = make_file(), other = dup(fd);
	char c;

	CHECK(read(fd, &c, 1) == 1 && c == '0');
	CHECK(read(other, &c, 1) == 1 && c == '1');
	CHECK(lseek(other, 5, SEEK_SET) == 5);
	CHECK(lseek(fd, 0, SEEK_CUR) == 5);
	CHECK(close(fd) == 0);
	CHECK(read(other, &c, 1) == 1 && c == '5');
	CHECK(close(other) == 0);
	return NULL;
}

const char *
shared_with_a_child(void)
{
	int fd = make_file(), status;
	pid_t pid;
	char c;

	if ((pid = fork()) == 0) {
		status = lseek(fd, 7, SEEK_SET) == 7 ? 0 : 1;
		close(fd);
		_exit(status);
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	CHECK(read(fd, &c, 1) == 1 && c == '7');
	CHECK(close(fd) == 0);
	return NULL;
}

const char *
replaces(void)
{
	int fd = make_file(), null = open("/dev/null", O_RDWR);
	char c;

	CHECK(dup2(fd, null) == null);
	CHECK(read(null, &c, 1) == 1 && c == '0');
	CHECK(close(null) == 0 && close(fd) == 0);
	return NULL;
}

const char *
same_number(void)
{
	int fd = make_file();

	CHECK(fcntl(fd, F_SETFD, FD_CLOEXEC) == 0);
	CHECK(dup2(fd, fd) == fd);
	CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC);
	CHECK_ERRNO(dup3(fd, fd, 0), EINVAL);
	CHECK(dup2(fd, fd + 1) == fd + 1);
	CHECK(fcntl(fd + 1, F_GETFD) == 0);
	CHECK(dup3(fd, fd + 1, O_CLOEXEC) == fd + 1);
	CHECK(fcntl(fd + 1, F_GETFD) == FD_CLOEXEC);
	CHECK(closefrom(fd) == 0);
	return NULL;
}

const char *
bad_numbers(void)
{
	int fd = make_file();

	CHECK_ERRNO(dup(-1), EBADF);
	CHECK_ERRNO(dup(fd + 1), EBADF);
	CHECK_ERRNO(dup2(fd + 1, fd), EBADF);
	CHECK_ERRNO(dup2(fd, -1), EBADF);
	CHECK_ERRNO(dup2(fd, 100000), EBADF);
	CHECK_ERRNO(close(fd + 1), EBADF);
	CHECK_ERRNO(close(-1), EBADF);
	CHECK(close(fd) == 0);
	CHECK_ERRNO(close(fd), EBADF);
	CHECK_ERRNO(closefrom(100), EBADF);
	return NULL;
}

/* The table grows beyond its first twenty slots and the next fifty. */
const char *
growing(void)
{
	struct rlimit old, rl;
	int before = getdtablecount(), fd = make_file(), i;
	char c;

	CHECK(getrlimit(RLIMIT_NOFILE, &old) == 0);
	rl = old;
	rl.rlim_cur = 200;
	CHECK(setrlimit(RLIMIT_NOFILE, &rl) == 0);
	for (i = fd + 1; i < 200; i++)
		CHECK(dup(fd) == i);
	CHECK_ERRNO(dup(fd), EMFILE);
	CHECK_ERRNO(open("/dev/null", O_RDONLY), EMFILE);
	CHECK(getdtablecount() == 200);
	CHECK(read(199, &c, 1) == 1 && c == '0');
	CHECK(read(21, &c, 1) == 1 && c == '1');
	CHECK(close(25) == 0);
	CHECK(dup(fd) == 25);
	CHECK(closefrom(fd) == 0);
	CHECK(getdtablecount() == before);
	CHECK(setrlimit(RLIMIT_NOFILE, &old) == 0);
	return NULL;
}

/* A large table shrinks in the child if its high numbers are closed. */
const char *
fork_copies_the_table(void)
{
	int fd = make_file(), status;
	pid_t pid;

	CHECK(dup2(fd, 60) == 60);
	CHECK(fcntl(60, F_SETFD, FD_CLOEXEC) == 0);
	if ((pid = fork()) == 0) {
		if (fcntl(60, F_GETFD) != FD_CLOEXEC)
			_exit(1);
		if (close(60) != 0 || close(fd) != 0)
			_exit(2);
		_exit(dup(0) == fd ? 0 : 3);
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	CHECK(fcntl(60, F_GETFD) == FD_CLOEXEC);
	CHECK(close(60) == 0);
	CHECK(closefrom(fd) == 0);
	return NULL;
}

const struct regress cases[] = {
	{ lowest_first, "the lowest free number is used" },
	{ offset_is_shared, "both descriptors share the offset" },
	{ shared_with_a_child, "a child shares the offset" },
	{ replaces, "dup2 replaces what was open" },
	{ same_number, "dup2 to itself changes nothing" },
	{ bad_numbers, "numbers that are not open are EBADF" },
	{ growing, "the table grows up to RLIMIT_NOFILE" },
	{ fork_copies_the_table, "fork copies the table and its flags" },
};

REGRESS_MAIN(cases)
