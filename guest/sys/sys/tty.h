/* SPDX-License-Identifier: ISC */
#ifndef _SYS_TTY_H_
#define _SYS_TTY_H_

#include <sys/types.h>
#include <sys/termios.h>
#include <sys/ttycom.h>

#ifdef _KERNEL
#include <sys/selinfo.h>
#include <sys/ttydefaults.h>

struct pgrp;
struct proc;
struct process;
struct session;
struct uio;

/* A queue of characters: a ring of c_cn bytes, each with a quoted bit. */
struct clist {
	int	 c_cc;		/* characters in it */
	int	 c_cn;		/* capacity */
	int	 c_first;	/* index of the oldest one */
	u_char	*c_cs;		/* the ring */
	u_char	*c_cq;		/* bitmap: entered behind LNEXT */
};

#define TTY_QUOTE	0x100	/* in an int: the character is literal */
#define TTY_CHARMASK	0xff	/* the character itself */

/*
 * A terminal.
 *
 * The contract with a driver (dev/ic/com.c): at attach it calls ttymalloc
 * and sets t_oproc, t_param and t_dev; its d_open fills t_termios by
 * ttychars and calls the discipline's l_open; its d_read and d_write call
 * l_read and l_write; its d_ioctl asks l_ioctl and then ttioctl, each of
 * which returns -1 for "not mine".  Its interrupt routine hands every
 * received character to ttyinput(c, tp) (a break or a framing error is
 * TTY_FE, a parity error TTY_PE, or-ed to it) and, when the sender has
 * drained, clears TS_BUSY and calls t_oproc.
 *
 * t_oproc(tp) is called at spltty whenever output may have to start: it
 * returns at once if t_state has TS_BUSY, TS_TTSTOP or TS_TIMEOUT; calls
 * ttwakeupwr(tp); and while t_outq holds something takes it by getc or
 * q_to_b, sets TS_BUSY and sends it.
 */
struct tty {
	struct clist	 t_rawq;	/* typed, not yet a whole line */
	struct clist	 t_canq;	/* whole lines */
	struct clist	 t_outq;	/* to be sent */
	u_long		 t_rawcc;	/* characters received, ever */
	u_long		 t_outcc;	/* characters queued for output, ever */
	u_char		 t_line;	/* discipline: index in linesw */
	dev_t		 t_dev;		/* device number */
	int		 t_state;	/* TS_* */
	struct session	*t_session;	/* session it controls, or NULL */
	struct pgrp	*t_pgrp;	/* foreground group, or NULL */
	struct selinfo	 t_rsel;	/* polls for reading */
	struct selinfo	 t_wsel;	/* polls for writing */
	struct termios	 t_termios;	/* modes */
	struct winsize	 t_winsize;	/* size */
	void		(*t_oproc)(struct tty *);	/* start output */
	int		(*t_param)(struct tty *, struct termios *);
					/* set the line's parameters */
	void		*t_sc;		/* the driver's own */
	short		 t_column;	/* where the cursor is */
	short		 t_rocount, t_rocol;	/* what a retype erases */
	short		 t_hiwat;	/* writers sleep above this */
	short		 t_lowat;	/* and are woken below this */
};

#define t_cc		t_termios.c_cc
#define t_cflag		t_termios.c_cflag
#define t_iflag		t_termios.c_iflag
#define t_ispeed	t_termios.c_ispeed
#define t_lflag		t_termios.c_lflag
#define t_oflag		t_termios.c_oflag
#define t_ospeed	t_termios.c_ospeed

#define TTIPRI		25	/* sleep priority of readers */
#define TTOPRI		26	/* sleep priority of writers */

#define TTYHOG		1024	/* capacity of the input queues */
#define TTYOUTQ		2048	/* capacity of the output queue */
#define TTYHIWAT	1536	/* initial t_hiwat */
#define TTYLOWAT	512	/* initial t_lowat */
#define OBUFSIZ		100	/* a write goes through pieces this long */

