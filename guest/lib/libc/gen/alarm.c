/* SPDX-License-Identifier: ISC */
#include <sys/resource.h>
#include <sys/time.h>
#include <errno.h>
#include <unistd.h>

unsigned int
alarm(unsigned int seconds)
{
	struct itimerval new, old;

	timerclear(&new.it_interval);
	new.it_value.tv_sec = seconds;
	new.it_value.tv_usec = 0;
	if (setitimer(ITIMER_REAL, &new, &old) == -1)
		return -1;
	return old.it_value.tv_sec + (old.it_value.tv_usec > 0);
}

int
nice(int increment)
{
	int old;

	errno = 0;
	old = getpriority(PRIO_PROCESS, 0);
	if (old == -1 && errno != 0)
		return -1;
	return setpriority(PRIO_PROCESS, 0, old + increment) == -1 ? -1 :
	    getpriority(PRIO_PROCESS, 0);
}
