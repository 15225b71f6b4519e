/* SPDX-License-Identifier: ISC */
/*
 * The modes of a terminal, and whose it is: sessions, foreground and
 * background.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/proc.h>
#include <sys/conf.h>
#include <sys/fcntl.h>
#include <sys/filio.h>
#include <sys/kernel.h>
#include <sys/signalvar.h>
#include <sys/tty.h>
#include <sys/ucred.h>

/*
 * p wants to do something that only the foreground may do.  In the
 * background its group gets sig and p waits until it is in front.  A
 * process that cannot be stopped by sig goes on if it wants to write, and
 * gets EIO if it wants to read; so does an orphaned group, which nobody
 * would continue.
 */
int
ttbackground(struct tty *tp, struct proc *p, int sig)
{
	struct process *pr = p->p_p;
	int error, unstoppable;

	while (isbackground(pr, tp)) {
		unstoppable = (pr->ps_flags & PS_PPWAIT) ||
		    (pr->ps_sigacts->ps_sigignore & sigmask(sig)) ||
		    (p->p_sigmask & sigmask(sig));
		if (unstoppable)
			return sig == SIGTTIN ? EIO : 0;
		if (pr->ps_pgrp->pg_jobc == 0)
			return EIO;
		pgsignal(pr->ps_pgrp, sig, 1);
		error = ttysleep(tp, &tp->t_pgrp, TTOPRI | PCATCH, ttybg, hz);
		if (error && error != EWOULDBLOCK)
			return error;
	}
	return 0;
}

/* Does cmd change the terminal, so that the background must not? */
int
ttchanges(u_long cmd)
{
	switch (cmd) {
	case TIOCFLUSH:
	case TIOCDRAIN:
	case TIOCSETA:
	case TIOCSETAF:
	case TIOCSETAW:
	case TIOCSPGRP:
	case TIOCSTI:
	case TIOCSWINSZ:
		return 1;
	default:
		return 0;
	}
}

/*
 * TIOCSCTTY: p's session takes the terminal.  Only its leader may ask, and
 * only if neither has another partner: EPERM.
 */
int
tiocsctty(struct tty *tp, struct proc *p)
{
	struct process *pr = p->p_p;
	struct session *s = pr->ps_session;

	if (!SESS_LEADER(pr))
		return EPERM;
	if ((s->s_ttyvp != NULL || tp->t_session != NULL) &&
	    tp->t_session != s)
		return EPERM;
	SESSHOLD(s);
	if (tp->t_session != NULL)
		SESSRELE(tp->t_session);
	tp->t_session = s;
	tp->t_pgrp = pr->ps_pgrp;
	s->s_ttyp = tp;
	atomic_setbits_int(&pr->ps_flags, PS_CONTROLT);
	return 0;
}

/* TIOCNOTTY: p gives its controlling terminal up; a leader cannot. */
int
tiocnotty(struct proc *p)
{
	struct process *pr = p->p_p;

	if ((pr->ps_flags & PS_CONTROLT) == 0)
		return ENOTTY;
	if (SESS_LEADER(pr))
		return EINVAL;
	atomic_clearbits_int(&pr->ps_flags, PS_CONTROLT);
	return 0;
}

/* TIOCSPGRP: the group comes to the foreground. */
int
tiocspgrp(struct tty *tp, struct proc *p, pid_t pgid)
{
	struct process *pr = p->p_p;
	struct pgrp *pgrp;

	if (!isctty(pr, tp))
		return ENOTTY;
	if ((pgrp = pgfind(pgid)) == NULL)
		return EINVAL;
	if (pgrp->pg_session != pr->ps_session)
		return EPERM;
	tp->t_pgrp = pgrp;
	/* Whoever waited to come to the front looks again. */
	wakeup(&tp->t_pgrp);
	return 0;
}

/* TIOCSTI: as if c had been typed. */
int
tiocsti(struct tty *tp, struct proc *p, int c, int flag)
{
	int s;

	if (suser(p) != 0) {
		if ((flag & FREAD) == 0)
			return EPERM;
		if (!isctty(p->p_p, tp))
			return EACCES;
	}
	s = spltty();
	(*linesw[tp->t_line].l_rint)(c, tp);
	splx(s);
	return 0;
}

/*
 * TIOCSETA and its relatives.  Characters typed before line editing was
 * switched on count as a line; those of unread lines are readable at once
 * when it is switched off.
 */
void
tiocseta(struct tty *tp, u_long cmd, struct termios *t)
{
	struct clist swap;
	int s, wascanon, iscanon;

	s = spltty();
	wascanon = (tp->t_lflag & ICANON) != 0;
	iscanon = (t->c_lflag & ICANON) != 0;
	if (cmd != TIOCSETAF && wascanon != iscanon) {
		catq(&tp->t_rawq, &tp->t_canq);
		if (!iscanon) {
			swap = tp->t_rawq;
			tp->t_rawq = tp->t_canq;
			tp->t_canq = swap;
		}
		tp->t_rocount = 0;
		ttwakeup(tp);
	}
	tp->t_iflag = t->c_iflag;
	tp->t_oflag = t->c_oflag;
	/* The state bits among the modes are the kernel's. */
	tp->t_lflag = (t->c_lflag & ~(FLUSHO | PENDIN)) |
	    (tp->t_lflag & FLUSHO);
	memcpy(tp->t_cc, t->c_cc, sizeof(t->c_cc));
	if ((tp->t_iflag & IXON) == 0 && (tp->t_state & TS_TTSTOP)) {
		/* Nobody could resume the output any more. */
		tp->t_state &= ~TS_TTSTOP;
		ttstart(tp);
	}
	splx(s);
}

