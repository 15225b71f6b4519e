/* SPDX-License-Identifier: ISC */
/*
 * kqueue(2) and kevent(2).
 *
 * A knote is one interest: on a list of its kqueue, by which it is found,
 * and on the klist of the object it watches.  When something happens the
 * object calls knote() on its klist, and notes whose filter finds an event
 * go on their kqueue's queue, from which kevent(2) takes them.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/event.h>
#include <sys/eventvar.h>
#include <sys/fcntl.h>
#include <sys/file.h>
#include <sys/filedesc.h>
#include <sys/kernel.h>
#include <sys/ktrace.h>
#include <sys/poll.h>
#include <sys/pool.h>
#include <sys/proc.h>
#include <sys/signalvar.h>
#include <sys/stat.h>
#include <sys/syscallargs.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <machine/cpu.h>

int	kqueue_read(struct file *, struct uio *, int);
int	kqueue_write(struct file *, struct uio *, int);
int	kqueue_ioctl(struct file *, u_long, caddr_t, struct proc *);
int	kqueue_poll(struct file *, int, struct proc *);
int	kqueue_stat(struct file *, struct stat *, struct proc *);
int	kqueue_close(struct file *, struct proc *);
int	kqueue_scan(struct kqueue *, int, struct kevent *,
	    const struct timespec *, struct proc *, int *);
int	kqueue_sleep(struct kqueue *, const struct timespec *, int);
int	kqueue_changes(struct kqueue *, struct proc *,
	    struct sys_kevent_args *, int *);
struct knote *kqueue_find(struct kqueue *, const struct kevent *,
	    struct file *);
void	kqueue_wakeup(struct kqueue *);
void	knote_enqueue(struct knote *);
void	knote_dequeue(struct knote *);
void	knote_drop(struct knote *, struct proc *);
int	filt_fileattach(struct knote *);

const struct fileops kqueueops = {
	.fo_read = kqueue_read,
	.fo_write = kqueue_write,
	.fo_ioctl = kqueue_ioctl,
	.fo_poll = kqueue_poll,
	.fo_kqfilter = kqueue_kqfilter,
	.fo_stat = kqueue_stat,
	.fo_close = kqueue_close,
};

const struct filterops file_filtops =
	{ 1, filt_fileattach, NULL, NULL };
/* By ~filter; NULL is not there. */
const struct filterops *const sysfilt_ops[EVFILT_SYSCOUNT] = {
	[~EVFILT_READ] = &file_filtops,
	[~EVFILT_WRITE] = &file_filtops,
	[~EVFILT_PROC] = &proc_filtops,
	[~EVFILT_SIGNAL] = &sig_filtops,
	[~EVFILT_TIMER] = &timer_filtops,
};

struct pool knote_pool;		/* struct knote */
struct pool kqueue_pool;	/* struct kqueue */

#define KN_HASH(kq, id)	(&(kq)->kq_notes[(id) % KQ_HASHSIZE])

void
kqueue_init(void)
{
	pool_init(&kqueue_pool, sizeof(struct kqueue), 0, IPL_NONE, PR_WAITOK,
	    "kqueuepl", NULL);
	pool_init(&knote_pool, sizeof(struct knote), 0, IPL_NONE, PR_WAITOK,
	    "knotepl", NULL);
}

/*
 * Descriptors know themselves how they are watched.
 */
int
filt_fileattach(struct knote *kn)
{
	struct file *fp = kn->kn_fp;

	if (fp->f_ops->fo_kqfilter == NULL)
		return EINVAL;
	return (*fp->f_ops->fo_kqfilter)(fp, kn);
}

int
sys_kqueue(struct proc *p, void *v, register_t *retval)
{
	struct filedesc *fdp = p->p_fd;
	struct kqueue *kq;
	struct file *fp;
	int fd, error;

	error = falloc(p, &fp, &fd);
	if (error != 0)
		return error;
	fp->f_flag = FREAD | FWRITE;
	fp->f_type = DTYPE_KQUEUE;
	fp->f_ops = &kqueueops;
	kq = pool_get(&kqueue_pool, PR_WAITOK | PR_ZERO);
	TAILQ_INIT(&kq->kq_head);
	kq->kq_fdp = fdp;
	fp->f_data = kq;
	LIST_INSERT_HEAD(&fdp->fd_kqlist, kq, kq_next);
	fdinsert(fdp, fd, 0, fp);
	*retval = fd;
	return 0;
}

/*
 * Make the changes of a kevent(2).  *np is how many answers went to the
 * event list; an error that finds no room there ends it.
 */
int
kqueue_changes(struct kqueue *kq, struct proc *p,
    struct sys_kevent_args *uap, int *np)
{
	struct kevent kev;
	const struct kevent *change = SCARG(uap, changelist);
	struct kevent *answer = SCARG(uap, eventlist);
	int i, error;

