/* SPDX-License-Identifier: ISC */
#ifndef _MACHINE_FRAME_H_
#define _MACHINE_FRAME_H_

#include <sys/types.h>

/* All user registers on the kernel stack, after any entry: 176 bytes. */
struct trapframe {
	int64_t	tf_rdi;		/* first argument */
	int64_t	tf_rsi;		/* second argument */
	int64_t	tf_rdx;		/* third argument, second return value */
	int64_t	tf_rcx;		/* rip after SYSCALL */
	int64_t	tf_r8;		/* fifth argument */
	int64_t	tf_r9;		/* sixth argument */
	int64_t	tf_r10;		/* fourth argument of a system call */
	int64_t	tf_r11;		/* rflags after SYSCALL */
	int64_t	tf_r12;		/* callee saved */
	int64_t	tf_r13;		/* callee saved */
	int64_t	tf_r14;		/* callee saved */
	int64_t	tf_r15;		/* callee saved */
	int64_t	tf_err;		/* error code, or system call number */
	int64_t	tf_rbx;		/* callee saved */
	int64_t	tf_rax;		/* system call number and result */
	int64_t	tf_trapno;	/* T_* */
	int64_t	tf_rbp;		/* frame pointer */
	/* From here on the hardware writes it, or entry code in its place. */
	int64_t	tf_rip;		/* program counter */
	int64_t	tf_cs;		/* code selector, privilege in bits 0-1 */
	int64_t	tf_rflags;	/* flags */
	int64_t	tf_rsp;		/* stack pointer */
	int64_t	tf_ss;		/* stack selector */
};

/* The same shape for interrupts. */
struct intrframe {
	int64_t	if_rdi;		/* registers as in struct trapframe */
	int64_t	if_rsi;
	int64_t	if_rdx;
	int64_t	if_rcx;
	int64_t	if_r8;
	int64_t	if_r9;
	int64_t	if_r10;
	int64_t	if_r11;
	int64_t	if_r12;
	int64_t	if_r13;
	int64_t	if_r14;
	int64_t	if_r15;
	int64_t	if_err;		/* unused */
	int64_t	if_rbx;
	int64_t	if_rax;
	int64_t	if_ppl;		/* interrupt vector, then previous ipl */
	int64_t	if_rbp;
	int64_t	if_rip;		/* interrupted program counter */
	int64_t	if_cs;		/* interrupted code selector */
	int64_t	if_rflags;	/* interrupted flags */
	int64_t	if_rsp;		/* interrupted stack pointer */
	int64_t	if_ss;		/* interrupted stack selector */
};

/* What hardclock() looks at. */
struct clockframe {
	struct intrframe cf_if;	/* the interrupt */
};
#define CLKF_USERMODE(frame)	(((frame)->cf_if.if_cs & 3) == 3)
#define CLKF_PC(frame)		((frame)->cf_if.if_rip)
#define CLKF_INTR(frame)	(curcpu()->ci_idepth > 1)

/* What cpu_switchto() pushes: 56 bytes. */
struct switchframe {
	int64_t	sf_r15;		/* callee saved registers */
	int64_t	sf_r14;
	int64_t	sf_r13;		/* new thread: argument of its function */
	int64_t	sf_r12;		/* new thread: its function */
	int64_t	sf_rbp;
	int64_t	sf_rbx;
	int64_t	sf_rip;		/* where cpu_switchto() returns to */
};

#endif /* _MACHINE_FRAME_H_ */
