/* SPDX-License-Identifier: ISC */
/*
 * Exception and interrupt entries.  Each completes a trapframe and calls
 * usertrap(), kerntrap() or intr_handler().
 */
#define _LOCORE
#include <machine/asm.h>
#include <machine/cfi.h>
#include <machine/frameasm.h>
#include <machine/trap.h>
#include <machine/psl.h>
#include "assym.h"

#define PUSH_SLOT(value)						 \
	pushq	$value							;\
	.cfi_adjust_cfa_offset 8

/* An exception without an error code gets a zero in its place. */
#define TRAPENTRY(name, type)						 \
	ENTRY(name)							;\
	CFI_INTERRUPTED(FRAMESIZE - TF_RIP)				;\
	PUSH_SLOT(0)							;\
	PUSH_SLOT(type)							;\
	jmp	alltraps						;\
	CFI_END								;\
	END(name)

#define TRAPENTRY_ERR(name, type)					 \
	ENTRY(name)							;\
	CFI_INTERRUPTED(FRAMESIZE - TF_RBP)				;\
	PUSH_SLOT(type)							;\
	jmp	alltraps						;\
	CFI_END								;\
	END(name)

TRAPENTRY(Xtrap00, T_DIVIDE)
TRAPENTRY(Xtrap01, T_TRCTRAP)
TRAPENTRY(Xtrap02, T_NMI)
TRAPENTRY(Xtrap03, T_BPTFLT)
TRAPENTRY(Xtrap04, T_OFLOW)
TRAPENTRY(Xtrap05, T_BOUND)
TRAPENTRY(Xtrap06, T_PRIVINFLT)
TRAPENTRY(Xtrap07, T_DNA)
TRAPENTRY_ERR(Xtrap08, T_DOUBLEFLT)
TRAPENTRY(Xtrap09, T_FPOPFLT)
TRAPENTRY_ERR(Xtrap0a, T_TSSFLT)
TRAPENTRY_ERR(Xtrap0b, T_SEGNPFLT)
TRAPENTRY_ERR(Xtrap0c, T_STKFLT)
TRAPENTRY_ERR(Xtrap0d, T_PROTFLT)
TRAPENTRY_ERR(Xtrap0e, T_PAGEFLT)
TRAPENTRY(Xtrap0f, T_RESERVED)
TRAPENTRY(Xtrap10, T_ARITHTRAP)
TRAPENTRY_ERR(Xtrap11, T_ALIGNFLT)
TRAPENTRY(Xtrap12, T_MCA)
TRAPENTRY(Xtrap13, T_XMM)

ENTRY(alltraps)
	CFI_INTERRUPTED(FRAMESIZE - TF_TRAPNO)
	INTRENTRY
	movq	%rsp, %rdi
	testb	$3, TF_CS(%rsp)
	jnz	alltraps_user
	CFI_END
END(alltraps)

/* From the kernel: back to where we were, interrupts as they were. */
	.globl	alltraps_kernel
	.type	alltraps_kernel, @function
alltraps_kernel:
	CFI_TRAPFRAME
	testl	$PSL_I, TF_RFLAGS(%rsp)
	jz	1f
	cmpl	$T_PAGEFLT, TF_TRAPNO(%rsp)
	je	1f			/* kerntrap() reads cr2 first */
	sti
1:	call	kerntrap		/* void kerntrap(struct trapframe *) */
	cli
	jmp	intr_kern_exit
	CFI_END
END(alltraps_kernel)

/* From user mode: the kernel stack begins here. */
	.globl	alltraps_user
	.type	alltraps_user, @function
alltraps_user:
	CFI_TRAPFRAME
	xorl	%ebp, %ebp		/* stack traces end here */
	call	usertrap		/* void usertrap(struct trapframe *) */
	jmp	intr_user_ast
	CFI_END
END(alltraps_user)

	.globl	intr_kern_exit
	.type	intr_kern_exit, @function
