/* SPDX-License-Identifier: ISC */
/* ktrace(2): what is recorded, of whom, and who may ask for it. */

#include <sys/param.h>
#include <sys/ktrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include "../kstat.h"
#include "../regress.h"

#define TRACE		"/tmp/regress.ktrace"
#define MISSING		"/tmp/there/is/nothing"
#define ALL		KTRFAC_MASK
#define AN_ID		1000
#define LONG_WRITE	10000	/* bytes: more than two pages */

char *myself;

/* The trace, and the record that is looked at. */
static char trace[65536];
static size_t trace_len, trace_at;
static struct ktr_header header;
static const char *data;

int
new_trace(void)
{
	int fd = open(TRACE, O_CREAT | O_TRUNC | O_RDWR, 0644);

	return fd == -1 ? -1 : close(fd);
}

int
read_trace(void)
{
	ssize_t n;
	int fd = open(TRACE, O_RDONLY);

	trace_len = trace_at = 0;
	while ((n = read(fd, trace + trace_len,
	    sizeof(trace) - trace_len)) > 0)
		trace_len += n;
	close(fd);
	return trace_len > 0;
}

/* Go to the next record of this type and process (0: any). */
int
next_record(u_int type, pid_t pid)
{
	while (trace_at + sizeof(header) <= trace_len) {
		memcpy(&header, trace + trace_at, sizeof(header));
		data = trace + trace_at + sizeof(header);
		trace_at += sizeof(header) + header.ktr_len;
		if (header.ktr_type == type &&
		    (pid == 0 || header.ktr_pid == pid))
			return trace_at <= trace_len;
	}
	return 0;
}

/* Go to the next system call with this number; its first argument. */
int
next_call(int code, pid_t pid, long *arg)
{
	struct ktr_syscall call;

	while (next_record(KTR_SYSCALL, pid)) {
		memcpy(&call, data, sizeof(call));
		if (call.ktr_code != code)
			continue;
		if (arg != NULL)
			memcpy(arg, data + sizeof(call), sizeof(*arg));
		return 1;
	}
	return 0;
}

/* Go to the next return of it; the error and the value. */
int
next_return(int code, pid_t pid, int *error, long *value)
{
	struct ktr_sysret ret;

	while (next_record(KTR_SYSRET, pid)) {
		memcpy(&ret, data, sizeof(ret));
		if (ret.ktr_code != code)
			continue;
		*error = ret.ktr_error;
		*value = 0;
		if (header.ktr_len > sizeof(ret))
			memcpy(value, data + sizeof(ret), sizeof(*value));
		return 1;
	}
	return 0;
}

/* A child that is traced and does something. */
#define TRACED_CHILD(facs, code) ({					\
	pid_t _pid = new_trace() == 0 ? fork() : -1;			\
	if (_pid == 0) {						\
		if (ktrace(TRACE, KTROP_SET, facs, getpid()) == -1)	\
			_exit(100);					\
		code;							\
		_exit(0);						\
	}								\
	_pid;								\
})

const char *
calls_and_returns(void)
{
	pid_t pid = TRACED_CHILD(ALL, getppid(); open(MISSING, O_RDONLY));
	long value;
	int error;

	CHECK(exited(wait_status(pid), 0));
	CHECK(read_trace());
	CHECK(next_record(KTR_START, pid));
	CHECK(next_return(SYS_ktrace, pid, &error, &value) && error == 0);
	CHECK(next_call(SYS_getppid, pid, NULL));
	CHECK(header.ktr_tid > 100000);
	CHECK(strcmp(header.ktr_comm, "ktrace") == 0);
	CHECK(next_return(SYS_getppid, pid, &error, &value));
	CHECK(error == 0 && value == getpid());
	CHECK(next_call(SYS_open, pid, &value));
	CHECK(value != 0);
	CHECK(next_record(KTR_NAMEI, pid));
	CHECK(header.ktr_len == strlen(MISSING));
	CHECK(memcmp(data, MISSING, header.ktr_len) == 0);
	CHECK(next_return(SYS_open, pid, &error, &value));
	CHECK(error == ENOENT);
	CHECK(next_call(SYS_exit, pid, NULL));
	CHECK(!next_record(KTR_SYSRET, pid));
	return NULL;
}

