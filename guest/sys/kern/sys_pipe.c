/* SPDX-License-Identifier: ISC */
/*
 * Pipes: a ring of bytes between two open files.
 *
 * The ring belongs to the reading end.  Moving bytes in or out may sleep in
 * a page fault of the user's buffer, so it is done with the ring locked
 * (PIPE_LOCK); waiting for bytes or room is done unlocked.  A writer works
 * on its peer's structure, which pipe_busy keeps from being freed.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/event.h>
#include <sys/proc.h>
#include <sys/fcntl.h>
#include <sys/file.h>
#include <sys/filedesc.h>
#include <sys/filio.h>
#include <sys/malloc.h>
#include <sys/pipe.h>
#include <sys/poll.h>
#include <sys/pool.h>
#include <sys/signalvar.h>
#include <sys/stat.h>
#include <sys/syscallargs.h>
#include <sys/ttycom.h>
#include <sys/ucred.h>
#include <sys/uio.h>

int	pipe_read(struct file *, struct uio *, int);
int	pipe_write(struct file *, struct uio *, int);
int	pipe_ioctl(struct file *, u_long, caddr_t, struct proc *);
int	pipe_poll(struct file *, int, struct proc *);
int	pipe_stat(struct file *, struct stat *, struct proc *);
int	pipe_close(struct file *, struct proc *);
int	pipe_kqfilter(struct file *, struct knote *);
void	filt_pipedetach(struct knote *);
int	filt_piperead(struct knote *, long);
int	filt_pipewrite(struct knote *, long);

const struct filterops pipe_rfiltops =
	{ 1, NULL, filt_pipedetach, filt_piperead };
const struct filterops pipe_wfiltops =
	{ 1, NULL, filt_pipedetach, filt_pipewrite };

const struct fileops pipeops = {
	.fo_read = pipe_read,
	.fo_write = pipe_write,
	.fo_ioctl = pipe_ioctl,
	.fo_poll = pipe_poll,
	.fo_stat = pipe_stat,
	.fo_kqfilter = pipe_kqfilter,
	.fo_close = pipe_close,
	.fo_seek = NULL,
};

struct pool pipe_pool;		/* struct pipe */
int npipes;			/* pipe ends in existence */

/* Called once at boot. */
void
pipe_init(void)
{
	pool_init(&pipe_pool, sizeof(struct pipe), 0, IPL_NONE, PR_WAITOK,
	    "pipepl", NULL);
}

/* A new end, with a buffer of size bytes if size is not 0. */
struct pipe *
pipe_create(u_int size)
{
	struct pipe *cpipe;

	cpipe = pool_get(&pipe_pool, PR_WAITOK | PR_ZERO);
	if (size > 0) {
		cpipe->pipe_buffer.buffer = malloc(size, M_PIPE, M_NOWAIT);
		if (cpipe->pipe_buffer.buffer == NULL) {
			pool_put(&pipe_pool, cpipe);
			return NULL;
		}
		cpipe->pipe_buffer.size = size;
	}
	getnanotime(&cpipe->pipe_ctime);
	cpipe->pipe_atime = cpipe->pipe_mtime = cpipe->pipe_ctime;
	npipes++;
	return cpipe;
}

/* Lock the ring; the error of an interrupted wait. */
int
pipelock(struct pipe *cpipe)
{
	int error;

	while (cpipe->pipe_state & PIPE_LOCK) {
		cpipe->pipe_state |= PIPE_LWANT;
		error = tsleep(cpipe, PRIBIO | PCATCH, "pipelk", 0);
		if (error)
			return error;
	}
	cpipe->pipe_state |= PIPE_LOCK;
	return 0;
}

void
pipeunlock(struct pipe *cpipe)
{
	cpipe->pipe_state &= ~PIPE_LOCK;
	if (cpipe->pipe_state & PIPE_LWANT) {
		cpipe->pipe_state &= ~PIPE_LWANT;
		wakeup(cpipe);
	}
}

/* A call that used cpipe is done; a closer may be waiting for that. */
void
pipe_unbusy(struct pipe *cpipe)
{
	if (--cpipe->pipe_busy == 0 && (cpipe->pipe_state & PIPE_WANTD)) {
		cpipe->pipe_state &= ~PIPE_WANTD;
		wakeup(cpipe);
	}
}

