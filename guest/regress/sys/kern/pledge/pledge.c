/* SPDX-License-Identifier: ISC */
/* pledge(2): promises, and what comes of breaking them. */

#include <sys/param.h>
#include <sys/ioctl.h>
#include <sys/ktrace.h>
#include <sys/mman.h>
#include <sys/pledge.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include "../kstat.h"
#include "../regress.h"

#define FILE_HERE	"/tmp/regress.pledge"
#define TRACE		"/tmp/regress.pledge.ktrace"
#define FINE		42	/* exit status of a child that got through */

char *myself;

/* The status of a child that promises, does something, and exits. */
#define PLEDGED(promises, code) ({					\
	pid_t _pid = fork();						\
	if (_pid == 0) {						\
		if (pledge(promises, NULL) == -1)			\
			_exit(1);					\
		code;							\
		_exit(FINE);						\
	}								\
	wait_status(_pid);						\
})

/* It may be done with the first promises and kills with the second. */
#define NEEDS(with, without, code) do {					\
	CHECK(exited(PLEDGED(with, code), FINE));			\
	CHECK(killed(PLEDGED(without, code), SIGABRT));			\
} while (0)

const char *
each_call_has_its_promise(void)
{
	char buf[64];
	struct stat sb;

	CHECK(exited(PLEDGED("", ;), FINE));
	NEEDS("stdio", "", getpid());
	NEEDS("stdio", "", getthrid());
	NEEDS("stdio", "rpath", write(-1, buf, 1));
	NEEDS("stdio proc", "stdio", if (fork() == 0) _exit(0));
	NEEDS("stdio proc", "stdio", setpgid(0, 0));
	NEEDS("stdio id", "stdio", setuid(0));
	NEEDS("stdio rpath", "stdio", stat("/", &sb));
	NEEDS("stdio rpath", "stdio", access("/", R_OK));
	NEEDS("stdio rpath", "stdio", chdir("/"));
	NEEDS("stdio fattr rpath", "stdio rpath", chmod(FILE_HERE, 0644));
	NEEDS("stdio chown rpath", "stdio rpath", chown(FILE_HERE, 0, 0));
	NEEDS("stdio cpath", "stdio rpath wpath", mkdir("/tmp/x", 0755));
	NEEDS("stdio cpath", "stdio rpath wpath", rmdir("/tmp/x"));
	NEEDS("stdio rpath cpath", "stdio cpath", rename("/tmp/a", "/tmp/b"));
	NEEDS("stdio wpath", "stdio", truncate(FILE_HERE, 0));
	NEEDS("stdio dpath", "stdio cpath", mknod("/tmp/n", S_IFCHR, 0));
	CHECK(unlink("/tmp/n") == 0 || errno == ENOENT);
	return NULL;
}

const char *
files_are_opened_as_promised(void)
{
	NEEDS("stdio rpath", "stdio wpath", open(FILE_HERE, O_RDONLY));
	NEEDS("stdio wpath", "stdio rpath", open(FILE_HERE, O_WRONLY));
	NEEDS("stdio rpath wpath", "stdio wpath", open(FILE_HERE, O_RDWR));
	NEEDS("stdio wpath cpath", "stdio wpath",
	    open(FILE_HERE, O_CREAT | O_WRONLY, 0644));
	/* what libc needs is permitted anyway, /tmp by its own promise */
	CHECK(exited(PLEDGED("stdio", if (open("/dev/null", O_RDWR) == -1)
	    _exit(1)), FINE));
	NEEDS("stdio getpw", "stdio", if (getpwuid(0) == NULL) _exit(1));
	NEEDS("stdio tmppath", "stdio",
	    if (open(FILE_HERE, O_CREAT | O_RDWR, 0644) == -1) _exit(1));
	NEEDS("stdio rpath", "stdio tmppath",
	    open("/tmp/../etc/passwd", O_RDONLY));
	return NULL;
}

