/* SPDX-License-Identifier: ISC */
/*
 * The 16550A at 0x3f8: the console, and the terminal in front of it.
 * printf() polls; the terminal works with interrupts.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/conf.h>
#include <sys/fcntl.h>
#include <sys/proc.h>
#include <sys/tty.h>
#include <machine/cpu.h>
#include <machine/cpufunc.h>
#include <machine/machdep.h>
#include <machine/pio.h>
#include <dev/ic/comreg.h>
#include <ddb/db_var.h>

#define COM_ADDR	0x3f8		/* first port */
#define COM_IRQ		4		/* interrupt line */
#define COM_SPEED	115200		/* baud */
#define COM_POLL_PAUSES	100		/* between two looks at it */
#define COM_FIFOSIZE	16		/* characters the transmitter takes */

/* The one serial port. */
struct com_softc {
	struct tty	*sc_tty;	/* its terminal, after comattach() */
	u_int8_t	 sc_ier;	/* interrupts enabled now */
};
struct com_softc com0;

void	comstart(struct tty *);
int	comparam(struct tty *, struct termios *);
void	comtxint(struct com_softc *);

int
comcninit(void)
{
	u_int divisor = COM_DIVISOR(COM_SPEED);

	outb(COM_ADDR + com_ier, 0);
	outb(COM_ADDR + com_lcr, LCR_DLAB);
	outb(COM_ADDR + com_dlbl, divisor & 0xff);
	outb(COM_ADDR + com_dlbh, divisor >> 8);
	outb(COM_ADDR + com_lcr, LCR_8BITS);
	outb(COM_ADDR + com_fifo,
	    FIFO_ENABLE | FIFO_RCV_RST | FIFO_XMT_RST | FIFO_TRIGGER_1);
	outb(COM_ADDR + com_mcr, MCR_DTR | MCR_RTS | MCR_IENABLE);
	return 0;
}

/*
 * One character by polling; works before everything else does.
 */
void
comcnputc(int c)
{
	while ((inb(COM_ADDR + com_lsr) & LSR_TXRDY) == 0)
		continue;
	outb(COM_ADDR + com_data, c);
}

/*
 * Wait for a character by polling.  A break is none.
 */
int
comcngetc(void)
{
	u_int8_t lsr;
	int c, i;

	for (;;) {
		lsr = inb(COM_ADDR + com_lsr);
		if ((lsr & LSR_RXRDY) == 0) {
			/* a character takes much longer */
			for (i = 0; i < COM_POLL_PAUSES; i++)
				cpu_pause();
			continue;
		}
		c = inb(COM_ADDR + com_data);
		if ((lsr & LSR_BI) == 0)
			return c;
	}
}

/*
 * Cannot be in use yet: make the terminal and let interrupts come.
 */
void
comattach(void)
{
	struct tty *tp;

	printf("com0 at 0x%x irq %d: ns16550a, 16 byte fifo\n", COM_ADDR,
	    COM_IRQ);
	tp = ttymalloc(COM_SPEED);
	tp->t_oproc = comstart;
	tp->t_param = comparam;
	tp->t_dev = makedev(COM_MAJOR, 0);
	tp->t_sc = &com0;
	com0.sc_tty = tp;
	intr_establish(COM_IRQ, IPL_TTY, comintr, &com0, "com0");
	com0.sc_ier = IER_ERXRDY | IER_ERLS;
	outb(COM_ADDR + com_ier, com0.sc_ier);
	printf("com0: console\n");
}

/*
 * Serve the chip until it has nothing more to say, so that the edge of the
 * next interrupt can come.
 */
int
comintr(void *arg)
{
	struct com_softc *sc = arg;
	struct tty *tp = sc->sc_tty;
	u_int8_t lsr;
	int c;

	while ((inb(COM_ADDR + com_iir) & IIR_NOPEND) == 0) {
		lsr = inb(COM_ADDR + com_lsr);
		while (lsr & (LSR_RXRDY | LSR_BI)) {
			c = inb(COM_ADDR + com_data);
			if ((lsr & LSR_BI) && db_console_enters()) {
				db_enter();
				lsr = inb(COM_ADDR + com_lsr);
				continue;
			}
			if (lsr & (LSR_BI | LSR_FE))
				c |= TTY_FE;
			else if (lsr & LSR_PE)
				c |= TTY_PE;
			if (tp->t_state & TS_ISOPEN)
				(*linesw[tp->t_line].l_rint)(c, tp);
			lsr = inb(COM_ADDR + com_lsr);
		}
		if ((lsr & LSR_TXRDY) && (sc->sc_ier & IER_ETXRDY))
			comtxint(sc);
	}
	return 1;
}

