/* SPDX-License-Identifier: ISC */
/*
 * What a terminal does with the characters it receives: line editing,
 * signals, echo.  All of this runs from the device's interrupt.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/proc.h>
#include <sys/conf.h>
#include <sys/fcntl.h>
#include <sys/signalvar.h>
#include <sys/tty.h>

#define BACKSPACE	'\b'
#define BELL		CTRL('g')
#define DELETE_CHAR	0177
#define TABSTOP		8	/* columns from one to the next */

/* Send a signal to the foreground process group, if there is one. */
void
ttysignal(struct tty *tp, int sig)
{
	if (tp->t_pgrp != NULL)
		pgsignal(tp->t_pgrp, sig, 1);
}

/* Does c end a line? */
int
ttbreakc(int c, struct tty *tp)
{
	u_char *cc = tp->t_cc;

	return c == '\n' || CCEQ(cc[VEOF], c) || CCEQ(cc[VEOL], c) ||
	    (CCEQ(cc[VEOL2], c) && (tp->t_lflag & IEXTEN));
}

/* Is c shown as two characters, ^X? */
int
ttyisctl(struct tty *tp, int c)
{
	int ch = c & TTY_CHARMASK;

	return (tp->t_lflag & ECHOCTL) && ((ch <= 037 && c != '\t' &&
	    c != '\n') || ch == DELETE_CHAR);
}

/* Column of the cursor after c was echoed at col. */
int
ttycolafter(struct tty *tp, int c, int col)
{
	int ch = c & TTY_CHARMASK;

	if (c == '\t')
		return (col + TABSTOP) & ~(TABSTOP - 1);
	if (ttyisctl(tp, c))
		return col + 2;
	return ch < ' ' || ch == DELETE_CHAR ? col : col + 1;
}

/*
 * Queue c for output, as c_oflag says.  Returns -1, or c if there is no
 * room for it.
 */
int
ttyoutput(int c, struct tty *tp)
{
	int oflag = tp->t_oflag, spaces;

	if (tp->t_lflag & FLUSHO)
		return -1;
	c &= TTY_CHARMASK;
	if ((oflag & OPOST) == 0) {
		if (putc(c, &tp->t_outq))
			return c;
		tp->t_outcc++;
		return -1;
	}
	if (c == '\t' && (oflag & OXTABS)) {
		spaces = TABSTOP - (tp->t_column & (TABSTOP - 1));
		if (tp->t_outq.c_cn - tp->t_outq.c_cc < spaces)
			return c;
		tp->t_column += spaces;
		tp->t_outcc += spaces;
		while (spaces-- > 0)
			putc(' ', &tp->t_outq);
		return -1;
	}
	if (c == CEOF && (oflag & ONOEOT))
		return -1;
	if (c == '\r' && (oflag & OCRNL))
		c = '\n';
	else if (c == '\r' && (oflag & ONOCR) && tp->t_column == 0)
		return -1;
	else if (c == '\n' && (oflag & ONLCR)) {
		/* Both or none, lest a retry sends the first one twice. */
		if (tp->t_outq.c_cn - tp->t_outq.c_cc < 2)
			return c;
		putc('\r', &tp->t_outq);
		tp->t_outcc++;
	}
	if (putc(c, &tp->t_outq))
		return c;
	tp->t_outcc++;

	if (c == BACKSPACE) {
		if (tp->t_column > 0)
			tp->t_column--;
	} else if (c == '\r' || (c == '\n' && (oflag & (ONLCR | ONLRET))))
		tp->t_column = 0;
	else if (c == '\t')
		tp->t_column = (tp->t_column + TABSTOP) & ~(TABSTOP - 1);
	else if (c >= ' ' && c != DELETE_CHAR)
		tp->t_column++;
	return -1;
}

