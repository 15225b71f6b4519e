/* SPDX-License-Identifier: ISC */
#ifndef _MACHINE_PROC_H_
#define _MACHINE_PROC_H_

struct trapframe;

/* The machine dependent part of struct proc. */
struct mdproc {
	struct trapframe *md_regs;	/* registers on the last entry */
	int	md_flags;		/* MDP_* */
	volatile int md_astpending;	/* AST wanted before user mode */
};

#define MDP_IRET	0x0002		/* return by IRETQ, not SYSRETQ */

#endif /* _MACHINE_PROC_H_ */
