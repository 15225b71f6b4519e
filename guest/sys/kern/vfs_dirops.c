/* SPDX-License-Identifier: ISC */
/*
 * System calls that read and change directories.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/pledge.h>
#include <sys/syscall.h>
#include <sys/proc.h>
#include <sys/dirent.h>
#include <sys/fcntl.h>
#include <sys/file.h>
#include <sys/filedesc.h>
#include <sys/mount.h>
#include <sys/namei.h>
#include <sys/pool.h>
#include <sys/stat.h>
#include <sys/syscallargs.h>
#include <sys/ucred.h>
#include <sys/vnode.h>

#define GETDENTS_MAX	0x7fffffffUL	/* largest buffer of getdents, bytes */

/*
 * Look up a name that must not exist yet.  EEXIST if it does; on success
 * ni_dvp is its directory, and ndrele gives everything back.
 */
int
lookup_new(struct proc *p, const char *path, u_long flags,
    struct nameidata *ndp)
{
	int error;

	NDINIT(ndp, CREATE, WANTPARENT | SAVENAME | flags, UIO_USERSPACE,
	    path, p);
	ndp->ni_pledge = p->p_pledge_syscall == SYS_mknod ? PLEDGE_DPATH :
	    PLEDGE_CPATH;
	if ((error = namei(ndp)) != 0)
		return error == EISDIR ? EEXIST : error;
	if (ndp->ni_vp != NULL) {
		ndrele(ndp);
		return EEXIST;
	}
	return 0;
}

int
sys_mkdir(struct proc *p, void *v, register_t *retval)
{
	struct sys_mkdir_args *uap = v;
	struct nameidata nd;
	struct vattr vattr;
	int error;

	error = lookup_new(p, SCARG(uap, path), STRIPSLASHES, &nd);
	if (error)
		return error;
	VATTR_NULL(&vattr);
	vattr.va_type = VDIR;
	vattr.va_mode = (SCARG(uap, mode) & (ACCESSPERMS | S_ISTXT)) &
	    ~p->p_fd->fd_cmask;
	error = VOP_MKDIR(nd.ni_dvp, &nd.ni_vp, &nd.ni_cnd, &vattr);
	ndrele(&nd);
	return error;
}

/* Character devices, by root only; nothing else can be made this way. */
int
sys_mknod(struct proc *p, void *v, register_t *retval)
{
	struct sys_mknod_args *uap = v;
	mode_t mode = SCARG(uap, mode);
	struct nameidata nd;
	struct vattr vattr;
	int error;

	if ((error = suser(p)) != 0)
		return error;
	if (!S_ISCHR(mode))
		return EINVAL;
	if ((error = lookup_new(p, SCARG(uap, path), 0, &nd)) != 0)
		return error;
	VATTR_NULL(&vattr);
	vattr.va_type = VCHR;
	vattr.va_mode = (mode & ALLPERMS) & ~p->p_fd->fd_cmask;
	vattr.va_rdev = SCARG(uap, dev);
	error = VOP_MKNOD(nd.ni_dvp, &nd.ni_vp, &nd.ni_cnd, &vattr);
	ndrele(&nd);
	return error;
}

int
sys_symlink(struct proc *p, void *v, register_t *retval)
{
	struct sys_symlink_args *uap = v;
	struct nameidata nd;
	struct vattr vattr;
	char *target;
	int error;

	target = pool_get(&namei_pool, PR_WAITOK);
	error = copyinstr(SCARG(uap, path), target, MAXPATHLEN, NULL);
	if (error == 0 && target[0] == '\0')
		error = ENOENT;
	if (error == 0)
		error = lookup_new(p, SCARG(uap, link), 0, &nd);
	if (error == 0) {
		VATTR_NULL(&vattr);
		vattr.va_type = VLNK;
		vattr.va_mode = ACCESSPERMS & ~p->p_fd->fd_cmask;
		error = VOP_SYMLINK(nd.ni_dvp, &nd.ni_vp, &nd.ni_cnd, &vattr,
		    target);
		ndrele(&nd);
	}
	pool_put(&namei_pool, target);
	return error;
}

