/* SPDX-License-Identifier: ISC */
/*
 * KTR_STRUCT: structures that go to or from the kernel by pointer.
 */
#include <sys/types.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/tfork.h>
#include <sys/time.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include "kdump.h"

static void
show_time(const char *label, time_t sec, long fraction, int digits)
{
	printf("%s%lld.%0*ld", label, (long long)sec, digits, fraction);
}

static void
show_stat(const void *data)
{
	const struct stat *sb = data;

	printf("struct stat { dev=%d, ino=%llu, mode=%o, nlink=%u, uid=%u, "
	    "gid=%u, rdev=%d", sb->st_dev, (unsigned long long)sb->st_ino,
	    sb->st_mode, (unsigned int)sb->st_nlink, sb->st_uid, sb->st_gid,
	    sb->st_rdev);
	show_time(", atime=", sb->st_atim.tv_sec, sb->st_atim.tv_nsec, 9);
	show_time(", mtime=", sb->st_mtim.tv_sec, sb->st_mtim.tv_nsec, 9);
	show_time(", ctime=", sb->st_ctim.tv_sec, sb->st_ctim.tv_nsec, 9);
	printf(", size=%lld }", (long long)sb->st_size);
}

static void
show_timespec(const void *data)
{
	const struct timespec *ts = data;

	show_time("struct timespec { ", ts->tv_sec, ts->tv_nsec, 9);
	printf(" }");
}

static void
show_itimerval(const void *data)
{
	const struct itimerval *it = data;

	show_time("struct itimerval { interval=", it->it_interval.tv_sec,
	    it->it_interval.tv_usec, 6);
	show_time(", value=", it->it_value.tv_sec, it->it_value.tv_usec, 6);
	printf(" }");
}

static void
show_limit(const char *label, rlim_t limit)
{
	if (limit == RLIM_INFINITY)
		printf("%sinfinite", label);
	else
		printf("%s%llu", label, (unsigned long long)limit);
}

static void
show_rlimit(const void *data)
{
	const struct rlimit *limit = data;

	show_limit("struct rlimit { cur=", limit->rlim_cur);
	show_limit(", max=", limit->rlim_max);
	printf(" }");
}

static void
show_rusage(const void *data)
{
	const struct rusage *ru = data;

	show_time("struct rusage { utime=", ru->ru_utime.tv_sec,
	    ru->ru_utime.tv_usec, 6);
	show_time(", stime=", ru->ru_stime.tv_sec, ru->ru_stime.tv_usec, 6);
	printf(", minflt=%ld, nvcsw=%ld, nivcsw=%ld }", ru->ru_minflt,
	    ru->ru_nvcsw, ru->ru_nivcsw);
}

static void
show_sigaction(const void *data)
{
	const struct sigaction *sa = data;

	if (sa->sa_handler == SIG_DFL)
		printf("struct sigaction { handler=SIG_DFL");
	else if (sa->sa_handler == SIG_IGN)
		printf("struct sigaction { handler=SIG_IGN");
	else
		printf("struct sigaction { handler=%p",
		    (void *)sa->sa_handler);
	printf(", mask=%#x, flags=%#x }", sa->sa_mask, sa->sa_flags);
}

static void
show_tfork(const void *data)
{
	const struct __tfork *tf = data;

	printf("struct __tfork { tcb=%p, tid=%p, stack=%p }", tf->tf_tcb,
	    (void *)tf->tf_tid, tf->tf_stack);
}

static void
show_pollfd(const void *data)
{
	const struct pollfd *pfd = data;

	printf("struct pollfd { fd=%d, events=%#x, revents=%#x }", pfd->fd,
	    pfd->events, pfd->revents);
}

static const struct {
	const char	*name;			/* as the kernel calls it */
	size_t		size;			/* bytes of one */
	void		(*show)(const void *);
} structs[] = {
	{ "stat", sizeof(struct stat), show_stat },
	{ "timespec", sizeof(struct timespec), show_timespec },
	{ "itimerval", sizeof(struct itimerval), show_itimerval },
	{ "rlimit", sizeof(struct rlimit), show_rlimit },
	{ "rusage", sizeof(struct rusage), show_rusage },
	{ "sigaction", sizeof(struct sigaction), show_sigaction },
	{ "tfork", sizeof(struct __tfork), show_tfork },
	{ "pollfd", sizeof(struct pollfd), show_pollfd },
};

/* The name, NUL, and one or more of the structure. */
void
show_struct(const char *data, size_t len)
{
	size_t namelen = strnlen(data, len), i, at;

	if (namelen == len) {
		printf("invalid record\n");
		return;
	}
	for (i = 0; i < sizeof(structs) / sizeof(structs[0]); i++) {
		if (strcmp(data, structs[i].name) != 0)
			continue;
		for (at = namelen + 1; at + structs[i].size <= len;
		    at += structs[i].size) {
			/* the record does not align it */
			char copy[256] __attribute__((__aligned__(16)));

			memcpy(copy, data + at, structs[i].size);
			if (at > namelen + 1)
				printf(", ");
			(*structs[i].show)(copy);
		}
		putchar('\n');
		return;
	}
	printf("struct %s, %zu bytes\n", data, len - namelen - 1);
}