/*
 * Wake writers if there is room enough for the largest write that has to
 * be atomic: then every one of them can go on.
 */
void
pipe_wakewriters(struct pipe *rpipe)
{
	struct pipebuf *pb = &rpipe->pipe_buffer;

	if (pb->size - pb->cnt < PIPE_BUF)
		return;
	if (rpipe->pipe_state & PIPE_WANTW) {
		rpipe->pipe_state &= ~PIPE_WANTW;
		wakeup(rpipe);
	}
	if (rpipe->pipe_peer != NULL)
		selwakeup(&rpipe->pipe_peer->pipe_sel);
}

/* Move what is in the ring, at most uio_resid bytes, to the reader. */
int
pipe_drain(struct pipebuf *pb, struct uio *uio)
{
	size_t n;
	int error;

	while (pb->cnt > 0 && uio->uio_resid > 0) {
		n = MIN(pb->cnt, pb->size - pb->out);
		n = MIN(n, uio->uio_resid);
		if ((error = uiomove(pb->buffer + pb->out, n, uio)) != 0)
			return error;
		pb->out = (pb->out + n) & (pb->size - 1);
		pb->cnt -= n;
	}
	if (pb->cnt == 0)
		pb->in = pb->out = 0;
	return 0;
}

/* Move bytes from the writer into the ring until it is full. */
int
pipe_fill(struct pipebuf *pb, struct uio *uio)
{
	size_t n;
	int error;

	while (pb->cnt < pb->size && uio->uio_resid > 0) {
		n = MIN(pb->size - pb->cnt, pb->size - pb->in);
		n = MIN(n, uio->uio_resid);
		if ((error = uiomove(pb->buffer + pb->in, n, uio)) != 0)
			return error;
		pb->in = (pb->in + n) & (pb->size - 1);
		pb->cnt += n;
	}
	return 0;
}

/*
 * Read at least one byte, unless the writers are gone (0 bytes) or
 * O_NONBLOCK is set (EAGAIN).
 */
int
pipe_read(struct file *fp, struct uio *uio, int fflags)
{
	struct pipe *rpipe = fp->f_data;
	struct pipebuf *pb = &rpipe->pipe_buffer;
	int error;

	if (uio->uio_resid == 0)
		return 0;
	rpipe->pipe_busy++;
	for (;;) {
		if ((error = pipelock(rpipe)) != 0)
			break;
		if (pb->cnt > 0) {
			error = pipe_drain(pb, uio);
			getnanotime(&rpipe->pipe_atime);
			pipeunlock(rpipe);
			break;
		}
		pipeunlock(rpipe);
		if (rpipe->pipe_state & PIPE_EOF)
			break;
		if (fp->f_flag & FNONBLOCK) {
			error = EAGAIN;
			break;
		}
		rpipe->pipe_state |= PIPE_WANTR;
		error = tsleep(rpipe, (PRIBIO + 1) | PCATCH, "piperd", 0);
		if (error)
			break;
	}
	pipe_wakewriters(rpipe);
	pipe_unbusy(rpipe);
	return error;
}

/*
 * Write everything, sleeping for room unless O_NONBLOCK is set (EAGAIN, or
 * a short count).  Up to PIPE_BUF bytes go in together or not at all.
 * EPIPE once the readers are gone.
 */
int
pipe_write(struct file *fp, struct uio *uio, int fflags)
{
	struct pipe *wpipe = ((struct pipe *)fp->f_data)->pipe_peer;
	struct pipebuf *pb;
	size_t need;
	int error = 0;

	if (wpipe == NULL || (wpipe->pipe_state & PIPE_EOF))
		return EPIPE;
	pb = &wpipe->pipe_buffer;
	need = uio->uio_resid <= PIPE_BUF ? uio->uio_resid : 1;
	wpipe->pipe_busy++;
	while (uio->uio_resid > 0) {
		if ((error = pipelock(wpipe)) != 0)
			break;
		if (wpipe->pipe_state & PIPE_EOF) {
			pipeunlock(wpipe);
			error = EPIPE;
			break;
		}
		if (pb->size - pb->cnt >= need) {
			error = pipe_fill(pb, uio);
			getnanotime(&wpipe->pipe_mtime);
			pipeunlock(wpipe);
			if (wpipe->pipe_state & PIPE_WANTR) {
				wpipe->pipe_state &= ~PIPE_WANTR;
				wakeup(wpipe);
			}
			selwakeup(&wpipe->pipe_sel);
			if (error)
				break;
			continue;
		}
		pipeunlock(wpipe);
		if (fp->f_flag & FNONBLOCK) {
			error = EAGAIN;
			break;
		}
		wpipe->pipe_state |= PIPE_WANTW;
		error = tsleep(wpipe, (PRIBIO + 1) | PCATCH, "pipewr", 0);
		if (error)
			break;
	}
	pipe_unbusy(wpipe);
	return error;
}

