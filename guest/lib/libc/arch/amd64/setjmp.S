/* SPDX-License-Identifier: ISC */
/*
 * int setjmp(jmp_buf env)
 * void longjmp(jmp_buf env, int value)
 *
 * Keeps the registers that a function must preserve, the stack pointer as
 * it will be after the return, and the return address.
 */
#include "SYS.h"

	.cfi_sections .debug_frame
	.text
ENTRY(setjmp)
	movq	(%rsp), %rdx
	leaq	8(%rsp), %rcx
	movq	%rbx, 0(%rdi)
	movq	%rbp, 8(%rdi)
	movq	%r12, 16(%rdi)
	movq	%r13, 24(%rdi)
	movq	%r14, 32(%rdi)
	movq	%r15, 40(%rdi)
	movq	%rcx, 48(%rdi)
	movq	%rdx, 56(%rdi)
	xorl	%eax, %eax
	ret
END(setjmp)

ENTRY(longjmp)
	movl	%esi, %eax
	testl	%eax, %eax
	jnz	1f
	incl	%eax			/* setjmp never returns 0 twice */
1:	movq	0(%rdi), %rbx
	movq	8(%rdi), %rbp
	movq	16(%rdi), %r12
	movq	24(%rdi), %r13
	movq	32(%rdi), %r14
	movq	40(%rdi), %r15
	movq	48(%rdi), %rsp
	jmp	*56(%rdi)
END(longjmp)
	.section .note.GNU-stack, "", @progbits
