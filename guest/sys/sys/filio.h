/* SPDX-License-Identifier: ISC */
#ifndef _SYS_FILIO_H_
#define _SYS_FILIO_H_

#include <sys/ioccom.h>

/* ioctls that any descriptor understands. */
#define FIOCLEX		_IO('f', 1)		/* set close-on-exec */
#define FIONCLEX	_IO('f', 2)		/* clear it */
#define FIOGETOWN	_IOR('f', 123, int)	/* SIGIO owner */
#define FIOSETOWN	_IOW('f', 124, int)
#define FIOASYNC	_IOW('f', 125, int)	/* set or clear O_ASYNC */
#define FIONBIO		_IOW('f', 126, int)	/* set or clear O_NONBLOCK */
#define FIONREAD	_IOR('f', 127, int)	/* bytes a read would find */

#endif /* _SYS_FILIO_H_ */