const char *
calls_with_a_closer_look(void)
{
	int name[2] = { CTL_KERN, KERN_MAXPROC };
	int version[2] = { CTL_KERN, KERN_OSRELEASE };
	char buf[256];
	size_t size;
	int value;

	/* signals to others */
	NEEDS("stdio proc", "stdio", kill(getppid(), 0));
	CHECK(exited(PLEDGED("stdio", kill(getpid(), 0)), FINE));
	/* sysctl: what everybody needs, and the rest */
	CHECK(exited(PLEDGED("stdio", size = sizeof(buf);
	    if (sysctl(version, 2, buf, &size, NULL, 0) == -1) _exit(1)),
	    FINE));
	CHECK(killed(PLEDGED("stdio", size = sizeof(value);
	    sysctl(name, 2, &value, &size, NULL, 0)), SIGABRT));
	NEEDS("stdio vminfo", "stdio", if (uvm_counters().npages <= 0)
	    _exit(1));
	/* executable memory */
	NEEDS("stdio prot_exec", "stdio", mmap(NULL, 4096, PROT_READ |
	    PROT_EXEC, MAP_PRIVATE | MAP_ANON, -1, 0));
	/* terminals */
	NEEDS("stdio tty", "stdio", ioctl(0, TIOCGWINSZ, buf));
	CHECK(exited(PLEDGED("stdio", isatty(1)), FINE));
	/* owners */
	CHECK(exited(PLEDGED("stdio fattr rpath",
	    if (chown(FILE_HERE, 1, 1) == 0 || errno != EPERM) _exit(1)),
	    FINE));
	return NULL;
}

const char *
only_ever_fewer(void)
{
	CHECK(exited(PLEDGED("stdio rpath",
	    if (pledge("stdio", NULL) == -1) _exit(1);
	    if (pledge("stdio rpath", NULL) == 0 || errno != EPERM) _exit(2);
	    if (pledge(NULL, NULL) == -1) _exit(3);
	    if (pledge("stdio", NULL) == -1) _exit(4)), FINE));
	CHECK_ERRNO(pledge("stdio nonsense", NULL), EINVAL);
	CHECK_ERRNO(pledge((char *)1, NULL), EFAULT);
	/* none of that was a promise */
	CHECK(getpid() > 0 && access("/", F_OK) == 0);
	return NULL;
}

volatile sig_atomic_t caught;

void
catch(int sig)
{
	caught = 1;
	_exit(0);
}

const char *
the_abort_cannot_be_caught(void)
{
	CHECK(killed(PLEDGED("stdio", signal(SIGABRT, catch);
	    fork()), SIGABRT));
	CHECK(killed(PLEDGED("stdio", signal(SIGABRT, SIG_IGN);
	    fork()), SIGABRT));
	CHECK(killed(PLEDGED("stdio", sigset_t all; sigfillset(&all);
	    sigprocmask(SIG_SETMASK, &all, NULL); fork()), SIGABRT));
	return NULL;
}

const char *
error_instead_of_death(void)
{
	CHECK(exited(PLEDGED("stdio error",
	    if (fork() != -1 || errno != ENOSYS) _exit(1);
	    if (open(FILE_HERE, O_RDONLY) != -1 || errno != ENOSYS) _exit(2);
	    if (pledge("stdio rpath error", NULL) == -1) _exit(3);
	    if (open(FILE_HERE, O_RDONLY) != -1) _exit(4)), FINE));
	return NULL;
}

/* A system call with that number; what it returns, or the error. */
long	answer_of(long);
__asm__(
"answer_of:\n"
"	movq	%rdi, %rax\n"
"	xorl	%edi, %edi\n"
"	xorl	%esi, %esi\n"
"	syscall\n"
"	ret\n");

/* One who promises nothing gets nothing, but for what ends a program. */
const char *
no_call_without_a_promise(void)
{
	static const int permitted[] = { SYS_exit, SYS___get_tcb,
	    SYS___set_tcb, SYS_pledge, SYS_thrkill, SYS_utrace, SYS_kbind };
	const size_t n = sizeof(permitted) / sizeof(permitted[0]);

	CHECK(exited(PLEDGED("error", int _code; size_t _i;
	    for (_code = -1; _code <= SYS_MAXSYSCALL + 1; _code++) {
		for (_i = 0; _i < n && permitted[_i] != _code; _i++)
			continue;
		if (_i == n && answer_of(_code) != ENOSYS)
			_exit(1);
	    }), FINE));
	return NULL;
}

const char *
children_are_bound_too(void)
{
	CHECK(exited(PLEDGED("stdio proc", pid_t _child = fork();
	    if (_child == 0) { open(FILE_HERE, O_RDONLY); _exit(0); }
	    if (!killed(wait_status(_child), SIGABRT)) _exit(1)), FINE));
	return NULL;
}

