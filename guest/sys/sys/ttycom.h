/* SPDX-License-Identifier: ISC */
#ifndef _SYS_TTYCOM_H_
#define _SYS_TTYCOM_H_

#include <sys/ioccom.h>
#include <sys/termios.h>

/* The size of a terminal; the kernel only stores it. */
struct winsize {
	unsigned short	ws_row;		/* rows of characters */
	unsigned short	ws_col;		/* columns of characters */
	unsigned short	ws_xpixel;	/* width in pixels */
	unsigned short	ws_ypixel;	/* height in pixels */
};

#define TIOCEXCL	_IO('t', 13)		/* no further opens */
#define TIOCNXCL	_IO('t', 14)
#define TIOCFLUSH	_IOW('t', 16, int)	/* FREAD, FWRITE or 0: both */
#define TIOCGETA	_IOR('t', 19, struct termios)
#define TIOCSETA	_IOW('t', 20, struct termios)	/* now */
#define TIOCSETAW	_IOW('t', 21, struct termios)	/* after output */
#define TIOCSETAF	_IOW('t', 22, struct termios)	/* and drop input */
#define TIOCDRAIN	_IO('t', 94)		/* wait for the output */
#define TIOCSCTTY	_IO('t', 97)		/* become controlling tty */
#define TIOCGSID	_IOR('t', 99, int)	/* session's leader */
#define TIOCSWINSZ	_IOW('t', 103, struct winsize)
#define TIOCGWINSZ	_IOR('t', 104, struct winsize)
#define TIOCSTART	_IO('t', 110)		/* resume output, like ^Q */
#define TIOCSTOP	_IO('t', 111)		/* hold output, like ^S */
#define TIOCNOTTY	_IO('t', 113)		/* give up controlling tty */
#define TIOCSTI		_IOW('t', 114, char)	/* as if typed */
#define TIOCOUTQ	_IOR('t', 115, int)	/* bytes of output queued */
#define TIOCSPGRP	_IOW('t', 118, int)	/* foreground group */
#define TIOCGPGRP	_IOR('t', 119, int)

#define TTYDISC		0	/* the one line discipline */

#endif /* _SYS_TTYCOM_H_ */
