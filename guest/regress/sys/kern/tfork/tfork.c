/* SPDX-License-Identifier: ISC */
/* __tfork(2): a second thread, its registers and its end. */

#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/tfork.h>
#include <machine/reg.h>
#include <sched.h>
#include <signal.h>
#include "../kstat.h"
#include "../regress.h"

#define USER_END	0x7f7fffffc000UL	/* VM_MAXUSER_ADDRESS */
#define STACK_SIZE	65536
#define ROUNDS		40	/* threads in a row */
#define TCB_MARK	77	/* first word of the control block */

volatile int seen_mark, done;
long control_block[4] = { TCB_MARK };
pid_t thread_id;

/*
 * long tfork(struct __tfork *, size_t): thread id or negative errno.  The
 * thread itself reads its control block, says that it is done, and ends.
 */
long	tfork(struct __tfork *, size_t);
__asm__(
"tfork:	movl	$8, %eax\n"		/* SYS___tfork */
"	syscall\n"
"	jc	1f\n"
"	testl	%eax, %eax\n"
"	jz	2f\n"
"	ret\n"
"1:	negl	%eax\n"
"	movslq	%eax, %rax\n"
"	ret\n"
"2:	movq	%fs:0, %rax\n"
"	movl	%eax, seen_mark(%rip)\n"
"	movl	$1, done(%rip)\n"
"	xorl	%edi, %edi\n"
"	movl	$302, %eax\n"		/* SYS___threxit */
"	syscall\n"
"	ud2\n");

const char *
threads_come_and_go(void)
{
	struct __tfork param = { control_block, &thread_id, NULL };
	int nthreads, nprocs, i;
	char *stack;
	long tid;

	stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANON | MAP_STACK, -1, 0);
	CHECK(stack != MAP_FAILED);
	param.tf_stack = stack + STACK_SIZE - 64;
	nthreads = kern_int(KERN_NTHREADS);
	nprocs = kern_int(KERN_NPROCS);
	for (i = 0; i < ROUNDS; i++) {
		done = seen_mark = 0;
		tid = tfork(&param, sizeof(param));
		CHECK(tid > 100000 && tid == thread_id);
		CHECK(kern_int(KERN_NPROCS) == nprocs);
		while (!done)
			sched_yield();
		CHECK(seen_mark == TCB_MARK);
	}
	/* the reaper has the last word */
	usleep(20000);
	CHECK(kern_int(KERN_NTHREADS) == nthreads);
	return NULL;
}

const char *
bad_parameters(void)
{
	struct __tfork param = { control_block, NULL, NULL };
	int nthreads = kern_int(KERN_NTHREADS);
	char *stack;

	CHECK(tfork(&param, 0) == -EINVAL);
	/* one byte too many, with nothing else wrong */
	stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANON | MAP_STACK, -1, 0);
	CHECK(stack != MAP_FAILED);
	param.tf_stack = stack + STACK_SIZE - 64;
	CHECK(tfork(&param, sizeof(param) + 1) == -EINVAL);
	CHECK(tfork(&param, 0) == -EINVAL);
	param.tf_tcb = (void *)USER_END;
	CHECK(tfork(&param, sizeof(param)) == -EINVAL);
	param.tf_tcb = control_block;
	param.tf_stack = NULL;
	CHECK(munmap(stack, STACK_SIZE) == 0);
	CHECK(tfork(&param, sizeof(param) + 1) == -EINVAL);
	CHECK(tfork(NULL, sizeof(param)) == -EFAULT);
	CHECK(tfork(&param, sizeof(param)) == -EINVAL);
	CHECK(kern_int(KERN_NTHREADS) == nthreads);
	return NULL;
}

/*
 * A thread that calls the function in the second word of its control block,
 * which must not return.
 */
long	tfork_call(struct __tfork *, size_t);
__asm__(
"tfork_call:\n"
"	movl	$8, %eax\n"		/* SYS___tfork */
"	syscall\n"
"	jc	1f\n"
"	testl	%eax, %eax\n"
"	jz	2f\n"
"	ret\n"
"1:	movq	$-1, %rax\n"
"	ret\n"
"2:	movq	%fs:8, %rax\n"
"	call	*%rax\n"
"	ud2\n");

#define THREADS_MAX	3
#define SPINS		10000	/* turns between two system calls */

/* Start a thread in function; there can be THREADS_MAX of them. */
int
start_thread(void (*function)(void))
{
	static long blocks[THREADS_MAX][4];
	static int used;
	struct __tfork param;
	char *stack;

	if (used == THREADS_MAX)
		return -1;
	stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANON | MAP_STACK, -1, 0);
	if (stack == MAP_FAILED)
		return -1;
	blocks[used][1] = (long)function;
	param.tf_tcb = blocks[used++];
	param.tf_tid = NULL;
	param.tf_stack = stack + STACK_SIZE - 64;
	return tfork_call(&param, sizeof(param)) > 0 ? 0 : -1;
}

