/* SPDX-License-Identifier: ISC */
/* setitimer(2) and nanosleep(2): time that passes, and what ends a sleep. */

#include <sys/time.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>
#include "../kstat.h"
#include "../regress.h"

#define MILLISECOND	1000		/* in microseconds */
#define NS_PER_MS	1000000

static volatile sig_atomic_t alarms;

void
count_alarm(int sig)
{
	alarms++;
}

void
set_timer(long first, long interval)
{
	struct itimerval it = {
		.it_value = { 0, first }, .it_interval = { 0, interval }
	};

	setitimer(ITIMER_REAL, &it, NULL);
}

long
milliseconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / NS_PER_MS;
}

const char *
periodic(void)
{
	alarms = 0;
	set_timer(20 * MILLISECOND, 20 * MILLISECOND);
	while (alarms < 3)
		pause();
	set_timer(0, 0);
	return NULL;
}

const char *
what_is_left(void)
{
	struct itimerval it, old;

	set_timer(500 * MILLISECOND, 0);
	CHECK(getitimer(ITIMER_REAL, &it) == 0);
	CHECK(it.it_value.tv_sec == 0 && it.it_value.tv_usec > 0 &&
	    it.it_value.tv_usec <= 510 * MILLISECOND);
	memset(&it, 0, sizeof(it));
	CHECK(setitimer(ITIMER_REAL, &it, &old) == 0);
	CHECK(old.it_value.tv_usec > 0 && old.it_interval.tv_usec == 0);
	CHECK(getitimer(ITIMER_REAL, &old) == 0);
	CHECK(old.it_value.tv_sec == 0 && old.it_value.tv_usec == 0);
	return NULL;
}

const char *
not_inherited(void)
{
	struct itimerval it;
	pid_t pid;

	set_timer(900 * MILLISECOND, 0);
	if ((pid = fork()) == 0) {
		getitimer(ITIMER_REAL, &it);
		_exit(it.it_value.tv_sec != 0 || it.it_value.tv_usec != 0);
	}
	CHECK(exited(wait_status(pid), 0));
	set_timer(0, 0);
	return NULL;
}

const char *
sleeps(void)
{
	struct timespec ts = { 0, 50 * NS_PER_MS }, left = { 7, 7 };
	long before = milliseconds();

	CHECK(nanosleep(&ts, &left) == 0);
	CHECK(milliseconds() - before >= 50);
	return NULL;
}

const char *
interrupted(void)
{
	struct timespec ts = { 5, 0 }, left = { 0, 0 };

	alarms = 0;
	set_timer(20 * MILLISECOND, 0);
	CHECK_ERRNO(nanosleep(&ts, &left), EINTR);
	CHECK(alarms == 1 && left.tv_sec == 4 && left.tv_nsec > 0);
	return NULL;
}

const char *
errors(void)
{
	struct timespec bad = { 0, 1000000000 }, negative = { -1, 0 };
	struct itimerval it = { .it_value = { 0, 1000000 } };

	CHECK_ERRNO(nanosleep(&bad, NULL), EINVAL);
	CHECK_ERRNO(nanosleep(&negative, NULL), EINVAL);
	CHECK_ERRNO(nanosleep((void *)8, NULL), EFAULT);
	CHECK_ERRNO(setitimer(ITIMER_REAL, &it, NULL), EINVAL);
	CHECK_ERRNO(setitimer(99, NULL, NULL), EINVAL);
	CHECK_ERRNO(getitimer(ITIMER_REAL, (void *)8), EFAULT);
	return NULL;
}

static const struct regress cases[] = {
	{ periodic, "an interval timer comes again and again" },
	{ what_is_left, "what is left of it can be asked for" },
	{ not_inherited, "a child has none" },
	{ sleeps, "nanosleep sleeps that long" },
	{ interrupted, "a signal ends it and the rest is told" },
	{ errors, "errors" },
};

int
main(void)
{
	struct sigaction sa = { .sa_handler = count_alarm };

	sigaction(SIGALRM, &sa, NULL);
	return regress_run(cases, sizeof(cases) / sizeof(cases[0]));
}
