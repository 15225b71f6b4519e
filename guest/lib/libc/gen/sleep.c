/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

/* The seconds that were left when a signal ended the sleep. */
unsigned int
sleep(unsigned int seconds)
{
	struct timespec left, wanted = { .tv_sec = seconds };

	if (nanosleep(&wanted, &left) == 0)
		return 0;
	return errno == EINTR ? left.tv_sec + (left.tv_nsec > 0) : seconds;
}

int
usleep(unsigned int microseconds)
{
	struct timespec wanted;

	wanted.tv_sec = microseconds / 1000000;
	wanted.tv_nsec = microseconds % 1000000 * 1000L;
	return nanosleep(&wanted, NULL);
}

int
pause(void)
{
	sigset_t mask;

	sigprocmask(SIG_BLOCK, NULL, &mask);
	return sigsuspend(&mask);
}
