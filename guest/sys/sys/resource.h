/* SPDX-License-Identifier: ISC */
#ifndef _SYS_RESOURCE_H_
#define _SYS_RESOURCE_H_

#include <sys/types.h>
#include <sys/time.h>

#define PRIO_MIN	(-20)
#define PRIO_MAX	20
#define PRIO_PROCESS	0
#define PRIO_PGRP	1
#define PRIO_USER	2

#define RUSAGE_SELF	0
#define RUSAGE_CHILDREN	(-1)
#define RUSAGE_THREAD	1

struct rusage {
	struct timeval	ru_utime;	/* user time */
	struct timeval	ru_stime;	/* system time */
	long		ru_maxrss;	/* largest resident set, KB */
	long		ru_ixrss;	/* shared text integral */
	long		ru_idrss;	/* unshared data integral */
	long		ru_isrss;	/* unshared stack integral */
	long		ru_minflt;	/* faults served without I/O */
	long		ru_majflt;	/* faults that needed I/O */
	long		ru_nswap;	/* swaps */
	long		ru_inblock;	/* block inputs */
	long		ru_oublock;	/* block outputs */
	long		ru_msgsnd;	/* messages sent */
	long		ru_msgrcv;	/* messages received */
	long		ru_nsignals;	/* signals received */
	long		ru_nvcsw;	/* voluntary context switches */
	long		ru_nivcsw;	/* involuntary context switches */
};

#define RLIMIT_CPU	0		/* CPU time, seconds */
#define RLIMIT_FSIZE	1		/* largest file, bytes */
#define RLIMIT_DATA	2		/* data segment, bytes */
#define RLIMIT_STACK	3		/* stack, bytes */
#define RLIMIT_CORE	4		/* core file, bytes */
#define RLIMIT_RSS	5		/* resident set, bytes */
#define RLIMIT_MEMLOCK	6		/* locked memory, bytes */
#define RLIMIT_NPROC	7		/* processes of this user */
#define RLIMIT_NOFILE	8		/* open descriptors */
#define RLIM_NLIMITS	9

#define RLIM_INFINITY	((rlim_t)0x7fffffffffffffffULL)

struct rlimit {
	rlim_t	rlim_cur;		/* soft limit */
	rlim_t	rlim_max;		/* hard limit */
};

#ifndef _KERNEL
int	getrlimit(int, struct rlimit *);
int	setrlimit(int, const struct rlimit *);
int	getrusage(int, struct rusage *);
int	getpriority(int, id_t);
int	setpriority(int, id_t, int);
#endif

#endif /* _SYS_RESOURCE_H_ */
