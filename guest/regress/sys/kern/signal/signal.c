/* SPDX-License-Identifier: ISC */
/* Signals: default actions, handlers, traps, stopping and continuing. */

#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <signal.h>
#include <stdlib.h>
#include "../kstat.h"
#include "../regress.h"

#define NOBODYS_PAGE	0x1000UL

volatile sig_atomic_t caught, count;

void
handler(int sig)
{
	caught = sig;
	count++;
}

int
catch(int sig, int flags)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = handler;
	sa.sa_flags = flags;
	return sigaction(sig, &sa, NULL);
}

const char *
handlers(void)
{
	caught = 0;
	CHECK(catch(SIGUSR1, 0) == 0);
	CHECK(kill(getpid(), SIGUSR1) == 0);
	CHECK(caught == SIGUSR1);
	CHECK_ERRNO(catch(SIGKILL, 0), EINVAL);
	return NULL;
}

/* The status of a child that runs code. */
#define CHILD_STATUS(code) ({						\
	pid_t _pid = fork();						\
	if (_pid == 0) {						\
		code;							\
		_exit(0);						\
	}								\
	wait_status(_pid);						\
})

const char *
traps(void)
{
	CHECK(killed(CHILD_STATUS(__asm__ volatile("ud2")), SIGILL));
	CHECK(killed(CHILD_STATUS(__asm__ volatile("cli")), SIGSEGV));
	CHECK(killed(CHILD_STATUS(__asm__ volatile("int3")), SIGTRAP));
	CHECK(killed(CHILD_STATUS(__asm__ volatile(
	    "xorl %%ecx,%%ecx; movl $1,%%eax; cltd; idivl %%ecx" :
	    : : "rax", "rcx", "rdx")), SIGFPE));
	CHECK(killed(CHILD_STATUS(*(volatile char *)NOBODYS_PAGE = 1),
	    SIGSEGV));
	CHECK(killed(CHILD_STATUS(__asm__ volatile(
	    "movl $300,%%eax; syscall" : : : "rax", "rcx", "r11", "rdx")),
	    SIGSYS));
	return NULL;
}

const char *
stack_must_be_a_stack(void)
{
	CHECK(killed(CHILD_STATUS(char *heap = malloc(8192);
	    __asm__ volatile("movq %0,%%rsp; movl $20,%%eax; syscall" : :
	    "r" (heap + 4096) : "memory")), SIGSEGV));
	return NULL;
}

/*
 * A stack that is none any more: getpid(2) on it, which the kernel may
 * remember; munmap(2) of it, or mmap(2) of other memory in its place; and
 * getpid(2) again.  Nothing touches the memory.
 */
void	change_stack(char *, long, long);
__asm__(
"change_stack:\n"
"	movq	%rdi, %rbx\n"
"	movq	%rsi, %r12\n"
"	movq	%rdx, %r13\n"
"	leaq	4096(%rbx), %rsp\n"
"	movl	$20, %eax\n"		/* SYS_getpid */
"	syscall\n"
"	movq	%rbx, %rdi\n"
"	movl	$8192, %esi\n"
"	movl	$3, %edx\n"		/* read, write */
"	movq	%r13, %r10\n"
"	movq	$-1, %r8\n"
"	movq	%r12, %rax\n"
"	syscall\n"
"	movl	$20, %eax\n"
"	syscall\n"
"	movl	$9, %edi\n"
"	movl	$1, %eax\n"		/* SYS_exit */
"	syscall\n");

const char *
stack_must_stay_a_stack(void)
{
	char *stack = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANON | MAP_STACK, -1, 0);

	CHECK(stack != MAP_FAILED);
	stack[0] = stack[4096] = 0;
	CHECK(exited(CHILD_STATUS(change_stack(stack, SYS_getuid, 0)), 9));
	CHECK(killed(CHILD_STATUS(change_stack(stack, SYS_munmap, 0)),
	    SIGSEGV));
	CHECK(exited(CHILD_STATUS(change_stack(stack, SYS_mprotect, 0)), 9));
	CHECK(munmap(stack, 8192) == 0);
	return NULL;
}

volatile char *handler_stack;

void
note_stack(int sig)
{
	handler_stack = __builtin_frame_address(0);
	/* a system call from there must be allowed */
	caught = getpid() > 0 ? sig : 0;
}

