/* SPDX-License-Identifier: ISC */
/*
 * The system calls on descriptors themselves: duplicating, closing, flags.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/event.h>
#include <sys/pledge.h>
#include <sys/ktrace.h>
#include <sys/proc.h>
#include <sys/fcntl.h>
#include <sys/file.h>
#include <sys/filedesc.h>
#include <sys/ioctl.h>
#include <sys/resourcevar.h>
#include <sys/stat.h>
#include <sys/syscallargs.h>
#include <sys/vnode.h>

int
sys_getdtablecount(struct proc *p, void *v, register_t *retval)
{
	*retval = p->p_fd->fd_openfd;
	return 0;
}

int
sys_close(struct proc *p, void *v, register_t *retval)
{
	struct sys_close_args *uap = v;

	return fdrelease(p, SCARG(uap, fd));
}

/* Close every descriptor from fd on. */
int
sys_closefrom(struct proc *p, void *v, register_t *retval)
{
	struct sys_closefrom_args *uap = v;
	struct filedesc *fdp = p->p_fd;
	int fd = SCARG(uap, fd);

	if (fd < 0 || fd > fdp->fd_lastfile)
		return EBADF;
	for (; fd <= fdp->fd_lastfile; fd++)
		(void)fdrelease(p, fd);
	return 0;
}

/*
 * Let descriptor new point at fp too.  The caller's reference to fp becomes
 * the descriptor's; what new pointed at before is closed.  With dup2 unset
 * new is a fresh reservation by fdalloc.
 */
int
finishdup(struct proc *p, struct file *fp, int new, int flags,
    register_t *retval, int dup2)
{
	struct filedesc *fdp = p->p_fd;
	struct file *oldfp = NULL;

	if (fp->f_count >= FDUP_MAX_COUNT) {
		if (!dup2)
			fd_unused(fdp, new);
		(void)FRELE(fp, p);
		return EDEADLK;
	}
	if (dup2) {
		oldfp = fdp->fd_ofiles[new];
		if (oldfp != NULL) {
			knote_fdclose(p, new);
			fdremove(fdp, new);
		}
		fd_used(fdp, new);
	}
	fdinsert(fdp, new, flags, fp);
	*retval = new;
	if (oldfp != NULL)
		(void)closef(oldfp, p);
	return 0;
}

int
sys_dup(struct proc *p, void *v, register_t *retval)
{
	struct sys_dup_args *uap = v;
	struct file *fp;
	int error, new;

	if ((fp = fd_getfile(p->p_fd, SCARG(uap, fd))) == NULL)
		return EBADF;
	if ((error = fdalloc(p, 0, &new)) != 0) {
		(void)FRELE(fp, p);
		return error;
	}
	return finishdup(p, fp, new, 0, retval, 0);
}

/* dup2 and dup3: old also under the number new.  EBADF if either is bad. */
int
dodup3(struct proc *p, int old, int new, int flags, register_t *retval)
{
	struct filedesc *fdp = p->p_fd;
	struct file *fp;

	if ((fp = fd_getfile(fdp, old)) == NULL)
		return EBADF;
	if (new < 0 || new >= fd_limit()) {
		(void)FRELE(fp, p);
		return EBADF;
	}
	if (old == new) {
		/* Nothing to do, and its flags stay as they are. */
		*retval = new;
		(void)FRELE(fp, p);
		return 0;
	}
	while (new >= fdp->fd_nfiles)
		fdexpand(p);
	if (fdp->fd_ofiles[new] == NULL && (fdp->fd_lomap[new >> NDENTRYSHIFT] &
	    (1U << (new & NDENTRYMASK)))) {
		/* Reserved by an open that is under way and shares us. */
		(void)FRELE(fp, p);
		return EBUSY;
	}
	return finishdup(p, fp, new, (flags & O_CLOEXEC) ? UF_EXCLOSE : 0,
	    retval, 1);
}

int
sys_dup2(struct proc *p, void *v, register_t *retval)
{
	struct sys_dup2_args *uap = v;

	return dodup3(p, SCARG(uap, from), SCARG(uap, to), 0, retval);
}

int
sys_dup3(struct proc *p, void *v, register_t *retval)
{
	struct sys_dup3_args *uap = v;

	if (SCARG(uap, from) == SCARG(uap, to))
		return EINVAL;
	if (SCARG(uap, flags) & ~O_CLOEXEC)
		return EINVAL;
	return dodup3(p, SCARG(uap, from), SCARG(uap, to), SCARG(uap, flags),
	    retval);
}

