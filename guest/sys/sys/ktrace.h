/* SPDX-License-Identifier: ISC */
#ifndef _SYS_KTRACE_H_
#define _SYS_KTRACE_H_

#include <sys/types.h>

#define KTR_SYSCALL	1
#define KTR_SYSRET	2
#define KTR_NAMEI	3
#define KTR_GENIO	4
#define KTR_PSIG	5
#define KTR_STRUCT	8
#define KTR_USER	9
#define KTR_EXECARGS	10
#define KTR_EXECENV	11
#define KTR_PLEDGE	12

#define KTRFAC_MASK	0x00ffffff	/* record types */
#define KTRFAC_SYSCALL	(1 << KTR_SYSCALL)
#define KTRFAC_SYSRET	(1 << KTR_SYSRET)
#define KTRFAC_NAMEI	(1 << KTR_NAMEI)
#define KTRFAC_GENIO	(1 << KTR_GENIO)
#define KTRFAC_PSIG	(1 << KTR_PSIG)
#define KTRFAC_STRUCT	(1 << KTR_STRUCT)
#define KTRFAC_ROOT	0x80000000U	/* set by root */
#define KTRFAC_INHERIT	0x40000000U	/* children are traced too */

#ifdef _KERNEL
struct proc;
struct process;
struct vnode;
struct ucred;

/* Is this record wanted from this thread? */
#define KTRPOINT(p, type)						\
	((p)->p_p->ps_traceflag & (1 << (type)) &&			\
	    ((p)->p_flag & P_INKTR) == 0)

void	ktrsettrace(struct process *, int, struct vnode *, struct ucred *);
void	ktrcleartrace(struct process *);
#endif /* _KERNEL */

#endif /* _SYS_KTRACE_H_ */
