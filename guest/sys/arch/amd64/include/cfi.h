/* SPDX-License-Identifier: ISC */
/*
 * Call-frame information for assembly: at each instruction, where the
 * caller's registers are.  TF_* and FRAMESIZE come from assym.h.
 */
#ifndef _MACHINE_CFI_H_
#define _MACHINE_CFI_H_

/* It goes to .debug_frame alone: nothing in the kernel reads it. */
	.cfi_sections .debug_frame

/* The number of rflags among the registers of DWARF (System V ABI, amd64). */
#define DW_RFLAGS	49
#define DW_RBX		3
#define DW_RBP		6
/* By number, since 32-bit code has others under these names. */
#define DW_RSP		7
#define DW_RIP		16

/* A function that is called and returns, from its first instruction to END. */
#define CFI_FUNCTION	.cfi_startproc
#define CFI_END		.cfi_endproc

/* PUSH and POP of a register that the caller wants back. */
#define CFI_PUSH(register)						\
	pushq	%register;						\
	.cfi_adjust_cfa_offset 8;					\
	.cfi_rel_offset register, 0
#define CFI_POP(register)						\
	popq	%register;						\
	.cfi_adjust_cfa_offset -8;					\
	.cfi_same_value register

/* Code that nobody called, below which there is no stack. */
#define CFI_OUTERMOST							\
	.cfi_startproc; .cfi_def_cfa DW_RSP, 0; .cfi_undefined DW_RIP

/*
 * SYSCALL has come here: the user's registers are in the CPU, rip in rcx and
 * rflags in r11.  Also said of the way back, just before SYSRET.
 */
#define CFI_USER_REGISTERS						\
	.cfi_def_cfa rsp, 0;						\
	.cfi_register rip, rcx;						\
	.cfi_register DW_RFLAGS, r11;					\
	.cfi_same_value rsp;						\
	CFI_REGISTERS_LIVE

/*
 * The hardware has interrupted something and pushed where; the canonical
 * frame address is the end of the trapframe.  `pushed' bytes are below it.
 */
#define CFI_INTERRUPTED(pushed)						\
	.cfi_startproc; .cfi_signal_frame;				\
	.cfi_def_cfa rsp, pushed;					\
	CFI_HARDWARE_SAVED

#define CFI_HARDWARE_SAVED						\
	.cfi_offset rip, TF_RIP - FRAMESIZE;				\
	.cfi_offset DW_RFLAGS, TF_RFLAGS - FRAMESIZE;			\
	.cfi_offset rsp, TF_RSP - FRAMESIZE

/* The other registers are in the trapframe, */
#define CFI_REGISTERS_SAVED						\
	CFI_GENERAL_SAVED;						\
	.cfi_offset rbp, TF_RBP - FRAMESIZE

#define CFI_GENERAL_SAVED						\
	.cfi_offset rdi, TF_RDI - FRAMESIZE;				\
	.cfi_offset rsi, TF_RSI - FRAMESIZE;				\
	.cfi_offset rdx, TF_RDX - FRAMESIZE;				\
	.cfi_offset rcx, TF_RCX - FRAMESIZE;				\
	.cfi_offset r8, TF_R8 - FRAMESIZE;				\
	.cfi_offset r9, TF_R9 - FRAMESIZE;				\
	.cfi_offset r10, TF_R10 - FRAMESIZE;				\
	.cfi_offset r11, TF_R11 - FRAMESIZE;				\
	.cfi_offset r12, TF_R12 - FRAMESIZE;				\
	.cfi_offset r13, TF_R13 - FRAMESIZE;				\
	.cfi_offset r14, TF_R14 - FRAMESIZE;				\
	.cfi_offset r15, TF_R15 - FRAMESIZE;				\
	.cfi_offset rbx, TF_RBX - FRAMESIZE;				\
	.cfi_offset rax, TF_RAX - FRAMESIZE

/* or still or again in the CPU. */
#define CFI_REGISTERS_LIVE						\
	.cfi_same_value rdi;						\
	.cfi_same_value rsi;						\
	.cfi_same_value rdx;						\
	.cfi_same_value rcx;						\
	.cfi_same_value r8;						\
	.cfi_same_value r9;						\
	.cfi_same_value r10;						\
	.cfi_same_value r11;						\
	.cfi_same_value r12;						\
	.cfi_same_value r13;						\
	.cfi_same_value r14;						\
	.cfi_same_value r15;						\
	.cfi_same_value rbx;						\
	.cfi_same_value rax;						\
	.cfi_same_value rbp

