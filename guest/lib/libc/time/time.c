/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <time.h>

#define SECS_PER_DAY	(24 * 60 * 60)
#define DAYS_PER_ERA	146097		/* 400 years */
#define DAYS_TO_1970	719468		/* from 1 March of year 0 */
#define EPOCH_WDAY	4		/* 1 January 1970 was a Thursday */
#define TM_YEAR_BASE	1900

const char *const __tm_days[7] = {
	"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
	"Saturday",
};
const char *const __tm_months[12] = {
	"January", "February", "March", "April", "May", "June", "July",
	"August", "September", "October", "November", "December",
};

/* Days before each month of a common year. */
static const int month_start[12] = {
	0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334,
};

static long long
floor_div(long long a, long long b)
{
	return a / b - (a % b < 0);
}

static int
is_leap(long long year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/*
 * Days since 1970 of a date.  Years begin in March here, so that the leap
 * day comes last and the months before it have the same lengths each year.
 */
static long long
days_from_date(long long year, int month, int day)
{
	long long y = month < 2 ? year - 1 : year;
	long long era = floor_div(y, 400), year_of_era = y - era * 400;
	int shifted = (month + 10) % 12;	/* March is 0 */

	return era * DAYS_PER_ERA + year_of_era * 365 + year_of_era / 4 -
	    year_of_era / 100 + (153 * shifted + 2) / 5 + (day - 1) -
	    DAYS_TO_1970;
}

time_t
time(time_t *result)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now) == -1)
		return -1;
	if (result != NULL)
		*result = now.tv_sec;
	return now.tv_sec;
}

struct tm *
gmtime_r(const time_t *clock, struct tm *tm)
{
	long long days = floor_div(*clock, SECS_PER_DAY), year, start;
	int seconds = *clock - days * SECS_PER_DAY, month;

	/* The guess is at most a year off; then it is put right. */
	year = 1970 + floor_div(days * 400, DAYS_PER_ERA);
	while (days_from_date(year, 0, 1) > days)
		year--;
	while (days_from_date(year + 1, 0, 1) <= days)
		year++;
	start = days_from_date(year, 0, 1);
	tm->tm_yday = days - start;
	for (month = 11; tm->tm_yday < month_start[month] +
	    (month > 1 && is_leap(year)); month--)
		continue;
	tm->tm_mon = month;
	tm->tm_mday = tm->tm_yday - month_start[month] -
	    (month > 1 && is_leap(year)) + 1;
	tm->tm_year = year - TM_YEAR_BASE;
	tm->tm_wday = ((days + EPOCH_WDAY) % 7 + 7) % 7;
	tm->tm_hour = seconds / 3600;
	tm->tm_min = seconds / 60 % 60;
	tm->tm_sec = seconds % 60;
	tm->tm_isdst = 0;
	tm->tm_gmtoff = 0;
	tm->tm_zone = (char *)"UTC";
	return tm;
}

struct tm *
localtime_r(const time_t *clock, struct tm *tm)
{
	return gmtime_r(clock, tm);
}

struct tm *
gmtime(const time_t *clock)
{
	static struct tm tm;

	return gmtime_r(clock, &tm);
}

struct tm *
localtime(const time_t *clock)
{
	return gmtime(clock);
}

/* Fields out of range are carried into the next larger ones. */
time_t
timegm(struct tm *tm)
{
	long long carry = floor_div(tm->tm_mon, 12), days;
	time_t clock;

	days = days_from_date(tm->tm_year + TM_YEAR_BASE + carry,
	    tm->tm_mon - carry * 12, 1) + tm->tm_mday - 1;
	clock = days * SECS_PER_DAY + tm->tm_hour * 3600LL +
	    tm->tm_min * 60LL + tm->tm_sec;
	gmtime_r(&clock, tm);
	return clock;
}

time_t
mktime(struct tm *tm)
{
	return timegm(tm);
}

char *
asctime(const struct tm *tm)
{
	static char text[sizeof("Www Mmm dd hh:mm:ss -2147481748\n")];

	strftime(text, sizeof(text), "%a %b %e %H:%M:%S %Y\n", tm);
	return text;
}

char *
ctime(const time_t *clock)
{
	return asctime(gmtime(clock));
}
