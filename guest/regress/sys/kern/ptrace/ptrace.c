/* SPDX-License-Identifier: ISC */
/* ptrace(2): a debugger and what it debugs. */

#include <sys/mman.h>
#include <sys/types.h>
#include <sys/ptrace.h>
#include <machine/fpu.h>
#include <machine/reg.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include "../kstat.h"
#include "../regress.h"

#define HERE		((caddr_t)1)	/* go on where it stopped */
#define BREAKPOINT	0xcc		/* INT3 */
#define STEPS		50
#define ROUND_UP	0x5f80		/* MXCSR */
#define NOBODYS_PAGE	0x1000UL
#define AN_ID		1000		/* somebody who is not root */

char *myself;
volatile int shared_word = 1111;

/* The next stop of pid: its signal, or -1 if it did not stop. */
int
stop_of(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		return -1;
	return WSTOPSIG(status);
}

/* A child that asks to be traced and stops itself. */
#define TRACED_CHILD(code) ({						\
	pid_t _pid = fork();						\
	if (_pid == 0) {						\
		if (ptrace(PT_TRACE_ME, 0, NULL, 0) == -1)		\
			_exit(100);					\
		kill(getpid(), SIGSTOP);				\
		code;							\
		_exit(0);						\
	}								\
	_pid;								\
})

__attribute__((__noinline__)) int
twice(int n)
{
	return 2 * n;
}

const char *
trace_me(void)
{
	pid_t pid = TRACED_CHILD(CHECK_ERRNO(ptrace(PT_TRACE_ME, 0, NULL, 0),
	    EBUSY));

	CHECK(stop_of(pid) == SIGSTOP);
	CHECK(ptrace(PT_CONTINUE, pid, HERE, 0) == 0);
	CHECK(exited(wait_status(pid), 0));
	return NULL;
}

const char *
only_what_is_traced_and_stopped(void)
{
	struct reg regs;
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	CHECK_ERRNO(ptrace(PT_CONTINUE, pid, HERE, 0), EPERM);
	CHECK_ERRNO(ptrace(PT_GETREGS, pid, (caddr_t)&regs, 0), EPERM);
	CHECK_ERRNO(ptrace(PT_READ_D, pid, (caddr_t)&shared_word, 0), EPERM);
	CHECK_ERRNO(ptrace(PT_ATTACH, getpid(), NULL, 0), EINVAL);
	CHECK_ERRNO(ptrace(PT_ATTACH, getppid(), NULL, 0), EINVAL);
	CHECK_ERRNO(ptrace(PT_ATTACH, 1, NULL, 0), EPERM);
	CHECK_ERRNO(ptrace(PT_ATTACH, 0, NULL, 0), EPERM);
	CHECK_ERRNO(ptrace(PT_ATTACH, 99999, NULL, 0), ESRCH);
	CHECK_ERRNO(ptrace(99, pid, NULL, 0), EINVAL);
	usleep(20000);		/* it has begun, or it would stop for that */
	CHECK(ptrace(PT_ATTACH, pid, NULL, 0) == 0);
	CHECK(stop_of(pid) == SIGSTOP);
	CHECK_ERRNO(ptrace(PT_ATTACH, pid, NULL, 0), EBUSY);
	CHECK_ERRNO(ptrace(PT_CONTINUE, pid, HERE, NSIG), EINVAL);
	CHECK(ptrace(PT_CONTINUE, pid, HERE, 0) == 0);
	CHECK_ERRNO(ptrace(PT_GETREGS, pid, (caddr_t)&regs, 0), EBUSY);
	CHECK(ptrace(PT_KILL, pid, NULL, 0) == 0);
	CHECK(killed(wait_status(pid), SIGKILL));
	return NULL;
}

