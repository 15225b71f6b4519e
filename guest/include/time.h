/* SPDX-License-Identifier: ISC */
#ifndef _TIME_H_
#define _TIME_H_

#include <sys/time.h>

struct tm {
	int	tm_sec;		/* 0..60 */
	int	tm_min;		/* 0..59 */
	int	tm_hour;	/* 0..23 */
	int	tm_mday;	/* day of the month, 1..31 */
	int	tm_mon;		/* month, 0..11 */
	int	tm_year;	/* years since 1900 */
	int	tm_wday;	/* day of the week, 0 is Sunday */
	int	tm_yday;	/* day of the year, 0..365 */
	int	tm_isdst;	/* always 0 */
	long	tm_gmtoff;	/* always 0: local time is UTC */
	char	*tm_zone;	/* "UTC" */
};

time_t	 time(time_t *);
time_t	 mktime(struct tm *);
time_t	 timegm(struct tm *);
struct tm	*gmtime(const time_t *);
struct tm	*gmtime_r(const time_t *, struct tm *);
struct tm	*localtime(const time_t *);
struct tm	*localtime_r(const time_t *, struct tm *);
char	*asctime(const struct tm *);
char	*ctime(const time_t *);
size_t	 strftime(char *, size_t, const char *, const struct tm *)
	    __attribute__((__format__(__strftime__, 3, 0)));
int	 nanosleep(const struct timespec *, struct timespec *);
int	 clock_gettime(clockid_t, struct timespec *);

#endif /* _TIME_H_ */