	*np = 0;
	for (i = 0; i < SCARG(uap, nchanges); i++) {
		error = copyin(&change[i], &kev, sizeof(kev));
		if (error != 0)
			return error;
		kev.flags &= ~EV_SYSFLAGS;
		error = kqueue_register(kq, &kev, p);
		if (error == 0 && (kev.flags & EV_RECEIPT) == 0)
			continue;
		if (*np >= SCARG(uap, nevents))
			return error;
		kev.flags = EV_ERROR;
		kev.data = error;
		error = copyout(&kev, &answer[*np], sizeof(kev));
		if (error != 0)
			return error;
		(*np)++;
	}
	return 0;
}

int
sys_kevent(struct proc *p, void *v, register_t *retval)
{
	struct sys_kevent_args *uap = v;
	struct timespec ts, *tsp = NULL;
	struct file *fp;
	int error, n;

	fp = fd_getfile(p->p_fd, SCARG(uap, fd));
	if (fp == NULL)
		return EBADF;
	if (fp->f_type != DTYPE_KQUEUE) {
		error = EBADF;
		goto done;
	}
	if (SCARG(uap, timeout) != NULL) {
		tsp = &ts;
		error = copyin(SCARG(uap, timeout), &ts, sizeof(ts));
		if (error != 0)
			goto done;
		if (KTRPOINT(p, KTR_STRUCT))
			ktrstruct(p, "timespec", &ts, sizeof(ts));
		if (ts.tv_sec < 0 || ts.tv_nsec < 0 ||
		    ts.tv_nsec >= 1000000000L) {
			error = EINVAL;
			goto done;
		}
	}
	error = kqueue_changes(fp->f_data, p, uap, &n);
	if (error == 0 && n == 0)
		error = kqueue_scan(fp->f_data, SCARG(uap, nevents),
		    SCARG(uap, eventlist), tsp, p, &n);
	*retval = n;
done:
	(void)FRELE(fp, p);
	return error;
}

/*
 * The note that is already there for this, or NULL.
 */
struct knote *
kqueue_find(struct kqueue *kq, const struct kevent *kev, struct file *fp)
{
	struct knote *kn;

	LIST_FOREACH(kn, KN_HASH(kq, kev->ident), kn_link)
		if (kn->kn_id == kev->ident && kn->kn_filter == kev->filter &&
		    (fp == NULL || kn->kn_fp == fp))
			return kn;
	return NULL;
}

/*
 * Make one change.  p is NULL when the kernel itself registers the child of
 * a followed process.
 */
int
kqueue_register(struct kqueue *kq, struct kevent *kev, struct proc *p)
{
	const struct filterops *fops;
	struct file *fp = NULL;
	struct knote *kn;
	int error = 0, s;

	if (kev->filter >= 0 || kev->filter + EVFILT_SYSCOUNT < 0 ||
	    (fops = sysfilt_ops[~kev->filter]) == NULL)
		return EINVAL;
	if (fops->f_isfd) {
		if (kev->ident > 0x7fffffff ||
		    (fp = fd_getfile(kq->kq_fdp, kev->ident)) == NULL)
			return EBADF;
	}
	kn = kqueue_find(kq, kev, fp);
	if (kn == NULL && (kev->flags & EV_ADD) == 0) {
		error = ENOENT;
		goto done;
	}

	if (kev->flags & EV_ADD) {
		if (kn == NULL) {
			kn = pool_get(&knote_pool, PR_WAITOK | PR_ZERO);
			kn->kn_kq = kq;
			kn->kn_fop = fops;
			kn->kn_sfflags = kev->fflags;
			kn->kn_sdata = kev->data;
			kn->kn_kevent = *kev;
			kn->kn_fflags = 0;
			kn->kn_data = 0;
			/* the note keeps the reference */
			kn->kn_fp = fp;
			fp = NULL;
			LIST_INSERT_HEAD(KN_HASH(kq, kev->ident), kn,
			    kn_link);
			error = (*fops->f_attach)(kn);
			if (error != 0) {
				/* it was not attached */
				knote_drop(kn, p);
				goto done;
			}
		} else {
			kn->kn_sfflags = kev->fflags;
			kn->kn_sdata = kev->data;
			kn->kn_kevent.udata = kev->udata;
		}
		s = splhigh();
		if ((*kn->kn_fop->f_event)(kn, 0))
			knote_activate(kn);
		splx(s);
	} else if (kev->flags & EV_DELETE) {
		(*kn->kn_fop->f_detach)(kn);
		knote_drop(kn, p);
		goto done;
	}

	if (kev->flags & EV_DISABLE)
		kn->kn_status |= KN_DISABLED;
	if ((kev->flags & EV_ENABLE) && (kn->kn_status & KN_DISABLED)) {
		s = splhigh();
		kn->kn_status &= ~KN_DISABLED;
		if ((*kn->kn_fop->f_event)(kn, 0))
			kn->kn_status |= KN_ACTIVE;
		if ((kn->kn_status & (KN_ACTIVE | KN_QUEUED)) == KN_ACTIVE)
			knote_enqueue(kn);
		splx(s);
	}
done:
	if (fp != NULL)
		(void)FRELE(fp, p != NULL ? p : curproc);
	return error;
}