/*
 * The transmitter is empty: go on, or stop asking.
 */
void
comtxint(struct com_softc *sc)
{
	struct tty *tp = sc->sc_tty;

	tp->t_state &= ~(TS_BUSY | TS_FLUSH);
	(*tp->t_oproc)(tp);
	if ((tp->t_state & TS_BUSY) == 0) {
		sc->sc_ier &= ~IER_ETXRDY;
		outb(COM_ADDR + com_ier, sc->sc_ier);
	}
}

/*
 * Give the transmitter what it can take and ask for an interrupt when it
 * has sent it.
 */
void
comstart(struct tty *tp)
{
	struct com_softc *sc = tp->t_sc;
	u_char buf[COM_FIFOSIZE];
	int i, n, s;

	s = spltty();
	if (tp->t_state & (TS_BUSY | TS_TTSTOP | TS_TIMEOUT))
		goto out;
	ttwakeupwr(tp);
	if (tp->t_outq.c_cc == 0)
		goto out;
	tp->t_state |= TS_BUSY;
	/* printf() may have left characters in the FIFO. */
	while ((inb(COM_ADDR + com_lsr) & LSR_TXRDY) == 0)
		continue;
	n = q_to_b(&tp->t_outq, buf, sizeof(buf));
	for (i = 0; i < n; i++)
		outb(COM_ADDR + com_data, buf[i]);
	if ((sc->sc_ier & IER_ETXRDY) == 0) {
		sc->sc_ier |= IER_ETXRDY;
		outb(COM_ADDR + com_ier, sc->sc_ier);
	}
out:
	splx(s);
}

/*
 * The speed stays what it is: the line is the console.
 */
int
comparam(struct tty *tp, struct termios *t)
{
	tp->t_ispeed = t->c_ispeed;
	tp->t_ospeed = t->c_ospeed;
	tp->t_cflag = t->c_cflag;
	return 0;
}

int
comopen(dev_t dev, int flag, int mode, struct proc *p)
{
	struct tty *tp = com0.sc_tty;
	int s;

	if (minor(dev) != 0 || tp == NULL)
		return ENXIO;
	s = spltty();
	if ((tp->t_state & TS_ISOPEN) == 0) {
		ttychars(tp);
		tp->t_iflag = TTYDEF_IFLAG;
		tp->t_oflag = TTYDEF_OFLAG;
		tp->t_cflag = TTYDEF_CFLAG;
		tp->t_lflag = TTYDEF_LFLAG;
		tp->t_ispeed = tp->t_ospeed = COM_SPEED;
		tp->t_state |= TS_CARR_ON;
	} else if ((tp->t_state & TS_XCLUDE) && suser(p) != 0) {
		splx(s);
		return EBUSY;
	}
	splx(s);
	return (*linesw[tp->t_line].l_open)(dev, tp, p);
}

int
comclose(dev_t dev, int flag, int mode, struct proc *p)
{
	struct tty *tp = com0.sc_tty;

	(*linesw[tp->t_line].l_close)(tp, flag, p);
	ttyclose(tp);
	return 0;
}

int
comread(dev_t dev, struct uio *uio, int flag)
{
	struct tty *tp = com0.sc_tty;

	return (*linesw[tp->t_line].l_read)(tp, uio, flag);
}

int
comwrite(dev_t dev, struct uio *uio, int flag)
{
	struct tty *tp = com0.sc_tty;

	return (*linesw[tp->t_line].l_write)(tp, uio, flag);
}

int
comioctl(dev_t dev, u_long cmd, caddr_t data, int flag, struct proc *p)
{
	struct tty *tp = com0.sc_tty;
	int error;

	error = (*linesw[tp->t_line].l_ioctl)(tp, cmd, data, flag, p);
	if (error >= 0)
		return error;
	error = ttioctl(tp, cmd, data, flag, p);
	if (error >= 0)
		return error;
	return ENOTTY;
}

int
comstop(struct tty *tp, int flag)
{
	int s = spltty();

	if ((tp->t_state & TS_BUSY) && (tp->t_state & TS_TTSTOP) == 0)
		tp->t_state |= TS_FLUSH;
	splx(s);
	return 0;
}

struct tty *
comtty(dev_t dev)
{
	return com0.sc_tty;
}
