/* SPDX-License-Identifier: ISC */
/*
 * The system call entry and exit, the thread switch and the first steps of
 * a new thread.
 */
#define _LOCORE
#include <machine/asm.h>
#include <machine/cfi.h>
#include <machine/codepatch.h>
#include <machine/frameasm.h>
#include <machine/psl.h>
#include "assym.h"

/*
 * void Xsyscall(void);
 *
 * Where SYSCALL arrives: interrupts off, kernel selectors, still the user's
 * rsp; rcx is the user's rip, r11 the user's rflags, rax the number.
 */
ENTRY(Xsyscall)
	.cfi_startproc
	CFI_USER_REGISTERS
	swapgs
	movq	%rax, CPUVAR(SCRATCH)
	movq	CPUVAR(KERN_RSP), %rax
	.cfi_undefined rax
	xchgq	%rax, %rsp		/* rsp: trapframe, rax: user's rsp */
	.cfi_def_cfa rsp, FRAMESIZE
	.cfi_register rsp, rax
	movq	%rcx, TF_RCX(%rsp)
	movq	%rcx, TF_RIP(%rsp)
	sti
	movq	$USER_DS, TF_SS(%rsp)
	movq	%rax, TF_RSP(%rsp)
	.cfi_offset rsp, TF_RSP - FRAMESIZE
	/* Interrupts do not use ci_scratch, and nothing switched us away. */
	movq	CPUVAR(SCRATCH), %rax
	.cfi_same_value rax
	movq	%rdi, TF_RDI(%rsp)
	movq	%rsi, TF_RSI(%rsp)
	movq	%rdx, TF_RDX(%rsp)
	movq	%r8, TF_R8(%rsp)
	movq	%r9, TF_R9(%rsp)
	movq	%r10, TF_R10(%rsp)
	movq	%r11, TF_R11(%rsp)
	movq	%r12, TF_R12(%rsp)
	movq	%r13, TF_R13(%rsp)
	movq	%r14, TF_R14(%rsp)
	movq	%r15, TF_R15(%rsp)
	movq	%rbx, TF_RBX(%rsp)
	movq	%rax, TF_RAX(%rsp)
	movq	%rbp, TF_RBP(%rsp)
	movq	%r11, TF_RFLAGS(%rsp)
	movq	$USER_CS, TF_CS(%rsp)
	movq	%rax, TF_ERR(%rsp)	/* the number, for a debugger */
	movq	$0, TF_TRAPNO(%rsp)
	CFI_FRAME_COMPLETE
	CLEAR_REGS
	xorl	%ebp, %ebp		/* stack traces end here */
	movq	CPUVAR(CURPROC), %r14
	movq	%rsp, P_MD_REGS(%r14)
	andl	$~MDP_IRET_BIT, P_MD_FLAGS(%r14)
	movq	%rsp, %rdi
	call	syscall			/* void syscall(struct trapframe *) */

	/* Also entered from proc_trampoline. */
	.globl	Xsyscall_exit
Xsyscall_exit:
	/* An AST may come at any time until interrupts are off. */
	cli
	movq	CPUVAR(CURPROC), %r14
	cmpl	$0, P_MD_ASTPENDING(%r14)
	je	1f
	movl	$0, P_MD_ASTPENDING(%r14)
	sti
	movq	%rsp, %rdi
	call	ast			/* void ast(struct trapframe *) */
	jmp	Xsyscall_exit
1:
	cmpl	$0, CPUVAR(ILEVEL)
	jne	9f
	LOAD_USERXSTATE
	LOAD_USERSEGS
	testl	$MDP_IRET_BIT, P_MD_FLAGS(%r14)
	jnz	intr_user_exit
	RESTORE_MOST
	movq	TF_RIP(%rsp), %rcx
	movq	TF_RFLAGS(%rsp), %r11
	movq	TF_RSP(%rsp), %rsp
	CFI_USER_REGISTERS
	swapgs
	sysretq
	CFI_FRAME_COMPLETE
9:	call	ilevel_leaked		/* void ilevel_leaked(void), panics */
	CFI_END
END(Xsyscall)

/*
 * The way back to user mode by IRETQ, which restores rcx and r11 too:
 * after interrupts, faults, exec and sigreturn.  Interrupts are off.
 */
	.globl	intr_user_exit
	.type	intr_user_exit, @function
