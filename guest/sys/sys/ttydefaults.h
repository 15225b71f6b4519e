/* SPDX-License-Identifier: ISC */
#ifndef _SYS_TTYDEFAULTS_H_
#define _SYS_TTYDEFAULTS_H_

#include <sys/termios.h>

/* What a terminal starts with. */
#define TTYDEF_IFLAG	(BRKINT | ICRNL | IMAXBEL | IXON | IXANY)
#define TTYDEF_OFLAG	(OPOST | ONLCR)
#define TTYDEF_LFLAG	(ECHO | ICANON | ISIG | IEXTEN | ECHOE | ECHOKE | \
			    ECHOCTL)
#define TTYDEF_CFLAG	(CREAD | CS8 | HUPCL)
#define TTYDEF_SPEED	B115200

#define CTRL(x)		((x) & 0x1f)

#define CEOF		CTRL('d')
#define CEOL		_POSIX_VDISABLE
#define CERASE		0177
#define CWERASE		CTRL('w')
#define CKILL		CTRL('u')
#define CREPRINT	CTRL('r')
#define CINTR		CTRL('c')
#define CQUIT		034		/* ^\ */
#define CSUSP		CTRL('z')
#define CDSUSP		CTRL('y')
#define CSTART		CTRL('q')
#define CSTOP		CTRL('s')
#define CLNEXT		CTRL('v')
#define CDISCARD	CTRL('o')
#define CMIN		1
#define CTIME		0
#define CSTATUS		_POSIX_VDISABLE
#define CERASE2		CTRL('h')	/* accepted like ERASE, always */

/* The defaults in the order of the indices; slots 7 and 19 are spare. */
#define TTYDEFCHARS { CEOF, CEOL, CEOL, CERASE, CWERASE, CKILL, CREPRINT, \
	_POSIX_VDISABLE, CINTR, CQUIT, CSUSP, CDSUSP, CSTART, CSTOP, CLNEXT, \
	CDISCARD, CMIN, CTIME, CSTATUS, _POSIX_VDISABLE }

#endif /* _SYS_TTYDEFAULTS_H_ */