/* Echo a received character, control characters as ^X. */
void
ttyecho(int c, struct tty *tp)
{
	int ch = c & TTY_CHARMASK;

	tp->t_lflag &= ~FLUSHO;
	if ((tp->t_lflag & ECHO) == 0 &&
	    (c != '\n' || (tp->t_lflag & ECHONL) == 0))
		return;
	if (ttyisctl(tp, c)) {
		ttyoutput('^', tp);
		ch = ch == DELETE_CHAR ? '?' : ch + '@';
	}
	ttyoutput(ch, tp);
}

/* Show the line as it is on a new line of the screen. */
void
ttyretype(struct tty *tp)
{
	int i;

	if (tp->t_cc[VREPRINT] != _POSIX_VDISABLE)
		ttyecho(tp->t_cc[VREPRINT], tp);
	ttyecho('\n', tp);
	tp->t_state &= ~TS_ERASE;
	tp->t_rocol = tp->t_column;
	for (i = 0; i < tp->t_rawq.c_cc; i++)
		ttyecho(clpeek(&tp->t_rawq, i), tp);
	tp->t_rocount = tp->t_rawq.c_cc;
}

/* Wipe count columns left of the cursor. */
void
ttyrubo(struct tty *tp, int count)
{
	while (count-- > 0) {
		ttyoutput(BACKSPACE, tp);
		ttyoutput(' ', tp);
		ttyoutput(BACKSPACE, tp);
	}
}

/* c was taken off the end of the line: show that. */
void
ttyrub(int c, struct tty *tp)
{
	int col, i;

	if ((tp->t_lflag & ECHO) == 0)
		return;
	tp->t_lflag &= ~FLUSHO;
	if (tp->t_lflag & ECHOE) {
		if (tp->t_rocount == 0) {
			/* Something else was printed behind the line. */
			ttyretype(tp);
			return;
		}
		col = tp->t_rocol;
		for (i = tp->t_rawq.c_cc - tp->t_rocount + 1;
		    i < tp->t_rawq.c_cc; i++)
			col = ttycolafter(tp, clpeek(&tp->t_rawq, i), col);
		if (c == '\t') {
			while (tp->t_column > col)
				ttyoutput(BACKSPACE, tp);
		} else
			ttyrubo(tp, ttycolafter(tp, c, col) - col);
	} else if (tp->t_lflag & ECHOPRT) {
		if ((tp->t_state & TS_ERASE) == 0) {
			tp->t_state |= TS_ERASE;
			ttyoutput('\\', tp);
		}
		ttyecho(c, tp);
	} else
		ttyecho(tp->t_cc[VERASE], tp);
	if (tp->t_rocount > 0)
		tp->t_rocount--;
}

/* KILL: take the whole line back. */
void
ttykill(struct tty *tp, int c)
{
	if ((tp->t_lflag & ECHOKE) && (tp->t_lflag & ECHOPRT) == 0 &&
	    tp->t_rawq.c_cc == tp->t_rocount) {
		while (tp->t_rawq.c_cc > 0)
			ttyrub(unputc(&tp->t_rawq), tp);
	} else {
		ttyecho(c, tp);
		if (tp->t_lflag & (ECHOK | ECHOKE))
			ttyecho('\n', tp);
		ndflush(&tp->t_rawq, tp->t_rawq.c_cc);
		tp->t_rocount = 0;
	}
	tp->t_state &= ~TS_LOCAL;
}

/* With ALTWERASE a word is of letters, digits and underscores. */
int
ttyiswordchar(int c)
{
	c &= TTY_CHARMASK;
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_';
}

