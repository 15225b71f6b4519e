/* SPDX-License-Identifier: ISC */
/* __tfork(2): a second thread, its registers and its end. */

#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/tfork.h>
#include <sched.h>
#include "../kstat.h"
#include "../regress.h"

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

	CHECK(tfork(&param, 0) == -EINVAL);
	CHECK(tfork(&param, sizeof(param) + 1) == -EINVAL);
	CHECK(tfork(NULL, sizeof(param)) == -EFAULT);
	CHECK(tfork(&param, sizeof(param)) == -EINVAL);
	CHECK(kern_int(KERN_NTHREADS) == nthreads);
	return NULL;
}

const struct regress cases[] = {
	{ threads_come_and_go, "threads come and go" },
	{ bad_parameters, "bad parameters" },
};

REGRESS_MAIN(cases)
