/* SPDX-License-Identifier: ISC */
/*
 * System calls that take a path or an open file: opening, the offset, the
 * current directory, attributes.  Those that change directories are in
 * vfs_dirops.c.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/pledge.h>
#include <sys/syscall.h>
#include <sys/ktrace.h>
#include <sys/proc.h>
#include <sys/fcntl.h>
#include <sys/file.h>
#include <sys/filedesc.h>
#include <sys/mount.h>
#include <sys/namei.h>
#include <sys/stat.h>
#include <sys/syscallargs.h>
#include <sys/ucred.h>
#include <sys/vnode.h>

/* open(2) and openat(2): find or make the file and give it a descriptor. */
int
doopenat(struct proc *p, int fd, const char *path, int oflags, mode_t mode,
    register_t *retval)
{
	struct filedesc *fdp = p->p_fd;
	struct file *fp;
	struct nameidata nd;
	int cloexec, cmode, error, flags, indx;

	flags = FFLAGS(oflags);
	cloexec = (flags & O_CLOEXEC) ? UF_EXCLOSE : 0;
	cmode = ((mode & ~fdp->fd_cmask) & ALLPERMS) & ~S_ISTXT;

	if ((error = falloc(p, &fp, &indx)) != 0)
		return error;
	NDINITAT(&nd, LOOKUP, 0, UIO_USERSPACE, fd, path, p);
	if (flags & FREAD)
		nd.ni_pledge |= PLEDGE_RPATH;
	if (flags & FWRITE)
		nd.ni_pledge |= PLEDGE_WPATH;
	if (flags & O_CREAT)
		nd.ni_pledge |= PLEDGE_CPATH;
	if ((error = vn_open(&nd, flags, cmode)) != 0) {
		fdremove(fdp, indx);
		(void)closef(fp, p);
		/* A driver's open may end this way if it was interrupted. */
		return error == ERESTART ? EINTR : error;
	}
	fp->f_flag = flags & FMASK;
	fp->f_type = DTYPE_VNODE;
	fp->f_ops = &vnops;
	fp->f_data = nd.ni_vp;
	fdinsert(fdp, indx, cloexec, fp);
	*retval = indx;
	return 0;
}

int
sys_open(struct proc *p, void *v, register_t *retval)
{
	struct sys_open_args *uap = v;

	return doopenat(p, AT_FDCWD, SCARG(uap, path), SCARG(uap, flags),
	    SCARG(uap, mode), retval);
}

int
sys_openat(struct proc *p, void *v, register_t *retval)
{
	struct sys_openat_args *uap = v;

	return doopenat(p, SCARG(uap, fd), SCARG(uap, path),
	    SCARG(uap, flags), SCARG(uap, mode), retval);
}

int
sys_lseek(struct proc *p, void *v, register_t *retval)
{
	struct sys_lseek_args *uap = v;
	struct file *fp;
	off_t offset = SCARG(uap, offset);
	int error;

	if ((fp = fd_getfile(p->p_fd, SCARG(uap, fd))) == NULL)
		return EBADF;
	if (fp->f_ops->fo_seek == NULL)
		error = ESPIPE;
	else
		error = (*fp->f_ops->fo_seek)(fp, &offset,
		    SCARG(uap, whence), p);
	if (error == 0)
		*(off_t *)retval = offset;
	(void)FRELE(fp, p);
	return error;
}

/* May p make dvp its current or root directory?  ENOTDIR or EACCES. */
int
change_dir_check(struct vnode *vp, struct proc *p)
{
	if (vp->v_type != VDIR)
		return ENOTDIR;
	return VOP_ACCESS(vp, VEXEC, p->p_ucred, p);
}

/* The directory called path, referenced. */
int
change_dir(struct proc *p, const char *path, struct vnode **vpp)
{
	struct nameidata nd;
	int error;

	NDINIT(&nd, LOOKUP, FOLLOW, UIO_USERSPACE, path, p);
	nd.ni_pledge = PLEDGE_RPATH;
	if ((error = namei(&nd)) != 0)
		return error;
	if ((error = change_dir_check(nd.ni_vp, p)) != 0) {
		vrele(nd.ni_vp);
		return error;
	}
	*vpp = nd.ni_vp;
	return 0;
}

int
sys_chdir(struct proc *p, void *v, register_t *retval)
{
	struct sys_chdir_args *uap = v;
	struct vnode *vp, *old = p->p_fd->fd_cdir;
	int error;

	if ((error = change_dir(p, SCARG(uap, path), &vp)) != 0)
		return error;
	p->p_fd->fd_cdir = vp;
	vrele(old);
	return 0;
}

int
sys_fchdir(struct proc *p, void *v, register_t *retval)
{
	struct sys_fchdir_args *uap = v;
	struct vnode *vp, *old = p->p_fd->fd_cdir;
	struct file *fp;
	int error;

	if ((fp = fd_getfile(p->p_fd, SCARG(uap, fd))) == NULL)
		return EBADF;
	vp = fp->f_data;
	if (fp->f_type != DTYPE_VNODE)
		error = ENOTDIR;
	else
		error = change_dir_check(vp, p);
	if (error == 0) {
		vref(vp);
		p->p_fd->fd_cdir = vp;
		vrele(old);
	}
	(void)FRELE(fp, p);
	return error;
}