/* What a child that pledges for after its exec comes to. */
int
exec_status(const char *promises, const char *execpromises)
{
	char *argv[] = { myself, "open", NULL };
	pid_t pid = fork();

	if (pid == 0) {
		if (pledge(promises, execpromises) == -1)
			_exit(1);
		execv(myself, argv);
		_exit(2);
	}
	return wait_status(pid);
}

const char *
exec(void)
{
	CHECK(killed(exec_status("stdio", NULL), SIGABRT));
	/* the new program has made no promises ... */
	CHECK(exited(exec_status("stdio exec", NULL), FINE));
	/* ... but those that were made for it */
	CHECK(exited(exec_status("stdio exec", "stdio rpath"), FINE));
	CHECK(killed(exec_status("stdio exec", "stdio"), SIGABRT));
	CHECK(killed(exec_status(NULL, "stdio"), SIGABRT));
	CHECK(exited(PLEDGED("stdio",
	    if (pledge(NULL, "stdio") == -1) _exit(1);
	    if (pledge(NULL, "stdio rpath") == 0 || errno != EPERM)
		_exit(2)), FINE));
	return NULL;
}

const char *
set_id_programs(void)
{
	char *argv[] = { FILE_HERE, NULL };
	pid_t pid;

	CHECK(chmod(FILE_HERE, 04755) == 0);
	if ((pid = fork()) == 0) {
		if (pledge(NULL, "stdio") == -1)
			_exit(1);
		_exit(execv(FILE_HERE, argv) == -1 && errno == EACCES ?
		    FINE : 2);
	}
	CHECK(exited(wait_status(pid), FINE));
	CHECK(chmod(FILE_HERE, 0644) == 0);
	return NULL;
}

const char *
violations_are_recorded(void)
{
	static char trace[4096];
	struct ktr_header header;
	struct ktr_pledge record;
	size_t at;
	ssize_t len;
	int fd = open(TRACE, O_CREAT | O_TRUNC | O_RDWR, 0644), seen = 0;

	CHECK(fd != -1);
	CHECK(killed(PLEDGED("stdio rpath wpath cpath error", ;), SIGABRT) ==
	    0);
	if (fork() == 0) {
		ktrace(TRACE, KTROP_SET, KTRFAC_PLEDGE, getpid());
		pledge("stdio", NULL);
		setsid();
		_exit(0);
	}
	wait(NULL);
	len = read(fd, trace, sizeof(trace));
	CHECK(len > 0 && close(fd) == 0 && unlink(TRACE) == 0);
	for (at = 0; at + sizeof(header) <= (size_t)len;
	    at += sizeof(header) + header.ktr_len) {
		memcpy(&header, trace + at, sizeof(header));
		if (header.ktr_type != KTR_PLEDGE)
			continue;
		memcpy(&record, trace + at + sizeof(header), sizeof(record));
		CHECK(record.syscall == SYS_setsid && record.error == EPERM);
		CHECK(record.code == PLEDGE_PROC);
		seen++;
	}
	CHECK(seen == 1);
	return NULL;
}

const struct regress cases[] = {
	{ each_call_has_its_promise, "each call has its promise" },
	{ files_are_opened_as_promised, "files are opened as promised" },
	{ calls_with_a_closer_look, "calls with a closer look" },
	{ only_ever_fewer, "promises are only ever made fewer" },
	{ the_abort_cannot_be_caught, "the abort cannot be caught" },
	{ error_instead_of_death, "an error instead of death" },
	{ no_call_without_a_promise, "no call without a promise" },
	{ children_are_bound_too, "children are bound too" },
	{ exec, "promises for after exec" },
	{ set_id_programs, "no set-id programs under promises" },
	{ violations_are_recorded, "violations are recorded" },
};

int
main(int argc, char *argv[])
{
	int fd;

	if (argc == 2 && strcmp(argv[1], "open") == 0)
		return open(FILE_HERE, O_RDONLY) == -1 ? 3 : FINE;
	myself = argv[0];
	fd = open(FILE_HERE, O_CREAT | O_RDWR, 0644);
	if (fd == -1 || close(fd) == -1)
		return 1;
	return regress_run(cases, sizeof(cases) / sizeof(cases[0]));
}
