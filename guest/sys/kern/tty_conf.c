/* SPDX-License-Identifier: ISC */
/*
 * The table of line disciplines.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/conf.h>
#include <sys/tty.h>

struct linesw linesw[] = {
	/* TTYDISC: editing, signals, job control */
	{ ttyopen, ttylclose, ttread, ttwrite, ttnullioctl, ttyinput,
	    ttstart, ttymodem },
};
int nlinesw = nitems(linesw);

/* The discipline has no ioctls of its own: -1 is "not mine". */
int
ttnullioctl(struct tty *tp, u_long cmd, caddr_t data, int flag,
    struct proc *p)
{
	return -1;
}
