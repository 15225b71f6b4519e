/* SPDX-License-Identifier: ISC */
#ifndef _SYS_TERMIOS_H_
#define _SYS_TERMIOS_H_

#include <sys/types.h>

/* Indices into c_cc. */
#define VEOF		0	/* ICANON: end of file */
#define VEOL		1	/* ICANON: another end of line */
#define VEOL2		2	/* ICANON, IEXTEN: and another */
#define VERASE		3	/* ICANON: take back a character */
#define VWERASE		4	/* ICANON, IEXTEN: take back a word */
#define VKILL		5	/* ICANON: take back the line */
#define VREPRINT	6	/* ICANON, IEXTEN: show the line again */
#define VINTR		8	/* ISIG: SIGINT */
#define VQUIT		9	/* ISIG: SIGQUIT */
#define VSUSP		10	/* ISIG: SIGTSTP */
#define VDSUSP		11	/* ISIG, IEXTEN: SIGTSTP when read */
#define VSTART		12	/* IXON: resume output */
#define VSTOP		13	/* IXON: hold output */
#define VLNEXT		14	/* IEXTEN: next character is literal */
#define VDISCARD	15	/* IEXTEN: throw output away */
#define VMIN		16	/* !ICANON: bytes a read waits for */
#define VTIME		17	/* !ICANON: tenths of a second it waits */
#define VSTATUS		18	/* ICANON, IEXTEN: SIGINFO */
#define NCCS		20

#define _POSIX_VDISABLE	0xff	/* a c_cc entry that matches nothing */

#define CCEQ(val, c)	((c) == (val) && (val) != _POSIX_VDISABLE)

/* c_iflag: input. */
#define IGNBRK		0x00000001
#define BRKINT		0x00000002
#define IGNPAR		0x00000004
#define PARMRK		0x00000008
#define INPCK		0x00000010
#define ISTRIP		0x00000020	/* clear the eighth bit */
#define INLCR		0x00000040	/* NL becomes CR */
#define IGNCR		0x00000080	/* CR is dropped */
#define ICRNL		0x00000100	/* CR becomes NL */
#define IXON		0x00000200	/* VSTOP and VSTART work */
#define IXOFF		0x00000400
#define IXANY		0x00000800	/* any character resumes output */
#define IMAXBEL		0x00002000	/* ring when the queue is full */

/* c_oflag: output. */
#define OPOST		0x00000001	/* the others count only with this */
#define ONLCR		0x00000002	/* NL becomes CR NL */
#define OXTABS		0x00000004	/* tabs become spaces */
#define ONOEOT		0x00000008	/* ^D is not sent */
#define OCRNL		0x00000010	/* CR becomes NL */
#define ONOCR		0x00000040	/* no CR at column 0 */
#define ONLRET		0x00000080	/* NL returns the carriage */

/* c_cflag: the line. */
#define CSIZE		0x00000300
#define CS5		0x00000000
#define CS6		0x00000100
#define CS7		0x00000200
#define CS8		0x00000300
#define CSTOPB		0x00000400
#define CREAD		0x00000800	/* receiver on */
#define PARENB		0x00001000
#define PARODD		0x00002000
#define HUPCL		0x00004000	/* hang up on last close */
#define CLOCAL		0x00008000	/* no modem lines */
#define CRTSCTS		0x00010000

/* c_lflag: the discipline. */
#define ECHOKE		0x00000001	/* KILL erases the line from the screen */
#define ECHOE		0x00000002	/* ERASE erases from the screen */
#define ECHOK		0x00000004	/* NL after KILL */
#define ECHO		0x00000008
#define ECHONL		0x00000010	/* echo NL even without ECHO */
#define ECHOPRT		0x00000020	/* erasing for paper: \...characters.../ */
#define ECHOCTL		0x00000040	/* control characters as ^X */
#define ISIG		0x00000080	/* INTR, QUIT, SUSP send signals */
#define ICANON		0x00000100	/* lines with editing */
#define ALTWERASE	0x00000200	/* words are of letters and digits */
#define IEXTEN		0x00000400	/* LNEXT, WERASE, REPRINT ... work */
#define TOSTOP		0x00400000	/* background output sends SIGTTOU */
#define FLUSHO		0x00800000	/* output is being thrown away */
#define NOKERNINFO	0x02000000
#define PENDIN		0x20000000	/* retype the input at the next read */
#define NOFLSH		0x80000000	/* signals do not flush the queues */

typedef unsigned int	tcflag_t;
typedef unsigned char	cc_t;
typedef unsigned int	speed_t;

/* Everything that tcgetattr(3) and tcsetattr(3) carry. */
struct termios {
	tcflag_t	c_iflag;	/* input */
	tcflag_t	c_oflag;	/* output */
	tcflag_t	c_cflag;	/* line */
	tcflag_t	c_lflag;	/* discipline */
	cc_t		c_cc[NCCS];	/* special characters */
	int		c_ispeed;	/* input speed, bits a second */
	int		c_ospeed;	/* output speed, bits a second */
};

#define B0		0
#define B9600		9600
#define B38400		38400
#define B115200		115200

#define TCSANOW		0	/* tcsetattr: at once */
#define TCSADRAIN	1	/* after the output has gone */
#define TCSAFLUSH	2	/* that, and drop the input */
#define TCSASOFT	0x10	/* leave the line's settings alone */

#define TCIFLUSH	1	/* tcflush: input */
#define TCOFLUSH	2	/* output */
#define TCIOFLUSH	3	/* both */

#ifndef _KERNEL
int	tcgetattr(int, struct termios *);
int	tcsetattr(int, int, const struct termios *);
int	tcflush(int, int);
int	tcdrain(int);
void	cfmakeraw(struct termios *);
pid_t	tcgetpgrp(int);
int	tcsetpgrp(int, pid_t);
pid_t	tcgetsid(int);
#endif

#endif /* _SYS_TERMIOS_H_ */