const char *
memory(void)
{
	struct ptrace_io_desc io;
	char buffer[6000];
	static char far[6000];
	char *closed = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANON, -1,
	    0);
	size_t i;
	pid_t pid;
	int word;

	for (i = 0; i < sizeof(far); i++)
		far[i] = i % 251;
	shared_word = 1111;
	pid = TRACED_CHILD(_exit(shared_word == 2222 && far[5000] == 'y' ?
	    7 : 8));
	CHECK(stop_of(pid) == SIGSTOP);

	errno = 0;
	CHECK(ptrace(PT_READ_D, pid, (caddr_t)&shared_word, 0) == 1111);
	CHECK(errno == 0);
	CHECK(ptrace(PT_WRITE_D, pid, (caddr_t)&shared_word, 2222) == 0);
	CHECK(ptrace(PT_READ_D, pid, (caddr_t)&shared_word, 0) == 2222);
	CHECK(shared_word == 1111);		/* the child's own copy */
	CHECK_ERRNO(ptrace(PT_READ_D, pid, (caddr_t)NOBODYS_PAGE, 0), EFAULT);
	/* what nobody may touch, a debugger may not either */
	CHECK(closed != MAP_FAILED);
	CHECK_ERRNO(ptrace(PT_READ_D, pid, closed, 0), EFAULT);
	CHECK_ERRNO(ptrace(PT_WRITE_D, pid, closed, 1), EFAULT);
	CHECK(munmap(closed, 4096) == 0);

	io.piod_op = PIOD_READ_D;
	io.piod_offs = far;
	io.piod_addr = buffer;
	io.piod_len = sizeof(buffer);
	CHECK(ptrace(PT_IO, pid, (caddr_t)&io, 0) == 0);
	CHECK(io.piod_len == sizeof(buffer));
	CHECK(memcmp(buffer, far, sizeof(buffer)) == 0);
	memset(buffer, 'y', sizeof(buffer));
	io.piod_op = PIOD_WRITE_D;
	CHECK(ptrace(PT_IO, pid, (caddr_t)&io, 0) == 0);
	io.piod_op = 77;
	CHECK_ERRNO(ptrace(PT_IO, pid, (caddr_t)&io, 0), EINVAL);

	/* code, which the child itself cannot write */
	word = ptrace(PT_READ_I, pid, (caddr_t)twice, 0);
	CHECK(ptrace(PT_WRITE_I, pid, (caddr_t)twice, ~word) == 0);
	CHECK(ptrace(PT_READ_I, pid, (caddr_t)twice, 0) == ~word);
	CHECK(twice(4) == 8);

	CHECK(ptrace(PT_CONTINUE, pid, HERE, 0) == 0);
	CHECK(exited(wait_status(pid), 7));
	return NULL;
}

const char *
breakpoint(void)
{
	struct reg regs;
	pid_t pid = TRACED_CHILD(_exit(twice(21)));
	int word;

	CHECK(stop_of(pid) == SIGSTOP);
	word = ptrace(PT_READ_I, pid, (caddr_t)twice, 0);
	CHECK(ptrace(PT_WRITE_I, pid, (caddr_t)twice,
	    (word & ~0xff) | BREAKPOINT) == 0);
	CHECK(ptrace(PT_CONTINUE, pid, HERE, 0) == 0);
	CHECK(stop_of(pid) == SIGTRAP);
	CHECK(ptrace(PT_GETREGS, pid, (caddr_t)&regs, 0) == 0);
	CHECK(regs.r_rip == (long)twice + 1);
	CHECK(regs.r_rdi == 21);

	/* another argument, the instruction put back, and on from there */
	regs.r_rdi = 30;
	CHECK(ptrace(PT_SETREGS, pid, (caddr_t)&regs, 0) == 0);
	CHECK(ptrace(PT_WRITE_I, pid, (caddr_t)twice, word) == 0);
	CHECK(ptrace(PT_CONTINUE, pid, (caddr_t)twice, 0) == 0);
	CHECK(exited(wait_status(pid), 60));
	return NULL;
}

const char *
registers_cannot_give_rights(void)
{
	struct reg regs, bad;
	pid_t pid = TRACED_CHILD(;);

	CHECK(stop_of(pid) == SIGSTOP);
	CHECK(ptrace(PT_GETREGS, pid, (caddr_t)&regs, 0) == 0);
	bad = regs;
	bad.r_cs = 8;
	CHECK_ERRNO(ptrace(PT_SETREGS, pid, (caddr_t)&bad, 0), EINVAL);
	bad = regs;
	bad.r_rflags |= 0x3000;
	CHECK_ERRNO(ptrace(PT_SETREGS, pid, (caddr_t)&bad, 0), EINVAL);
	bad = regs;
	bad.r_rip = 0xffffffff81000000L;
	CHECK_ERRNO(ptrace(PT_SETREGS, pid, (caddr_t)&bad, 0), EINVAL);
	CHECK_ERRNO(ptrace(PT_CONTINUE, pid, (caddr_t)~0UL, 0), EINVAL);
	CHECK(ptrace(PT_CONTINUE, pid, HERE, 0) == 0);
	CHECK(exited(wait_status(pid), 0));
	return NULL;
}

