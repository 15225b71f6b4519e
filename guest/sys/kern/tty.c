/* SPDX-License-Identifier: ISC */
/*
 * Terminals: opening, reading, writing, waiting.  See tty_input.c for what
 * happens to a received character and tty_ioctl.c for the modes.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/event.h>
#include <sys/proc.h>
#include <sys/conf.h>
#include <sys/fcntl.h>
#include <sys/kernel.h>
#include <sys/malloc.h>
#include <sys/poll.h>
#include <sys/signalvar.h>
#include <sys/tty.h>
#include <sys/uio.h>
#include <sys/vnode.h>

const char ttyin[] = "ttyin";		/* wait messages */
const char ttyout[] = "ttyout";
const char ttopen[] = "ttyopn";
const char ttybg[] = "ttybg";

const cc_t ttydefchars[NCCS] = TTYDEFCHARS;

/* A new terminal for a driver; baud is its speed in bits a second. */
struct tty *
ttymalloc(int baud)
{
	struct tty *tp;

	tp = malloc(sizeof(*tp), M_TTYS, M_WAITOK | M_ZERO);
	clalloc(&tp->t_rawq, TTYHOG);
	clalloc(&tp->t_canq, TTYHOG);
	clalloc(&tp->t_outq, TTYOUTQ);
	tp->t_hiwat = TTYHIWAT;
	tp->t_lowat = TTYLOWAT;
	tp->t_ispeed = tp->t_ospeed = baud;
	tp->t_line = TTYDISC;
	ttychars(tp);
	return tp;
}

void
ttyfree(struct tty *tp)
{
	clfree(&tp->t_rawq);
	clfree(&tp->t_canq);
	clfree(&tp->t_outq);
	free(tp, M_TTYS, sizeof(*tp));
}

/* The special characters a terminal starts with. */
void
ttychars(struct tty *tp)
{
	memcpy(tp->t_cc, ttydefchars, sizeof(tp->t_cc));
}

/* l_open: the driver has set the modes. */
int
ttyopen(dev_t dev, struct tty *tp, struct proc *p)
{
	int s;

	s = spltty();
	tp->t_dev = dev;
	if ((tp->t_state & TS_ISOPEN) == 0) {
		tp->t_state |= TS_ISOPEN;
		memset(&tp->t_winsize, 0, sizeof(tp->t_winsize));
		tp->t_column = 0;
	}
	tp->t_state &= ~TS_WOPEN;
	splx(s);
	return 0;
}

/* l_close: let the output go out, unless nobody wants to wait for it. */
int
ttylclose(struct tty *tp, int flag, struct proc *p)
{
	if (flag & FNONBLOCK)
		ttyflush(tp, FREAD | FWRITE);
	else
		ttywflush(tp);
	return 0;
}

/* The last close of the device: nobody's terminal any more. */
int
ttyclose(struct tty *tp)
{
	int s;

	s = spltty();
	ttyflush(tp, FREAD | FWRITE);
	tp->t_pgrp = NULL;
	if (tp->t_session != NULL)
		SESSRELE(tp->t_session);
	tp->t_session = NULL;
	tp->t_state = 0;
	splx(s);
	return 0;
}

/* The carrier came or went; 0 if the terminal has hung up. */
int
ttymodem(struct tty *tp, int flag)
{
	if (flag) {
		tp->t_state |= TS_CARR_ON;
		ttwakeup(tp);
		return 1;
	}
	tp->t_state &= ~TS_CARR_ON;
	if ((tp->t_state & TS_ISOPEN) == 0 || (tp->t_cflag & CLOCAL))
		return 1;
	if (tp->t_session != NULL && tp->t_session->s_leader != NULL)
		prsignal(tp->t_session->s_leader, SIGHUP);
	ttyflush(tp, FREAD | FWRITE);
	return 0;
}

/* Start the output if it is not under way. */
int
ttstart(struct tty *tp)
{
	int s;

	s = spltty();
	if (tp->t_oproc != NULL)
		(*tp->t_oproc)(tp);
	splx(s);
	return 0;
}

/* Input arrived: wake who waits for it. */
void
ttwakeup(struct tty *tp)
{
	selwakeup(&tp->t_rsel);
	wakeup(&tp->t_rawq);
}

