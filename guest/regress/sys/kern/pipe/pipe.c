/* SPDX-License-Identifier: ISC */
/* pipe(2), pipe2(2): blocking, ends of files, atomic writes. */

#include <sys/fcntl.h>
#include <sys/ioctl.h>
#include <sys/limits.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include "../regress.h"

#define CAPACITY	16384	/* bytes that fit in a pipe */
#define LARGE		50000	/* more than that */

char buffer[LARGE], pattern[LARGE];
volatile sig_atomic_t got_sigpipe;

void
on_sigpipe(int sig)
{
	got_sigpipe++;
}

/* Wait for a child; its exit code, or -1. */
int
exit_code(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* Read exactly n bytes unless the end comes first. */
size_t
read_all(int fd, char *buf, size_t n)
{
	size_t done = 0;
	ssize_t r;

	while (done < n && (r = read(fd, buf + done, n - done)) > 0)
		done += r;
	return done;
}

const char *
passes_bytes(void)
{
	int fds[2];

	CHECK(pipe(fds) == 0);
	CHECK(write(fds[1], "hello", 5) == 5);
	CHECK(read(fds[0], buffer, sizeof(buffer)) == 5);
	CHECK(memcmp(buffer, "hello", 5) == 0);
	CHECK(close(fds[0]) == 0 && close(fds[1]) == 0);
	return NULL;
}

const char *
one_way(void)
{
	int fds[2];

	CHECK(pipe(fds) == 0);
	CHECK_ERRNO(write(fds[0], "x", 1), EBADF);
	CHECK_ERRNO(read(fds[1], buffer, 1), EBADF);
	CHECK_ERRNO(lseek(fds[0], 0, SEEK_SET), ESPIPE);
	close(fds[0]);
	close(fds[1]);
	return NULL;
}

const char *
end_of_file(void)
{
	int fds[2];

	CHECK(pipe(fds) == 0);
	CHECK(write(fds[1], "last", 4) == 4);
	close(fds[1]);
	CHECK(read(fds[0], buffer, 10) == 4);
	CHECK(read(fds[0], buffer, 10) == 0);
	close(fds[0]);
	return NULL;
}

const char *
no_reader(void)
{
	int fds[2];

	got_sigpipe = 0;
	signal(SIGPIPE, on_sigpipe);
	CHECK(pipe(fds) == 0);
	close(fds[0]);
	CHECK_ERRNO(write(fds[1], "x", 1), EPIPE);
	CHECK(got_sigpipe == 1);
	signal(SIGPIPE, SIG_IGN);
	CHECK_ERRNO(write(fds[1], "x", 1), EPIPE);
	CHECK(got_sigpipe == 1);
	signal(SIGPIPE, SIG_DFL);
	close(fds[1]);
	return NULL;
}

const char *
sigpipe_kills(void)
{
	int fds[2], status;
	pid_t pid;

	CHECK(pipe(fds) == 0);
	close(fds[0]);
	if ((pid = fork()) == 0) {
		write(fds[1], "x", 1);
		_exit(0);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE);
	close(fds[1]);
	return NULL;
}

const char *
nonblocking(void)
{
	int fds[2], n;

	CHECK(pipe2(fds, O_NONBLOCK) == 0);
	CHECK_ERRNO(read(fds[0], buffer, 1), EAGAIN);
	CHECK(write(fds[1], pattern, LARGE) == CAPACITY);
	CHECK_ERRNO(write(fds[1], "x", 1), EAGAIN);
	CHECK(ioctl(fds[0], FIONREAD, &n) == 0 && n == CAPACITY);
	CHECK(read(fds[0], buffer, LARGE) == CAPACITY);
	close(fds[0]);
	close(fds[1]);
	return NULL;
}

/* Up to PIPE_BUF bytes go in together or not at all. */
const char *
atomic_writes(void)
{
	int fds[2];

	CHECK(pipe2(fds, O_NONBLOCK) == 0);
	CHECK(write(fds[1], pattern, CAPACITY - 100) == CAPACITY - 100);
	CHECK_ERRNO(write(fds[1], pattern, PIPE_BUF), EAGAIN);
	CHECK_ERRNO(write(fds[1], pattern, 101), EAGAIN);
	CHECK(write(fds[1], pattern, PIPE_BUF + 1) == 100);
	close(fds[0]);
	close(fds[1]);
	return NULL;
}

const char *
reader_sleeps(void)
{
	int fds[2];
	pid_t pid;

	CHECK(pipe(fds) == 0);
	if ((pid = fork()) == 0) {
		close(fds[1]);
		if (read_all(fds[0], buffer, LARGE) != LARGE ||
		    memcmp(buffer, pattern, LARGE) != 0)
			_exit(1);
		_exit(read(fds[0], buffer, 1) == 0 ? 0 : 2);
	}
	close(fds[0]);
	/* More than fits: the writer sleeps as well. */
	CHECK(write(fds[1], pattern, LARGE) == LARGE);
	close(fds[1]);
	CHECK(exit_code(pid) == 0);
	return NULL;
}

const char *
many_writers(void)
{
	static char message[4][64];
	int count[4] = { 0 }, fds[2], i, j;
	pid_t pid[4];
	char line[64];

	CHECK(pipe(fds) == 0);
	for (i = 0; i < 4; i++) {
		memset(message[i], 'a' + i, sizeof(message[i]));
		if ((pid[i] = fork()) == 0) {
			for (j = 0; j < 100; j++) {
				if (write(fds[1], message[i], 64) != 64)
					_exit(1);
			}
			_exit(0);
		}
	}
	close(fds[1]);
	while (read_all(fds[0], line, sizeof(line)) == sizeof(line)) {
		i = line[0] - 'a';
		CHECK(i >= 0 && i < 4);
		CHECK(memcmp(line, message[i], sizeof(line)) == 0);
		count[i]++;
	}
	for (i = 0; i < 4; i++) {
		CHECK(count[i] == 100);
		CHECK(exit_code(pid[i]) == 0);
	}
	close(fds[0]);
	return NULL;
}

/*
 * A child sends us SIGUSR1 while we read, and a byte later.  flags decide
 * whether the read returns or goes on.
 */
ssize_t
interrupted_read(int flags, int *caught, int *error)
{
	struct sigaction sa;
	int fds[2];
	ssize_t n;
	pid_t pid;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_sigpipe;
	sa.sa_flags = flags;
	sigemptyset(&sa.sa_mask);
	sigaction(SIGUSR1, &sa, NULL);
	got_sigpipe = 0;
	if (pipe(fds) != 0)
		return -2;
	if ((pid = fork()) == 0) {
		usleep(50000);
		kill(getppid(), SIGUSR1);
		usleep(50000);
		_exit(write(fds[1], "x", 1) != 1);
	}
	n = read(fds[0], buffer, 10);
	*error = errno;
	*caught = got_sigpipe;
	close(fds[1]);
	exit_code(pid);
	close(fds[0]);
	signal(SIGUSR1, SIG_DFL);
	return n;
}

const char *
interruption(void)
{
	int caught, error;

	CHECK(interrupted_read(0, &caught, &error) == -1);
	CHECK(error == EINTR && caught == 1);
	CHECK(interrupted_read(SA_RESTART, &caught, &error) == 1);
	CHECK(caught == 1);
	return NULL;
}

const char *
flags_and_errors(void)
{
	int before = getdtablecount(), fds[2];
	struct stat st;

	CHECK_ERRNO(pipe2(fds, O_APPEND), EINVAL);
	CHECK_ERRNO(pipe((int *)8), EFAULT);
	CHECK(getdtablecount() == before);
	CHECK(pipe2(fds, O_CLOEXEC) == 0);
	CHECK(fcntl(fds[0], F_GETFD) == FD_CLOEXEC);
	CHECK(fcntl(fds[1], F_GETFD) == FD_CLOEXEC);
	CHECK(fstat(fds[0], &st) == 0 && S_ISFIFO(st.st_mode));
	CHECK_ERRNO(ioctl(fds[0], TIOCGETA, buffer), ENOTTY);
	CHECK_ERRNO(write(fds[1], (void *)8, 10), EFAULT);
	close(fds[0]);
	close(fds[1]);
	return NULL;
}

const char *
polling(void)
{
	struct pollfd pfd[2];
	int fds[2];

	CHECK(pipe(fds) == 0);
	pfd[0].fd = fds[0];
	pfd[0].events = POLLIN;
	pfd[1].fd = fds[1];
	pfd[1].events = POLLOUT;
	CHECK(poll(pfd, 2, 0) == 1);
	CHECK(pfd[0].revents == 0 && pfd[1].revents == POLLOUT);
	CHECK(poll(pfd, 1, 20) == 0);
	CHECK(write(fds[1], "x", 1) == 1);
	CHECK(poll(pfd, 1, INFTIM) == 1 && pfd[0].revents == POLLIN);
	close(fds[0]);
	CHECK(poll(pfd, 2, 0) == 2);
	CHECK(pfd[0].revents == POLLNVAL && pfd[1].revents == POLLHUP);
	close(fds[1]);
	return NULL;
}

const struct regress cases[] = {
	{ passes_bytes, "bytes come out as they went in" },
	{ one_way, "each end does one thing" },
	{ end_of_file, "the end comes after the last byte" },
	{ no_reader, "a write without a reader is EPIPE and SIGPIPE" },
	{ sigpipe_kills, "SIGPIPE ends a process" },
	{ nonblocking, "O_NONBLOCK never sleeps" },
	{ atomic_writes, "PIPE_BUF bytes are written together" },
	{ reader_sleeps, "reader and writer wait for each other" },
	{ many_writers, "messages of many writers stay whole" },
	{ interruption, "a signal ends a read, or SA_RESTART resumes it" },
	{ flags_and_errors, "flags and errors" },
	{ polling, "poll sees bytes, room and closed ends" },
};

int
main(void)
{
	size_t i;

	for (i = 0; i < sizeof(pattern); i++)
		pattern[i] = i * 7 + i / 256;
	return regress_run(cases, sizeof(cases) / sizeof(cases[0]));
}