/* A symbolic link at the end of path is followed; directories: EPERM. */
int
sys_link(struct proc *p, void *v, register_t *retval)
{
	struct sys_link_args *uap = v;
	struct nameidata nd;
	struct vnode *vp;
	int error;

	NDINIT(&nd, LOOKUP, FOLLOW, UIO_USERSPACE, SCARG(uap, path), p);
	nd.ni_pledge = PLEDGE_RPATH;
	if ((error = namei(&nd)) != 0)
		return error;
	vp = nd.ni_vp;
	if (vp->v_type == VDIR)
		error = EPERM;
	else if ((error = lookup_new(p, SCARG(uap, link), 0, &nd)) == 0) {
		if (nd.ni_dvp->v_mount != vp->v_mount)
			error = EXDEV;
		else
			error = VOP_LINK(nd.ni_dvp, vp, &nd.ni_cnd);
		ndrele(&nd);
	}
	vrele(vp);
	return error;
}

int
sys_unlink(struct proc *p, void *v, register_t *retval)
{
	struct sys_unlink_args *uap = v;
	struct nameidata nd;
	int error;

	NDINIT(&nd, DELETE, WANTPARENT | SAVENAME, UIO_USERSPACE,
	    SCARG(uap, path), p);
	nd.ni_pledge = PLEDGE_CPATH;
	if ((error = namei(&nd)) != 0)
		return error;
	if (nd.ni_vp->v_type == VDIR)
		error = EPERM;
	else
		error = VOP_REMOVE(nd.ni_dvp, nd.ni_vp, &nd.ni_cnd);
	ndrele(&nd);
	return error;
}

/* EBUSY for the root, EINVAL for ".", ENOTEMPTY for "..". */
int
sys_rmdir(struct proc *p, void *v, register_t *retval)
{
	struct sys_rmdir_args *uap = v;
	struct nameidata nd;
	int error;

	NDINIT(&nd, DELETE, WANTPARENT | SAVENAME, UIO_USERSPACE,
	    SCARG(uap, path), p);
	nd.ni_pledge = PLEDGE_CPATH;
	if ((error = namei(&nd)) != 0)
		return error == EISDIR ? EBUSY : error;
	if (nd.ni_vp->v_type != VDIR)
		error = ENOTDIR;
	else if (nd.ni_vp->v_flag & VROOT)
		error = EBUSY;
	else if (nd.ni_cnd.cn_flags & ISDOT)
		error = EINVAL;
	else if (nd.ni_cnd.cn_flags & ISDOTDOT)
		error = ENOTEMPTY;
	else
		error = VOP_RMDIR(nd.ni_dvp, nd.ni_vp, &nd.ni_cnd);
	ndrele(&nd);
	return error;
}

/*
 * May fvp be renamed to what tnd found?  0 also if both are the same file,
 * for which there is nothing to do.
 */
int
rename_check(struct nameidata *fnd, struct nameidata *tnd)
{
	struct vnode *fvp = fnd->ni_vp, *tvp = tnd->ni_vp;

	if ((fnd->ni_cnd.cn_flags | tnd->ni_cnd.cn_flags) &
	    (ISDOT | ISDOTDOT))
		return EINVAL;
	if (fvp->v_flag & VROOT)
		return EBUSY;
	if (fnd->ni_dvp->v_mount != tnd->ni_dvp->v_mount)
		return EXDEV;
	if (tvp != NULL) {
		if (fvp->v_type == VDIR && tvp->v_type != VDIR)
			return ENOTDIR;
		if (fvp->v_type != VDIR && tvp->v_type == VDIR)
			return EISDIR;
	}
	if (fvp == tnd->ni_dvp)
		return EINVAL;	/* a directory into itself */
	return 0;
}

