/* SPDX-License-Identifier: ISC */
#ifndef _MACHINE_SIGNAL_H_
#define _MACHINE_SIGNAL_H_

#include <machine/_types.h>

/* What sendsig() leaves on the user stack and sigreturn(2) takes back. */
struct sigcontext {
	long	sc_rdi;		/* saved registers, in trapframe order */
	long	sc_rsi;
	long	sc_rdx;
	long	sc_rcx;
	long	sc_r8;
	long	sc_r9;
	long	sc_r10;
	long	sc_r11;
	long	sc_r12;
	long	sc_r13;
	long	sc_r14;
	long	sc_r15;
	long	sc_rbp;
	long	sc_rbx;
	long	sc_rax;
	long	sc_gs;		/* unused, no segment registers are saved */
	long	sc_fs;		/* unused */
	long	sc_es;		/* unused */
	long	sc_ds;		/* unused */
	long	sc_trapno;	/* trap number */
	long	sc_err;		/* error code */
	long	sc_rip;		/* where to go on */
	long	sc_cs;		/* code segment */
	long	sc_rflags;	/* flags */
	long	sc_rsp;		/* stack pointer */
	long	sc_ss;		/* stack segment */
	void	*sc_fpstate;	/* floating point state */
	int	__sc_unused;	/* padding */
	int	sc_mask;	/* signal mask to restore */
	long	sc_cookie;	/* address XOR ps_sigcookie */
};

#endif /* _MACHINE_SIGNAL_H_ */
