/* SPDX-License-Identifier: ISC */
/*
 * forkbomb [-l]: every process forks for ever, without waiting for anybody;
 * when it is refused it tries again a little later.  With -l the limit of processes is raised as far as the user may.
 */
#include <sys/types.h>
#include <sys/resource.h>
#include <err.h>
#include <time.h>
#include <unistd.h>

#define LATER	100000000	/* ns */

int
main(int argc, char *argv[])
{
	static const struct timespec later = { 0, LATER };
	struct rlimit limit;

	if (argc > 1) {
		if (getrlimit(RLIMIT_NPROC, &limit) == -1)
			err(1, "getrlimit");
		limit.rlim_cur = limit.rlim_max;
		if (setrlimit(RLIMIT_NPROC, &limit) == -1)
			err(1, "setrlimit");
	}
	for (;;)
		if (fork() == -1)
			(void)nanosleep(&later, NULL);
}
