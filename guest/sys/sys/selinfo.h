/* SPDX-License-Identifier: ISC */
#ifndef _SYS_SELINFO_H_
#define _SYS_SELINFO_H_

#ifdef _KERNEL
#include <sys/types.h>
#include <sys/event.h>

struct proc;

/* Who has to be told when an object changes. */
struct selinfo {
	struct	klist si_note;	/* kqueue notes */
	int	si_polled;	/* a poll found it not ready */
};

void	selrecord(struct proc *, struct selinfo *);
void	selwakeup(struct selinfo *);
#endif /* _KERNEL */

#endif /* _SYS_SELINFO_H_ */
