/* SPDX-License-Identifier: ISC */
/*
 * Saving and restoring a struct trapframe.  On entry the slots from
 * tf_trapno up are on the stack, with the error code where tf_rbp belongs.
 */
#ifndef _MACHINE_FRAMEASM_H_
#define _MACHINE_FRAMEASM_H_

/* Complete the frame; rbp then points at the {tf_rbp, tf_rip} record. */
#define INTRENTRY							 \
	testb	$3, (TF_CS - TF_TRAPNO)(%rsp)				;\
	jz	98f							;\
	swapgs								;\
98:	subq	$TF_TRAPNO, %rsp					;\
	.cfi_adjust_cfa_offset TF_TRAPNO				;\
	movq	%rdi, TF_RDI(%rsp)					;\
	movq	%rsi, TF_RSI(%rsp)					;\
	movq	%rdx, TF_RDX(%rsp)					;\
	movq	%rcx, TF_RCX(%rsp)					;\
	movq	%r8, TF_R8(%rsp)					;\
	movq	%r9, TF_R9(%rsp)					;\
	movq	%r10, TF_R10(%rsp)					;\
	movq	%r11, TF_R11(%rsp)					;\
	movq	%r12, TF_R12(%rsp)					;\
	movq	%r13, TF_R13(%rsp)					;\
	movq	%r14, TF_R14(%rsp)					;\
	movq	%r15, TF_R15(%rsp)					;\
	movq	%rbx, TF_RBX(%rsp)					;\
	movq	%rax, TF_RAX(%rsp)					;\
	CFI_GENERAL_SAVED						;\
	movq	TF_RBP(%rsp), %rax					;\
	movq	%rax, TF_ERR(%rsp)					;\
	movq	%rbp, TF_RBP(%rsp)					;\
	.cfi_offset rbp, TF_RBP - FRAMESIZE				;\
	leaq	TF_RBP(%rsp), %rbp					;\
	cld

/* All but rcx, r11, rsp and what the hardware restores. */
#define RESTORE_MOST							 \
	movq	TF_RDI(%rsp), %rdi					;\
	movq	TF_RSI(%rsp), %rsi					;\
	movq	TF_RDX(%rsp), %rdx					;\
	movq	TF_R8(%rsp), %r8					;\
	movq	TF_R9(%rsp), %r9					;\
	movq	TF_R10(%rsp), %r10					;\
	movq	TF_R12(%rsp), %r12					;\
	movq	TF_R13(%rsp), %r13					;\
	movq	TF_R14(%rsp), %r14					;\
	movq	TF_R15(%rsp), %r15					;\
	movq	TF_RBX(%rsp), %rbx					;\
	movq	TF_RAX(%rsp), %rax					;\
	movq	TF_RBP(%rsp), %rbp

/* Zero what user mode could have prepared for speculation. */
#define CLEAR_REGS							 \
	xorl	%edi, %edi						;\
	xorl	%esi, %esi						;\
	xorl	%edx, %edx						;\
	xorl	%ecx, %ecx						;\
	xorl	%eax, %eax						;\
	xorl	%ebx, %ebx						;\
	xorl	%r8d, %r8d						;\
	xorl	%r9d, %r9d						;\
	xorl	%r10d, %r10d						;\
	xorl	%r11d, %r11d						;\
	xorl	%r12d, %r12d						;\
	xorl	%r13d, %r13d						;\
	xorl	%r14d, %r14d						;\
	xorl	%r15d, %r15d

/* Load the user's FS base unless it is still in the CPU; r14 is curproc. */
#define LOAD_USERSEGS							 \
	testl	$CPUF_USERSEGS_BIT, CPUVAR(FLAGS)			;\
	jnz	97f							;\
	orl	$CPUF_USERSEGS_BIT, CPUVAR(FLAGS)			;\
	movq	CPUVAR(CURPCB), %rbx					;\
	movl	PCB_FSBASE(%rbx), %eax					;\
	movl	PCB_FSBASE+4(%rbx), %edx				;\
	movl	$FSBASE_MSR, %ecx					;\
	wrmsr								;\
97:

/* Load the thread's floating point state unless it is still in the CPU. */
#define LOAD_USERXSTATE							 \
	testl	$CPUF_USERXSTATE_BIT, CPUVAR(FLAGS)			;\
	jnz	96f							;\
	orl	$CPUF_USERXSTATE_BIT, CPUVAR(FLAGS)			;\
	movq	CPUVAR(CURPCB), %rdi	/* pcb_savefpu is its first field */ ;\
	call	xrstor_user						;\
96:

#endif /* _MACHINE_FRAMEASM_H_ */