int
pipe_ioctl(struct file *fp, u_long cmd, caddr_t data, struct proc *p)
{
	struct pipe *mpipe = fp->f_data;

	switch (cmd) {
	case FIONBIO:
	case FIOASYNC:
		return 0;
	case FIONREAD:
		*(int *)data = mpipe->pipe_buffer.cnt;
		return 0;
	default:
		return ENOTTY;
	}
}

int
pipe_poll(struct file *fp, int events, struct proc *p)
{
	struct pipe *cpipe = fp->f_data, *wpipe = cpipe->pipe_peer;
	struct pipebuf *pb;
	int revents = 0;

	if (fp->f_flag & FREAD) {
		if (cpipe->pipe_buffer.cnt > 0 ||
		    (cpipe->pipe_state & PIPE_EOF))
			revents |= events & (POLLIN | POLLRDNORM);
		if (cpipe->pipe_state & PIPE_EOF)
			revents |= POLLHUP;
	} else if (wpipe == NULL || (wpipe->pipe_state & PIPE_EOF))
		revents |= POLLHUP;
	else {
		pb = &wpipe->pipe_buffer;
		if (pb->size - pb->cnt >= PIPE_BUF)
			revents |= events & POLLOUT;
	}
	if (revents == 0)
		selrecord(p, &cpipe->pipe_sel);
	return revents;
}

/*
 * Both ends are told about changes by their own pipe_sel.
 */
int
pipe_kqfilter(struct file *fp, struct knote *kn)
{
	struct pipe *cpipe = fp->f_data;

	switch (kn->kn_filter) {
	case EVFILT_READ:
		kn->kn_fop = &pipe_rfiltops;
		break;
	case EVFILT_WRITE:
		if (cpipe->pipe_peer == NULL)
			return EPIPE;	/* nobody will ever read */
		kn->kn_fop = &pipe_wfiltops;
		break;
	default:
		return EINVAL;
	}
	LIST_INSERT_HEAD(&cpipe->pipe_sel.si_note, kn, kn_selnext);
	return 0;
}

void
filt_pipedetach(struct knote *kn)
{
	LIST_REMOVE(kn, kn_selnext);
}

/* There are bytes, or will never be any. */
int
filt_piperead(struct knote *kn, long hint)
{
	struct pipe *rpipe = kn->kn_fp->f_data;

	kn->kn_data = rpipe->pipe_buffer.cnt;
	if (rpipe->pipe_state & PIPE_EOF) {
		kn->kn_flags |= EV_EOF;
		return 1;
	}
	return kn->kn_data > 0;
}

/* There is room for a write that has to be atomic. */
int
filt_pipewrite(struct knote *kn, long hint)
{
	struct pipe *wpipe = kn->kn_fp->f_data, *rpipe = wpipe->pipe_peer;
	struct pipebuf *pb;

	if (rpipe == NULL || (rpipe->pipe_state & PIPE_EOF)) {
		kn->kn_data = 0;
		kn->kn_flags |= EV_EOF;
		return 1;
	}
	pb = &rpipe->pipe_buffer;
	kn->kn_data = pb->size - pb->cnt;
	return kn->kn_data >= PIPE_BUF;
}

int
pipe_stat(struct file *fp, struct stat *ub, struct proc *p)
{
	struct pipe *cpipe = fp->f_data;

	ub->st_mode = S_IFIFO | S_IRUSR | S_IWUSR;
	ub->st_nlink = 0;
	ub->st_blksize = PIPE_SIZE;
	ub->st_size = cpipe->pipe_buffer.cnt;
	ub->st_blocks = howmany(ub->st_size, S_BLKSIZE);
	ub->st_atim = cpipe->pipe_atime;
	ub->st_mtim = cpipe->pipe_mtime;
	ub->st_ctim = cpipe->pipe_ctime;
	ub->st_uid = fp->f_cred->cr_uid;
	ub->st_gid = fp->f_cred->cr_gid;
	return 0;
}

