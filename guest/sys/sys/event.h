/* SPDX-License-Identifier: ISC */
/*
 * kqueue(2): a queue of things that happened to what a process watches.
 */
#ifndef _SYS_EVENT_H_
#define _SYS_EVENT_H_

#include <sys/types.h>
#include <sys/queue.h>

/* Filters: what is watched. */
#define EVFILT_READ	(-1)	/* a descriptor: there is something to read */
#define EVFILT_WRITE	(-2)	/* there is room to write */
#define EVFILT_AIO	(-3)	/* none */
#define EVFILT_VNODE	(-4)	/* none yet: a file's life */
#define EVFILT_PROC	(-5)	/* a process's life */
#define EVFILT_SIGNAL	(-6)	/* signals to this process */
#define EVFILT_TIMER	(-7)	/* time that passes */
#define EVFILT_SYSCOUNT	7

/* What is asked for, and what happened. */
struct kevent {
	__uintptr_t	 ident;		/* descriptor, pid, signal or number */
	short		 filter;	/* EVFILT_* */
	unsigned short	 flags;		/* EV_* */
	unsigned int	 fflags;	/* NOTE_* of the filter */
	__int64_t	 data;		/* of the filter */
	void		*udata;		/* of the user, handed back */
};

#define EV_SET(kevp, a, b, c, d, e, f) do {				\
	struct kevent *_kevp = (kevp);					\
	_kevp->ident = (a);						\
	_kevp->filter = (b);						\
	_kevp->flags = (c);						\
	_kevp->fflags = (d);						\
	_kevp->data = (e);						\
	_kevp->udata = (f);						\
} while (0)

/* flags: what to do. */
#define EV_ADD		0x0001	/* watch, or change what is watched */
#define EV_DELETE	0x0002	/* do not watch any more */
#define EV_ENABLE	0x0004	/* report again */
#define EV_DISABLE	0x0008	/* watch, but do not report */

/* flags: how. */
#define EV_ONESHOT	0x0010	/* delete when reported */
#define EV_CLEAR	0x0020	/* begin anew when reported */
#define EV_RECEIPT	0x0040	/* answer a change with EV_ERROR, data 0 */
#define EV_DISPATCH	0x0080	/* disable when reported */
#define EV_SYSFLAGS	0xf000	/* not the user's */
#define EV_FLAG1	0x2000	/* registered by the kernel */

/* flags: returned. */
#define EV_EOF		0x8000	/* no more will come */
#define EV_ERROR	0x4000	/* data is an errno */

/* fflags of EVFILT_PROC; a hint to knote() carries a pid too. */
#define NOTE_EXIT	0x80000000	/* process exited */
#define NOTE_FORK	0x40000000	/* process forked */
#define NOTE_EXEC	0x20000000	/* process executed another image */
#define NOTE_PCTRLMASK	0xf0000000	/* the event bits */
#define NOTE_PDATAMASK	0x000fffff	/* the pid bits */
#define NOTE_TRACK	0x00000001	/* follow across fork */
#define NOTE_TRACKERR	0x00000002	/* could not follow */
#define NOTE_CHILD	0x00000004	/* a followed child, data is its parent */

struct knote;
LIST_HEAD(klist, knote);

#ifdef _KERNEL
struct file;
struct filedesc;
struct kqueue;
struct proc;
struct process;

#define NOTE_SIGNAL	0x08000000	/* a signal was posted */

/* How a filter is told about its object. */
struct filterops {
	int	f_isfd;				/* ident is a descriptor */
	int	(*f_attach)(struct knote *);	/* begin to watch */
	void	(*f_detach)(struct knote *);	/* end */
	int	(*f_event)(struct knote *, long); /* is there an event? */
};

/* One registered interest. */
struct knote {
	LIST_ENTRY(knote) kn_link;	/* kqueue's notes, by ident */
	LIST_ENTRY(knote) kn_selnext;	/* the object's klist */
	TAILQ_ENTRY(knote) kn_tqe;	/* kqueue's events */
	struct	kqueue *kn_kq;		/* the kqueue */
	struct	kevent kn_kevent;	/* as it will be reported */
	int	kn_status;		/* KN_* */
	u_int	kn_sfflags;		/* events asked for */
	int64_t	kn_sdata;		/* data given */
	union {
		struct	file *p_fp;	/* open file, referenced */
		struct	process *p_process; /* process */
	} kn_ptr;
	const struct filterops *kn_fop;	/* filter */
	void	*kn_hook;		/* of the filter */
};

#define kn_id		kn_kevent.ident
#define kn_filter	kn_kevent.filter
#define kn_flags	kn_kevent.flags
#define kn_fflags	kn_kevent.fflags
#define kn_data		kn_kevent.data
#define kn_fp		kn_ptr.p_fp

#define KN_ACTIVE	0x0001	/* there is an event */
#define KN_QUEUED	0x0002	/* on the queue */
#define KN_DISABLED	0x0004	/* not to be reported */
#define KN_DETACHED	0x0008	/* its object is gone */
#define KN_MARKER	0x0020	/* no note, but a place in the queue */

#define KNOTE(list, hint)	knote(list, hint)

extern const struct filterops proc_filtops, sig_filtops, timer_filtops;

/* kern_event.c */
void	knote(struct klist *, long);
void	knote_activate(struct knote *);
void	knote_remove(struct proc *, struct klist *);
void	knote_fdclose(struct proc *, int);
void	knote_processexit(struct proc *);
int	kqueue_register(struct kqueue *, struct kevent *, struct proc *);
void	kqueue_init(void);
int	kqueue_kqfilter(struct file *, struct knote *);
int	seltrue_kqfilter(dev_t, struct knote *);
#else
struct timespec;
int	kqueue(void);
int	kevent(int, const struct kevent *, int, struct kevent *, int,
	    const struct timespec *);
#endif /* _KERNEL */

#endif /* _SYS_EVENT_H_ */