/*
 * Wait for an event.  Returns 0 when there may be one, EWOULDBLOCK at the
 * end of the time, EINTR.
 */
int
kqueue_sleep(struct kqueue *kq, const struct timespec *tsp, int deadline)
{
	int timo = 0, error;

	if (tsp != NULL) {
		timo = deadline - ticks;
		if (timo <= 0)
			return EWOULDBLOCK;
	}
	kq->kq_state |= KQ_SLEEP;
	error = tsleep(kq, PSOCK | PCATCH, "kqread", timo);
	/* the changes are made, so it must not begin again */
	return error == ERESTART ? EINTR : error;
}

/*
 * Take up to maxevents events off the queue and report them.  Without any,
 * wait until there are some, or for as long as tsp says.
 */
int
kqueue_scan(struct kqueue *kq, int maxevents, struct kevent *ulistp,
    const struct timespec *tsp, struct proc *p, int *nreported)
{
	struct kevent kev;
	struct knote mark, *kn;
	int s, error = 0, n = 0, deadline = 0;

	*nreported = 0;
	if (maxevents <= 0)
		return 0;
	if (tsp != NULL)
		deadline = ticks + tsp->tv_sec * hz +
		    (tsp->tv_nsec + tick_nsec - 1) / tick_nsec +
		    (timespecisset(tsp) ? 1 : 0);

	memset(&mark, 0, sizeof(mark));
	mark.kn_status = KN_MARKER;
	while (n == 0 && error == 0) {
		s = splhigh();
		if (kq->kq_count == 0) {
			error = kqueue_sleep(kq, tsp, deadline);
			splx(s);
			if (error == EWOULDBLOCK)
				return 0;
			continue;
		}
		/* what comes in meanwhile is for the next time */
		TAILQ_INSERT_TAIL(&kq->kq_head, &mark, kn_tqe);
		while (n < maxevents && error == 0) {
			kn = TAILQ_FIRST(&kq->kq_head);
			if (kn == &mark)
				break;
			if (kn->kn_status & KN_MARKER) {
				/* another thread's: let it keep its place */
				TAILQ_REMOVE(&kq->kq_head, kn, kn_tqe);
				TAILQ_INSERT_AFTER(&kq->kq_head, &mark, kn,
				    kn_tqe);
				continue;
			}
			knote_dequeue(kn);
			if (kn->kn_status & KN_DISABLED)
				continue;
			/* it may be over already */
			if ((kn->kn_flags & EV_ONESHOT) == 0 &&
			    !(*kn->kn_fop->f_event)(kn, 0)) {
				kn->kn_status &= ~KN_ACTIVE;
				continue;
			}
			kev = kn->kn_kevent;
			if (kn->kn_flags & EV_ONESHOT) {
				/* that may close a file, and sleep */
				splx(s);
				(*kn->kn_fop->f_detach)(kn);
				knote_drop(kn, p);
				s = splhigh();
			} else if (kn->kn_flags & (EV_CLEAR | EV_DISPATCH)) {
				if (kn->kn_flags & EV_CLEAR) {
					kn->kn_data = 0;
					kn->kn_fflags = 0;
				}
				if (kn->kn_flags & EV_DISPATCH)
					kn->kn_status |= KN_DISABLED;
				kn->kn_status &= ~KN_ACTIVE;
			} else {
				/* still so: it comes again the next time */
				knote_enqueue(kn);
			}
			splx(s);
			error = copyout(&kev, &ulistp[n], sizeof(kev));
			if (error == 0)
				n++;
			s = splhigh();
		}
		TAILQ_REMOVE(&kq->kq_head, &mark, kn_tqe);
		splx(s);
	}
	*nreported = n;
	return error;
}

int
kqueue_read(struct file *fp, struct uio *uio, int fflags)
{
	return ENXIO;
}

int
kqueue_write(struct file *fp, struct uio *uio, int fflags)
{
	return ENXIO;
}

int
kqueue_ioctl(struct file *fp, u_long com, caddr_t data, struct proc *p)
{
	return ENOTTY;
}