const char *
alternate_stack(void)
{
	static char memory[SIGSTKSZ] __attribute__((__aligned__(4096)));
	struct sigaltstack ss = { memory, sizeof(memory), 0 };
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = note_stack;
	sa.sa_flags = SA_ONSTACK;
	caught = 0;
	CHECK(sigaltstack(&ss, NULL) == 0);
	CHECK(sigaction(SIGUSR2, &sa, NULL) == 0);
	CHECK(kill(getpid(), SIGUSR2) == 0);
	CHECK(caught == SIGUSR2);
	CHECK(handler_stack >= memory && handler_stack < memory + SIGSTKSZ);
	return NULL;
}

const char *
blocked_trap_kills(void)
{
	CHECK(killed(CHILD_STATUS(signal(SIGSEGV, SIG_IGN);
	    *(volatile char *)NOBODYS_PAGE = 1), SIGSEGV));
	return NULL;
}

const char *
stop_and_continue(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	CHECK(kill(pid, SIGSTOP) == 0);
	CHECK(waitpid(pid, &status, WUNTRACED) == pid);
	CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
	CHECK(waitpid(pid, &status, WUNTRACED | WNOHANG) == 0);
	CHECK(kill(pid, SIGCONT) == 0);
	CHECK(waitpid(pid, &status, WCONTINUED) == pid);
	CHECK(WIFCONTINUED(status));
	CHECK(kill(pid, SIGSTOP) == 0);
	CHECK(waitpid(pid, &status, WUNTRACED) == pid);
	CHECK(kill(pid, SIGKILL) == 0);
	CHECK(killed(wait_status(pid), SIGKILL));
	return NULL;
}

const char *
stop_oneself(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		kill(getpid(), SIGSTOP);
		_exit(6);
	}
	CHECK(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
	CHECK(kill(pid, SIGCONT) == 0);
	CHECK(exited(wait_status(pid), 6));
	return NULL;
}

/* A child that sends SIGUSR1 and then, if fd is not -1, a byte. */
pid_t
sender(int fd)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	usleep(50000);
	kill(getppid(), SIGUSR1);
	usleep(50000);
	if (fd != -1)
		write(fd, "x", 1);
	_exit(0);
}

const char *
interrupted_and_restarted(void)
{
	int fds[2];
	pid_t pid;
	char c;

	CHECK(pipe(fds) == 0);
	CHECK(catch(SIGUSR1, 0) == 0);
	pid = sender(-1);
	CHECK_ERRNO(read(fds[0], &c, 1), EINTR);
	CHECK(exited(wait_status(pid), 0));

	caught = 0;
	CHECK(catch(SIGUSR1, SA_RESTART) == 0);
	pid = sender(fds[1]);
	CHECK(read(fds[0], &c, 1) == 1 && caught == SIGUSR1);
	CHECK(exited(wait_status(pid), 0));
	CHECK(close(fds[0]) == 0 && close(fds[1]) == 0);
	return NULL;
}

const char *
timers(void)
{
	struct itimerval it = { { 0, 20000 }, { 0, 20000 } };

	count = 0;
	CHECK(catch(SIGALRM, 0) == 0);
	CHECK(setitimer(ITIMER_REAL, &it, NULL) == 0);
	while (count < 5)
		pause();
	memset(&it, 0, sizeof(it));
	CHECK(setitimer(ITIMER_REAL, &it, NULL) == 0);
	CHECK(caught == SIGALRM);
	return NULL;
}

const char *
the_cpu_is_shared(void)
{
	int fds[2];
	pid_t spinner, worker;
	volatile long i;
	char c;

	CHECK(pipe(fds) == 0);
	if ((spinner = fork()) == 0)
		for (;;)
			continue;
	if ((worker = fork()) == 0) {
		for (i = 0; i < 3000000; i++)
			continue;
		write(fds[1], "y", 1);
		_exit(0);
	}
	CHECK(read(fds[0], &c, 1) == 1);
	CHECK(kill(spinner, SIGKILL) == 0);
	CHECK(killed(wait_status(spinner), SIGKILL));
	CHECK(exited(wait_status(worker), 0));
	CHECK(close(fds[0]) == 0 && close(fds[1]) == 0);
	return NULL;
}

const struct regress cases[] = {
	{ handlers, "handlers run and return" },
	{ traps, "traps kill with their signals" },
	{ stack_must_be_a_stack, "a system call needs a real stack" },
	{ stack_must_stay_a_stack, "and one that is still there" },
	{ alternate_stack, "handlers on an alternate stack" },
	{ blocked_trap_kills, "an ignored trap kills all the same" },
	{ stop_and_continue, "stop, continue and kill" },
	{ stop_oneself, "a process stops itself" },
	{ interrupted_and_restarted, "EINTR or restart" },
	{ timers, "interval timer" },
	{ the_cpu_is_shared, "a busy process does not keep the CPU" },
};

REGRESS_MAIN(cases)