/* All registers are in the trapframe at rsp. */
#define CFI_FRAME_COMPLETE						\
	.cfi_def_cfa rsp, FRAMESIZE;					\
	CFI_HARDWARE_SAVED;						\
	CFI_REGISTERS_SAVED

/*
 * Code that runs with rsp at a trapframe.  The first goes on where a system
 * call was made, after the instruction that made it; the second where
 * something was interrupted, at the instruction that comes next.
 */
#define CFI_SYSCALL_FRAME						\
	.cfi_startproc; CFI_FRAME_COMPLETE
#define CFI_TRAPFRAME							\
	CFI_INTERRUPTED(FRAMESIZE); CFI_REGISTERS_SAVED

/*
 * For debuggers longjmp's caller is where it goes: the place after setjmp,
 * whose registers are in the buffer at rdi.  Its rsp there is that of
 * setjmp, which had the return address above it.
 */
#define DW_CFA_EXPRESSION	0x10
#define DW_CFA_VAL_EXPRESSION	0x16
#define DW_OP_DEREF		0x06
#define DW_OP_PLUS_UCONST	0x23
#define DW_OP_BREG5		0x75	/* rdi, and an offset below 64 */
#define CFI_IN_BUFFER(number, offset)					\
	.cfi_escape DW_CFA_EXPRESSION, number, 2, DW_OP_BREG5, offset
#define CFI_STACK_IN_BUFFER(offset)					\
	.cfi_escape DW_CFA_VAL_EXPRESSION, DW_RSP, 5, DW_OP_BREG5, offset, \
	    DW_OP_DEREF, DW_OP_PLUS_UCONST, 8

/*
 * The caller of a signal's handler is the trampoline, and the trampoline's
 * is what the signal has interrupted: all registers are in the sigcontext
 * at rsp, where sigreturn(2) will take them from.  The canonical frame
 * address is the interrupted code's rsp.
 */
#define DW_CFA_DEF_CFA_EXPRESSION	0x0f
#define DW_OP_BREG7	0x77	/* rsp, and an offset */
/* As a signed LEB128 of two bytes, for offsets from 0 to 8191. */
#define CFI_LEB128(offset)	((offset) & 0x7f) | 0x80, (offset) >> 7
#define CFI_IN_SIGCONTEXT(number, offset)				\
	.cfi_escape DW_CFA_EXPRESSION, number, 3, DW_OP_BREG7,		\
	    CFI_LEB128(offset)
#define CFI_SIGCONTEXT							\
	.cfi_startproc; .cfi_signal_frame;				\
	.cfi_escape DW_CFA_DEF_CFA_EXPRESSION, 4, DW_OP_BREG7,		\
	    CFI_LEB128(SC_RSP), DW_OP_DEREF;				\
	CFI_IN_SIGCONTEXT(0, SC_RAX);					\
	CFI_IN_SIGCONTEXT(1, SC_RDX);					\
	CFI_IN_SIGCONTEXT(2, SC_RCX);					\
	CFI_IN_SIGCONTEXT(DW_RBX, SC_RBX);				\
	CFI_IN_SIGCONTEXT(4, SC_RSI);					\
	CFI_IN_SIGCONTEXT(5, SC_RDI);					\
	CFI_IN_SIGCONTEXT(DW_RBP, SC_RBP);				\
	CFI_IN_SIGCONTEXT(8, SC_R8);					\
	CFI_IN_SIGCONTEXT(9, SC_R9);					\
	CFI_IN_SIGCONTEXT(10, SC_R10);					\
	CFI_IN_SIGCONTEXT(11, SC_R11);					\
	CFI_IN_SIGCONTEXT(12, SC_R12);					\
	CFI_IN_SIGCONTEXT(13, SC_R13);					\
	CFI_IN_SIGCONTEXT(14, SC_R14);					\
	CFI_IN_SIGCONTEXT(15, SC_R15);					\
	CFI_IN_SIGCONTEXT(DW_RIP, SC_RIP);				\
	CFI_IN_SIGCONTEXT(DW_RFLAGS, SC_RFLAGS)

#endif /* _MACHINE_CFI_H_ */
