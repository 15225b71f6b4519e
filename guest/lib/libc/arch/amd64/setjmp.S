/* SPDX-License-Identifier: ISC */
/*
 * int setjmp(jmp_buf env)
 * void longjmp(jmp_buf env, int value)
 *
 * Keeps the registers that a function must preserve, the stack pointer as
 * it will be after the return, and the return address.
 */
#include "SYS.h"

/*
 * For debuggers longjmp's caller is where it goes: the place after setjmp,
 * whose registers are in the buffer at rdi.
 */
#define DW_CFA_EXPRESSION	0x10
#define DW_OP_BREG5		0x75	/* rdi, and an offset below 64 */
#define CFI_IN_BUFFER(register, offset)					\
	.cfi_escape DW_CFA_EXPRESSION, register, 2, DW_OP_BREG5, offset
#define DW_RBX			3	/* registers' numbers in DWARF */
#define DW_RBP			6
#define DW_RSP			7
#define DW_RIP			16

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
	CFI_IN_BUFFER(DW_RBX, 0)
	CFI_IN_BUFFER(DW_RBP, 8)
	CFI_IN_BUFFER(12, 16)
	CFI_IN_BUFFER(13, 24)
	CFI_IN_BUFFER(14, 32)
	CFI_IN_BUFFER(15, 40)
	CFI_IN_BUFFER(DW_RSP, 48)
	CFI_IN_BUFFER(DW_RIP, 56)
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