/* Only root may; the current directory becomes the new root, too. */
int
sys_chroot(struct proc *p, void *v, register_t *retval)
{
	struct sys_chroot_args *uap = v;
	struct filedesc *fdp = p->p_fd;
	struct vnode *vp;
	int error;

	if ((error = suser(p)) != 0)
		return error;
	if ((error = change_dir(p, SCARG(uap, path), &vp)) != 0)
		return error;
	if (fdp->fd_rdir != NULL)
		vrele(fdp->fd_rdir);
	fdp->fd_rdir = vp;
	vref(vp);
	vrele(fdp->fd_cdir);
	fdp->fd_cdir = vp;
	return 0;
}

int
sys_umask(struct proc *p, void *v, register_t *retval)
{
	struct sys_umask_args *uap = v;
	struct filedesc *fdp = p->p_fd;

	*retval = fdp->fd_cmask;
	fdp->fd_cmask = SCARG(uap, newmask) & ACCESSPERMS;
	return 0;
}

/* stat(2) and its relatives; flag is 0 or AT_SYMLINK_NOFOLLOW. */
int
dofstatat(struct proc *p, int fd, const char *path, struct stat *buf,
    int flag)
{
	struct nameidata nd;
	struct stat sb;
	int error;

	if (flag & ~AT_SYMLINK_NOFOLLOW)
		return EINVAL;
	NDINITAT(&nd, LOOKUP, (flag & AT_SYMLINK_NOFOLLOW) ? NOFOLLOW :
	    FOLLOW, UIO_USERSPACE, fd, path, p);
	nd.ni_pledge = PLEDGE_RPATH;
	if ((error = namei(&nd)) != 0)
		return error;
	error = vn_stat(nd.ni_vp, &sb, p);
	vrele(nd.ni_vp);
	if (error == 0)
		error = copyout(&sb, buf, sizeof(sb));
	if (error == 0 && KTRPOINT(p, KTR_STRUCT))
		ktrstruct(p, "stat", &sb, sizeof(sb));
	return error;
}

int
sys_stat(struct proc *p, void *v, register_t *retval)
{
	struct sys_stat_args *uap = v;

	return dofstatat(p, AT_FDCWD, SCARG(uap, path), SCARG(uap, ub), 0);
}

int
sys_lstat(struct proc *p, void *v, register_t *retval)
{
	struct sys_lstat_args *uap = v;

	return dofstatat(p, AT_FDCWD, SCARG(uap, path), SCARG(uap, ub),
	    AT_SYMLINK_NOFOLLOW);
}

int
sys_fstatat(struct proc *p, void *v, register_t *retval)
{
	struct sys_fstatat_args *uap = v;

	return dofstatat(p, SCARG(uap, fd), SCARG(uap, path),
	    SCARG(uap, buf), SCARG(uap, flag));
}

/* access(2) asks for the real user, whatever the effective one is. */
int
sys_access(struct proc *p, void *v, register_t *retval)
{
	struct sys_access_args *uap = v;
	struct ucred *newcred, *oldcred = p->p_ucred;
	struct nameidata nd;
	int amode = SCARG(uap, amode), error, mode = 0;

	if (amode & ~(R_OK | W_OK | X_OK))
		return EINVAL;
	newcred = crdup(oldcred);
	newcred->cr_uid = oldcred->cr_ruid;
	newcred->cr_gid = oldcred->cr_rgid;
	p->p_ucred = newcred;

	NDINIT(&nd, LOOKUP, FOLLOW, UIO_USERSPACE, SCARG(uap, path), p);
	nd.ni_pledge = PLEDGE_RPATH;
	if ((error = namei(&nd)) != 0)
		goto out;
	if (amode & R_OK)
		mode |= VREAD;
	if (amode & W_OK)
		mode |= VWRITE;
	if (amode & X_OK)
		mode |= VEXEC;
	if (amode & W_OK)
		error = vn_writechk(nd.ni_vp);
	if (error == 0 && mode != 0)
		error = VOP_ACCESS(nd.ni_vp, mode, newcred, p);
	vrele(nd.ni_vp);
out:
	p->p_ucred = oldcred;
	crfree(newcred);
	return error;
}

/* Set attributes of the file called path; symlinks are followed. */
int
dosetattr(struct proc *p, const char *path, struct vattr *vap)
{
	struct nameidata nd;
	int error;

	NDINIT(&nd, LOOKUP, FOLLOW, UIO_USERSPACE, path, p);
	nd.ni_pledge = PLEDGE_RPATH | (p->p_pledge_syscall == SYS_chown ?
	    PLEDGE_CHOWN : PLEDGE_FATTR);
	if ((error = namei(&nd)) != 0)
		return error;
	if (nd.ni_vp->v_mount != NULL &&
	    (nd.ni_vp->v_mount->mnt_flag & MNT_RDONLY))
		error = EROFS;
	else
		error = VOP_SETATTR(nd.ni_vp, vap, p->p_ucred, p);
	vrele(nd.ni_vp);
	return error;
}

