/* SPDX-License-Identifier: ISC */
#ifndef _SYS_EVENTVAR_H_
#define _SYS_EVENTVAR_H_

#include <sys/event.h>
#include <sys/selinfo.h>

#define KQ_NEVENTS	8	/* events that are copied at once */
#define KQ_HASHSIZE	64	/* chains of notes */

LIST_HEAD(knlist, knote);

/* The queue of a kqueue(2) descriptor. */
struct kqueue {
	TAILQ_HEAD(, knote) kq_head;	/* events to be reported */
	int	kq_count;		/* how many */
	struct	selinfo kq_sel;		/* who polls it */
	struct	filedesc *kq_fdp;	/* table its descriptors are of */
	LIST_ENTRY(kqueue) kq_next;	/* fd_kqlist */
	struct	knlist kq_notes[KQ_HASHSIZE]; /* all notes, by ident */
	int	kq_state;		/* KQ_* */
};
#define KQ_SLEEP	0x02	/* somebody sleeps in kevent(2) */

#endif /* _SYS_EVENTVAR_H_ */
