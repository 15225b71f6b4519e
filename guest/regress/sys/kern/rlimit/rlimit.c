/* SPDX-License-Identifier: ISC */
/* getrlimit(2) and setrlimit(2): limits, who may raise them, who has them. */

#include <sys/resource.h>
#include <fcntl.h>
#include <unistd.h>
#include "../kstat.h"
#include "../regress.h"

#define USER	1000

struct rlimit
limit_of(int resource)
{
	struct rlimit limit = { 0, 0 };

	getrlimit(resource, &limit);
	return limit;
}

int
set_limit(int resource, rlim_t soft, rlim_t hard)
{
	struct rlimit limit = { soft, hard };

	return setrlimit(resource, &limit);
}

const char *
defaults(void)
{
	struct rlimit limit = limit_of(RLIMIT_NPROC);

	CHECK(limit.rlim_cur == 80 && limit.rlim_max == RLIM_INFINITY);
	limit = limit_of(RLIMIT_NOFILE);
	CHECK(limit.rlim_cur <= limit.rlim_max);
	limit = limit_of(RLIMIT_STACK);
	CHECK(limit.rlim_cur == 2 * 1024 * 1024);
	return NULL;
}

const char *
child_has_its_own(void)
{
	struct rlimit before = limit_of(RLIMIT_NPROC);
	pid_t pid = fork();

	if (pid == 0) {
		if (limit_of(RLIMIT_NPROC).rlim_cur != before.rlim_cur)
			_exit(1);
		if (set_limit(RLIMIT_NPROC, 7, 9) == -1)
			_exit(2);
		_exit(limit_of(RLIMIT_NPROC).rlim_cur == 7 ? 0 : 3);
	}
	CHECK(exited(wait_status(pid), 0));
	CHECK(limit_of(RLIMIT_NPROC).rlim_cur == before.rlim_cur);
	return NULL;
}

/* A user lowers the hard limit and cannot raise it again; root can. */
int
lowers_for_good(void)
{
	if (set_limit(RLIMIT_NPROC, 10, 20) == -1)
		return 1;
	if (set_limit(RLIMIT_NPROC, 10, 21) != -1 || errno != EPERM)
		return 2;
	if (set_limit(RLIMIT_NPROC, 20, 20) == -1)
		return 3;
	return limit_of(RLIMIT_NPROC).rlim_cur == 20 ? 0 : 4;
}

const char *
hard_limits(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (set_limit(RLIMIT_NPROC, 5, 5) == -1 ||
		    set_limit(RLIMIT_NPROC, 80, RLIM_INFINITY) == -1)
			_exit(9);
		if (setuid(USER) == -1)
			_exit(8);
		_exit(lowers_for_good());
	}
	CHECK(exited(wait_status(pid), 0));
	return NULL;
}

const char *
open_files(void)
{
	struct rlimit before = limit_of(RLIMIT_NOFILE);
	int fd;

	fd = open("/dev/null", O_RDONLY);
	CHECK(fd != -1);
	CHECK(set_limit(RLIMIT_NOFILE, fd + 1, before.rlim_max) == 0);
	CHECK_ERRNO(dup(fd), EMFILE);
	CHECK_ERRNO(dup2(fd, fd + 1), EBADF);
	CHECK(set_limit(RLIMIT_NOFILE, before.rlim_cur, before.rlim_max) == 0);
	CHECK(dup(fd) == fd + 1);
	close(fd + 1);
	close(fd);
	return NULL;
}

const char *
errors(void)
{
	struct rlimit limit;

	CHECK_ERRNO(getrlimit(RLIM_NLIMITS, &limit), EINVAL);
	CHECK_ERRNO(getrlimit(-1, &limit), EINVAL);
	CHECK_ERRNO(getrlimit(RLIMIT_CPU, (void *)8), EFAULT);
	CHECK_ERRNO(set_limit(RLIM_NLIMITS, 1, 1), EINVAL);
	CHECK_ERRNO(set_limit(RLIMIT_NPROC, 2, 1), EINVAL);
	CHECK_ERRNO(setrlimit(RLIMIT_CPU, (void *)8), EFAULT);
	return NULL;
}

static const struct regress cases[] = {
	{ defaults, "what a process begins with" },
	{ child_has_its_own, "a child's changes are its own" },
	{ hard_limits, "hard limits go down only, but for root" },
	{ open_files, "open files" },
	{ errors, "errors" },
};

REGRESS_MAIN(cases)
