/* SPDX-License-Identifier: ISC */
/* Floating point state: kept over switches, copied, reset, in signals. */

#include <sys/mman.h>
#include <sys/tfork.h>
#include <machine/fpu.h>
#include <machine/signal.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include "../../../kern/kstat.h"
#include "../../../kern/regress.h"

#define ROUNDS		200	/* switches between two that count */
#define TURNS		1000	/* loops of 20000, together five ticks */
#define ROUND_UP	0x5f80	/* MXCSR: all masked, round up */
#define INITIAL		0x1f80	/* MXCSR of a new program */
#define DIVIDE_MASK	0x0200	/* MXCSR: mask of division by zero */
#define STACK_SIZE	65536

/* Options of the program itself: what it is executed for. */
#define SAY_MXCSR	"mxcsr"

char *myself;

unsigned int
mxcsr(void)
{
	unsigned int value;

	__asm__ volatile("stmxcsr %0" : "=m" (value));
	return value;
}

void
set_mxcsr(unsigned int value)
{
	__asm__ volatile("ldmxcsr %0" : : "m" (value));
}

/*
 * long with_xmm(long number, unsigned long value): a system call without
 * arguments while xmm7 and xmm15 hold value; its result, or -1000 if one of
 * them has changed.
 */
long	with_xmm(long, unsigned long);
__asm__(
"with_xmm:\n"
"	movq	%rdi, %rax\n"
"	movq	%rsi, %xmm7\n"
"	movq	%rsi, %xmm15\n"
"	syscall\n"
"	movq	%xmm7, %rcx\n"
"	movq	%xmm15, %rdx\n"
"	cmpq	%rcx, %rsi\n"
"	jne	1f\n"
"	cmpq	%rdx, %rsi\n"
"	jne	1f\n"
"	ret\n"
"1:	movq	$-1000, %rax\n"
"	ret\n");
#define CHANGED	(-1000)
#define SYS_fork	2
#define SYS_sched_yield	298

const char *
two_processes_switch(void)
{
	pid_t pid;
	int i;

	pid = fork();
	for (i = 0; i < ROUNDS; i++)
		if (with_xmm(SYS_sched_yield, pid == 0 ? i : ~i) == CHANGED) {
			if (pid == 0)
				_exit(1);
			return "the parent's registers changed";
		}
	if (pid == 0)
		_exit(0);
	CHECK(exited(wait_status(pid), 0));
	return NULL;
}

const char *
preemption(void)
{
	pid_t pid = fork();
	long wrong = 0;
	int i;

	/* it wakes up at each tick of the clock, and is preferred */
	if (pid == 0)
		for (;;) {
			__asm__ volatile("pxor %%xmm9, %%xmm9; pxor %%xmm10, "
			    "%%xmm10" : : : "xmm9", "xmm10");
			usleep(1);
		}
	for (i = 0; i < TURNS; i++)
		__asm__ volatile(
		    "	movl	$20000, %%ecx\n"
		    "	movq	%%rcx, %%xmm9\n"
		    "	movq	%%rcx, %%xmm10\n"
		    "1:	decl	%%ecx\n"
		    "	jnz	1b\n"
		    "	movq	%%xmm9, %%rcx\n"
		    "	movq	%%xmm10, %%rdx\n"
		    "	subq	%%rdx, %%rcx\n"
		    "	orq	%%rcx, %0\n"
		    "	subq	$20000, %%rdx\n"
		    "	orq	%%rdx, %0\n" : "+r" (wrong) : :
		    "rcx", "rdx", "xmm9", "xmm10", "cc");
	CHECK(kill(pid, SIGKILL) == 0);
	CHECK(killed(wait_status(pid), SIGKILL));
	CHECK(wrong == 0);
	return NULL;
}

const char *
fork_copies(void)
{
	long pid;

	set_mxcsr(ROUND_UP);
	pid = with_xmm(SYS_fork, 0x123456789abcdefUL);
	if (pid == 0)
		_exit(mxcsr() == ROUND_UP ? 0 : 1);
	set_mxcsr(INITIAL);
	if (pid == CHANGED)
		_exit(2);		/* the child, most likely */
	CHECK(pid > 0 && exited(wait_status(pid), 0));
	return NULL;
}

const char *
exec_resets(void)
{
	char *argv[] = { myself, SAY_MXCSR, NULL };
	pid_t pid = fork();

	if (pid == 0) {
		set_mxcsr(ROUND_UP);
		execv(myself, argv);
		_exit(2);
	}
	CHECK(exited(wait_status(pid), 0));
	return NULL;
}

volatile unsigned int mxcsr_in_handler;

void
spoil(int sig)
{
	mxcsr_in_handler = mxcsr();
	set_mxcsr(INITIAL ^ DIVIDE_MASK);
	__asm__ volatile("pxor %%xmm7, %%xmm7; pxor %%xmm15, %%xmm15" : : :
	    "xmm7", "xmm15");
}