/* WERASE: take back the blanks at the end and the word before them. */
void
ttywerase(struct tty *tp)
{
	int alt = (tp->t_lflag & ALTWERASE) != 0;
	int c, kind;

	while ((c = unputc(&tp->t_rawq)) == ' ' || c == '\t')
		ttyrub(c, tp);
	if (c == -1)
		return;
	/* The last character goes anyway and says what the word is of. */
	ttyrub(c, tp);
	c = clpeek(&tp->t_rawq, tp->t_rawq.c_cc - 1);
	if (c == -1)
		return;
	kind = ttyiswordchar(c);
	while (c != -1 && c != ' ' && c != '\t' &&
	    (!alt || ttyiswordchar(c) == kind)) {
		ttyrub(unputc(&tp->t_rawq), tp);
		c = clpeek(&tp->t_rawq, tp->t_rawq.c_cc - 1);
	}
}

/*
 * A break or a damaged character.  Returns the character to go on with, or
 * -1 if it is done with.
 */
int
ttyerrorchar(int c, struct tty *tp)
{
	int iflag = tp->t_iflag, ch = c & TTY_CHARMASK;

	if ((c & TTY_FE) && ch == 0) {
		if (iflag & IGNBRK)
			return -1;
		if (iflag & BRKINT) {
			ttyflush(tp, FREAD | FWRITE);
			ttysignal(tp, SIGINT);
			return -1;
		}
		return 0;
	}
	if ((c & TTY_PE) && (iflag & INPCK) == 0)
		return ch;
	if (iflag & IGNPAR)
		return -1;
	return 0;
}

/* LNEXT, DISCARD, INTR, QUIT, SUSP; 1 if c was one of them. */
int
ttyspecialchar(int c, struct tty *tp)
{
	u_char *cc = tp->t_cc;
	int lflag = tp->t_lflag;

	if (lflag & IEXTEN) {
		if (CCEQ(cc[VLNEXT], c)) {
			if ((lflag & (ECHO | ECHOE)) == (ECHO | ECHOE)) {
				/* Show ^ until the character comes. */
				ttyoutput('^', tp);
				ttyoutput(BACKSPACE, tp);
			} else if (lflag & ECHO)
				ttyecho(c, tp);
			tp->t_state |= TS_LNCH;
			return 1;
		}
		if (CCEQ(cc[VDISCARD], c)) {
			if (lflag & FLUSHO)
				tp->t_lflag &= ~FLUSHO;
			else {
				ttyflush(tp, FWRITE);
				ttyecho(c, tp);
				if (tp->t_rawq.c_cc > 0)
					ttyretype(tp);
				tp->t_lflag |= FLUSHO;
			}
			return 1;
		}
	}
	if (lflag & ISIG) {
		if (CCEQ(cc[VINTR], c) || CCEQ(cc[VQUIT], c)) {
			if ((lflag & NOFLSH) == 0)
				ttyflush(tp, FREAD | FWRITE);
			ttyecho(c, tp);
			ttysignal(tp, CCEQ(cc[VINTR], c) ? SIGINT : SIGQUIT);
			return 1;
		}
		if (CCEQ(cc[VSUSP], c)) {
			if ((lflag & NOFLSH) == 0)
				ttyflush(tp, FREAD);
			ttyecho(c, tp);
			ttysignal(tp, SIGTSTP);
			return 1;
		}
	}
	return 0;
}

/* ERASE, KILL, WERASE, REPRINT, STATUS; 1 if c was one of them. */
int
ttyeditchar(int c, struct tty *tp)
{
	u_char *cc = tp->t_cc;

	if (CCEQ(cc[VERASE], c) || (c == CERASE2 &&
	    cc[VERASE] != _POSIX_VDISABLE)) {
		if (tp->t_rawq.c_cc > 0)
			ttyrub(unputc(&tp->t_rawq), tp);
		return 1;
	}
	if (CCEQ(cc[VKILL], c)) {
		ttykill(tp, c);
		return 1;
	}
	if ((tp->t_lflag & IEXTEN) == 0)
		return 0;
	if (CCEQ(cc[VWERASE], c)) {
		ttywerase(tp);
		return 1;
	}
	if (CCEQ(cc[VREPRINT], c)) {
		ttyretype(tp);
		return 1;
	}
	if (CCEQ(cc[VSTATUS], c)) {
		if (tp->t_lflag & ISIG)
			ttysignal(tp, SIGINFO);
		return 1;
	}
	return 0;
}