const char *
data_that_moves(void)
{
	static char out[LONG_WRITE];
	struct ktr_genio io;
	size_t total = 0, i;
	int fds[2];
	pid_t pid;

	for (i = 0; i < sizeof(out); i++)
		out[i] = i % 127;
	CHECK(pipe(fds) == 0);
	pid = TRACED_CHILD(KTRFAC_GENIO, write(fds[1], "hello", 5);
	    read(fds[0], out, 5); write(fds[1], out, sizeof(out));
	    read(-1, out, 5));
	CHECK(exited(wait_status(pid), 0));
	CHECK(close(fds[0]) == 0 && close(fds[1]) == 0);
	CHECK(read_trace());
	CHECK(next_record(KTR_GENIO, pid));
	memcpy(&io, data, sizeof(io));
	CHECK(io.ktr_fd == fds[1] && io.ktr_rw == KTR_GENIO_WRITE);
	CHECK(header.ktr_len == sizeof(io) + 5);
	CHECK(memcmp(data + sizeof(io), "hello", 5) == 0);
	CHECK(next_record(KTR_GENIO, pid));
	memcpy(&io, data, sizeof(io));
	CHECK(io.ktr_fd == fds[0] && io.ktr_rw == KTR_GENIO_READ);
	memcpy(out, "hello", 5);
	while (next_record(KTR_GENIO, pid)) {
		size_t len = header.ktr_len - sizeof(io);

		CHECK(total + len <= sizeof(out));
		CHECK(memcmp(data + sizeof(io), out + total, len) == 0);
		total += len;
	}
	CHECK(total == sizeof(out));
	/* nothing but what was asked for */
	trace_at = 0;
	CHECK(!next_record(KTR_SYSCALL, pid));
	return NULL;
}

const char *
forks_inherit(void)
{
	long value, child;
	int error;
	pid_t pid;

	pid = TRACED_CHILD(ALL | KTRFAC_INHERIT, pid_t _child = fork();
	    if (_child == 0) { getppid(); _exit(0); } wait_status(_child));
	CHECK(exited(wait_status(pid), 0));
	CHECK(read_trace());
	CHECK(next_return(SYS_fork, pid, &error, &child));
	CHECK(error == 0 && child > 1);
	trace_at = 0;
	CHECK(next_return(SYS_fork, child, &error, &value));
	CHECK(error == 0 && value == 0);
	CHECK(next_call(SYS_getppid, child, NULL));

	/* only if they are to */
	pid = TRACED_CHILD(ALL, pid_t _child = fork();
	    if (_child == 0) { getppid(); _exit(0); } wait_status(_child));
	CHECK(exited(wait_status(pid), 0));
	CHECK(read_trace());
	CHECK(next_return(SYS_fork, pid, &error, &child));
	trace_at = 0;
	CHECK(!next_record(KTR_SYSRET, child));
	CHECK(!next_call(SYS_getppid, 0, NULL));
	return NULL;
}

const char *
vfork_too(void)
{
	long value, child;
	int error;
	pid_t pid = TRACED_CHILD(ALL | KTRFAC_INHERIT,
	    if (vfork() == 0) _exit(0));

	CHECK(exited(wait_status(pid), 0));
	CHECK(read_trace());
	CHECK(next_return(SYS_vfork, pid, &error, &child) && child > 1);
	trace_at = 0;
	CHECK(next_return(SYS_vfork, child, &error, &value));
	CHECK(error == 0 && value == 0);
	return NULL;
}

void
catch(int sig)
{
}

const char *
signals(void)
{
	struct ktr_psig psig;
	pid_t pid = TRACED_CHILD(KTRFAC_PSIG, signal(SIGUSR1, catch);
	    kill(getpid(), SIGUSR1); kill(getpid(), SIGTERM));

	CHECK(killed(wait_status(pid), SIGTERM));
	CHECK(read_trace());
	CHECK(next_record(KTR_PSIG, pid));
	memcpy(&psig, data, sizeof(psig));
	CHECK(psig.signo == SIGUSR1 && psig.action == catch);
	CHECK(next_record(KTR_PSIG, pid));
	memcpy(&psig, data, sizeof(psig));
	CHECK(psig.signo == SIGTERM && psig.action == SIG_DFL);
	return NULL;
}

const char *
structures_and_users(void)
{
	struct ktr_user user;
	struct stat sb, seen;
	pid_t pid = TRACED_CHILD(KTRFAC_STRUCT | KTRFAC_USER, stat("/", &sb);
	    utrace("mark", "data", 4));

	CHECK(exited(wait_status(pid), 0));
	CHECK(stat("/", &sb) == 0);
	CHECK(read_trace());
	CHECK(next_record(KTR_STRUCT, pid));
	CHECK(strcmp(data, "stat") == 0);
	CHECK(header.ktr_len == sizeof("stat") + sizeof(seen));
	memcpy(&seen, data + sizeof("stat"), sizeof(seen));
	CHECK(seen.st_ino == sb.st_ino && seen.st_mode == sb.st_mode);
	CHECK(next_record(KTR_USER, pid));
	memcpy(&user, data, sizeof(user));
	CHECK(strcmp(user.ktr_id, "mark") == 0);
	CHECK(memcmp(data + sizeof(user), "data", 4) == 0);
	return NULL;
}