/*
 * This end is closed: tell the other one, wait until nobody works on our
 * buffer any more, and free it.
 */
void
pipeclose(struct pipe *cpipe)
{
	struct pipe *ppipe = cpipe->pipe_peer;

	cpipe->pipe_state |= PIPE_EOF;
	if (ppipe != NULL) {
		ppipe->pipe_state |= PIPE_EOF;
		ppipe->pipe_state &= ~PIPE_WANTR;
		selwakeup(&ppipe->pipe_sel);
		wakeup(ppipe);
	}
	while (cpipe->pipe_busy > 0) {
		cpipe->pipe_state |= PIPE_WANTD;
		wakeup(cpipe);
		tsleep(cpipe, PRIBIO, "pipecl", 0);
	}
	/* The peer may have gone meanwhile, and then it cleared our pointer. */
	if (cpipe->pipe_peer != NULL)
		cpipe->pipe_peer->pipe_peer = NULL;
	if (cpipe->pipe_buffer.buffer != NULL)
		free(cpipe->pipe_buffer.buffer, M_PIPE,
		    cpipe->pipe_buffer.size);
	npipes--;
	pool_put(&pipe_pool, cpipe);
}

int
pipe_close(struct file *fp, struct proc *p)
{
	struct pipe *cpipe = fp->f_data;

	fp->f_ops = NULL;
	fp->f_data = NULL;
	pipeclose(cpipe);
	return 0;
}

/* A file for one end; the descriptor is reserved, not yet usable. */
int
pipe_falloc(struct proc *p, struct pipe *cpipe, int flag, struct file **fpp,
    int *fdp)
{
	struct file *fp;
	int error;

	if ((error = falloc(p, &fp, fdp)) != 0)
		return error;
	fp->f_flag = flag;
	fp->f_type = DTYPE_PIPE;
	fp->f_data = cpipe;
	fp->f_ops = &pipeops;
	*fpp = fp;
	return 0;
}

/*
 * pipe(2) and pipe2(2): ufds[0] reads what is written to ufds[1].  EINVAL
 * for flags other than O_CLOEXEC and O_NONBLOCK; nothing stays open if the
 * numbers cannot be handed over.
 */
int
dopipe(struct proc *p, int *ufds, int flags)
{
	struct filedesc *fdp = p->p_fd;
	struct file *rf, *wf;
	struct pipe *rpipe, *wpipe;
	int cloexec = (flags & O_CLOEXEC) ? UF_EXCLOSE : 0;
	int error, fds[2];

	if (flags & ~(O_CLOEXEC | FNONBLOCK))
		return EINVAL;
	if ((rpipe = pipe_create(PIPE_SIZE)) == NULL)
		return ENOMEM;
	wpipe = pipe_create(0);
	rpipe->pipe_peer = wpipe;
	wpipe->pipe_peer = rpipe;

	error = pipe_falloc(p, rpipe, FREAD | (flags & FNONBLOCK), &rf,
	    &fds[0]);
	if (error) {
		pipeclose(rpipe);
		pipeclose(wpipe);
		return error;
	}
	error = pipe_falloc(p, wpipe, FWRITE | (flags & FNONBLOCK), &wf,
	    &fds[1]);
	if (error) {
		fdremove(fdp, fds[0]);
		(void)closef(rf, p);
		pipeclose(wpipe);
		return error;
	}
	fdinsert(fdp, fds[0], cloexec, rf);
	fdinsert(fdp, fds[1], cloexec, wf);

	error = copyout(fds, ufds, sizeof(fds));
	if (error) {
		(void)fdrelease(p, fds[0]);
		(void)fdrelease(p, fds[1]);
	}
	return error;
}

int
sys_pipe(struct proc *p, void *v, register_t *retval)
{
	struct sys_pipe_args *uap = v;

	return dopipe(p, SCARG(uap, fdp), 0);
}

int
sys_pipe2(struct proc *p, void *v, register_t *retval)
{
	struct sys_pipe2_args *uap = v;

	return dopipe(p, SCARG(uap, fdp), SCARG(uap, flags));
}