/* Called by the driver as the output queue runs low. */
void
ttwakeupwr(struct tty *tp)
{
	if (tp->t_outq.c_cc > tp->t_lowat)
		return;
	selwakeup(&tp->t_wsel);
	if (tp->t_state & TS_ASLEEP) {
		tp->t_state &= ~TS_ASLEEP;
		wakeup(&tp->t_outq);
	}
}

/* Sleep on a queue of tp; EWOULDBLOCK after timo ticks. */
int
ttysleep(struct tty *tp, void *chan, int pri, const char *wmesg, int timo)
{
	int error;

	error = tsleep(chan, pri, wmesg, timo);
	/* Closed for good while we slept. */
	if (error == 0 && (tp->t_state & TS_ISOPEN) == 0)
		return EIO;
	return error;
}

/* Throw away the input (FREAD) and the output (FWRITE). */
void
ttyflush(struct tty *tp, int rw)
{
	int s;

	s = spltty();
	if (rw & FREAD) {
		ndflush(&tp->t_canq, tp->t_canq.c_cc);
		ndflush(&tp->t_rawq, tp->t_rawq.c_cc);
		tp->t_rocount = 0;
		tp->t_rocol = 0;
		tp->t_state &= ~TS_LOCAL;
	}
	if (rw & FWRITE) {
		tp->t_state &= ~TS_TTSTOP;
		(*cdevsw[major(tp->t_dev)].d_stop)(tp, rw);
		ndflush(&tp->t_outq, tp->t_outq.c_cc);
		ttwakeupwr(tp);
	}
	splx(s);
}

/* Wait until all output is sent. */
int
ttywait(struct tty *tp)
{
	int error = 0, s;

	s = spltty();
	while ((tp->t_outq.c_cc > 0 || (tp->t_state & TS_BUSY)) &&
	    tp->t_oproc != NULL) {
		(*tp->t_oproc)(tp);
		if (tp->t_outq.c_cc == 0 && (tp->t_state & TS_BUSY) == 0)
			break;
		tp->t_state |= TS_ASLEEP;
		error = ttysleep(tp, &tp->t_outq, TTOPRI | PCATCH, ttyout, 0);
		if (error)
			break;
	}
	splx(s);
	return error;
}

/* Wait for the output and throw the input away. */
int
ttywflush(struct tty *tp)
{
	int error;

	if ((error = ttywait(tp)) == 0)
		ttyflush(tp, FREAD);
	return error;
}

/*
 * Sleep until a read in raw mode may return: VMIN characters, or VTIME
 * tenths of a second without one.  Returns 0 when there is nothing more to
 * wait for.  Called at spltty.
 */
int
ttrawwait(struct tty *tp, size_t resid, int flag)
{
	struct clist *qp = &tp->t_rawq;
	int m = tp->t_cc[VMIN], t = tp->t_cc[VTIME] * hz / 10;
	int error, seen, timo;

	if (resid < (size_t)m)
		m = resid;
	for (;;) {
		if (qp->c_cc >= MAX(m, 1))
			return 0;
		if (m == 0 && t == 0)
			return 0;
		if ((tp->t_state & TS_CARR_ON) == 0 &&
		    (tp->t_cflag & CLOCAL) == 0)
			return 0;
		if (flag & IO_NDELAY)
			return qp->c_cc > 0 ? 0 : EWOULDBLOCK;
		/*
		 * With VMIN the clock starts at the first character and
		 * anew at each one; without, it starts now.
		 */
		timo = m == 0 || qp->c_cc > 0 ? t : 0;
		seen = qp->c_cc;
		error = ttysleep(tp, &tp->t_rawq, TTIPRI | PCATCH, ttyin,
		    timo);
		if (error == EWOULDBLOCK && qp->c_cc == seen)
			return 0;
		if (error && error != EWOULDBLOCK)
			return error;
		if (tp->t_lflag & ICANON)
			return 0;
	}
}

/* The same with line editing: sleep until there is a line. */
int
ttcanwait(struct tty *tp, int flag)
{
	int error;

	while (tp->t_canq.c_cc == 0) {
		if ((tp->t_state & TS_CARR_ON) == 0 &&
		    (tp->t_cflag & CLOCAL) == 0)
			return 0;
		if (flag & IO_NDELAY)
			return EWOULDBLOCK;
		error = ttysleep(tp, &tp->t_rawq, TTIPRI | PCATCH, ttyin, 0);
		if (error)
			return error;
		if ((tp->t_lflag & ICANON) == 0)
			return 0;
	}
	return 0;
}

