/* SPDX-License-Identifier: ISC */
#ifndef _SYS_SELINFO_H_
#define _SYS_SELINFO_H_

#ifdef _KERNEL
#include <sys/types.h>

struct proc;

/* Whether somebody polls an object and has to be told when it changes. */
struct selinfo {
	int	si_polled;	/* a poll found it not ready */
};

void	selrecord(struct proc *, struct selinfo *);
void	selwakeup(struct selinfo *);
#endif /* _KERNEL */

#endif /* _SYS_SELINFO_H_ */
