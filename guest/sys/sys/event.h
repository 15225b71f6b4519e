/* SPDX-License-Identifier: ISC */
/*
 * kqueue(2) note values and the list heads that kernel objects carry.  There
 * is no kqueue(2) yet: no knote is ever on a klist.
 */
#ifndef _SYS_EVENT_H_
#define _SYS_EVENT_H_

#include <sys/types.h>
#include <sys/queue.h>

#define NOTE_EXIT	0x80000000	/* process exited */
#define NOTE_FORK	0x40000000	/* process forked */
#define NOTE_EXEC	0x20000000	/* process executed another image */
#define NOTE_PCTRLMASK	0xf0000000	/* the event bits */
#define NOTE_PDATAMASK	0x000fffff	/* the pid bits */
#define NOTE_TRACK	0x00000001	/* follow across fork */
#define NOTE_TRACKERR	0x00000002	/* could not follow */
#define NOTE_CHILD	0x00000004	/* I am a followed child */
#ifdef _KERNEL
#define NOTE_SIGNAL	0x08000000	/* a signal was posted */
#endif

struct knote;
LIST_HEAD(klist, knote);

/* One registered interest. */
struct knote {
	LIST_ENTRY(knote) kn_selnext;	/* the object's klist */
	u_int	 kn_sfflags;		/* events asked for */
	u_int	 kn_fflags;		/* events seen */
	int64_t	 kn_data;		/* data of the last event */
	int	(*kn_event)(struct knote *, long); /* filter */
};

#ifdef _KERNEL
void	knote(struct klist *, long);
#define KNOTE(list, hint)	knote(list, hint)
#endif

#endif /* _SYS_EVENT_H_ */