intr_kern_exit:
	CFI_TRAPFRAME
	RESTORE_MOST
	movq	TF_RCX(%rsp), %rcx
	movq	TF_R11(%rsp), %r11
	CFI_REGISTERS_LIVE
	addq	$TF_RIP, %rsp
	.cfi_adjust_cfa_offset -TF_RIP
	iretq
	CFI_END
END(intr_kern_exit)

/* Before user mode: run ASTs until none is pending, with interrupts off. */
	.globl	intr_user_ast
	.type	intr_user_ast, @function
intr_user_ast:
	CFI_TRAPFRAME
	cli
	movq	CPUVAR(CURPROC), %r14
	cmpl	$0, P_MD_ASTPENDING(%r14)
	je	3f
	movl	$0, P_MD_ASTPENDING(%r14)
	sti
	movq	%rsp, %rdi
	call	ast			/* void ast(struct trapframe *) */
	jmp	intr_user_ast
3:	cmpl	$0, CPUVAR(ILEVEL)
	jne	9f
	LOAD_USERXSTATE
	LOAD_USERSEGS
	jmp	intr_user_exit
9:	call	ilevel_leaked		/* void ilevel_leaked(void), panics */
	CFI_END
END(intr_user_ast)

/* Interrupts of the two 8259s: the line number is where tf_trapno lies. */
#define INTRSTUB(num)							 \
	ENTRY(Xintr##num)						;\
	CFI_INTERRUPTED(FRAMESIZE - TF_RIP)				;\
	PUSH_SLOT(0)							;\
	PUSH_SLOT(num)							;\
	jmp	allintrs						;\
	CFI_END								;\
	END(Xintr##num)

INTRSTUB(0)
INTRSTUB(1)
INTRSTUB(2)
INTRSTUB(3)
INTRSTUB(4)
INTRSTUB(5)
INTRSTUB(6)
INTRSTUB(7)
INTRSTUB(8)
INTRSTUB(9)
INTRSTUB(10)
INTRSTUB(11)
INTRSTUB(12)
INTRSTUB(13)
INTRSTUB(14)
INTRSTUB(15)

ENTRY(allintrs)
	CFI_INTERRUPTED(FRAMESIZE - TF_TRAPNO)
	INTRENTRY
	movq	%rsp, %rdi
	testb	$3, TF_CS(%rsp)
	jnz	allintrs_user
	CFI_END
END(allintrs)

	.globl	allintrs_kernel
	.type	allintrs_kernel, @function
allintrs_kernel:
	CFI_TRAPFRAME
	call	intr_handler		/* void intr_handler(struct intrframe *) */
	cli
	jmp	intr_kern_exit
	CFI_END
END(allintrs_kernel)

	.globl	allintrs_user
	.type	allintrs_user, @function
allintrs_user:
	CFI_TRAPFRAME
	call	intr_handler		/* void intr_handler(struct intrframe *) */
	jmp	intr_user_ast
	CFI_END
END(allintrs_user)

	.section .rodata
	.p2align 3
	.globl	trap_entries, intr_entries
	.type	trap_entries, @object
trap_entries:
	.quad	Xtrap00, Xtrap01, Xtrap02, Xtrap03
	.quad	Xtrap04, Xtrap05, Xtrap06, Xtrap07
	.quad	Xtrap08, Xtrap09, Xtrap0a, Xtrap0b
	.quad	Xtrap0c, Xtrap0d, Xtrap0e, Xtrap0f
	.quad	Xtrap10, Xtrap11, Xtrap12, Xtrap13
	.size	trap_entries, . - trap_entries
	.type	intr_entries, @object
intr_entries:
	.quad	Xintr0, Xintr1, Xintr2, Xintr3, Xintr4, Xintr5, Xintr6, Xintr7
	.quad	Xintr8, Xintr9, Xintr10, Xintr11
	.quad	Xintr12, Xintr13, Xintr14, Xintr15
	.size	intr_entries, . - intr_entries
	.section .note.GNU-stack, "", @progbits