/*
 * Shared with children, so that one can see whether they run: the first is
 * for all threads, each of the others for one.
 */
volatile long *turns;
char *myself;

/* Mostly in user mode, but not for whole time slices. */
void
turn(volatile long *which)
{
	for (;;)
		if (++*which % SPINS == 0)
			sched_yield();
}

void
spin(void)
{
	turn(turns);
}

void
spin_first(void)
{
	turn(turns + 1);
}

void
spin_second(void)
{
	turn(turns + 2);
}

void
sleep_for_ever(void)
{
	for (;;) {
		usleep(1000000000);
		++*turns;
	}
}

void
execute(void)
{
	char *argv[] = { myself, "exit", NULL };

	execv(myself, argv);
	_exit(1);
}

void
leave(void)
{
	_exit(5);
}

/* A child with two busy threads and one that sleeps. */
#define CROWDED_CHILD(code) ({						\
	pid_t _pid = fork();						\
	if (_pid == 0) {						\
		if (start_thread(spin) == -1 ||				\
		    start_thread(sleep_for_ever) == -1)			\
			_exit(100);					\
		usleep(20000);						\
		code;							\
		_exit(101);						\
	}								\
	wait_status(_pid);						\
})

const char *
exec_ends_the_others(void)
{
	int nthreads = kern_int(KERN_NTHREADS);

	CHECK(exited(CROWDED_CHILD(execute()), 9));
	usleep(20000);
	CHECK(kern_int(KERN_NTHREADS) == nthreads);
	return NULL;
}

const char *
failed_exec_does_not(void)
{
	char *argv[] = { "none", NULL };
	long before;

	CHECK(exited(CROWDED_CHILD(
	    if (execv("/none", argv) != -1 || errno != ENOENT) _exit(1);
	    before = *turns; usleep(20000);
	    _exit(*turns > before ? 6 : 2)), 6));
	return NULL;
}

const char *
any_thread_may_exec(void)
{
	int nthreads = kern_int(KERN_NTHREADS);

	CHECK(exited(CROWDED_CHILD(start_thread(execute); sleep_for_ever()),
	    9));
	CHECK(exited(CROWDED_CHILD(start_thread(execute); spin()), 9));
	usleep(20000);
	CHECK(kern_int(KERN_NTHREADS) == nthreads);
	return NULL;
}

const char *
any_thread_may_exit(void)
{
	int nthreads = kern_int(KERN_NTHREADS), fds[2];
	char c;

	CHECK(exited(CROWDED_CHILD(_exit(4)), 4));
	CHECK(exited(CROWDED_CHILD(start_thread(leave); sleep_for_ever()),
	    5));
	/* while the main thread reads, which can be interrupted */
	CHECK(pipe(fds) == 0);
	CHECK(exited(CROWDED_CHILD(start_thread(leave); read(fds[0], &c, 1)),
	    5));
	CHECK(close(fds[0]) == 0 && close(fds[1]) == 0);
	usleep(20000);
	CHECK(kern_int(KERN_NTHREADS) == nthreads);
	return NULL;
}

/* Does a child with busy threads run? */
int
runs(void)
{
	long before = *turns;

	usleep(30000);
	return *turns != before;
}