/* TIOCSETA*: wait, flush and set as cmd says. */
int
ttsetmodes(struct tty *tp, u_long cmd, struct termios *t)
{
	int error = 0, s;

	if (t->c_ispeed < 0 || t->c_ospeed < 0)
		return EINVAL;
	s = spltty();
	if (cmd == TIOCSETAW || cmd == TIOCSETAF)
		error = ttywait(tp);
	if (error == 0 && cmd == TIOCSETAF)
		ttyflush(tp, FREAD);
	if (error == 0 && tp->t_param != NULL)
		error = (*tp->t_param)(tp, t);
	if (error == 0)
		tiocseta(tp, cmd, t);
	splx(s);
	return error;
}

/* TIOCSTOP and TIOCSTART: hold and resume the output. */
void
ttholdoutput(struct tty *tp, int hold)
{
	int s;

	s = spltty();
	if (hold && (tp->t_state & TS_TTSTOP) == 0) {
		tp->t_state |= TS_TTSTOP;
		(*cdevsw[major(tp->t_dev)].d_stop)(tp, 0);
	} else if (!hold) {
		tp->t_state &= ~TS_TTSTOP;
		tp->t_lflag &= ~FLUSHO;
		ttstart(tp);
	}
	splx(s);
}

/* TIOCFLUSH: FREAD, FWRITE, or both for 0. */
int
ttflushcmd(struct tty *tp, int flags)
{
	if (flags == 0)
		flags = FREAD | FWRITE;
	if (flags & ~(FREAD | FWRITE))
		return EINVAL;
	ttyflush(tp, flags);
	return 0;
}

/* TIOCSWINSZ: store the size, and tell the foreground if it changed. */
void
ttsetwinsize(struct tty *tp, struct winsize *ws)
{
	if (memcmp(&tp->t_winsize, ws, sizeof(*ws)) == 0)
		return;
	tp->t_winsize = *ws;
	if (tp->t_pgrp != NULL)
		pgsignal(tp->t_pgrp, SIGWINCH, 1);
}

/* The ioctls of all terminals; -1 if cmd is not one of them. */
int
ttioctl(struct tty *tp, u_long cmd, caddr_t data, int flag, struct proc *p)
{
	struct process *pr = p->p_p;
	int error;

	if (ttchanges(cmd) && (error = ttbackground(tp, p, SIGTTOU)) != 0)
		return error;

	switch (cmd) {
	case FIOASYNC:
	case FIONBIO:
		return 0;	/* kept with the open file */
	case FIONREAD:
		*(int *)data = ttnread(tp);
		return 0;
	case TIOCOUTQ:
		*(int *)data = tp->t_outq.c_cc;
		return 0;
	case TIOCEXCL:
		tp->t_state |= TS_XCLUDE;
		return 0;
	case TIOCNXCL:
		tp->t_state &= ~TS_XCLUDE;
		return 0;
	case TIOCFLUSH:
		return ttflushcmd(tp, *(int *)data);
	case TIOCGETA:
		memcpy(data, &tp->t_termios, sizeof(tp->t_termios));
		return 0;
	case TIOCSETA:
	case TIOCSETAW:
	case TIOCSETAF:
		return ttsetmodes(tp, cmd, (struct termios *)data);
	case TIOCDRAIN:
		return ttywait(tp);
	case TIOCGWINSZ:
		*(struct winsize *)data = tp->t_winsize;
		return 0;
	case TIOCSWINSZ:
		ttsetwinsize(tp, (struct winsize *)data);
		return 0;
	case TIOCGPGRP:
		if (!isctty(pr, tp) && suser(p) != 0)
			return ENOTTY;
		*(int *)data = tp->t_pgrp != NULL ? tp->t_pgrp->pg_id :
		    NO_PID;
		return 0;
	case TIOCGSID:
		if (!isctty(pr, tp) || tp->t_session == NULL ||
		    tp->t_session->s_leader == NULL)
			return ENOTTY;
		*(int *)data = tp->t_session->s_leader->ps_pid;
		return 0;
	case TIOCSPGRP:
		return tiocspgrp(tp, p, *(int *)data);
	case TIOCSCTTY:
		return tiocsctty(tp, p);
	case TIOCNOTTY:
		return tiocnotty(p);
	case TIOCSTOP:
	case TIOCSTART:
		ttholdoutput(tp, cmd == TIOCSTOP);
		return 0;
	case TIOCSTI:
		return tiocsti(tp, p, *(u_char *)data, flag);
	default:
		return -1;
	}
}