intr_user_exit:
	CFI_TRAPFRAME
	RESTORE_MOST
	movq	TF_RCX(%rsp), %rcx
	movq	TF_R11(%rsp), %r11
	CFI_REGISTERS_LIVE
	swapgs
	addq	$TF_RIP, %rsp
	.cfi_adjust_cfa_offset -TF_RIP
	.globl	doreti_iret
doreti_iret:
	iretq
	CFI_END
END(intr_user_exit)

/*
 * void Xsyscall32(void);
 *
 * SYSCALL of 32-bit code, which is not supported.
 */
ENTRY(Xsyscall32)
	.cfi_startproc
	CFI_USER_REGISTERS
	sysretl
	CFI_END
END(Xsyscall32)

/*
 * void cpu_switchto(struct proc *old, struct proc *new);
 *
 * Save the old thread (unless NULL: it exited) and go on with the new one,
 * which returns from its own call of this function.
 */
ENTRY(cpu_switchto)
	CFI_FUNCTION
	CFI_PUSH(rbx)
	CFI_PUSH(rbp)
	CFI_PUSH(r12)
	CFI_PUSH(r13)
	CFI_PUSH(r14)
	CFI_PUSH(r15)

	movb	$SONPROC_STATE, P_STAT(%rsi)
	movq	%rsi, CPUVAR(CURPROC)
	movq	%rsi, %r12
	movq	P_ADDR(%rsi), %r13

	testq	%rdi, %rdi
	jz	1f
	movq	P_ADDR(%rdi), %rdi
	movq	%rsp, PCB_RSP(%rdi)
	movq	%rbp, PCB_RBP(%rdi)
	testl	$CPUF_USERXSTATE_BIT, CPUVAR(FLAGS)
	jz	4f
	call	fpusave			/* pcb_savefpu is its first field */
1:
	/* Nobody finds in the CPU what another thread left there. */
	testl	$CPUF_USERXSTATE_BIT, CPUVAR(FLAGS)
	jz	4f
	andl	$~CPUF_USERXSTATE_BIT, CPUVAR(FLAGS)
	call	fpureset
4:
	cli
	movq	PCB_RSP(%r13), %rsp
	movq	PCB_RBP(%r13), %rbp

	movq	PCB_CR3(%r13), %rax
	movq	%cr3, %rcx
	cmpq	%rax, %rcx
	je	2f
	movq	%rax, %cr3
2:
	testl	$P_SYSTEM_BIT, P_FLAG(%r12)
	jnz	3f
	/* Both entries from user mode put their frame at the same place. */
	movq	PCB_KSTACK(%r13), %rax
	movq	CPUVAR(TSS), %rcx
	movq	%rax, TSS_RSP0(%rcx)
	subq	$FRAMESIZE, %rax
	movq	%rax, CPUVAR(KERN_RSP)
3:
	movq	%r13, CPUVAR(CURPCB)
	andl	$~CPUF_USERSEGS_BIT, CPUVAR(FLAGS)
	sti

	CFI_POP(r15)
	CFI_POP(r14)
	CFI_POP(r13)
	CFI_POP(r12)
	CFI_POP(rbp)
	CFI_POP(rbx)
	ret
	CFI_END
END(cpu_switchto)

/*
 * void fpusave(struct savefpu *sfp);
 *
 * Write the floating point state in the CPU to *sfp.
 */
ENTRY(fpusave)
	CFI_FUNCTION
	movl	xsave_mask, %eax
	movl	xsave_mask+4, %edx
	CODEPATCH_START
	fxsave64 (%rdi)
	CODEPATCH_END(CPTAG_XSAVE)
	ret
	CFI_END
END(fpusave)

/*
 * void xrstor_user(const struct savefpu *sfp);
 *
 * Load the floating point state *sfp, which the CPU must be able to take.
 */
ENTRY(xrstor_user)
	CFI_FUNCTION
	movl	xsave_mask, %eax
	movl	xsave_mask+4, %edx
	CODEPATCH_START
	fxrstor64 (%rdi)
	CODEPATCH_END(CPTAG_XRSTOR)
	ret
	CFI_END
END(xrstor_user)

/*
 * void fpureset(void);
 *
 * Load the initial floating point state.
 */
