/* SPDX-License-Identifier: ISC */
#ifndef _SYS_RESOURCEVAR_H_
#define _SYS_RESOURCEVAR_H_

#include <sys/resource.h>

/* The limits of a process; shared after fork, copied when changed. */
struct plimit {
	struct rlimit	pl_rlimit[RLIM_NLIMITS];	/* soft and hard */
	u_int		pl_refcnt;			/* users of this copy */
};

#ifdef _KERNEL
struct proc;
struct process;
struct tusage;

extern struct pool plimit_pool;

void	lim_startup(struct plimit *);
void	lim_fork(struct process *, struct process *);
void	lim_free(struct plimit *);
struct plimit *lim_copy(struct plimit *);
struct plimit *lim_read_enter(void);
rlim_t	lim_cur(int);
rlim_t	lim_cur_proc(struct proc *, int);
rlim_t	lim_max(int);
int	dosetrlimit(struct proc *, u_int, struct rlimit *);
void	ruadd(struct rusage *, struct rusage *);
void	tuagg(struct process *, struct proc *);
void	calcru(struct tusage *, struct timeval *, struct timeval *);
int	dogetrusage(struct proc *, int, struct rusage *);
void	rucheck(void *);
#endif /* _KERNEL */

#endif /* _SYS_RESOURCEVAR_H_ */
