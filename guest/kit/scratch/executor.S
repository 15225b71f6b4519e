/* SPDX-License-Identifier: ISC */
#define _LOCORE
#include <sys/syscall.h>
#include "scratch.h"

	.text

/*
 * void scratch_enter(void)
 *
 * Executes what the host writes, for ever.  The stack looks as a stub of libc
 * finds it: a return address, and above it room for the arguments that no
 * register holds.
 *
 * The host stops the machine at scratch_park and at no other place.  Whoever
 * comes there and is not stopped, a child whose calls are over, finds no
 * entry and exits.
 *
 * r12 is the call in progress; nothing is kept in memory but its result, so
 * that a vfork(2)ed child can use the same stack.
 *
 * For debuggers main() is the caller all the time, though nothing returns to
 * it; its registers are lost.  A thread that was given another stack has no
 * caller there.
 */
	.cfi_sections .debug_frame
#define FRAME	(8 + 8 * (MAXARGS - REGISTER_ARGS))

	.globl	scratch_enter
	.type	scratch_enter, @function
scratch_enter:
	.cfi_startproc
	subq	$FRAME, %rsp
	.cfi_adjust_cfa_offset FRAME
	.cfi_undefined r12
	leaq	scratch_park(%rip), %rax
	movq	%rax, (%rsp)

	.globl	scratch_park
scratch_park:
	movq	SCRATCH_CALLS + SHARED_ENTRY, %r12
	movq	$0, SCRATCH_CALLS + SHARED_ENTRY
	testq	%r12, %r12
	jnz	scratch_execute
	movl	$SYS_exit, %eax
	xorl	%edi, %edi
	syscall
	ud2
	.cfi_endproc
	.size	scratch_enter, . - scratch_enter

	.globl	scratch_execute
	.type	scratch_execute, @function
scratch_execute:
	.cfi_startproc
	.cfi_adjust_cfa_offset FRAME
	.cfi_undefined rbx
	.cfi_undefined r12
	.cfi_undefined r13
	.cfi_undefined r14
	movq	CALL_NUMBER(%r12), %rax
	cmpq	$CALL_END, %rax
	je	scratch_park

	movq	CALL_KINDS(%r12), %rbx
	xorl	%r13d, %r13d
1:	movq	CALL_ARGS(%r12,%r13,8), %r14
	testb	%bl, %bl
	jz	3f
	cmpb	$KIND_INT, %bl
	je	2f
	movq	(%r14), %r14
	jmp	3f
2:	movslq	(%r14), %r14
3:	movq	%r14, CALL_ACTUAL(%r12,%r13,8)
	shrq	$8, %rbx
	incl	%r13d
	cmpl	$MAXARGS, %r13d
	jne	1b

	movq	CALL_ACTUAL + 0(%r12), %rdi
	cmpq	$CALL_TOUCH, %rax
	je	4f
	cmpq	$REGISTER_ARGS, CALL_NARGS(%r12)
	jbe	scratch_registers
	movq	CALL_ACTUAL + 48(%r12), %r14
	movq	%r14, 8(%rsp)
	movq	CALL_ACTUAL + 56(%r12), %r14
	movq	%r14, 16(%rsp)
scratch_registers:
	movq	CALL_ACTUAL + 8(%r12), %rsi
	movq	CALL_ACTUAL + 16(%r12), %rdx
	movq	CALL_ACTUAL + 24(%r12), %r10
	movq	CALL_ACTUAL + 32(%r12), %r8
	movq	CALL_ACTUAL + 40(%r12), %r9

	.globl	scratch_syscall
scratch_syscall:
	syscall
	.globl	scratch_returned
scratch_returned:
	movl	$STATE_DONE, %ebx
	adcl	$0, %ebx		/* carry: STATE_FAILED */
	cmpq	$0, CALL_CHILD(%r12)
	je	5f
	cmpl	$STATE_DONE, %ebx
	jne	5f
	testq	%rax, %rax
	jz	scratch_child
5:	movq	%rax, CALL_VALUE(%r12)
	movq	%rdx, CALL_SECOND(%r12)
	movq	%rbx, CALL_STATE(%r12)
	addq	$CALL_SIZE, %r12
	jmp	scratch_execute

	/* A new process or thread: it goes its own way. */
	.globl	scratch_child
scratch_child:
	movq	CALL_CHILD(%r12), %r12
	jmp	scratch_execute

4:	lock
	orb	$0, (%rdi)
	addq	$CALL_SIZE, %r12
	jmp	scratch_execute
	.cfi_endproc
	.size	scratch_execute, . - scratch_execute
	.section .note.GNU-stack, "", @progbits