#define TTY_RAN_DRY	2	/* ttgather: the queue was empty */

/*
 * Take characters for a reader: up to n, up to the end of a line.  *done
 * is set when the read has to end with these; to TTY_RAN_DRY if that is for
 * want of more.
 */
int
ttgather(struct tty *tp, u_char *buf, int n, int *done)
{
	int canon = (tp->t_lflag & ICANON) != 0;
	struct clist *qp = canon ? &tp->t_canq : &tp->t_rawq;
	int c, i;

	for (i = 0; i < n; ) {
		if ((c = getc(qp)) == -1) {
			*done = TTY_RAN_DRY;
			break;
		}
		if (canon && CCEQ(tp->t_cc[VEOF], c)) {
			*done = 1;
			break;
		}
		buf[i++] = c & TTY_CHARMASK;
		if (canon && ttbreakc(c, tp)) {
			*done = 1;
			break;
		}
	}
	return i;
}

/*
 * l_read: a line, or in raw mode what is there.  An end of file is 0
 * bytes.  In the background: SIGTTIN, or EIO if that is no use.
 */
int
ttread(struct tty *tp, struct uio *uio, int flag)
{
	struct proc *p = curproc;
	u_char buf[OBUFSIZ];
	size_t resid = uio->uio_resid;
	int canon, done = 0, error, n, s;

again:
	do {
		if ((error = ttbackground(tp, p, SIGTTIN)) != 0)
			return error;
		s = spltty();
		canon = (tp->t_lflag & ICANON) != 0;
		if (canon)
			error = ttcanwait(tp, flag);
		else
			error = ttrawwait(tp, uio->uio_resid, flag);
		splx(s);
		if (error)
			return error;
		/* The modes or the foreground may have changed meanwhile. */
	} while (canon != ((tp->t_lflag & ICANON) != 0) ||
	    isbackground(p->p_p, tp));

	while (!done && error == 0 && uio->uio_resid > 0) {
		n = MIN(sizeof(buf), uio->uio_resid);
		s = spltty();
		n = ttgather(tp, buf, n, &done);
		splx(s);
		if (n > 0)
			error = uiomove(buf, n, uio);
	}
	/* A line that was flushed meanwhile is no end of file. */
	if (canon && done == TTY_RAN_DRY && uio->uio_resid == resid) {
		done = 0;
		goto again;
	}
	/*
	 * If the buffer was filled just before an EOF, that one belongs to
	 * this read: the next must not find it and report an end of file.
	 */
	s = spltty();
	if (!done && canon && CCEQ(tp->t_cc[VEOF], clpeek(&tp->t_canq, 0)))
		(void)getc(&tp->t_canq);
	splx(s);
	return error;
}

/*
 * Wait until there is room for more output.  EWOULDBLOCK with IO_NDELAY,
 * EIO without a carrier.
 */
int
ttwroom(struct tty *tp, int flag)
{
	int error = 0, s;

	s = spltty();
	while (tp->t_outq.c_cc > tp->t_hiwat) {
		(*tp->t_oproc)(tp);
		if (tp->t_outq.c_cc <= tp->t_hiwat)
			break;
		if (flag & IO_NDELAY) {
			error = EWOULDBLOCK;
			break;
		}
		tp->t_state |= TS_ASLEEP;
		error = ttysleep(tp, &tp->t_outq, TTOPRI | PCATCH, ttyout, 0);
		if (error)
			break;
	}
	splx(s);
	return error;
}

/* Queue n characters; returns how many were taken. */
int
ttwchunk(struct tty *tp, u_char *buf, int n)
{
	int i, s;

	s = spltty();
	tp->t_rocount = 0;	/* the line being typed is not at the end */
	for (i = 0; i < n && tp->t_outq.c_cc <= tp->t_hiwat; i++) {
		if (ttyoutput(buf[i], tp) >= 0)
			break;
	}
	splx(s);
	return i;
}

/*
 * l_write: queue everything for output, sleeping while there is too much.
 * In the background with TOSTOP: SIGTTOU, or EIO if that is no use.
 */
