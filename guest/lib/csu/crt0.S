/* SPDX-License-Identifier: ISC */
/*
 * void __start(void)
 *
 * Where the kernel enters a program.  The stack holds argc, the argument
 * pointers, NULL, the environment pointers, NULL; all general registers
 * are zero.  Hands them to ___start() on a stack aligned as the ABI wants.
 */
	.cfi_sections .debug_frame
	.text
	.globl	__start
	.globl	_start
	.type	__start, @function
__start:
_start:
	.cfi_startproc
	.cfi_undefined rip		/* nobody called us */
	xorl	%ebp, %ebp		/* the last frame */
	movq	(%rsp), %rdi		/* argc */
	leaq	8(%rsp), %rsi		/* argv */
	leaq	16(%rsp,%rdi,8), %rdx	/* envp, behind argv's NULL */
	andq	$-16, %rsp
	call	___start
	ud2				/* ___start never returns */
	.cfi_endproc
	.size	__start, . - __start
	.section .note.GNU-stack, "", @progbits
