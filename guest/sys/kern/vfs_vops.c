/* SPDX-License-Identifier: ISC */
/*
 * The operations on a vnode, each a function of its own: one place to stop
 * at, whatever the file system.  What a file system leaves out is refused
 * here with the error that fits.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/event.h>
#include <sys/proc.h>
#include <sys/namei.h>
#include <sys/poll.h>
#include <sys/vnode.h>

/*
 * Find cnp's name in directory dvp; *vpp gets a reference.  ENOENT, or
 * EJUSTRETURN if the name is missing but may be created here.
 */
int
VOP_LOOKUP(struct vnode *dvp, struct vnode **vpp, struct componentname *cnp)
{
	*vpp = NULL;
	if (dvp->v_op->vop_lookup == NULL)
		return ENOTDIR;
	return (*dvp->v_op->vop_lookup)(dvp, vpp, cnp);
}

/* Make a regular file; *vpp gets a reference. */
int
VOP_CREATE(struct vnode *dvp, struct vnode **vpp, struct componentname *cnp,
    struct vattr *vap)
{
	*vpp = NULL;
	if (dvp->v_op->vop_create == NULL)
		return EROFS;
	return (*dvp->v_op->vop_create)(dvp, vpp, cnp, vap);
}

/* Make a device node; *vpp gets a reference. */
int
VOP_MKNOD(struct vnode *dvp, struct vnode **vpp, struct componentname *cnp,
    struct vattr *vap)
{
	*vpp = NULL;
	if (dvp->v_op->vop_mknod == NULL)
		return EROFS;
	return (*dvp->v_op->vop_mknod)(dvp, vpp, cnp, vap);
}

/* The file is about to be used with mode (FREAD, FWRITE, FNONBLOCK). */
int
VOP_OPEN(struct vnode *vp, int mode, struct ucred *cred, struct proc *p)
{
	if (vp->v_op->vop_open == NULL)
		return 0;
	return (*vp->v_op->vop_open)(vp, mode, cred, p);
}

/* One such use is over. */
int
VOP_CLOSE(struct vnode *vp, int fflag, struct ucred *cred, struct proc *p)
{
	if (vp->v_op->vop_close == NULL)
		return 0;
	return (*vp->v_op->vop_close)(vp, fflag, cred, p);
}

/* May cred do mode (VREAD, VWRITE, VEXEC)?  EACCES, EROFS or 0. */
int
VOP_ACCESS(struct vnode *vp, int mode, struct ucred *cred, struct proc *p)
{
	if (vp->v_op->vop_access == NULL)
		return EACCES;
	return (*vp->v_op->vop_access)(vp, mode, cred, p);
}

int
VOP_GETATTR(struct vnode *vp, struct vattr *vap, struct ucred *cred,
    struct proc *p)
{
	if (vp->v_op->vop_getattr == NULL)
		return EBADF;
	return (*vp->v_op->vop_getattr)(vp, vap, cred, p);
}

int
VOP_SETATTR(struct vnode *vp, struct vattr *vap, struct ucred *cred,
    struct proc *p)
{
	if (vp->v_op->vop_setattr == NULL)
		return EBADF;
	return (*vp->v_op->vop_setattr)(vp, vap, cred, p);
}

int
VOP_READ(struct vnode *vp, struct uio *uio, int ioflag, struct ucred *cred)
{
	if (vp->v_op->vop_read == NULL)
		return EISDIR;
	return (*vp->v_op->vop_read)(vp, uio, ioflag, cred);
}

int
VOP_WRITE(struct vnode *vp, struct uio *uio, int ioflag, struct ucred *cred)
{
	if (vp->v_op->vop_write == NULL)
		return EISDIR;
	return (*vp->v_op->vop_write)(vp, uio, ioflag, cred);
}

int
VOP_IOCTL(struct vnode *vp, u_long command, void *data, int fflag,
    struct ucred *cred, struct proc *p)
{
	if (vp->v_op->vop_ioctl == NULL)
		return ENOTTY;
	return (*vp->v_op->vop_ioctl)(vp, command, data, fflag, cred, p);
}

