/* SPDX-License-Identifier: ISC */
#ifndef _SYS_KERNEL_H_
#define _SYS_KERNEL_H_

#include <sys/param.h>
#include <sys/time.h>

extern int	ticks;		/* clock interrupts since boot */
extern int	hz;		/* clock interrupts per second */
extern int	tick;		/* microseconds per clock interrupt */
extern int	tick_nsec;	/* nanoseconds per clock interrupt */
extern int	stathz;		/* statistics clock, per second */
extern int	profhz;		/* statistics clock while profiling */
extern int	securelevel;	/* system security level */
extern char	hostname[MAXHOSTNAMELEN];	/* sethostname */
extern int	hostnamelen;	/* its length */
extern long	hostid;		/* gethostid */
extern const char ostype[];	/* "OpenBSD" */
extern const char osrelease[];	/* "6.6" */
extern const char version[];	/* banner */
extern const char osversion[];	/* kernel configuration name */

#endif /* _SYS_KERNEL_H_ */
