/* SPDX-License-Identifier: ISC */
#include <sys/ioctl.h>
#include <errno.h>
#include <termios.h>

#define FLUSH_READ	0x0001	/* TIOCFLUSH: FREAD and FWRITE of the kernel */
#define FLUSH_WRITE	0x0002

/* termios(4) through the requests of tty(4). */

int
tcgetattr(int fd, struct termios *t)
{
	return ioctl(fd, TIOCGETA, t);
}

int
tcsetattr(int fd, int when, const struct termios *t)
{
	struct termios copy = *t;

	switch (when & ~TCSASOFT) {
	case TCSANOW:
		return ioctl(fd, TIOCSETA, &copy);
	case TCSADRAIN:
		return ioctl(fd, TIOCSETAW, &copy);
	case TCSAFLUSH:
		return ioctl(fd, TIOCSETAF, &copy);
	default:
		errno = EINVAL;
		return -1;
	}
}

pid_t
tcgetpgrp(int fd)
{
	int pgrp;

	return ioctl(fd, TIOCGPGRP, &pgrp) == -1 ? -1 : pgrp;
}

int
tcsetpgrp(int fd, pid_t pgrp)
{
	int value = pgrp;

	return ioctl(fd, TIOCSPGRP, &value);
}

void
cfmakeraw(struct termios *t)
{
	t->c_iflag &= ~(IMAXBEL | IXOFF | INPCK | BRKINT | PARMRK | ISTRIP |
	    INLCR | IGNCR | ICRNL | IXON | IGNPAR);
	t->c_iflag |= IGNBRK;
	t->c_oflag &= ~OPOST;
	t->c_lflag &= ~(ECHO | ECHOE | ECHOK | ECHONL | ICANON | ISIG | IEXTEN |
	    NOFLSH | TOSTOP | PENDIN);
	t->c_cflag &= ~(CSIZE | PARENB);
	t->c_cflag |= CS8 | CREAD;
	t->c_cc[VMIN] = 1;
	t->c_cc[VTIME] = 0;
}

pid_t
tcgetsid(int fd)
{
	int sid;

	return ioctl(fd, TIOCGSID, &sid) == -1 ? -1 : sid;
}

int
tcdrain(int fd)
{
	return ioctl(fd, TIOCDRAIN);
}

int
tcflush(int fd, int queue)
{
	int which;

	switch (queue) {
	case TCIFLUSH:
		which = FLUSH_READ;
		break;
	case TCOFLUSH:
		which = FLUSH_WRITE;
		break;
	case TCIOFLUSH:
		which = FLUSH_READ | FLUSH_WRITE;
		break;
	default:
		errno = EINVAL;
		return -1;
	}
	return ioctl(fd, TIOCFLUSH, &which);
}
