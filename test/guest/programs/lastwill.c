/* SPDX-License-Identifier: ISC */
/*
 * The leader of a session, when it is executed by the shell: it leaves behind
 * children that write to /tmp/lastwill what becomes of them, and ends.
 *
 *	front	of its own group, with the terminal
 *	without	of the same group, but has given the terminal up
 *	back	of another group
 *
 * Each writes a line with its name, "SIGHUP" or "nothing", and whether its
 * old descriptor of the terminal and /dev/tty can still be written to.
 */
#include <sys/ioctl.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define A_WHILE		100000	/* microseconds */

static volatile sig_atomic_t hung_up;

static void
hangup(int sig)
{
	hung_up = 1;
}

static void
testator(const char *name, int gives_up, int other_group)
{
	char line[100];
	int fd, old, again;

	if (fork() != 0)
		return;
	signal(SIGHUP, hangup);
	if (other_group)
		setpgid(0, 0);
	fd = open("/dev/tty", O_RDWR);
	if (gives_up)
		ioctl(fd, TIOCNOTTY, 0);
	close(fd);
	/* until the leader is gone */
	while (getppid() != 1)
		usleep(A_WHILE);
	usleep(A_WHILE);
	old = write(STDOUT_FILENO, "?", 1) == 1 ? 0 : errno;
	again = (fd = open("/dev/tty", O_RDWR)) != -1 ? 0 : errno;
	snprintf(line, sizeof(line), "%s: %s, %d, %d\n", name,
	    hung_up ? "SIGHUP" : "nothing", old, again);
	fd = open("/tmp/lastwill", O_CREAT | O_WRONLY | O_APPEND, 0644);
	write(fd, line, strlen(line));
	_exit(0);
}

int
main(void)
{
	testator("front", 0, 0);
	testator("without", 1, 0);
	testator("back", 0, 1);
	usleep(A_WHILE);
	return 0;
}
