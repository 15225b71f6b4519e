/* SPDX-License-Identifier: ISC */
#ifndef _MACHINE_REG_H_
#define _MACHINE_REG_H_

#include <sys/types.h>
#include <machine/fpu.h>

/* General registers as PT_GETREGS gives them. */
struct reg {
	int64_t	r_rdi;
	int64_t	r_rsi;
	int64_t	r_rdx;
	int64_t	r_rcx;
	int64_t	r_r8;
	int64_t	r_r9;
	int64_t	r_r10;
	int64_t	r_r11;
	int64_t	r_r12;
	int64_t	r_r13;
	int64_t	r_r14;
	int64_t	r_r15;
	int64_t	r_rbp;
	int64_t	r_rbx;
	int64_t	r_rax;
	int64_t	r_rsp;
	int64_t	r_rip;
	int64_t	r_rflags;
	int64_t	r_cs;
	int64_t	r_ss;
	int64_t	r_ds;		/* unused, no data segments are kept */
	int64_t	r_es;		/* unused */
	int64_t	r_fs;		/* unused */
	int64_t	r_gs;		/* unused */
};

/* Floating point registers as PT_GETFPREGS gives them. */
struct fpreg {
	struct fxsave64 fxstate;	/* x87, MMX and SSE */
};

#ifdef _KERNEL
struct proc;

/* process_machdep.c */
int	process_read_regs(struct proc *, struct reg *);
int	process_write_regs(struct proc *, struct reg *);
int	process_read_fpregs(struct proc *, struct fpreg *);
int	process_write_fpregs(struct proc *, struct fpreg *);
int	process_sstep(struct proc *, int);
int	process_set_pc(struct proc *, caddr_t);
#endif /* _KERNEL */

#endif /* _MACHINE_REG_H_ */