const char *
floating_point_registers(void)
{
	struct fpreg regs;
	pid_t pid = TRACED_CHILD(unsigned int mxcsr; unsigned long xmm;
	    __asm__ volatile("stmxcsr %0; movq %%xmm5, %1" : "=m" (mxcsr),
	    "=r" (xmm)); _exit(mxcsr == ROUND_UP && xmm == 4242));

	CHECK(stop_of(pid) == SIGSTOP);
	CHECK(ptrace(PT_GETFPREGS, pid, (caddr_t)&regs, 0) == 0);
	CHECK(regs.fxstate.fx_mxcsr == __INITIAL_MXCSR__);
	regs.fxstate.fx_mxcsr = ~0U;
	CHECK_ERRNO(ptrace(PT_SETFPREGS, pid, (caddr_t)&regs, 0), EINVAL);
	regs.fxstate.fx_mxcsr = ROUND_UP;
	regs.fxstate.fx_xmm[5][0] = 4242;
	CHECK(ptrace(PT_SETFPREGS, pid, (caddr_t)&regs, 0) == 0);
	CHECK(ptrace(PT_CONTINUE, pid, HERE, 0) == 0);
	CHECK(exited(wait_status(pid), 1));
	return NULL;
}

/* Fifty instructions of one byte each. */
void	nops(void);
__asm__("nops:	.fill 50, 1, 0x90\n	ret\n");

const char *
single_steps(void)
{
	struct reg regs;
	pid_t pid = TRACED_CHILD(nops(); _exit(twice(3)));
	int i;

	CHECK(stop_of(pid) == SIGSTOP);
	CHECK(ptrace(PT_GETREGS, pid, (caddr_t)&regs, 0) == 0);
	while (regs.r_rip != (long)nops) {
		CHECK(ptrace(PT_STEP, pid, HERE, 0) == 0);
		CHECK(stop_of(pid) == SIGTRAP);
		CHECK(ptrace(PT_GETREGS, pid, (caddr_t)&regs, 0) == 0);
	}
	for (i = 1; i <= STEPS; i++) {
		CHECK(ptrace(PT_STEP, pid, HERE, 0) == 0);
		CHECK(stop_of(pid) == SIGTRAP);
		CHECK(ptrace(PT_GETREGS, pid, (caddr_t)&regs, 0) == 0);
		CHECK(regs.r_rip == (long)nops + i);
	}
	CHECK(ptrace(PT_CONTINUE, pid, HERE, 0) == 0);
	CHECK(exited(wait_status(pid), 6));
	return NULL;
}

const char *
steps_over_system_calls(void)
{
	struct reg regs;
	pid_t pid = TRACED_CHILD(getppid(); nops());
	int i, calls = 0;

	CHECK(stop_of(pid) == SIGSTOP);
	for (i = 0; i < 200; i++) {
		CHECK(ptrace(PT_GETREGS, pid, (caddr_t)&regs, 0) == 0);
		if (regs.r_rip == (long)nops)
			break;
		errno = 0;
		/* SYSCALL is 0f 05 */
		if ((ptrace(PT_READ_I, pid, (caddr_t)regs.r_rip, 0) &
		    0xffff) == 0x050f)
			calls++;
		CHECK(ptrace(PT_STEP, pid, HERE, 0) == 0);
		CHECK(stop_of(pid) == SIGTRAP);
	}
	CHECK(calls == 1);
	CHECK(ptrace(PT_KILL, pid, NULL, 0) == 0);
	CHECK(killed(wait_status(pid), SIGKILL));
	return NULL;
}

volatile sig_atomic_t caught;

void
catch(int sig)
{
	caught = sig;
}