int
kqueue_poll(struct file *fp, int events, struct proc *p)
{
	struct kqueue *kq = fp->f_data;

	if ((events & (POLLIN | POLLRDNORM)) == 0)
		return 0;
	if (kq->kq_count > 0)
		return events & (POLLIN | POLLRDNORM);
	selrecord(p, &kq->kq_sel);
	return 0;
}

int
kqueue_stat(struct file *fp, struct stat *st, struct proc *p)
{
	struct kqueue *kq = fp->f_data;

	memset(st, 0, sizeof(*st));
	st->st_size = kq->kq_count;
	st->st_blksize = sizeof(struct kevent);
	st->st_mode = S_IFIFO;
	return 0;
}

/*
 * The last descriptor of it is gone: so are its notes.
 */
int
kqueue_close(struct file *fp, struct proc *p)
{
	struct kqueue *kq = fp->f_data;
	struct knote *kn;
	int i;

	for (i = 0; i < KQ_HASHSIZE; i++)
		while ((kn = LIST_FIRST(&kq->kq_notes[i])) != NULL) {
			(*kn->kn_fop->f_detach)(kn);
			knote_drop(kn, p);
		}
	knote_remove(p, &kq->kq_sel.si_note);
	LIST_REMOVE(kq, kq_next);
	fp->f_data = NULL;
	pool_put(&kqueue_pool, kq);
	return 0;
}

void
kqueue_wakeup(struct kqueue *kq)
{
	if (kq->kq_state & KQ_SLEEP) {
		kq->kq_state &= ~KQ_SLEEP;
		wakeup(kq);
	}
	selwakeup(&kq->kq_sel);
}

/*
 * There is an event.
 */
void
knote_activate(struct knote *kn)
{
	int s = splhigh();

	kn->kn_status |= KN_ACTIVE;
	if ((kn->kn_status & (KN_QUEUED | KN_DISABLED)) == 0)
		knote_enqueue(kn);
	splx(s);
}

/*
 * Something happened to an object: each of its notes looks whether that is
 * an event.  A note may take itself off the list.
 */
void
knote(struct klist *list, long hint)
{
	struct knote *kn, *next;

	LIST_FOREACH_SAFE(kn, list, kn_selnext, next)
		if ((*kn->kn_fop->f_event)(kn, hint))
			knote_activate(kn);
}

/*
 * The object of these notes goes away.
 */
void
knote_remove(struct proc *p, struct klist *list)
{
	struct knote *kn;

	while ((kn = LIST_FIRST(list)) != NULL) {
		(*kn->kn_fop->f_detach)(kn);
		knote_drop(kn, p);
	}
}

/*
 * A descriptor is closed: whatever kqueue of this table watches it forgets
 * it.
 */
void
knote_fdclose(struct proc *p, int fd)
{
	struct kqueue *kq;
	struct knote *kn, *next;

	LIST_FOREACH(kq, &p->p_fd->fd_kqlist, kq_next)
		LIST_FOREACH_SAFE(kn, KN_HASH(kq, fd), kn_link, next)
			if (kn->kn_id == (u_long)fd && kn->kn_fop->f_isfd) {
				(*kn->kn_fop->f_detach)(kn);
				knote_drop(kn, p);
			}
}

/*
 * A process ends: tell those who watch it, and forget the rest.
 */
void
knote_processexit(struct proc *p)
{
	struct process *pr = p->p_p;

	KNOTE(&pr->ps_klist, NOTE_EXIT);
	knote_remove(p, &pr->ps_klist);
}

/*
 * The end of a note that is attached to nothing any more.
 */
void
knote_drop(struct knote *kn, struct proc *p)
{
	int s = splhigh();

	if (kn->kn_status & KN_QUEUED)
		knote_dequeue(kn);
	splx(s);
	LIST_REMOVE(kn, kn_link);
	if (sysfilt_ops[~kn->kn_filter]->f_isfd)
		(void)FRELE(kn->kn_fp, p != NULL ? p : curproc);
	pool_put(&knote_pool, kn);
}

void
knote_enqueue(struct knote *kn)
{
	struct kqueue *kq = kn->kn_kq;

	KASSERT((kn->kn_status & KN_QUEUED) == 0);
	TAILQ_INSERT_TAIL(&kq->kq_head, kn, kn_tqe);
	kn->kn_status |= KN_QUEUED;
	kq->kq_count++;
	kqueue_wakeup(kq);
}

void
knote_dequeue(struct knote *kn)
{
	struct kqueue *kq = kn->kn_kq;

	KASSERT(kn->kn_status & KN_QUEUED);
	TAILQ_REMOVE(&kq->kq_head, kn, kn_tqe);
	kn->kn_status &= ~KN_QUEUED;
	kq->kq_count--;
}