/* Files without an opinion of their own are always ready. */
int
VOP_POLL(struct vnode *vp, int fflag, int events, struct proc *p)
{
	if (vp->v_op->vop_poll == NULL)
		return events & (POLLIN | POLLOUT | POLLRDNORM);
	return (*vp->v_op->vop_poll)(vp, fflag, events, p);
}

/* Files without an opinion of their own are always ready. */
int
VOP_KQFILTER(struct vnode *vp, int fflag, struct knote *kn)
{
	if (vp->v_op->vop_kqfilter == NULL)
		return seltrue_kqfilter(NODEV, kn);
	return (*vp->v_op->vop_kqfilter)(vp, fflag, kn);
}

/* Take the file away from everybody who has it open. */
int
VOP_REVOKE(struct vnode *vp, int flags)
{
	vgone(vp);
	return 0;
}

/* Remove the name cnp of file vp from dvp. */
int
VOP_REMOVE(struct vnode *dvp, struct vnode *vp, struct componentname *cnp)
{
	if (dvp->v_op->vop_remove == NULL)
		return EROFS;
	return (*dvp->v_op->vop_remove)(dvp, vp, cnp);
}

/* Give file vp one more name, cnp in dvp. */
int
VOP_LINK(struct vnode *dvp, struct vnode *vp, struct componentname *cnp)
{
	if (dvp->v_op->vop_link == NULL)
		return EROFS;
	return (*dvp->v_op->vop_link)(dvp, vp, cnp);
}

/* fcnp in fdvp becomes tcnp in tdvp, in place of tvp if that is not NULL. */
int
VOP_RENAME(struct vnode *fdvp, struct vnode *fvp, struct componentname *fcnp,
    struct vnode *tdvp, struct vnode *tvp, struct componentname *tcnp)
{
	if (fdvp->v_op->vop_rename == NULL)
		return EROFS;
	return (*fdvp->v_op->vop_rename)(fdvp, fvp, fcnp, tdvp, tvp, tcnp);
}

/* Make a directory; *vpp gets a reference. */
int
VOP_MKDIR(struct vnode *dvp, struct vnode **vpp, struct componentname *cnp,
    struct vattr *vap)
{
	*vpp = NULL;
	if (dvp->v_op->vop_mkdir == NULL)
		return EROFS;
	return (*dvp->v_op->vop_mkdir)(dvp, vpp, cnp, vap);
}

/* Remove the empty directory vp, called cnp in dvp. */
int
VOP_RMDIR(struct vnode *dvp, struct vnode *vp, struct componentname *cnp)
{
	if (dvp->v_op->vop_rmdir == NULL)
		return EROFS;
	return (*dvp->v_op->vop_rmdir)(dvp, vp, cnp);
}

/* Make a symbolic link with text target; *vpp gets a reference. */
int
VOP_SYMLINK(struct vnode *dvp, struct vnode **vpp, struct componentname *cnp,
    struct vattr *vap, char *target)
{
	*vpp = NULL;
	if (dvp->v_op->vop_symlink == NULL)
		return EROFS;
	return (*dvp->v_op->vop_symlink)(dvp, vpp, cnp, vap, target);
}

/*
 * Fill uio with directory entries from offset uio_offset on; *eofflag says
 * whether the last one is among them.
 */
int
VOP_READDIR(struct vnode *vp, struct uio *uio, struct ucred *cred,
    int *eofflag)
{
	if (vp->v_op->vop_readdir == NULL)
		return ENOTDIR;
	return (*vp->v_op->vop_readdir)(vp, uio, cred, eofflag);
}

/* The text of a symbolic link. */
int
VOP_READLINK(struct vnode *vp, struct uio *uio, struct ucred *cred)
{
	if (vp->v_op->vop_readlink == NULL)
		return EINVAL;
	return (*vp->v_op->vop_readlink)(vp, uio, cred);
}

/* The last user is gone. */
int
VOP_INACTIVE(struct vnode *vp, struct proc *p)
{
	if (vp->v_op->vop_inactive == NULL)
		return 0;
	return (*vp->v_op->vop_inactive)(vp, p);
}

/* The vnode is about to go: forget it. */
int
VOP_RECLAIM(struct vnode *vp, struct proc *p)
{
	if (vp->v_op->vop_reclaim == NULL)
		return 0;
	return (*vp->v_op->vop_reclaim)(vp, p);
}
