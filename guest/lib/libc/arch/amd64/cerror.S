/* SPDX-License-Identifier: ISC */
/*
 * Where a stub goes when its call failed: errno = eax; return -1.
 */
#include "SYS.h"

	.cfi_sections .debug_frame
	.bss
	.globl	errno
	.type	errno, @object
	.p2align 2
errno:
	.zero	4
	.size	errno, 4

	.text
ENTRY(__cerror)
	movl	%eax, errno(%rip)
	movq	$-1, %rax
	ret
END(__cerror)
	.section .note.GNU-stack, "", @progbits