/* t_state */
#define TS_ASLEEP	0x00001	/* a writer waits for t_lowat */
#define TS_BUSY		0x00004	/* the driver is sending */
#define TS_CARR_ON	0x00008	/* the other side is there */
#define TS_FLUSH	0x00010	/* outq was flushed while sending */
#define TS_ISOPEN	0x00020	/* open */
#define TS_TIMEOUT	0x00080	/* delay under way */
#define TS_TTSTOP	0x00100	/* held by ^S */
#define TS_WOPEN	0x00200	/* open waits for the carrier */
#define TS_XCLUDE	0x00400	/* TIOCEXCL */
#define TS_ERASE	0x02000	/* within \.../ of ECHOPRT */
#define TS_LNCH		0x04000	/* next character is literal */
#define TS_LOCAL	(TS_ERASE | TS_LNCH)	/* of the line being typed */

/* or-ed to a received character */
#define TTY_FE		0x01000000	/* framing error or break */
#define TTY_PE		0x02000000	/* parity error */
#define TTY_ERRORMASK	0xff000000

/* May the process use the terminal as its own; is it in the background. */
#define isctty(pr, tp) \
	((pr)->ps_session == (tp)->t_session && ((pr)->ps_flags & PS_CONTROLT))
#define isbackground(pr, tp) \
	(isctty((pr), (tp)) && (pr)->ps_pgrp != (tp)->t_pgrp)

extern const char ttyin[], ttyout[], ttopen[], ttybg[];
extern const cc_t ttydefchars[NCCS];

/* tty_subr.c: the queues */
void	clalloc(struct clist *, int);
void	clfree(struct clist *);
int	getc(struct clist *);
int	putc(int, struct clist *);
int	unputc(struct clist *);
int	clpeek(struct clist *, int);
int	q_to_b(struct clist *, u_char *, int);
int	b_to_q(u_char *, int, struct clist *);
void	catq(struct clist *, struct clist *);
void	ndflush(struct clist *, int);

/* tty.c: reading, writing, opening */
struct tty *ttymalloc(int);
void	ttyfree(struct tty *);
void	ttychars(struct tty *);
int	ttyopen(dev_t, struct tty *, struct proc *);
int	ttyclose(struct tty *);
int	ttylopen(dev_t, struct tty *, struct proc *);
int	ttylclose(struct tty *, int, struct proc *);
int	ttread(struct tty *, struct uio *, int);
int	ttwrite(struct tty *, struct uio *, int);
int	ttnread(struct tty *);
int	ttstart(struct tty *);
int	ttywait(struct tty *);
int	ttywflush(struct tty *);
void	ttyflush(struct tty *, int);
int	ttysleep(struct tty *, void *, int, const char *, int);
int	ttymodem(struct tty *, int);
void	ttwakeup(struct tty *);
void	ttwakeupwr(struct tty *);
int	ttpoll(dev_t, int, struct proc *);
int	ttkqfilter(dev_t, struct knote *);

/* tty_input.c: characters coming in, echo */
int	ttyinput(int, struct tty *);
int	ttyoutput(int, struct tty *);
void	ttyecho(int, struct tty *);
void	ttyrub(int, struct tty *);
void	ttyrubo(struct tty *, int);
void	ttyretype(struct tty *);
void	ttysignal(struct tty *, int);
int	ttbreakc(int, struct tty *);

/* tty_ioctl.c */
int	ttioctl(struct tty *, u_long, caddr_t, int, struct proc *);
int	ttnullioctl(struct tty *, u_long, caddr_t, int, struct proc *);
int	ttbackground(struct tty *, struct proc *, int);
int	tiocsctty(struct tty *, struct proc *);
int	tiocnotty(struct proc *);
int	tiocspgrp(struct tty *, struct proc *, pid_t);
int	tiocsti(struct tty *, struct proc *, int, int);
void	tiocseta(struct tty *, u_long, struct termios *);
#endif /* _KERNEL */

#endif /* _SYS_TTY_H_ */
