/* SPDX-License-Identifier: ISC */
#ifndef _MACHINE_PTRACE_H_
#define _MACHINE_PTRACE_H_

/* ptrace(2) requests of this machine, behind PT_FIRSTMACH. */
#define PT_STEP		(PT_FIRSTMACH + 0)	/* one instruction */
#define PT_GETREGS	(PT_FIRSTMACH + 1)	/* struct reg */
#define PT_SETREGS	(PT_FIRSTMACH + 2)
#define PT_GETFPREGS	(PT_FIRSTMACH + 3)	/* struct fpreg */
#define PT_SETFPREGS	(PT_FIRSTMACH + 4)

#endif /* _MACHINE_PTRACE_H_ */