ENTRY(fpureset)
	CFI_FUNCTION
	movq	proc0+P_ADDR, %rdi	/* pcb_savefpu is its first field */
	jmp	xrstor_user
	CFI_END
END(fpureset)

/*
 * void fpusavereset(struct savefpu *sfp);
 *
 * Write the floating point state to *sfp and load the initial one.
 */
ENTRY(fpusavereset)
	CFI_FUNCTION
	call	fpusave
	jmp	fpureset
	CFI_END
END(fpusavereset)

/*
 * void proc_trampoline(void);
 *
 * A new thread's first instruction: r12 is its function, r13 the argument.
 * The function returns only if there is a user mode to go to.  The trapframe
 * at rsp, from the parent's system call, is zero in a thread of the kernel.
 *
 * A debugger looks a caller up by the byte before the return address: here
 * one that is never executed stands for the call.
 */
	.p2align 4, 0xcc
	.skip	15, 0xcc
	.type	proc_trampoline_call, @function
proc_trampoline_call:
	CFI_SYSCALL_FRAME
	int3
END(proc_trampoline_call)
	.globl	proc_trampoline
	.type	proc_trampoline, @function
proc_trampoline:
	xorl	%ebp, %ebp
	call	proc_trampoline_mp	/* void proc_trampoline_mp(void) */
	movl	$0, CPUVAR(ILEVEL)
	movq	%r13, %rdi
	call	*%r12
	movq	CPUVAR(CURPROC), %r14
	jmp	Xsyscall_exit
	CFI_END
END(proc_trampoline)

/*
 * void cpu_idle_cycle(void);
 *
 * Wait for an interrupt; STI takes effect after the HLT has begun.
 */
ENTRY(cpu_idle_cycle)
	CFI_FUNCTION
	sti
	hlt
	ret
	CFI_END
END(cpu_idle_cycle)

/*
 * int setjmp(label_t *label);
 *
 * Remember this place; returns 0, and 1 when longjmp() comes back to it.
 */
ENTRY(setjmp)
	CFI_FUNCTION
	movq	(%rsp), %rax
	movq	%rbx, 0(%rdi)
	movq	%rsp, 8(%rdi)
	movq	%rbp, 16(%rdi)
	movq	%r12, 24(%rdi)
	movq	%r13, 32(%rdi)
	movq	%r14, 40(%rdi)
	movq	%r15, 48(%rdi)
	movq	%rax, 56(%rdi)
	xorl	%eax, %eax
	ret
	CFI_END
END(setjmp)

/*
 * void longjmp(label_t *label);
 *
 * Go back to where setjmp() was called.
 */
ENTRY(longjmp)
	CFI_FUNCTION
	CFI_IN_BUFFER(DW_RBX, 0)
	CFI_IN_BUFFER(DW_RBP, 16)
	CFI_IN_BUFFER(12, 24)
	CFI_IN_BUFFER(13, 32)
	CFI_IN_BUFFER(14, 40)
	CFI_IN_BUFFER(15, 48)
	CFI_IN_BUFFER(DW_RIP, 56)
	CFI_STACK_IN_BUFFER(8)
	movq	0(%rdi), %rbx
	movq	8(%rdi), %rsp
	movq	16(%rdi), %rbp
	movq	24(%rdi), %r12
	movq	32(%rdi), %r13
	movq	40(%rdi), %r14
	movq	48(%rdi), %r15
	movq	56(%rdi), %rax
	movq	%rax, (%rsp)
	movl	$1, %eax
	ret
	CFI_END
END(longjmp)

/*
 * The signal trampoline, copied to a page of every process:
 * sendsig() enters it with rax = handler, rdi, rsi, rdx = its arguments and
 * rsp = the sigcontext.
 */
	.section .rodata
	.globl	sigcode, esigcode, esigret
	.type	sigcode, @object
sigcode:
	CFI_SIGCONTEXT
	call	*%rax
	movq	%rsp, %rdi
	movl	$103, %eax		/* SYS_sigreturn */
	syscall
esigret:
	movl	$1, %eax		/* SYS_exit */
	syscall
	int3
	CFI_END
esigcode:
	.size	sigcode, . - sigcode
	.section .note.GNU-stack, "", @progbits
