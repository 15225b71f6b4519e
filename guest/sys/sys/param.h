/* SPDX-License-Identifier: ISC */
#ifndef _SYS_PARAM_H_
#define _SYS_PARAM_H_

#include <sys/types.h>
#include <sys/syslimits.h>
#ifdef _KERNEL
#include <sys/errno.h>
#endif
#include <machine/param.h>

#define MAXCOMLEN	16		/* bytes of a command name kept */
#define MAXLOGNAME	LOGIN_NAME_MAX	/* bytes of a login name */
#define MAXPATHLEN	PATH_MAX	/* bytes of a path, with its NUL */
#define MAXSYMLINKS	32		/* symbolic links in one look-up */
#define MAXHOSTNAMELEN	(HOST_NAME_MAX + 1)
#define MAXUPRC		CHILD_MAX	/* initial soft RLIMIT_NPROC */
#define NCARGS		ARG_MAX		/* bytes of exec arguments */
#define NGROUPS		NGROUPS_MAX
#define NOFILE		OPEN_MAX	/* initial soft RLIMIT_NOFILE */
#define NOFILE_MAX	1024		/* initial hard RLIMIT_NOFILE */
#define NOGROUP		65535		/* a gid nobody has */
#define NODEV		((dev_t)-1)	/* no device */

/* Priorities of tsleep(9); the scheduler's own run from PUSER to MAXPRI. */
#define PSWP		0		/* swapper */
#define PVM		4		/* waiting for memory */
#define PINOD		8		/* waiting for an inode */
#define PRIBIO		16		/* waiting for a block transfer */
#define PVFS		20		/* waiting in the file layer */
#define PZERO		22		/* the historical signal boundary */
#define PSOCK		24		/* waiting on a socket or pipe */
#define PWAIT		32		/* waiting for another process */
#define PLOCK		36		/* waiting for a lock */
#define PPAUSE		40		/* waiting for a signal */
#define PUSER		50		/* the best priority of user mode */
#define MAXPRI		127		/* the worst priority */

#define PRIMASK		0x0ff		/* the priority proper */
#define PCATCH		0x100		/* let a signal end the sleep */
#define PNORELOCK	0x200		/* do not take the lock again (msleep) */

/* Fixed point numbers of the load average and p_pctcpu. */
#define FSHIFT		11		/* bits to the right of the point */
#define FSCALE		(1 << FSHIFT)

#define NBBY		8		/* bits in a byte */

#define nitems(_a)	(sizeof((_a)) / sizeof((_a)[0]))
#define howmany(x, y)	(((x) + ((y) - 1)) / (y))
#define roundup(x, y)	((((x) + ((y) - 1)) / (y)) * (y))
#define powerof2(x)	((((x) - 1) & (x)) == 0)
#ifndef MIN
#define MIN(a, b)	(((a) < (b)) ? (a) : (b))
#define MAX(a, b)	(((a) > (b)) ? (a) : (b))
#endif

#ifdef _KERNEL
#define setbit(a, i)	((a)[(i) >> 3] |= 1 << ((i) & 7))
#define clrbit(a, i)	((a)[(i) >> 3] &= ~(1 << ((i) & 7)))
#define isset(a, i)	((a)[(i) >> 3] & (1 << ((i) & 7)))
#define isclr(a, i)	(((a)[(i) >> 3] & (1 << ((i) & 7))) == 0)
#endif

#endif /* _SYS_PARAM_H_ */
