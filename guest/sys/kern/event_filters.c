/* SPDX-License-Identifier: ISC */
/*
 * The filters of kqueue(2) that are about processes, signals, time, and
 * kqueues themselves.  (The original has these in kern_event.c.)
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/event.h>
#include <sys/eventvar.h>
#include <sys/file.h>
#include <sys/kernel.h>
#include <sys/malloc.h>
#include <sys/proc.h>
#include <sys/signal.h>
#include <sys/timeout.h>
#include <machine/cpu.h>

int	filt_procattach(struct knote *);
void	filt_procdetach(struct knote *);
int	filt_proc(struct knote *, long);
void	filt_proc_track(struct knote *, pid_t);
int	filt_sigattach(struct knote *);
void	filt_sigdetach(struct knote *);
int	filt_signal(struct knote *, long);
int	filt_timerattach(struct knote *);
void	filt_timerdetach(struct knote *);
int	filt_timer(struct knote *, long);
void	filt_timer_timeout_add(struct knote *);
void	filt_timerexpire(void *);
void	filt_kqdetach(struct knote *);
int	filt_kqread(struct knote *, long);
void	filt_seltruedetach(struct knote *);
int	filt_seltrue(struct knote *, long);

const struct filterops proc_filtops =
	{ 0, filt_procattach, filt_procdetach, filt_proc };
const struct filterops sig_filtops =
	{ 0, filt_sigattach, filt_sigdetach, filt_signal };
const struct filterops timer_filtops =
	{ 0, filt_timerattach, filt_timerdetach, filt_timer };

const struct filterops kqread_filtops =
	{ 1, NULL, filt_kqdetach, filt_kqread };
const struct filterops seltrue_filtops =
	{ 1, NULL, filt_seltruedetach, filt_seltrue };

int	kq_ntimeouts;			/* timers there are */
const int kq_timeoutmax = 4 * 1024;	/* and may be */

#define MSEC_PER_SEC	1000

/*
 * EVFILT_PROC: ident is a pid.
 */
int
filt_procattach(struct knote *kn)
{
	struct proc *p = curproc;
	struct process *pr;

	pr = prfind(kn->kn_id);
	if (pr == NULL || (pr->ps_flags & PS_EXITING))
		return ESRCH;
	/* one's own, without set-id rights: others are for root */
	if ((pr->ps_ucred->cr_ruid != p->p_ucred->cr_ruid ||
	    (pr->ps_flags & PS_SUGIDEXEC)) && suser(p) != 0)
		return EACCES;

	kn->kn_ptr.p_process = pr;
	kn->kn_flags |= EV_CLEAR;

	/* registered for a child of a process that is followed */
	if (kn->kn_flags & EV_FLAG1) {
		kn->kn_data = kn->kn_sdata;
		kn->kn_fflags = NOTE_CHILD;
		kn->kn_flags &= ~EV_FLAG1;
	}
	LIST_INSERT_HEAD(&pr->ps_klist, kn, kn_selnext);
	return 0;
}

void
filt_procdetach(struct knote *kn)
{
	if (kn->kn_status & KN_DETACHED)
		return;
	LIST_REMOVE(kn, kn_selnext);
}

/*
 * Register the same note on the child of a process that is followed.
 */
void
filt_proc_track(struct knote *kn, pid_t child)
{
	struct kevent kev;

	kev.ident = child;
	kev.filter = kn->kn_filter;
	kev.flags = kn->kn_flags | EV_ADD | EV_ENABLE | EV_FLAG1;
	kev.fflags = kn->kn_sfflags;
	kev.data = kn->kn_id;		/* its parent */
	kev.udata = kn->kn_kevent.udata;
	if (kqueue_register(kn->kn_kq, &kev, NULL) != 0)
		kn->kn_fflags |= NOTE_TRACKERR;
}

/*
 * The hint is an event and, for a fork, the child's pid.
 */