int
sys_rename(struct proc *p, void *v, register_t *retval)
{
	struct sys_rename_args *uap = v;
	struct nameidata fnd, tnd;
	u_long slashes;
	int error;

	NDINIT(&fnd, DELETE, WANTPARENT | SAVENAME, UIO_USERSPACE,
	    SCARG(uap, from), p);
	fnd.ni_pledge = PLEDGE_RPATH | PLEDGE_CPATH;
	if ((error = namei(&fnd)) != 0)
		return error == EISDIR ? EBUSY : error;
	slashes = fnd.ni_vp->v_type == VDIR ? STRIPSLASHES : 0;
	NDINIT(&tnd, RENAME, WANTPARENT | SAVENAME | slashes, UIO_USERSPACE,
	    SCARG(uap, to), p);
	tnd.ni_pledge = PLEDGE_CPATH;
	if ((error = namei(&tnd)) != 0) {
		ndrele(&fnd);
		/* The root as a target. */
		return error == EISDIR ? EBUSY : error;
	}
	error = rename_check(&fnd, &tnd);
	if (error == 0 && fnd.ni_vp != tnd.ni_vp)
		error = VOP_RENAME(fnd.ni_dvp, fnd.ni_vp, &fnd.ni_cnd,
		    tnd.ni_dvp, tnd.ni_vp, &tnd.ni_cnd);
	ndrele(&tnd);
	ndrele(&fnd);
	return error;
}

int
sys_readlink(struct proc *p, void *v, register_t *retval)
{
	struct sys_readlink_args *uap = v;
	struct nameidata nd;
	struct iovec aiov;
	struct uio auio;
	int error;

	NDINIT(&nd, LOOKUP, NOFOLLOW, UIO_USERSPACE, SCARG(uap, path), p);
	nd.ni_pledge = PLEDGE_RPATH;
	if ((error = namei(&nd)) != 0)
		return error;
	if (nd.ni_vp->v_type != VLNK)
		error = EINVAL;
	else {
		aiov.iov_base = SCARG(uap, buf);
		aiov.iov_len = SCARG(uap, count);
		auio.uio_iov = &aiov;
		auio.uio_iovcnt = 1;
		auio.uio_offset = 0;
		auio.uio_rw = UIO_READ;
		auio.uio_segflg = UIO_USERSPACE;
		auio.uio_procp = p;
		auio.uio_resid = SCARG(uap, count);
		error = VOP_READLINK(nd.ni_vp, &auio, p->p_ucred);
		*retval = SCARG(uap, count) - auio.uio_resid;
	}
	vrele(nd.ni_vp);
	return error;
}

/*
 * Entries of the open directory fd, as many as fit; 0 bytes at the end.
 * EINVAL if fd is no directory, or the buffer too small for one entry.
 */
int
sys_getdents(struct proc *p, void *v, register_t *retval)
{
	struct sys_getdents_args *uap = v;
	size_t buflen = SCARG(uap, buflen);
	struct vnode *vp;
	struct file *fp;
	struct iovec aiov;
	struct uio auio;
	int eofflag, error;

	if (buflen > GETDENTS_MAX)
		return EINVAL;
	if ((error = getvnode(p, SCARG(uap, fd), &fp)) != 0)
		return error;
	vp = fp->f_data;
	if ((fp->f_flag & FREAD) == 0) {
		error = EBADF;
		goto bad;
	}
	if (vp->v_type != VDIR) {
		error = EINVAL;
		goto bad;
	}
	aiov.iov_base = SCARG(uap, buf);
	aiov.iov_len = buflen;
	auio.uio_iov = &aiov;
	auio.uio_iovcnt = 1;
	auio.uio_rw = UIO_READ;
	auio.uio_segflg = UIO_USERSPACE;
	auio.uio_procp = p;
	auio.uio_resid = buflen;
	auio.uio_offset = fp->f_offset;
	error = VOP_READDIR(vp, &auio, fp->f_cred, &eofflag);
	fp->f_offset = auio.uio_offset;
	if (error == 0)
		*retval = buflen - auio.uio_resid;
bad:
	(void)FRELE(fp, p);
	return error;
}