/*
 * Change the status flags of fp to flags (only those in FCNTLFLAGS) and
 * tell the object below, which may refuse.
 */
int
fdsetflags(struct file *fp, u_int flags, struct proc *p)
{
	u_int old = fp->f_flag;
	int error, on;

	fp->f_flag = (old & ~FCNTLFLAGS) | (flags & FCNTLFLAGS);
	on = (fp->f_flag & FNONBLOCK) != 0;
	error = (*fp->f_ops->fo_ioctl)(fp, FIONBIO, (caddr_t)&on, p);
	if (error == 0) {
		on = (fp->f_flag & FASYNC) != 0;
		error = (*fp->f_ops->fo_ioctl)(fp, FIOASYNC, (caddr_t)&on, p);
	}
	if (error)
		fp->f_flag = old;
	return error;
}

int
sys_fcntl(struct proc *p, void *v, register_t *retval)
{
	struct sys_fcntl_args *uap = v;
	struct filedesc *fdp = p->p_fd;
	struct file *fp;
	int fd = SCARG(uap, fd);
	long arg = (long)SCARG(uap, arg);
	int error = 0, new, owner;

	if ((error = pledge_fcntl(p, SCARG(uap, cmd))) != 0)
		return error;
	if ((fp = fd_getfile(fdp, fd)) == NULL)
		return EBADF;

	switch (SCARG(uap, cmd)) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		if ((int)arg < 0 || (int)arg >= fd_limit()) {
			error = EINVAL;
			break;
		}
		if ((error = fdalloc(p, (int)arg, &new)) != 0)
			break;
		return finishdup(p, fp, new,
		    SCARG(uap, cmd) == F_DUPFD_CLOEXEC ? UF_EXCLOSE : 0,
		    retval, 0);
	case F_GETFD:
		*retval = (fdp->fd_ofileflags[fd] & UF_EXCLOSE) ?
		    FD_CLOEXEC : 0;
		break;
	case F_SETFD:
		if (arg & FD_CLOEXEC)
			fdp->fd_ofileflags[fd] |= UF_EXCLOSE;
		else
			fdp->fd_ofileflags[fd] &= ~UF_EXCLOSE;
		break;
	case F_GETFL:
		*retval = OFLAGS(fp->f_flag);
		break;
	case F_SETFL:
		error = fdsetflags(fp, FFLAGS((u_int)arg), p);
		break;
	case F_GETOWN:
		error = (*fp->f_ops->fo_ioctl)(fp, FIOGETOWN,
		    (caddr_t)&owner, p);
		if (error == 0)
			*retval = owner;
		break;
	case F_SETOWN:
		owner = (int)arg;
		error = (*fp->f_ops->fo_ioctl)(fp, FIOSETOWN,
		    (caddr_t)&owner, p);
		break;
	case F_ISATTY:
		if (vn_isatty(fp, p))
			*retval = 1;
		else
			error = ENOTTY;
		break;
	case F_GETLK:
	case F_SETLK:
	case F_SETLKW:
		/* No advisory record locks. */
		error = EOPNOTSUPP;
		break;
	default:
		error = EINVAL;
		break;
	}
	(void)FRELE(fp, p);
	return error;
}

int
sys_fstat(struct proc *p, void *v, register_t *retval)
{
	struct sys_fstat_args *uap = v;
	struct file *fp;
	struct stat ub;
	int error;

	if ((fp = fd_getfile(p->p_fd, SCARG(uap, fd))) == NULL)
		return EBADF;
	memset(&ub, 0, sizeof(ub));
	error = (*fp->f_ops->fo_stat)(fp, &ub, p);
	(void)FRELE(fp, p);
	if (error == 0)
		error = copyout(&ub, SCARG(uap, sb), sizeof(ub));
	if (error == 0 && KTRPOINT(p, KTR_STRUCT))
		ktrstruct(p, "stat", &ub, sizeof(ub));
	return error;
}

/*
 * The file behind fd if it is one with a vnode, with a reference; EBADF if
 * fd is not open, EINVAL if it is something else.
 */
int
getvnode(struct proc *p, int fd, struct file **fpp)
{
	struct file *fp;

	if ((fp = fd_getfile(p->p_fd, fd)) == NULL)
		return EBADF;
	if (fp->f_type != DTYPE_VNODE) {
		(void)FRELE(fp, p);
		return EINVAL;
	}
	*fpp = fp;
	return 0;
}