const char *
exec_arguments(void)
{
	char *argv[] = { myself, "exit", NULL };
	char *envp[] = { "A=1", NULL };
	pid_t pid = TRACED_CHILD(ALL, execve(myself, argv, envp));
	size_t len = strlen(myself) + 1;
	long value;
	int error;

	CHECK(exited(wait_status(pid), 9));
	CHECK(read_trace());
	CHECK(next_record(KTR_EXECARGS, pid));
	CHECK(header.ktr_len == len + sizeof("exit"));
	CHECK(strcmp(data, myself) == 0 && strcmp(data + len, "exit") == 0);
	CHECK(next_record(KTR_EXECENV, pid));
	CHECK(header.ktr_len == sizeof("A=1") && strcmp(data, "A=1") == 0);
	CHECK(next_return(SYS_execve, pid, &error, &value) && error == 0);
	return NULL;
}

const char *
it_ends(void)
{
	pid_t pid = TRACED_CHILD(ALL,
	    if (ktrace(NULL, KTROP_CLEAR, KTRFAC_NAMEI, getpid()) == -1)
		_exit(1);
	    access("/", F_OK); ktrace(NULL, KTROP_CLEAR, ALL, getpid());
	    getppid());

	CHECK(exited(wait_status(pid), 0));
	CHECK(read_trace());
	CHECK(!next_record(KTR_NAMEI, pid));
	trace_at = 0;
	CHECK(next_call(SYS_access, pid, NULL));
	CHECK(!next_call(SYS_getppid, pid, NULL));

	pid = TRACED_CHILD(ALL | KTRFAC_INHERIT,
	    if (ktrace(TRACE, KTROP_CLEARFILE, 0, 0) == -1) _exit(1);
	    getppid());
	CHECK(exited(wait_status(pid), 0));
	CHECK(read_trace());
	CHECK(!next_call(SYS_getppid, pid, NULL));
	return NULL;
}

const char *
descendants(void)
{
	int go[2], status;
	pid_t pid;
	char c;

	CHECK(new_trace() == 0);
	CHECK(pipe(go) == 0);
	if ((pid = fork()) == 0) {
		pid_t child = fork();

		read(go[0], &c, 1);
		getppid();
		_exit(child == 0 ? 0 : wait_status(child));
	}
	usleep(20000);
	CHECK(ktrace(TRACE, KTROP_SET | KTRFLAG_DESCEND, KTRFAC_SYSCALL,
	    pid) == 0);
	CHECK(write(go[1], "gg", 2) == 2);
	status = wait_status(pid);
	CHECK(exited(status, 0));
	CHECK(close(go[0]) == 0 && close(go[1]) == 0);
	CHECK(read_trace());
	CHECK(next_call(SYS_getppid, 0, NULL));
	CHECK(next_call(SYS_getppid, 0, NULL));
	CHECK(!next_call(SYS_getppid, 0, NULL));
	return NULL;
}

const char *
errors_and_rights(void)
{
	pid_t pid;

	CHECK(new_trace() == 0);
	CHECK_ERRNO(ktrace(MISSING, KTROP_SET, ALL, getpid()), ENOENT);
	CHECK_ERRNO(ktrace("/dev/null", KTROP_SET, ALL, getpid()), EACCES);
	CHECK_ERRNO(ktrace(NULL, KTROP_SET, ALL, getpid()), EINVAL);
	CHECK_ERRNO(ktrace(TRACE, KTROP_SET, 0, getpid()), EINVAL);
	CHECK_ERRNO(ktrace(TRACE, KTROP_SET, ALL, 99999), ESRCH);
	CHECK_ERRNO(ktrace(TRACE, KTROP_SET, ALL, -99999), ESRCH);
	/* what root traces, its owner cannot stop; nor trace others' */
	CHECK(chmod(TRACE, 0666) == 0);
	if ((pid = fork()) == 0) {
		if (ktrace(TRACE, KTROP_SET, ALL, getpid()) == -1)
			_exit(1);
		setuid(AN_ID);
		if (ktrace(NULL, KTROP_CLEAR, ALL, getpid()) == 0 ||
		    errno != EPERM)
			_exit(2);
		if (ktrace(TRACE, KTROP_SET, ALL, 1) == 0 || errno != EPERM)
			_exit(3);
		_exit(0);
	}
	CHECK(exited(wait_status(pid), 0));
	CHECK(unlink(TRACE) == 0);
	return NULL;
}

const struct regress cases[] = {
	{ calls_and_returns, "calls, names and returns" },
	{ data_that_moves, "data that is read and written" },
	{ forks_inherit, "fork's two returns, if children are traced" },
	{ vfork_too, "vfork's two returns" },
	{ signals, "signals" },
	{ structures_and_users, "structures and the user's own records" },
	{ exec_arguments, "arguments and environment" },
	{ it_ends, "facilities and files are cleared" },
	{ descendants, "a process with its descendants" },
	{ errors_and_rights, "errors and rights" },
};

int
main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "exit") == 0)
		return 9;
	myself = argv[0];
	return regress_run(cases, sizeof(cases) / sizeof(cases[0]));
}