/* The same for an open file. */
int
dofsetattr(struct proc *p, int fd, struct vattr *vap)
{
	struct file *fp;
	struct vnode *vp;
	int error;

	if ((error = getvnode(p, fd, &fp)) != 0)
		return error;
	vp = fp->f_data;
	if (vp->v_mount != NULL && (vp->v_mount->mnt_flag & MNT_RDONLY))
		error = EROFS;
	else
		error = VOP_SETATTR(vp, vap, p->p_ucred, p);
	(void)FRELE(fp, p);
	return error;
}

int
sys_chmod(struct proc *p, void *v, register_t *retval)
{
	struct sys_chmod_args *uap = v;
	struct vattr vattr;

	if (SCARG(uap, mode) & ~(S_IFMT | ALLPERMS))
		return EINVAL;
	VATTR_NULL(&vattr);
	vattr.va_mode = SCARG(uap, mode) & ALLPERMS;
	return dosetattr(p, SCARG(uap, path), &vattr);
}

int
sys_fchmod(struct proc *p, void *v, register_t *retval)
{
	struct sys_fchmod_args *uap = v;
	struct vattr vattr;

	if (SCARG(uap, mode) & ~(S_IFMT | ALLPERMS))
		return EINVAL;
	VATTR_NULL(&vattr);
	vattr.va_mode = SCARG(uap, mode) & ALLPERMS;
	return dofsetattr(p, SCARG(uap, fd), &vattr);
}

/* An id of -1 stays as it is. */
int
sys_chown(struct proc *p, void *v, register_t *retval)
{
	struct sys_chown_args *uap = v;
	struct vattr vattr;
	int error;

	error = pledge_chown(p, SCARG(uap, uid), SCARG(uap, gid));
	if (error != 0)
		return error;
	VATTR_NULL(&vattr);
	vattr.va_uid = SCARG(uap, uid);
	vattr.va_gid = SCARG(uap, gid);
	return dosetattr(p, SCARG(uap, path), &vattr);
}

int
sys_fchown(struct proc *p, void *v, register_t *retval)
{
	struct sys_fchown_args *uap = v;
	struct vattr vattr;
	int error;

	error = pledge_chown(p, SCARG(uap, uid), SCARG(uap, gid));
	if (error != 0)
		return error;
	VATTR_NULL(&vattr);
	vattr.va_uid = SCARG(uap, uid);
	vattr.va_gid = SCARG(uap, gid);
	return dofsetattr(p, SCARG(uap, fd), &vattr);
}

int
sys_truncate(struct proc *p, void *v, register_t *retval)
{
	struct sys_truncate_args *uap = v;
	struct nameidata nd;
	struct vnode *vp;
	int error;

	if (SCARG(uap, length) < 0)
		return EINVAL;
	NDINIT(&nd, LOOKUP, FOLLOW, UIO_USERSPACE, SCARG(uap, path), p);
	nd.ni_pledge = PLEDGE_WPATH;
	if ((error = namei(&nd)) != 0)
		return error;
	vp = nd.ni_vp;
	if (vp->v_type == VDIR)
		error = EISDIR;
	else if ((error = VOP_ACCESS(vp, VWRITE, p->p_ucred, p)) == 0 &&
	    (error = vn_writechk(vp)) == 0)
		error = vn_truncate(vp, SCARG(uap, length), p->p_ucred, p);
	vrele(vp);
	return error;
}

int
sys_ftruncate(struct proc *p, void *v, register_t *retval)
{
	struct sys_ftruncate_args *uap = v;
	struct vnode *vp;
	struct file *fp;
	int error;

	if (SCARG(uap, length) < 0)
		return EINVAL;
	if ((error = getvnode(p, SCARG(uap, fd), &fp)) != 0)
		return error;
	vp = fp->f_data;
	if ((fp->f_flag & FWRITE) == 0)
		error = EINVAL;
	else if (vp->v_type == VDIR)
		error = EISDIR;
	else if ((error = vn_writechk(vp)) == 0)
		error = vn_truncate(vp, SCARG(uap, length), fp->f_cred, p);
	(void)FRELE(fp, p);
	return error;
}

/* Everything is in memory: there is nothing to wait for. */
int
sys_sync(struct proc *p, void *v, register_t *retval)
{
	return 0;
}

int
sys_fsync(struct proc *p, void *v, register_t *retval)
{
	struct sys_fsync_args *uap = v;
	struct file *fp;
	int error;

	if ((error = getvnode(p, SCARG(uap, fd), &fp)) != 0)
		return error;
	(void)FRELE(fp, p);
	return 0;
}