int
ttwrite(struct tty *tp, struct uio *uio, int flag)
{
	struct proc *p = curproc;
	u_char buf[OBUFSIZ];
	int cc = 0, done = 0, error = 0;

	while (uio->uio_resid > 0 || cc > 0) {
		if ((tp->t_state & TS_CARR_ON) == 0 &&
		    (tp->t_cflag & CLOCAL) == 0) {
			error = EIO;
			break;
		}
		if ((tp->t_lflag & TOSTOP) &&
		    (error = ttbackground(tp, p, SIGTTOU)) != 0)
			break;
		if ((error = ttwroom(tp, flag)) != 0)
			break;
		if (cc == 0) {
			cc = MIN(sizeof(buf), uio->uio_resid);
			done = 0;
			if ((error = uiomove(buf, cc, uio)) != 0) {
				cc = 0;
				break;
			}
		}
		done += ttwchunk(tp, buf + done, cc - done);
		if (done == cc)
			cc = 0;
		ttstart(tp);
	}
	ttstart(tp);
	/* What was fetched but not queued is not written. */
	if (cc > 0)
		uio->uio_resid += cc - done;
	return error;
}

/* How many characters a read would find. */
int
ttnread(struct tty *tp)
{
	int nread = tp->t_canq.c_cc;

	if ((tp->t_lflag & ICANON) == 0) {
		nread += tp->t_rawq.c_cc;
		if (nread < tp->t_cc[VMIN] && tp->t_cc[VTIME] == 0)
			nread = 0;
	}
	return nread;
}

/* d_poll of a driver of terminals. */
int
ttpoll(dev_t dev, int events, struct proc *p)
{
	struct tty *tp = (*cdevsw[major(dev)].d_tty)(dev);
	int revents = 0, s;

	s = spltty();
	if ((tp->t_state & TS_CARR_ON) == 0 && (tp->t_cflag & CLOCAL) == 0)
		revents = POLLHUP;
	if ((events & (POLLIN | POLLRDNORM)) && (ttnread(tp) > 0 || revents))
		revents |= events & (POLLIN | POLLRDNORM);
	if ((events & POLLOUT) && tp->t_outq.c_cc <= tp->t_lowat &&
	    (revents & POLLHUP) == 0)
		revents |= POLLOUT;
	if (revents == 0) {
		if (events & (POLLIN | POLLRDNORM))
			selrecord(p, &tp->t_rsel);
		if (events & POLLOUT)
			selrecord(p, &tp->t_wsel);
	}
	splx(s);
	return revents;
}

void
filt_ttydetach(struct knote *kn)
{
	int s = spltty();

	LIST_REMOVE(kn, kn_selnext);
	splx(s);
}

/* A read would give something, or the end. */
int
filt_ttyread(struct knote *kn, long hint)
{
	struct tty *tp = kn->kn_hook;
	int s = spltty();

	kn->kn_data = ttnread(tp);
	splx(s);
	if ((tp->t_state & TS_CARR_ON) == 0 && (tp->t_cflag & CLOCAL) == 0) {
		kn->kn_flags |= EV_EOF;
		return 1;
	}
	return kn->kn_data > 0;
}

/* The output queue is low. */
int
filt_ttywrite(struct knote *kn, long hint)
{
	struct tty *tp = kn->kn_hook;

	kn->kn_data = tp->t_outq.c_cc;
	return tp->t_outq.c_cc <= tp->t_lowat;
}

const struct filterops ttyread_filtops =
	{ 1, NULL, filt_ttydetach, filt_ttyread };
const struct filterops ttywrite_filtops =
	{ 1, NULL, filt_ttydetach, filt_ttywrite };

/* d_kqfilter of a driver of terminals. */
int
ttkqfilter(dev_t dev, struct knote *kn)
{
	struct tty *tp = (*cdevsw[major(dev)].d_tty)(dev);
	struct selinfo *sip;
	int s;

	switch (kn->kn_filter) {
	case EVFILT_READ:
		sip = &tp->t_rsel;
		kn->kn_fop = &ttyread_filtops;
		break;
	case EVFILT_WRITE:
		sip = &tp->t_wsel;
		kn->kn_fop = &ttywrite_filtops;
		break;
	default:
		return EINVAL;
	}
	kn->kn_hook = tp;
	s = spltty();
	LIST_INSERT_HEAD(&sip->si_note, kn, kn_selnext);
	splx(s);
	return 0;
}