const char *
a_stop_stops_all(void)
{
	int status;
	pid_t pid;

	if ((pid = fork()) == 0) {
		start_thread(spin);
		sleep_for_ever();
	}
	CHECK(runs());
	CHECK(kill(pid, SIGSTOP) == 0);
	CHECK(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
	usleep(20000);
	CHECK(!runs());
	CHECK(waitpid(pid, &status, WUNTRACED | WNOHANG) == 0);
	CHECK(kill(pid, SIGCONT) == 0);
	CHECK(waitpid(pid, &status, WCONTINUED) == pid);
	CHECK(WIFCONTINUED(status));
	CHECK(runs());
	CHECK(kill(pid, SIGSTOP) == 0);
	CHECK(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
	CHECK(kill(pid, SIGKILL) == 0);
	CHECK(killed(wait_status(pid), SIGKILL));
	return NULL;
}

void
trap(void)
{
	__asm__ volatile("int3");
	spin();
}

/* Do all three threads of a child run that count for themselves? */
int
all_run(void)
{
	long before[3] = { turns[0], turns[1], turns[2] };

	usleep(100000);
	return turns[0] != before[0] && turns[1] != before[1] &&
	    turns[2] != before[2];
}

const char *
a_debugger_stops_all(void)
{
	struct ptrace_thread_state ts;
	struct ptrace_state state;
	struct reg regs;
	int status, n = 1;
	pid_t pid;

	if ((pid = fork()) == 0) {
		ptrace(PT_TRACE_ME, 0, NULL, 0);
		start_thread(spin_first);
		start_thread(trap);
		spin_second();
	}
	/* not the main thread meets the breakpoint */
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP);
	usleep(50000);
	CHECK(!runs());
	CHECK(ptrace(PT_GET_PROCESS_STATE, pid, (caddr_t)&state,
	    sizeof(state)) == 0);
	CHECK(ptrace(PT_GET_THREAD_FIRST, pid, (caddr_t)&ts, sizeof(ts)) ==
	    0);
	CHECK(ts.pts_tid != state.pe_tid);
	CHECK(ptrace(PT_GETREGS, pid, (caddr_t)&regs, 0) == 0);
	CHECK(regs.r_rip > (long)trap && regs.r_rip < (long)trap + 64);
	CHECK(ptrace(PT_GETREGS, ts.pts_tid, (caddr_t)&regs, 0) == 0);
	CHECK(!(regs.r_rip > (long)trap && regs.r_rip < (long)trap + 64));
	while (ptrace(PT_GET_THREAD_NEXT, pid, (caddr_t)&ts,
	    sizeof(ts)) == 0 && ts.pts_tid != -1)
		n++;
	CHECK(n == 3);
	CHECK(ptrace(PT_CONTINUE, pid, (caddr_t)1, 0) == 0);
	CHECK(all_run());
	CHECK(ptrace(PT_KILL, pid, NULL, 0) == 0);
	CHECK(killed(wait_status(pid), SIGKILL));
	return NULL;
}

/* An exec that fails, while another thread is in sigsuspend(2). */
void
exec_nothing(void)
{
	char *argv[] = { "none", NULL };

	usleep(20000);
	execv("/none", argv);
	sleep_for_ever();
}

/*
 * sigsuspend(2) ends without a handler when the thread has to go back to
 * where it would return: then its mask is over, too, and once for all.
 */
const char *
a_mask_ends_with_its_call(void)
{
	sigset_t before = sigmask(SIGHUP), inside = sigmask(SIGUSR1);
	sigset_t more = sigmask(SIGUSR2), now;
	pid_t pid;

	if ((pid = fork()) == 0) {
		sigprocmask(SIG_SETMASK, &before, NULL);
		if (start_thread(exec_nothing) == -1)
			_exit(1);
		if (sigsuspend(&inside) != -1 || errno != EINTR)
			_exit(2);
		if (sigprocmask(SIG_BLOCK, &more, &now) != 0 || now != before)
			_exit(3);
		sched_yield();
		if (sigprocmask(SIG_BLOCK, NULL, &now) != 0)
			_exit(4);
		_exit(now == (before | more) ? 7 : 5);
	}
	CHECK(exited(wait_status(pid), 7));
	return NULL;
}

void	threxit(void);
__asm__(
"threxit:\n"
"	xorl	%edi, %edi\n"
"	movl	$302, %eax\n"		/* SYS___threxit */
"	syscall\n"
"	ud2\n");

void
leave_late(void)
{
	usleep(300000);
	_exit(5);
}

/* The main thread waits for the others to end, and does nothing meanwhile. */
const char *
the_main_thread_waits_asleep(void)
{
	struct rusage used;
	int status;
	pid_t pid;

	if ((pid = fork()) == 0) {
		if (start_thread(leave_late) == -1)
			_exit(1);
		threxit();
	}
	CHECK(wait4(pid, &status, 0, &used) == pid && exited(status, 5));
	CHECK(used.ru_nvcsw <= 5);
	return NULL;
}

const struct regress cases[] = {
	{ threads_come_and_go, "threads come and go" },
	{ bad_parameters, "bad parameters" },
	{ exec_ends_the_others, "exec ends the other threads" },
	{ failed_exec_does_not, "an exec that fails does not" },
	{ any_thread_may_exec, "any thread may exec" },
	{ any_thread_may_exit, "any thread may exit" },
	{ a_stop_stops_all, "a stop stops all threads" },
	{ a_debugger_stops_all, "a debugger stops all threads" },
	{ a_mask_ends_with_its_call, "a mask of sigsuspend ends with it" },
	{ the_main_thread_waits_asleep, "the main thread waits asleep" },
};

int
main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "exit") == 0)
		return 9;
	myself = argv[0];
	turns = mmap(NULL, sizeof(*turns), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANON, -1, 0);
	if (turns == MAP_FAILED)
		return 1;
	return regress_run(cases, sizeof(cases) / sizeof(cases[0]));
}
