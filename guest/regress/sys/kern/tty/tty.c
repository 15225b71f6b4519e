/* SPDX-License-Identifier: ISC */
/*
 * The line discipline, on the controlling terminal.  TIOCSTI types.  The
 * terminal does not echo meanwhile, so the program's output is its own.
 */

#include <sys/fcntl.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>
#include "../regress.h"

int tty;			/* the terminal */
struct termios saved, quiet;	/* its modes before, and without echo */
char buffer[2000];
volatile sig_atomic_t got_signal;

void
on_signal(int sig)
{
	got_signal = sig;
}

/* As if text had been typed. */
int
type(const char *text)
{
	for (; *text != '\0'; text++) {
		if (ioctl(tty, TIOCSTI, (void *)text) != 0)
			return -1;
	}
	return 0;
}

/* What is typed, and what a read finds then. */
const struct {
	const char	*typed;
	const char	*read;
} lines[] = {
	{ "plain\n", "plain\n" },
	{ "carriage\r", "carriage\n" },
	{ "erasx\177e\n", "erase\n" },
	{ "backspacx\be\n", "backspace\n" },
	{ "\177\177empty\n", "empty\n" },
	{ "gone\025kill\n", "kill\n" },
	{ "two words\027one\n", "two one\n" },
	{ "blanks  \027x\n", "x\n" },
	{ "a\026\003b\n", "a\003b\n" },
	{ "a\026\177b\n", "a\177b\n" },
	{ "\004", "" },
	{ "end\004", "end" },
	{ "again\022\n", "again\n" },
};

const char *
editing(void)
{
	size_t i, n;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		CHECK(type(lines[i].typed) == 0);
		n = strlen(lines[i].read);
		if (read(tty, buffer, sizeof(buffer)) != (ssize_t)n ||
		    memcmp(buffer, lines[i].read, n) != 0)
			return lines[i].read;
	}
	return NULL;
}

const char *
line_by_line(void)
{
	int n;

	CHECK(type("first\nsecond\n") == 0);
	CHECK(ioctl(tty, FIONREAD, &n) == 0 && n == 13);
	CHECK(read(tty, buffer, 3) == 3 && memcmp(buffer, "fir", 3) == 0);
	CHECK(read(tty, buffer, 100) == 3);
	CHECK(read(tty, buffer, 100) == 7);
	/* An EOF behind a read that was filled belongs to that read. */
	CHECK(type("abc\004next\n") == 0);
	CHECK(read(tty, buffer, 3) == 3);
	CHECK(read(tty, buffer, 100) == 5);
	return NULL;
}

const char *
raw(void)
{
	struct termios t = quiet;

	t.c_lflag &= ~(ICANON | ISIG | IEXTEN);
	t.c_iflag &= ~(ICRNL | IXON);
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	CHECK(tcsetattr(tty, TCSAFLUSH, &t) == 0);
	CHECK(type("\r\003\023\177x") == 0);
	CHECK(read(tty, buffer, 100) == 5);
	CHECK(memcmp(buffer, "\r\003\023\177x", 5) == 0);
	t.c_cc[VMIN] = 0;
	CHECK(tcsetattr(tty, TCSANOW, &t) == 0);
	CHECK(read(tty, buffer, 100) == 0);
	t.c_cc[VTIME] = 1;
	CHECK(tcsetattr(tty, TCSANOW, &t) == 0);
	CHECK(read(tty, buffer, 100) == 0);
	t.c_cc[VMIN] = 4;
	CHECK(tcsetattr(tty, TCSANOW, &t) == 0);
	CHECK(type("ab") == 0);
	CHECK(read(tty, buffer, 100) == 2);	/* VTIME after the last */
	CHECK(tcsetattr(tty, TCSANOW, &quiet) == 0);
	return NULL;
}