const char *
signals_save_and_restore(void)
{
	long result;

	CHECK(signal(SIGUSR1, spoil) != SIG_ERR);
	set_mxcsr(ROUND_UP);
	/* kill(getpid(), SIGUSR1) with full registers */
	__asm__ volatile(
	    "	movq	%%rsp, %%xmm7\n"
	    "	movq	%%rsp, %%xmm15\n"
	    "	movl	$122, %%eax\n"
	    "	syscall\n"
	    "	movq	%%xmm7, %%rax\n"
	    "	movq	%%xmm15, %%rdx\n"
	    "	subq	%%rsp, %%rax\n"
	    "	subq	%%rsp, %%rdx\n"
	    "	orq	%%rdx, %%rax\n" : "=a" (result) :
	    "D" ((long)getpid()), "S" ((long)SIGUSR1) :
	    "rcx", "rdx", "r11", "xmm7", "xmm15", "memory", "cc");
	CHECK(mxcsr() == ROUND_UP);
	set_mxcsr(INITIAL);
	CHECK(result == 0);
	CHECK(mxcsr_in_handler == INITIAL);
	return NULL;
}

void
set_rounding(int sig, siginfo_t *info, void *context)
{
	struct sigcontext *sc = context;
	struct fxsave64 *fx = sc->sc_fpstate;

	fx->fx_mxcsr = ROUND_UP;
}

void
set_reserved(int sig, siginfo_t *info, void *context)
{
	struct sigcontext *sc = context;
	struct fxsave64 *fx = sc->sc_fpstate;

	fx->fx_mxcsr = ~0U;
}

const char *
handlers_change_the_state(void)
{
	struct sigaction sa;
	pid_t pid;

	memset(&sa, 0, sizeof(sa));
	sa.sa_flags = SA_SIGINFO;
	sa.sa_sigaction = set_rounding;
	CHECK(sigaction(SIGUSR1, &sa, NULL) == 0);
	CHECK(kill(getpid(), SIGUSR1) == 0);
	CHECK(mxcsr() == ROUND_UP);
	set_mxcsr(INITIAL);

	/* what the CPU would not take ends the process, not the kernel */
	pid = fork();
	if (pid == 0) {
		sa.sa_sigaction = set_reserved;
		sigaction(SIGUSR1, &sa, NULL);
		kill(getpid(), SIGUSR1);
		_exit(0);
	}
	CHECK(!exited(wait_status(pid), 0));
	return NULL;
}

/*
 * void tfork_xmm(struct __tfork *, size_t): the thread begins with the
 * caller's xmm7, keeps another value in it over many turns, says whether it
 * was kept, and ends.
 */
void	tfork_xmm(struct __tfork *, size_t);
__asm__(
"tfork_xmm:\n"
"	movl	$4321, %eax\n"
"	movq	%rax, %xmm7\n"
"	movl	$8, %eax\n"		/* SYS___tfork */
"	syscall\n"
"	testl	%eax, %eax\n"
"	jz	1f\n"
"	ret\n"
"1:	movq	%xmm7, %rax\n"
"	movq	%rax, thread_began(%rip)\n"
"	movl	$1234, %eax\n"
"	movq	%rax, %xmm7\n"
"	movl	$100, %ebx\n"
"2:	movl	$298, %eax\n"		/* SYS_sched_yield */
"	syscall\n"
"	decl	%ebx\n"
"	jnz	2b\n"
"	movq	%xmm7, %rax\n"
"	movq	%rax, thread_ended(%rip)\n"
"	xorl	%edi, %edi\n"
"	movl	$302, %eax\n"		/* SYS___threxit */
"	syscall\n"
"	ud2\n");
volatile long thread_began, thread_ended;

const char *
threads_have_their_own(void)
{
	static long tcb[4];
	struct __tfork param = { tcb, NULL, NULL };
	char *stack;

	stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANON | MAP_STACK, -1, 0);
	CHECK(stack != MAP_FAILED);
	param.tf_stack = stack + STACK_SIZE - 64;
	tfork_xmm(&param, sizeof(param));
	while (thread_ended == 0)
		CHECK(with_xmm(SYS_sched_yield, 9999) != CHANGED);
	CHECK(thread_began == 4321);
	CHECK(thread_ended == 1234);
	CHECK(munmap(stack, STACK_SIZE) == 0);
	return NULL;
}

const char *
arithmetic(void)
{
	volatile double third = 1.0 / 3.0, sum = 0;
	volatile float half = 0.5f;
	int i;

	for (i = 0; i < 3; i++)
		sum += third;
	CHECK(sum == 1.0);
	CHECK((int)(half * 9) == 4);
	return NULL;
}

const struct regress cases[] = {
	{ arithmetic, "arithmetic" },
	{ two_processes_switch, "two processes take turns" },
	{ preemption, "preemption keeps the registers" },
	{ fork_copies, "fork copies the state" },
	{ exec_resets, "exec resets the state" },
	{ signals_save_and_restore, "signals save and restore the state" },
	{ handlers_change_the_state, "handlers may change the state" },
	{ threads_have_their_own, "threads have their own" },
};

int
main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], SAY_MXCSR) == 0)
		return mxcsr() == INITIAL ? 0 : 1;
	myself = argv[0];
	return regress_run(cases, sizeof(cases) / sizeof(cases[0]));
}