/* Put c in the queue the readers look at, and echo it. */
void
ttyqueuechar(int c, struct tty *tp)
{
	int col;

	if (tp->t_rawq.c_cc + tp->t_canq.c_cc >= TTYHOG) {
		if ((tp->t_iflag & IMAXBEL) &&
		    tp->t_outq.c_cc < tp->t_hiwat)
			ttyoutput(BELL, tp);
		return;
	}
	if (putc(c, &tp->t_rawq) == -1)
		return;
	if ((tp->t_lflag & ICANON) == 0) {
		ttwakeup(tp);
		ttyecho(c, tp);
		return;
	}
	if (ttbreakc(c, tp)) {
		tp->t_rocount = 0;
		catq(&tp->t_rawq, &tp->t_canq);
		ttwakeup(tp);
	} else if (tp->t_rocount++ == 0)
		tp->t_rocol = tp->t_column;
	if (tp->t_state & TS_ERASE) {
		tp->t_state &= ~TS_ERASE;
		ttyoutput('/', tp);
	}
	col = tp->t_column;
	ttyecho(c, tp);
	if (CCEQ(tp->t_cc[VEOF], c) && (tp->t_lflag & ECHO)) {
		/* Let what comes next cover the ^D. */
		for (col = MIN(2, tp->t_column - col); col > 0; col--)
			ttyoutput(BACKSPACE, tp);
	}
}

/* STOP holds the output; 1 if there is nothing more to do for c. */
int
ttystopchar(int c, struct tty *tp)
{
	u_char *cc = tp->t_cc;

	if ((tp->t_iflag & IXON) == 0 || !CCEQ(cc[VSTOP], c))
		return 0;
	if ((tp->t_state & TS_TTSTOP) == 0) {
		tp->t_state |= TS_TTSTOP;
		(*cdevsw[major(tp->t_dev)].d_stop)(tp, 0);
		return 1;
	}
	/* One character for both: it resumes. */
	return !CCEQ(cc[VSTART], c);
}

/* A character c was received, perhaps with TTY_FE or TTY_PE. */
int
ttyinput(int c, struct tty *tp)
{
	u_char *cc = tp->t_cc;
	int literal = 0;

	tp->t_rawcc++;
	if (c & TTY_ERRORMASK) {
		c = ttyerrorchar(c, tp);
		if (c == -1)
			return ttstart(tp);
	} else if (tp->t_iflag & ISTRIP)
		c &= 0177;
	c &= TTY_CHARMASK;

	if (tp->t_state & TS_LNCH) {
		tp->t_state &= ~TS_LNCH;
		c |= TTY_QUOTE;
		literal = 1;
	}
	if (!literal) {
		if (ttyspecialchar(c, tp))
			goto endcase;
		if (ttystopchar(c, tp))
			return 0;
		if ((tp->t_iflag & IXON) && CCEQ(cc[VSTART], c))
			goto restartoutput;
		if (c == '\r') {
			if (tp->t_iflag & IGNCR)
				goto endcase;
			if (tp->t_iflag & ICRNL)
				c = '\n';
		} else if (c == '\n' && (tp->t_iflag & INLCR))
			c = '\r';
		if ((tp->t_lflag & ICANON) && ttyeditchar(c, tp))
			goto endcase;
	}
	ttyqueuechar(c, tp);
endcase:
	/* Held output goes on with START only, unless IXANY is set. */
	if ((tp->t_state & TS_TTSTOP) && (tp->t_iflag & IXANY) == 0 &&
	    cc[VSTART] != cc[VSTOP])
		return 0;
restartoutput:
	tp->t_state &= ~TS_TTSTOP;
	return ttstart(tp);
}