const char *
nonblocking(void)
{
	struct pollfd pfd = { tty, POLLIN, 0 };
	int off = 0, on = 1;

	CHECK(ioctl(tty, FIONBIO, &on) == 0);
	CHECK_ERRNO(read(tty, buffer, 10), EAGAIN);
	CHECK(poll(&pfd, 1, 0) == 0);
	CHECK(type("half") == 0);
	CHECK_ERRNO(read(tty, buffer, 10), EAGAIN);
	CHECK(type("\n") == 0);
	CHECK(poll(&pfd, 1, 0) == 1 && pfd.revents == POLLIN);
	CHECK(read(tty, buffer, 10) == 5);
	CHECK(ioctl(tty, FIONBIO, &off) == 0);
	return NULL;
}

const char *
signals(void)
{
	int n;

	signal(SIGINT, on_signal);
	signal(SIGQUIT, on_signal);
	signal(SIGTSTP, on_signal);
	got_signal = 0;
	CHECK(type("lost\003") == 0);
	CHECK(got_signal == SIGINT);
	CHECK(ioctl(tty, FIONREAD, &n) == 0 && n == 0);
	CHECK(type("\034") == 0 && got_signal == SIGQUIT);
	CHECK(type("\032") == 0 && got_signal == SIGTSTP);
	CHECK(type("after\n") == 0);
	CHECK(read(tty, buffer, 100) == 6);
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	signal(SIGTSTP, SIG_DFL);
	return NULL;
}

/* A background child that reads is stopped; in front it goes on. */
const char *
job_control(void)
{
	int status;
	pid_t pid;

	signal(SIGTTOU, SIG_IGN);
	if ((pid = fork()) == 0) {
		setpgid(0, 0);
		signal(SIGTTOU, SIG_DFL);
		_exit(read(tty, buffer, 100) == 3 ? 7 : 8);
	}
	setpgid(pid, pid);
	CHECK(waitpid(pid, &status, WUNTRACED) == pid);
	CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTTIN);
	CHECK(tcsetpgrp(tty, pid) == 0 && tcgetpgrp(tty) == pid);
	CHECK(kill(-pid, SIGCONT) == 0);
	CHECK(type("go\n") == 0);
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(tcsetpgrp(tty, getpgrp()) == 0);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	CHECK_ERRNO(tcsetpgrp(tty, 99999), EINVAL);
	signal(SIGTTOU, SIG_DFL);
	return NULL;
}

const char *
device(void)
{
	struct winsize old, ws;
	int fd, status;
	pid_t pid;

	CHECK(isatty(tty) == 1);
	CHECK_ERRNO(lseek(tty, 0, SEEK_SET), ESPIPE);
	CHECK(ioctl(tty, TIOCGWINSZ, &old) == 0);
	ws = old;
	ws.ws_row = 33;
	CHECK(ioctl(tty, TIOCSWINSZ, &ws) == 0);
	memset(&ws, 0, sizeof(ws));
	CHECK(ioctl(tty, TIOCGWINSZ, &ws) == 0 && ws.ws_row == 33);
	CHECK(ioctl(tty, TIOCSWINSZ, &old) == 0);
	/* A new session has no terminal. */
	if ((pid = fork()) == 0) {
		if (setsid() == -1)
			_exit(1);
		fd = open("/dev/tty", O_RDWR);
		_exit(fd == -1 && errno == ENXIO ? 0 : 2);
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	return NULL;
}

const struct regress cases[] = {
	{ editing, "lines are edited" },
	{ line_by_line, "a read returns one line" },
	{ raw, "raw mode, VMIN and VTIME" },
	{ nonblocking, "O_NONBLOCK and poll" },
	{ signals, "INTR, QUIT and SUSP send signals" },
	{ job_control, "the background is stopped at a read" },
	{ device, "the device" },
};

int
main(void)
{
	int failed;

	if ((tty = open("/dev/tty", O_RDWR)) == -1 ||
	    tcgetattr(tty, &saved) != 0) {
		printf("FAIL /dev/tty: %s\n", strerror(errno));
		return 1;
	}
	quiet = saved;
	quiet.c_lflag &= ~ECHO;
	tcsetattr(tty, TCSADRAIN, &quiet);
	failed = regress_run(cases, sizeof(cases) / sizeof(cases[0]));
	tcsetattr(tty, TCSADRAIN, &saved);
	return failed;
}
