/* SPDX-License-Identifier: ISC */
/*
 * /dev/console: whatever is done to it is done to the terminal device
 * cn_dev.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/proc.h>
#include <sys/conf.h>
#include <sys/poll.h>
#include <sys/tty.h>
#include <machine/machdep.h>
#include <dev/cons.h>

dev_t cn_dev = makedev(COM_MAJOR, 0);	/* the first serial port */

int
cnopen(dev_t dev, int flag, int mode, struct proc *p)
{
	return (*cdevsw[major(cn_dev)].d_open)(cn_dev, flag, mode, p);
}

int
cnclose(dev_t dev, int flag, int mode, struct proc *p)
{
	return (*cdevsw[major(cn_dev)].d_close)(cn_dev, flag, mode, p);
}

int
cnread(dev_t dev, struct uio *uio, int flag)
{
	return (*cdevsw[major(cn_dev)].d_read)(cn_dev, uio, flag);
}

int
cnwrite(dev_t dev, struct uio *uio, int flag)
{
	return (*cdevsw[major(cn_dev)].d_write)(cn_dev, uio, flag);
}

int
cnioctl(dev_t dev, u_long cmd, caddr_t data, int flag, struct proc *p)
{
	return (*cdevsw[major(cn_dev)].d_ioctl)(cn_dev, cmd, data, flag, p);
}

int
cnstop(struct tty *tp, int flag)
{
	return (*cdevsw[major(cn_dev)].d_stop)(tp, flag);
}

struct tty *
cntty(dev_t dev)
{
	return (*cdevsw[major(cn_dev)].d_tty)(cn_dev);
}

int
cnpoll(dev_t dev, int events, struct proc *p)
{
	return (*cdevsw[major(cn_dev)].d_poll)(cn_dev, events, p);
}

int
cnkqfilter(dev_t dev, struct knote *kn)
{
	return (*cdevsw[major(cn_dev)].d_kqfilter)(cn_dev, kn);
}

/*
 * Wait for a character, without interrupts.
 */
int
cngetc(void)
{
	return comcngetc();
}