const char *
signals_pass_the_debugger(void)
{
	pid_t pid = TRACED_CHILD(signal(SIGUSR1, catch);
	    signal(SIGUSR2, catch); kill(getpid(), SIGUSR1);
	    if (caught != SIGUSR2) _exit(1); caught = 0;
	    kill(getpid(), SIGUSR1); _exit(caught));

	CHECK(stop_of(pid) == SIGSTOP);
	CHECK(ptrace(PT_CONTINUE, pid, HERE, 0) == 0);
	/* it gets another signal instead */
	CHECK(stop_of(pid) == SIGUSR1);
	CHECK(ptrace(PT_CONTINUE, pid, HERE, SIGUSR2) == 0);
	/* and none at all */
	CHECK(stop_of(pid) == SIGUSR1);
	CHECK(ptrace(PT_CONTINUE, pid, HERE, 0) == 0);
	CHECK(exited(wait_status(pid), 0));

	/* one that does nothing is reported once */
	pid = TRACED_CHILD(kill(getpid(), SIGURG); _exit(3));
	CHECK(stop_of(pid) == SIGSTOP);
	CHECK(ptrace(PT_CONTINUE, pid, HERE, 0) == 0);
	CHECK(stop_of(pid) == SIGURG);
	CHECK(ptrace(PT_CONTINUE, pid, HERE, SIGURG) == 0);
	CHECK(exited(wait_status(pid), 3));

	/* ignored ones are reported too, and a deadly one kills */
	pid = TRACED_CHILD(signal(SIGUSR1, SIG_IGN); kill(getpid(), SIGUSR1);
	    pause());
	CHECK(stop_of(pid) == SIGSTOP);
	CHECK(ptrace(PT_CONTINUE, pid, HERE, 0) == 0);
	CHECK(stop_of(pid) == SIGUSR1);
	CHECK(ptrace(PT_CONTINUE, pid, HERE, SIGTERM) == 0);
	CHECK(killed(wait_status(pid), SIGTERM));
	return NULL;
}

const char *
exec_stops(void)
{
	char *argv[] = { myself, "exit", NULL };
	pid_t pid = TRACED_CHILD(execv(myself, argv));

	CHECK(stop_of(pid) == SIGSTOP);
	CHECK(ptrace(PT_CONTINUE, pid, HERE, 0) == 0);
	CHECK(stop_of(pid) == SIGTRAP);
	CHECK(ptrace(PT_CONTINUE, pid, HERE, 0) == 0);
	CHECK(exited(wait_status(pid), 9));
	return NULL;
}

const char *
attach_and_detach(void)
{
	int fds[2], status;
	pid_t target, debugger;
	char c;

	CHECK(pipe(fds) == 0);
	if ((target = fork()) == 0) {
		/* in a sleep that can be interrupted; it goes on after it */
		read(fds[0], &c, 1);
		_exit(c);
	}
	if ((debugger = fork()) == 0) {
		if (ptrace(PT_ATTACH, target, NULL, 0) == -1 ||
		    stop_of(target) != SIGSTOP)
			_exit(1);
		if (ptrace(PT_DETACH, target, HERE, 0) == -1)
			_exit(2);
		_exit(waitpid(target, &status, 0) == -1 && errno == ECHILD ?
		    0 : 3);
	}
	CHECK(exited(wait_status(debugger), 0));
	CHECK(write(fds[1], "\5", 1) == 1);
	CHECK(exited(wait_status(target), 5));

	/* one that was stopped while it slept */
	if ((target = fork()) == 0) {
		read(fds[0], &c, 1);
		_exit(c);
	}
	CHECK(kill(target, SIGSTOP) == 0);
	CHECK(waitpid(target, &status, WUNTRACED) == target);
	CHECK(ptrace(PT_ATTACH, target, NULL, 0) == 0);
	CHECK(stop_of(target) == SIGSTOP);
	CHECK(ptrace(PT_DETACH, target, HERE, 0) == 0);
	CHECK(write(fds[1], "\6", 1) == 1);
	CHECK(exited(wait_status(target), 6));
	CHECK(close(fds[0]) == 0 && close(fds[1]) == 0);
	return NULL;
}

const char *
who_may_attach(void)
{
	pid_t target, other;

	/* a brother, by somebody who is not root */
	if ((target = fork()) == 0) {
		setuid(AN_ID);
		for (;;)
			pause();
	}
	usleep(20000);
	if ((other = fork()) == 0) {
		setuid(AN_ID);
		if (ptrace(PT_ATTACH, target, NULL, 0) == 0 || errno != EPERM)
			_exit(1);
		_exit(0);
	}
	CHECK(exited(wait_status(other), 0));
	CHECK(kill(target, SIGKILL) == 0);
	CHECK(killed(wait_status(target), SIGKILL));
	return NULL;
}

const char *
debugger_ends(void)
{
	int fds[2];
	pid_t target, debugger;
	char c;

	CHECK(pipe(fds) == 0);
	if ((debugger = fork()) == 0) {
		target = TRACED_CHILD(;);
		stop_of(target);
		write(fds[1], &target, sizeof(target));
		_exit(0);
	}
	CHECK(read(fds[0], &target, sizeof(target)) == sizeof(target));
	CHECK(exited(wait_status(debugger), 0));
	CHECK(close(fds[1]) == 0);
	/* all that held the pipe open is gone: the traced one was killed */
	CHECK(read(fds[0], &c, 1) == 0);
	usleep(20000);		/* init waits for it */
	CHECK_ERRNO(kill(target, 0), ESRCH);
	CHECK(close(fds[0]) == 0);
	return NULL;
}