int
filt_proc(struct knote *kn, long hint)
{
	u_int event = (u_int)hint & NOTE_PCTRLMASK;

	if (kn->kn_sfflags & event)
		kn->kn_fflags |= event;
	if (event == NOTE_EXIT) {
		/* there will be nothing else */
		kn->kn_status |= KN_DETACHED;
		kn->kn_flags |= EV_EOF | EV_ONESHOT;
		kn->kn_data =
		    kn->kn_ptr.p_process->ps_mainproc->p_xstat;
		LIST_REMOVE(kn, kn_selnext);
		return 1;
	}
	if (event == NOTE_FORK && (kn->kn_sfflags & NOTE_TRACK))
		filt_proc_track(kn, hint & NOTE_PDATAMASK);
	return kn->kn_fflags != 0;
}

/*
 * EVFILT_SIGNAL: ident is a signal to the process itself.  It is counted
 * even if it is ignored or blocked.
 */
int
filt_sigattach(struct knote *kn)
{
	struct process *pr = curproc->p_p;

	if (kn->kn_id >= NSIG)
		return EINVAL;
	kn->kn_ptr.p_process = pr;
	kn->kn_flags |= EV_CLEAR;
	LIST_INSERT_HEAD(&pr->ps_klist, kn, kn_selnext);
	return 0;
}

void
filt_sigdetach(struct knote *kn)
{
	LIST_REMOVE(kn, kn_selnext);
}

int
filt_signal(struct knote *kn, long hint)
{
	if (hint & NOTE_SIGNAL) {
		hint &= ~NOTE_SIGNAL;
		if (kn->kn_id == (u_long)hint)
			kn->kn_data++;
	}
	return kn->kn_data != 0;
}

/*
 * EVFILT_TIMER: data is a period in milliseconds; reported is how many of
 * them have passed.
 */
void
filt_timer_timeout_add(struct knote *kn)
{
	int64_t ticks64 = kn->kn_sdata * hz / MSEC_PER_SEC;

	if (ticks64 <= 0)
		ticks64 = 1;
	if (ticks64 > 0x7fffffff)
		ticks64 = 0x7fffffff;
	timeout_add(kn->kn_hook, (int)ticks64);
}

void
filt_timerexpire(void *knx)
{
	struct knote *kn = knx;

	kn->kn_data++;
	knote_activate(kn);
	if ((kn->kn_flags & EV_ONESHOT) == 0)
		filt_timer_timeout_add(kn);
}

int
filt_timerattach(struct knote *kn)
{
	struct timeout *to;

	if (kq_ntimeouts > kq_timeoutmax)
		return ENOMEM;
	kq_ntimeouts++;
	kn->kn_flags |= EV_CLEAR;
	to = malloc(sizeof(*to), M_KEVENT, M_WAITOK);
	timeout_set(to, filt_timerexpire, kn);
	kn->kn_hook = to;
	filt_timer_timeout_add(kn);
	return 0;
}

void
filt_timerdetach(struct knote *kn)
{
	struct timeout *to = kn->kn_hook;

	timeout_del(to);
	free(to, M_KEVENT, sizeof(*to));
	kq_ntimeouts--;
}

int
filt_timer(struct knote *kn, long hint)
{
	return kn->kn_data != 0;
}

/*
 * A kqueue can be watched by another one.
 */
int
kqueue_kqfilter(struct file *fp, struct knote *kn)
{
	struct kqueue *kq = fp->f_data;

	/* itself it would keep open for ever */
	if (kn->kn_filter != EVFILT_READ || kn->kn_kq == kq)
		return EINVAL;
	kn->kn_fop = &kqread_filtops;
	LIST_INSERT_HEAD(&kq->kq_sel.si_note, kn, kn_selnext);
	return 0;
}

void
filt_kqdetach(struct knote *kn)
{
	LIST_REMOVE(kn, kn_selnext);
}

int
filt_kqread(struct knote *kn, long hint)
{
	struct kqueue *kq = kn->kn_fp->f_data;

	kn->kn_data = kq->kq_count;
	return kn->kn_data > 0;
}

/*
 * What is always ready.
 */
int
seltrue_kqfilter(dev_t dev, struct knote *kn)
{
	if (kn->kn_filter != EVFILT_READ && kn->kn_filter != EVFILT_WRITE)
		return EINVAL;
	kn->kn_fop = &seltrue_filtops;
	return 0;
}

void
filt_seltruedetach(struct knote *kn)
{
}

int
filt_seltrue(struct knote *kn, long hint)
{
	kn->kn_data = 0;
	return 1;
}
