/* SPDX-License-Identifier: ISC */
/*
 * System calls that set the times of files, and pathconf(2).
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/pledge.h>
#include <sys/proc.h>
#include <sys/fcntl.h>
#include <sys/file.h>
#include <sys/filedesc.h>
#include <sys/mount.h>
#include <sys/namei.h>
#include <sys/stat.h>
#include <sys/syscallargs.h>
#include <sys/termios.h>
#include <sys/time.h>
#include <sys/tty.h>
#include <sys/vnode.h>

#define NSEC_PER_SEC	1000000000L

/*
 * Fetch the access and modification time a caller gives; no pointer means
 * the present for both.  EINVAL for a bad number of nanoseconds.
 */
int
utimens_copyin(const struct timespec *utimes, struct timespec ts[2])
{
	int error, i;

	if (utimes == NULL) {
		ts[0].tv_nsec = ts[1].tv_nsec = UTIME_NOW;
		return 0;
	}
	if ((error = copyin(utimes, ts, 2 * sizeof(*ts))) != 0)
		return error;
	for (i = 0; i < 2; i++) {
		if (ts[i].tv_nsec != UTIME_NOW &&
		    ts[i].tv_nsec != UTIME_OMIT &&
		    (ts[i].tv_nsec < 0 || ts[i].tv_nsec >= NSEC_PER_SEC))
			return EINVAL;
	}
	return 0;
}

/* The attributes that stand for these times. */
void
utimens_attr(struct timespec ts[2], struct vattr *vap)
{
	struct timespec now;
	int i;

	VATTR_NULL(vap);
	if (ts[0].tv_nsec == UTIME_NOW && ts[1].tv_nsec == UTIME_NOW)
		vap->va_vaflags |= VA_UTIMES_NULL;
	getnanotime(&now);
	for (i = 0; i < 2; i++) {
		if (ts[i].tv_nsec == UTIME_NOW)
			ts[i] = now;
	}
	if (ts[0].tv_nsec != UTIME_OMIT)
		vap->va_atime = ts[0];
	if (ts[1].tv_nsec != UTIME_OMIT)
		vap->va_mtime = ts[1];
}

/* Set the times of vp; EROFS, and what VOP_SETATTR says. */
int
dovutimens(struct proc *p, struct vnode *vp, struct timespec ts[2])
{
	struct vattr vattr;

	if (vp->v_mount != NULL && (vp->v_mount->mnt_flag & MNT_RDONLY))
		return EROFS;
	utimens_attr(ts, &vattr);
	return VOP_SETATTR(vp, &vattr, p->p_ucred, p);
}

int
sys_utimensat(struct proc *p, void *v, register_t *retval)
{
	struct sys_utimensat_args *uap = v;
	struct timespec ts[2];
	struct nameidata nd;
	int error;

	if (SCARG(uap, flag) & ~AT_SYMLINK_NOFOLLOW)
		return EINVAL;
	if ((error = utimens_copyin(SCARG(uap, times), ts)) != 0)
		return error;
	NDINITAT(&nd, LOOKUP, (SCARG(uap, flag) & AT_SYMLINK_NOFOLLOW) ?
	    NOFOLLOW : FOLLOW, UIO_USERSPACE, SCARG(uap, fd),
	    SCARG(uap, path), p);
	nd.ni_pledge = PLEDGE_FATTR | PLEDGE_RPATH;
	if ((error = namei(&nd)) != 0)
		return error;
	error = dovutimens(p, nd.ni_vp, ts);
	vrele(nd.ni_vp);
	return error;
}

int
sys_futimens(struct proc *p, void *v, register_t *retval)
{
	struct sys_futimens_args *uap = v;
	struct timespec ts[2];
	struct file *fp;
	int error;

	if ((error = utimens_copyin(SCARG(uap, times), ts)) != 0)
		return error;
	if ((error = getvnode(p, SCARG(uap, fd), &fp)) != 0)
		return error;
	error = dovutimens(p, fp->f_data, ts);
	(void)FRELE(fp, p);
	return error;
}

/* The older form, in microseconds. */
int
sys_utimes(struct proc *p, void *v, register_t *retval)
{
	struct sys_utimes_args *uap = v;
	struct timespec ts[2];
	struct timeval tv[2];
	struct nameidata nd;
	int error, i;

	ts[0].tv_nsec = ts[1].tv_nsec = UTIME_NOW;
	if (SCARG(uap, tptr) != NULL) {
		error = copyin(SCARG(uap, tptr), tv, sizeof(tv));
		if (error)
			return error;
		for (i = 0; i < 2; i++) {
			if (tv[i].tv_usec < 0 || tv[i].tv_usec >= 1000000)
				return EINVAL;
			TIMEVAL_TO_TIMESPEC(&tv[i], &ts[i]);
		}
	}
	NDINIT(&nd, LOOKUP, FOLLOW, UIO_USERSPACE, SCARG(uap, path), p);
	nd.ni_pledge = PLEDGE_FATTR | PLEDGE_RPATH;
	if ((error = namei(&nd)) != 0)
		return error;
	error = dovutimens(p, nd.ni_vp, ts);
	vrele(nd.ni_vp);
	return error;
}

/* A limit of files; all of them have the same ones.  EINVAL if unknown. */
int
pathconf_value(int name, register_t *retval)
{
	switch (name) {
	case _PC_LINK_MAX:
		*retval = LINK_MAX;
		return 0;
	case _PC_MAX_CANON:
	case _PC_MAX_INPUT:
		*retval = TTYHOG;
		return 0;
	case _PC_NAME_MAX:
		*retval = NAME_MAX;
		return 0;
	case _PC_PATH_MAX:
		*retval = PATH_MAX;
		return 0;
	case _PC_PIPE_BUF:
		*retval = PIPE_BUF;
		return 0;
	case _PC_CHOWN_RESTRICTED:
	case _PC_NO_TRUNC:
		*retval = 1;
		return 0;
	case _PC_VDISABLE:
		*retval = _POSIX_VDISABLE;
		return 0;
	default:
		return EINVAL;
	}
}

int
sys_pathconf(struct proc *p, void *v, register_t *retval)
{
	struct sys_pathconf_args *uap = v;
	struct nameidata nd;
	int error;

	NDINIT(&nd, LOOKUP, FOLLOW, UIO_USERSPACE, SCARG(uap, path), p);
	nd.ni_pledge = PLEDGE_RPATH;
	if ((error = namei(&nd)) != 0)
		return error;
	vrele(nd.ni_vp);
	return pathconf_value(SCARG(uap, name), retval);
}

int
sys_fpathconf(struct proc *p, void *v, register_t *retval)
{
	struct sys_fpathconf_args *uap = v;
	struct file *fp;

	if ((fp = fd_getfile(p->p_fd, SCARG(uap, fd))) == NULL)
		return EBADF;
	(void)FRELE(fp, p);
	return pathconf_value(SCARG(uap, name), retval);
}
