/* SPDX-License-Identifier: ISC */
#ifndef _SYS_TIME_H_
#define _SYS_TIME_H_

#include <sys/types.h>

struct timeval {
	time_t		tv_sec;		/* seconds */
	suseconds_t	tv_usec;	/* microseconds, 0..999999 */
};

struct timespec {
	time_t		tv_sec;		/* seconds */
	long		tv_nsec;	/* nanoseconds, 0..999999999 */
};

struct timezone {
	int	tz_minuteswest;		/* minutes west of Greenwich */
	int	tz_dsttime;		/* kind of daylight saving */
};

#define ITIMER_REAL	0		/* wall clock */
#define ITIMER_VIRTUAL	1		/* user time */
#define ITIMER_PROF	2		/* user and system time */

struct itimerval {
	struct timeval	it_interval;	/* period, zero for one shot */
	struct timeval	it_value;	/* time to the next expiry */
};

#define CLOCK_REALTIME			0	/* time of day */
#define CLOCK_PROCESS_CPUTIME_ID	2	/* of the process */
#define CLOCK_MONOTONIC			3	/* since boot */
#define CLOCK_UPTIME			5	/* since boot */

#define timespecclear(ts)	((ts)->tv_sec = (ts)->tv_nsec = 0)
#define timespecisset(ts)	((ts)->tv_sec || (ts)->tv_nsec)
#define timespeccmp(a, b, cmp)						\
	(((a)->tv_sec == (b)->tv_sec) ?					\
	    ((a)->tv_nsec cmp (b)->tv_nsec) :				\
	    ((a)->tv_sec cmp (b)->tv_sec))
#define timespecadd(a, b, r) do {					\
	(r)->tv_sec = (a)->tv_sec + (b)->tv_sec;			\
	(r)->tv_nsec = (a)->tv_nsec + (b)->tv_nsec;			\
	if ((r)->tv_nsec >= 1000000000L) {				\
		(r)->tv_sec++;						\
		(r)->tv_nsec -= 1000000000L;				\
	}								\
} while (0)
#define timespecsub(a, b, r) do {					\
	(r)->tv_sec = (a)->tv_sec - (b)->tv_sec;			\
	(r)->tv_nsec = (a)->tv_nsec - (b)->tv_nsec;			\
	if ((r)->tv_nsec < 0) {						\
		(r)->tv_sec--;						\
		(r)->tv_nsec += 1000000000L;				\
	}								\
} while (0)
#define timerclear(tv)		((tv)->tv_sec = (tv)->tv_usec = 0)
#define timerisset(tv)		((tv)->tv_sec || (tv)->tv_usec)
#define timercmp(a, b, cmp)						\
	(((a)->tv_sec == (b)->tv_sec) ?					\
	    ((a)->tv_usec cmp (b)->tv_usec) :				\
	    ((a)->tv_sec cmp (b)->tv_sec))
#define timeradd(a, b, r) do {						\
	(r)->tv_sec = (a)->tv_sec + (b)->tv_sec;			\
	(r)->tv_usec = (a)->tv_usec + (b)->tv_usec;			\
	if ((r)->tv_usec >= 1000000) {					\
		(r)->tv_sec++;						\
		(r)->tv_usec -= 1000000;				\
	}								\
} while (0)
#define timersub(a, b, r) do {						\
	(r)->tv_sec = (a)->tv_sec - (b)->tv_sec;			\
	(r)->tv_usec = (a)->tv_usec - (b)->tv_usec;			\
	if ((r)->tv_usec < 0) {						\
		(r)->tv_sec--;						\
		(r)->tv_usec += 1000000;				\
	}								\
} while (0)
#define TIMESPEC_TO_TIMEVAL(tv, ts) do {				\
	(tv)->tv_sec = (ts)->tv_sec;					\
	(tv)->tv_usec = (ts)->tv_nsec / 1000;				\
} while (0)
#define TIMEVAL_TO_TIMESPEC(tv, ts) do {				\
	(ts)->tv_sec = (tv)->tv_sec;					\
	(ts)->tv_nsec = (tv)->tv_usec * 1000;				\
} while (0)

#ifdef _KERNEL
extern volatile time_t time_second;	/* wall clock, seconds */
extern volatile time_t time_uptime;	/* seconds since boot */

void	nanotime(struct timespec *);		/* wall clock */
void	microtime(struct timeval *);
void	getnanotime(struct timespec *);		/* same, tick resolution */
void	getmicrotime(struct timeval *);
void	nanouptime(struct timespec *);		/* since boot */
void	microuptime(struct timeval *);
void	getnanouptime(struct timespec *);
void	getmicrouptime(struct timeval *);
void	nanoboottime(struct timespec *);	/* wall clock at boot */
int	ratecheck(struct timeval *, const struct timeval *);
int	tstohz(const struct timespec *);	/* to ticks, rounding up */
int	tvtohz(const struct timeval *);
int	timespecfix(struct timespec *);
int	itimerfix(struct timeval *);
void	inittodr(time_t);
#endif /* _KERNEL */

#ifndef _KERNEL
int	gettimeofday(struct timeval *, struct timezone *);
int	getitimer(int, struct itimerval *);
int	setitimer(int, const struct itimerval *, struct itimerval *);
int	utimensat(int, const char *, const struct timespec *, int);
int	futimens(int, const struct timespec *);
#endif

#endif /* _SYS_TIME_H_ */
