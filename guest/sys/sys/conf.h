/* SPDX-License-Identifier: ISC */
#ifndef _SYS_CONF_H_
#define _SYS_CONF_H_

#ifdef _KERNEL
#include <sys/types.h>

struct proc;
struct tty;
struct uio;

/* A character device driver; its place in cdevsw is the major number. */
struct knote;

struct cdevsw {
	int	(*d_open)(dev_t, int, int, struct proc *);
	int	(*d_close)(dev_t, int, int, struct proc *);
	int	(*d_read)(dev_t, struct uio *, int);
	int	(*d_write)(dev_t, struct uio *, int);
	int	(*d_ioctl)(dev_t, u_long, caddr_t, int, struct proc *);
	int	(*d_stop)(struct tty *, int);
	struct tty *(*d_tty)(dev_t);
	int	(*d_poll)(dev_t, int, struct proc *);
	u_int	d_type;			/* D_TTY or 0 */
	int	(*d_kqfilter)(dev_t, struct knote *);
};

#define D_TTY		0x0002	/* a terminal */

/* Major numbers, as on amd64. */
#define CN_MAJOR	0	/* /dev/console */
#define CTTY_MAJOR	1	/* /dev/tty */
#define MEM_MAJOR	2	/* /dev/null and /dev/zero */
#define COM_MAJOR	8	/* /dev/tty00 */

extern struct cdevsw cdevsw[];
extern int nchrdev;

/* A line discipline: between a driver and the readers and writers. */
struct linesw {
	int	(*l_open)(dev_t, struct tty *, struct proc *);
	int	(*l_close)(struct tty *, int, struct proc *);
	int	(*l_read)(struct tty *, struct uio *, int);
	int	(*l_write)(struct tty *, struct uio *, int);
	int	(*l_ioctl)(struct tty *, u_long, caddr_t, int, struct proc *);
	int	(*l_rint)(int, struct tty *);	/* a character arrived */
	int	(*l_start)(struct tty *);	/* the sender is idle */
	int	(*l_modem)(struct tty *, int);	/* carrier came or went */
};

extern struct linesw linesw[];
extern int nlinesw;

int	seltrue(dev_t, int, struct proc *);

/* mem.c: /dev/null and /dev/zero */
int	mmopen(dev_t, int, int, struct proc *);
int	mmclose(dev_t, int, int, struct proc *);
int	mmrw(dev_t, struct uio *, int);
int	mmioctl(dev_t, u_long, caddr_t, int, struct proc *);

/* tty_tty.c: /dev/tty */
int	cttyopen(dev_t, int, int, struct proc *);
int	cttyclose(dev_t, int, int, struct proc *);
int	cttyread(dev_t, struct uio *, int);
int	cttywrite(dev_t, struct uio *, int);
int	cttyioctl(dev_t, u_long, caddr_t, int, struct proc *);
int	cttypoll(dev_t, int, struct proc *);
int	cttykqfilter(dev_t, struct knote *);

/* cons.c: /dev/console, in front of the terminal that is the console */
extern dev_t cn_dev;			/* that terminal's device number */
int	cnopen(dev_t, int, int, struct proc *);
int	cnclose(dev_t, int, int, struct proc *);
int	cnread(dev_t, struct uio *, int);
int	cnwrite(dev_t, struct uio *, int);
int	cnioctl(dev_t, u_long, caddr_t, int, struct proc *);
int	cnstop(struct tty *, int);
struct tty *cntty(dev_t);
int	cnpoll(dev_t, int, struct proc *);
int	cnkqfilter(dev_t, struct knote *);

/* com.c: the serial ports */
int	comopen(dev_t, int, int, struct proc *);
int	comclose(dev_t, int, int, struct proc *);
int	comread(dev_t, struct uio *, int);
int	comwrite(dev_t, struct uio *, int);
int	comioctl(dev_t, u_long, caddr_t, int, struct proc *);
int	comstop(struct tty *, int);
struct tty *comtty(dev_t);
#endif /* _KERNEL */

#endif /* _SYS_CONF_H_ */