const char *
follows_forks(void)
{
	struct ptrace_event event;
	struct ptrace_state state;
	pid_t pid, child;

	pid = TRACED_CHILD(child = fork(); if (child == 0) _exit(4);
	    _exit(exited(wait_status(child), 4) ? 0 : 1));
	CHECK(stop_of(pid) == SIGSTOP);
	event.pe_set_event = PTRACE_FORK;
	CHECK(ptrace(PT_SET_EVENT_MASK, pid, (caddr_t)&event,
	    sizeof(event)) == 0);
	event.pe_set_event = 0;
	CHECK(ptrace(PT_GET_EVENT_MASK, pid, (caddr_t)&event,
	    sizeof(event)) == 0);
	CHECK(event.pe_set_event == PTRACE_FORK);
	CHECK_ERRNO(ptrace(PT_GET_EVENT_MASK, pid, (caddr_t)&event, 1),
	    EINVAL);
	CHECK(ptrace(PT_CONTINUE, pid, HERE, 0) == 0);

	/* both stop by SIGTRAP and name each other */
	CHECK(stop_of(pid) == SIGTRAP);
	CHECK(ptrace(PT_GET_PROCESS_STATE, pid, (caddr_t)&state,
	    sizeof(state)) == 0);
	CHECK(state.pe_report_event == PTRACE_FORK);
	CHECK(state.pe_tid > 100000);
	child = state.pe_other_pid;
	CHECK(child != pid && child > 1);
	CHECK(stop_of(child) == SIGTRAP);
	CHECK(ptrace(PT_GET_PROCESS_STATE, child, (caddr_t)&state,
	    sizeof(state)) == 0);
	CHECK(state.pe_report_event == PTRACE_FORK);
	CHECK(state.pe_other_pid == pid);

	/* the mask is not inherited, so this one's forks are its own */
	CHECK(ptrace(PT_GET_EVENT_MASK, child, (caddr_t)&event,
	    sizeof(event)) == 0);
	CHECK(event.pe_set_event == 0);

	/* when the debugger has seen its end, its parent sees it */
	CHECK(ptrace(PT_CONTINUE, child, HERE, 0) == 0);
	CHECK(exited(wait_status(child), 4));
	CHECK(ptrace(PT_CONTINUE, pid, HERE, 0) == 0);
	CHECK(stop_of(pid) == SIGCHLD);
	CHECK(ptrace(PT_CONTINUE, pid, HERE, 0) == 0);
	CHECK(exited(wait_status(pid), 0));
	return NULL;
}

const char *
thread_ids(void)
{
	struct ptrace_thread_state ts;
	pid_t pid = TRACED_CHILD(;);
	pid_t tid;

	CHECK(stop_of(pid) == SIGSTOP);
	CHECK(ptrace(PT_GET_THREAD_FIRST, pid, (caddr_t)&ts,
	    sizeof(ts)) == 0);
	tid = ts.pts_tid;
	CHECK(tid > 100000);
	CHECK(ptrace(PT_GET_THREAD_NEXT, pid, (caddr_t)&ts, sizeof(ts)) == 0);
	CHECK(ts.pts_tid == -1);
	/* a thread's id serves as well */
	CHECK(ptrace(PT_CONTINUE, tid, HERE, 0) == 0);
	CHECK(exited(wait_status(pid), 0));
	return NULL;
}

const struct regress cases[] = {
	{ trace_me, "asked to be traced" },
	{ only_what_is_traced_and_stopped, "only what is traced and stopped" },
	{ memory, "memory is read and written" },
	{ breakpoint, "a breakpoint, and registers" },
	{ registers_cannot_give_rights, "registers cannot give rights" },
	{ floating_point_registers, "floating point registers" },
	{ single_steps, "single steps" },
	{ steps_over_system_calls, "steps over system calls" },
	{ signals_pass_the_debugger, "signals pass the debugger" },
	{ exec_stops, "exec stops" },
	{ attach_and_detach, "attach and detach" },
	{ who_may_attach, "who may attach" },
	{ debugger_ends, "a debugger's end kills" },
	{ follows_forks, "forks are followed" },
	{ thread_ids, "ids of threads" },
};

int
main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "exit") == 0)
		return 9;
	myself = argv[0];
	return regress_run(cases, sizeof(cases) / sizeof(cases[0]));
}
