/* SPDX-License-Identifier: ISC */
#ifndef _SYS_PLEDGE_H_
#define _SYS_PLEDGE_H_

#include <sys/types.h>

#ifdef _KERNEL
struct proc;
struct process;

int	pledge_syscall(struct proc *, int, uint64_t *);
int	pledge_fail(struct proc *, int, uint64_t);
void	unveil_copy(struct process *, struct process *);
void	unveil_destroy(struct process *);
#endif

#endif /* _SYS_PLEDGE_H_ */
