/* SPDX-License-Identifier: ISC */
/*
 * A parent with something of everything that fork(2) treats in its own way,
 * one fork with known registers, and a child that shows what it got.
 *
 *	forkscene		the child writes to memory, exits with 7
 *	forkscene vfork		the same by vfork(2), after a signal to the
 *				parent and a nap
 *	forkscene exec		the child executes /bin/echo
 *	forkscene vexec		the same by vfork(2)
 */
#include <sys/fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The pages that the tests look at. */
#define COPY_PAGE	((volatile int *)0x10000000)
#define SHARE_PAGE	((volatile int *)0x10010000)
#define NONE_PAGE	((volatile int *)0x10020000)
#define ZERO_PAGE	((volatile int *)0x10030000)
#define PAGE		4096

#define PARENTS		1	/* what the parent has written */
#define CHILDS		2	/* what the child writes */
#define STATUS		7	/* the child's exit status */
#define NAP		50000000	/* ns that a vfork(2) child takes */

#define STRING(x)	#x
#define NUMBER(x)	STRING(x)

/*
 * pid_t scene_fork(void), pid_t scene_vfork(void)
 *
 * The system call with a pattern in every register that it must keep and in
 * rdx, which it must not, and with the carry flag set.
 */
pid_t	scene_fork(void);
pid_t	scene_vfork(void);

#define SCENE(name, number)						\
	"	.globl	" #name "\n"					\
	"	.type	" #name ", @function\n"				\
	#name ":\n"							\
	"	pushq	%rbx\n"						\
	"	pushq	%rbp\n"						\
	"	pushq	%r12\n"						\
	"	pushq	%r13\n"						\
	"	pushq	%r14\n"						\
	"	pushq	%r15\n"						\
	"	movabsq	$0x1111111111111111, %rdi\n"			\
	"	movabsq	$0x2222222222222222, %rsi\n"			\
	"	movabsq	$0x3333333333333333, %rdx\n"			\
	"	movabsq	$0x4444444444444444, %r10\n"			\
	"	movabsq	$0x5555555555555555, %r8\n"			\
	"	movabsq	$0x6666666666666666, %r9\n"			\
	"	movabsq	$0x7777777777777777, %rbx\n"			\
	"	movabsq	$0x0888888888888888, %rbp\n"			\
	"	movabsq	$0x1999999999999999, %r12\n"			\
	"	movabsq	$0x1aaaaaaaaaaaaaaa, %r13\n"			\
	"	movabsq	$0x1bbbbbbbbbbbbbbb, %r14\n"			\
	"	movabsq	$0x1ccccccccccccccc, %r15\n"			\
	"	movl	$" NUMBER(number) ", %eax\n"			\
	"	stc\n"							\
	"	syscall\n"						\
	"	popq	%r15\n"						\
	"	popq	%r14\n"						\
	"	popq	%r13\n"						\
	"	popq	%r12\n"						\
	"	popq	%rbp\n"						\
	"	popq	%rbx\n"						\
	"	ret\n"							\
	"	.size	" #name ", . - " #name "\n"

__asm__(SCENE(scene_fork, SYS_fork) SCENE(scene_vfork, SYS_vfork));

/* Signals that have been caught. */
volatile sig_atomic_t caught;

void
handler(int sig)
{
	caught++;
}

/* A page of its own at a known address, written by the parent. */
void
make_page(volatile int *address, int inherit)
{
	void *page = (void *)address;

	if (mmap(page, PAGE, PROT_READ | PROT_WRITE,
	    MAP_ANON | MAP_FIXED | MAP_PRIVATE, -1, 0) != page)
		err(1, "mmap");
	if (minherit(page, PAGE, inherit) == -1)
		err(1, "minherit");
	*address = PARENTS;
}

/* Two caught signals, one of them blocked and pending. */
void
make_signal(void)
{
	struct sigaction sa;
	sigset_t set;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = handler;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	if (sigaction(SIGUSR1, &sa, NULL) == -1 ||
	    sigaction(SIGUSR2, &sa, NULL) == -1 ||
	    sigprocmask(SIG_BLOCK, &set, NULL) == -1 ||
	    kill(getpid(), SIGUSR1) == -1)
		err(1, "signals");
}

__dead void
child_writes(int vforked)
{
	struct timespec nap = { 0, NAP };

	if (vforked) {
		kill(getppid(), SIGUSR2);
		nanosleep(&nap, NULL);
	}
	*COPY_PAGE = CHILDS;
	*SHARE_PAGE = CHILDS;
	_exit(*ZERO_PAGE == 0 ? STATUS : 1);
}

__dead void
child_executes(void)
{
	kill(getpid(), SIGUSR1);	/* blocked, and so it stays */
	execl("/bin/echo", "echo", "hello", (char *)NULL);
	_exit(1);
}

int
main(int argc, char *argv[])
{
	const char *how = argc > 1 ? argv[1] : "";
	int status, vforks = *how == 'v';
	int executes = strcmp(how + vforks, "exec") == 0;
	pid_t pid;

	if (open("/etc/passwd", O_RDONLY | O_CLOEXEC) == -1 ||
	    dup(0) == -1 || chdir("/tmp") == -1)
		err(1, "files");
	make_page(COPY_PAGE, MAP_INHERIT_COPY);
	make_page(SHARE_PAGE, MAP_INHERIT_SHARE);
	make_page(NONE_PAGE, MAP_INHERIT_NONE);
	make_page(ZERO_PAGE, MAP_INHERIT_ZERO);
	make_signal();

	pid = vforks ? scene_vfork() : scene_fork();
	if (pid == 0) {
		if (executes)
			child_executes();
		child_writes(vforks);
	}
	if (waitpid(pid, &status, 0) != pid)
		err(1, "waitpid");
	printf("status %d, copied %d, shared %d, caught %d\n",
	    WEXITSTATUS(status), *COPY_PAGE, *SHARE_PAGE, caught);
	if (waitpid(pid, &status, 0) != -1 || errno != ECHILD)
		errx(1, "the child is still there");
	return 0;
}
