/* SPDX-License-Identifier: ISC */
/*
 * One thread by __tfork(2), or a __tfork(2) that fails.
 *
 *	threads			a thread that stores a number and ends
 *	threads size|big|param|tcb|stack|tid
 */
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/tfork.h>
#include <err.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define STACK_SIZE	(16 * 4096)
#define STACK_ALIGN	16
#define STRING(x)	#x
#define NUMBER(x)	STRING(x)

/*
 * int scene_tfork(const struct __tfork *param, size_t size)
 *
 * The new thread calls thread_main() on its stack and ends; __threxit(2)
 * zeroes thread_alive.
 */
int	scene_tfork(const struct __tfork *, size_t);

__asm__(
	"	.globl	scene_tfork\n"
	"	.type	scene_tfork, @function\n"
	"scene_tfork:\n"
	"	movl	$" NUMBER(SYS___tfork) ", %eax\n"
	"	syscall\n"
	"	jc	1f\n"
	"	testl	%eax, %eax\n"
	"	jz	2f\n"
	"	ret\n"
	"1:	negl	%eax\n"
	"	ret\n"
	"2:	xorl	%ebp, %ebp\n"
	"	call	thread_main\n"
	"	leaq	thread_alive(%rip), %rdi\n"
	"	movl	$" NUMBER(SYS___threxit) ", %eax\n"
	"	syscall\n"
	"	.size	scene_tfork, . - scene_tfork\n");

volatile pid_t thread_alive = 1;
volatile pid_t thread_saw;	/* getthrid(2) in the thread */
char tcb[64];			/* its control block */
char signal_stack[MINSIGSTKSZ];

void
thread_main(void)
{
	thread_saw = getthrid();
}

int
main(int argc, char *argv[])
{
	const char *how = argc > 1 ? argv[1] : "";
	struct __tfork param;
	struct sigaltstack ss;
	size_t size = sizeof(param);
	pid_t tid = 0;
	char *stack;
	int answer;

	memset(&ss, 0, sizeof(ss));
	ss.ss_sp = signal_stack;
	ss.ss_size = sizeof(signal_stack);
	if (sigaltstack(&ss, NULL) == -1)
		err(1, "sigaltstack");
	stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
	    MAP_ANON | MAP_PRIVATE | MAP_STACK, -1, 0);
	if (stack == MAP_FAILED)
		err(1, "mmap");
	param.tf_tcb = tcb;
	param.tf_tid = &tid;
	/* An empty stack's pointer, too, must lie in the stack's mapping. */
	param.tf_stack = stack + STACK_SIZE - STACK_ALIGN;
	if (strcmp(how, "size") == 0)
		size = 0;
	else if (strcmp(how, "big") == 0)
		size = sizeof(param) + 1;
	else if (strcmp(how, "tcb") == 0)
		param.tf_tcb = (void *)0x800000000000UL;
	else if (strcmp(how, "stack") == 0)
		param.tf_stack = NULL;
	else if (strcmp(how, "tid") == 0)
		param.tf_tid = (void *)1;

	answer = scene_tfork(strcmp(how, "param") == 0 ? (void *)1 : &param,
	    size);
	if (answer < 0) {
		printf("error %d\n", -answer);
		return 0;
	}
	while (thread_alive)
		sched_yield();
	printf("answer %s tid, the thread saw %s\n",
	    answer == tid ? "is" : "is not",
	    thread_saw == tid ? "it too" : "another");
	return 0;
}
