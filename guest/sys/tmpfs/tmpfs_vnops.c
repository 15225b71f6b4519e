/* SPDX-License-Identifier: ISC */
/*
 * The vnode operations of tmpfs.  Nothing here sleeps but the copies to and
 * from the caller's memory, so what a lookup found is still true when the
 * change is made; the entries are checked once more all the same, since a
 * system call may look up two names and sleep between.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/proc.h>
#include <sys/fcntl.h>
#include <sys/mount.h>
#include <sys/namei.h>
#include <sys/stat.h>
#include <sys/ucred.h>
#include <sys/uio.h>
#include <sys/vnode.h>
#include <tmpfs/tmpfs.h>

int	tmpfs_lookup(struct vnode *, struct vnode **, struct componentname *);
int	tmpfs_create(struct vnode *, struct vnode **, struct componentname *,
	    struct vattr *);
int	tmpfs_access(struct vnode *, int, struct ucred *, struct proc *);
int	tmpfs_getattr(struct vnode *, struct vattr *, struct ucred *,
	    struct proc *);
int	tmpfs_setattr(struct vnode *, struct vattr *, struct ucred *,
	    struct proc *);
int	tmpfs_remove(struct vnode *, struct vnode *, struct componentname *);
int	tmpfs_link(struct vnode *, struct vnode *, struct componentname *);
int	tmpfs_rename(struct vnode *, struct vnode *, struct componentname *,
	    struct vnode *, struct vnode *, struct componentname *);
int	tmpfs_rmdir(struct vnode *, struct vnode *, struct componentname *);
int	tmpfs_symlink(struct vnode *, struct vnode **,
	    struct componentname *, struct vattr *, char *);
int	tmpfs_readdir(struct vnode *, struct uio *, struct ucred *, int *);
int	tmpfs_readlink(struct vnode *, struct uio *, struct ucred *);
int	tmpfs_reclaim(struct vnode *, struct proc *);

const struct vops tmpfs_vops = {
	.vop_lookup = tmpfs_lookup,
	.vop_create = tmpfs_create,
	.vop_mknod = tmpfs_create,
	.vop_access = tmpfs_access,
	.vop_getattr = tmpfs_getattr,
	.vop_setattr = tmpfs_setattr,
	.vop_read = tmpfs_read,
	.vop_write = tmpfs_write,
	.vop_remove = tmpfs_remove,
	.vop_link = tmpfs_link,
	.vop_rename = tmpfs_rename,
	.vop_mkdir = tmpfs_create,
	.vop_rmdir = tmpfs_rmdir,
	.vop_symlink = tmpfs_symlink,
	.vop_readdir = tmpfs_readdir,
	.vop_readlink = tmpfs_readlink,
	.vop_reclaim = tmpfs_reclaim,
};

const struct vops tmpfs_specvops = {
	.vop_open = spec_open,
	.vop_close = spec_close,
	.vop_access = tmpfs_access,
	.vop_getattr = tmpfs_getattr,
	.vop_setattr = tmpfs_setattr,
	.vop_read = spec_read,
	.vop_write = spec_write,
	.vop_ioctl = spec_ioctl,
	.vop_poll = spec_poll,
	.vop_kqfilter = spec_kqfilter,
	.vop_reclaim = tmpfs_reclaim,
};

/*
 * May the caller take the name of node out of directory dvp?  In a sticky
 * directory only the owner of either may.
 */
int
tmpfs_delete_check(struct vnode *dvp, struct tmpfs_node *node,
    struct componentname *cnp)
{
	struct tmpfs_node *dnode = VP_TO_TMPFS_NODE(dvp);
	uid_t uid = cnp->cn_cred->cr_uid;
	int error;

	error = VOP_ACCESS(dvp, VWRITE, cnp->cn_cred, cnp->cn_proc);
	if (error)
		return error;
	if ((dnode->tn_mode & S_ISTXT) && uid != 0 &&
	    uid != dnode->tn_uid && uid != node->tn_uid)
		return EPERM;
	return 0;
}

/*
 * Find a name.  EACCES if the caller may not search the directory; for a
 * CREATE, DELETE or RENAME of the last component the right to change the
 * directory is checked too.
 */
int
tmpfs_lookup(struct vnode *dvp, struct vnode **vpp,
    struct componentname *cnp)
{
	struct tmpfs_node *dnode = VP_TO_TMPFS_NODE(dvp), *node;
	struct tmpfs_dirent *de;
	u_long op = LOOKUP;
	int error;

	if (dvp->v_type != VDIR)
		return ENOTDIR;
	error = VOP_ACCESS(dvp, VEXEC, cnp->cn_cred, cnp->cn_proc);
	if (error)
		return error;
	if (cnp->cn_flags & ISLASTCN)
		op = cnp->cn_nameiop;

	if (cnp->cn_flags & ISDOT) {
		vref(dvp);
		*vpp = dvp;
		return 0;
	}
	if (cnp->cn_flags & ISDOTDOT) {
		if (dnode->tn_spec.tn_dir.tn_parent == NULL)
			return ENOENT;
		return tmpfs_vnode_get(dvp->v_mount,
		    dnode->tn_spec.tn_dir.tn_parent, vpp);
	}

	de = tmpfs_dir_lookup(dnode, cnp->cn_nameptr, cnp->cn_namelen);
	if (de == NULL) {
		if (op != CREATE && op != RENAME)
			return ENOENT;
		if (dnode->tn_links == 0)
			return ENOENT;
		error = VOP_ACCESS(dvp, VWRITE, cnp->cn_cred, cnp->cn_proc);
		return error ? error : EJUSTRETURN;
	}
	node = de->td_node;
	if (op == DELETE || op == RENAME) {
		error = tmpfs_delete_check(dvp, node, cnp);
		if (error)
			return error;
	}
	return tmpfs_vnode_get(dvp->v_mount, node, vpp);
}

/* VOP_CREATE, VOP_MKNOD and VOP_MKDIR: vap says what to make. */
int
tmpfs_create(struct vnode *dvp, struct vnode **vpp,
    struct componentname *cnp, struct vattr *vap)
{
	return tmpfs_alloc_file(dvp, vpp, vap, cnp, NULL);
}

int
tmpfs_symlink(struct vnode *dvp, struct vnode **vpp,
    struct componentname *cnp, struct vattr *vap, char *target)
{
	return tmpfs_alloc_file(dvp, vpp, vap, cnp, target);
}

int
tmpfs_access(struct vnode *vp, int mode, struct ucred *cred, struct proc *p)
{
	struct tmpfs_node *node = VP_TO_TMPFS_NODE(vp);

	if ((mode & VWRITE) && (vp->v_mount->mnt_flag & MNT_RDONLY) &&
	    vp->v_type != VCHR)
		return EROFS;
	return vaccess(node->tn_type, node->tn_mode, node->tn_uid,
	    node->tn_gid, mode, cred);
}

int
tmpfs_getattr(struct vnode *vp, struct vattr *vap, struct ucred *cred,
    struct proc *p)
{
	struct tmpfs_node *node = VP_TO_TMPFS_NODE(vp);

	VATTR_NULL(vap);
	vap->va_type = vp->v_type;
	vap->va_mode = node->tn_mode;
	vap->va_nlink = node->tn_links;
	vap->va_uid = node->tn_uid;
	vap->va_gid = node->tn_gid;
	vap->va_fsid = 1;
	vap->va_fileid = node->tn_id;
	vap->va_size = node->tn_size;
	vap->va_blocksize = PAGE_SIZE;
	vap->va_atime = node->tn_atime;
	vap->va_mtime = node->tn_mtime;
	vap->va_ctime = node->tn_ctime;
	vap->va_gen = node->tn_gen;
	vap->va_flags = 0;
	vap->va_rdev = node->tn_type == VCHR ?
	    node->tn_spec.tn_dev.tn_rdev : 0;
	vap->va_bytes = node->tn_type == VREG ?
	    (off_t)node->tn_spec.tn_reg.tn_nresident * PAGE_SIZE :
	    node->tn_size;
	return 0;
}

/* The length: regular files only; a device ignores it. */
int
tmpfs_chsize(struct vnode *vp, off_t size)
{
	struct tmpfs_node *node = VP_TO_TMPFS_NODE(vp);
	int error;

	switch (vp->v_type) {
	case VDIR:
		return EISDIR;
	case VCHR:
		return 0;
	case VREG:
		break;
	default:
		return EOPNOTSUPP;
	}
	if (size < 0)
		return EINVAL;
	error = tmpfs_reg_resize(VFS_TO_TMPFS(vp->v_mount), node, size);
	if (error == 0)
		tmpfs_update(node, TMPFS_UPDATE_MTIME | TMPFS_UPDATE_CTIME);
	return error;
}

/* What is not VNOVAL is changed; the type, number and links cannot be. */
int
tmpfs_setattr(struct vnode *vp, struct vattr *vap, struct ucred *cred,
    struct proc *p)
{
	struct tmpfs_node *node = VP_TO_TMPFS_NODE(vp);
	int error = 0;

	if (vap->va_type != VNON || vap->va_nlink != (nlink_t)VNOVAL ||
	    vap->va_rdev != (dev_t)VNOVAL || vap->va_fileid != (ino_t)VNOVAL)
		return EINVAL;
	if (vap->va_size != VNOVAL)
		error = tmpfs_chsize(vp, vap->va_size);
	if (error == 0 && (vap->va_uid != (uid_t)VNOVAL ||
	    vap->va_gid != (gid_t)VNOVAL))
		error = tmpfs_chown(node, vap->va_uid, vap->va_gid, cred);
	if (error == 0 && vap->va_mode != (mode_t)VNOVAL)
		error = tmpfs_chmod(node, vap->va_mode, cred);
	if (error == 0 && (vap->va_atime.tv_nsec != VNOVAL ||
	    vap->va_mtime.tv_nsec != VNOVAL))
		error = tmpfs_chtimes(vp, vap, cred, p);
	return error;
}

/* The entry of dvp that cnp names, if it still stands for vp. */
struct tmpfs_dirent *
tmpfs_entry_of(struct vnode *dvp, struct vnode *vp,
    struct componentname *cnp)
{
	struct tmpfs_dirent *de;

	de = tmpfs_dir_lookup(VP_TO_TMPFS_NODE(dvp), cnp->cn_nameptr,
	    cnp->cn_namelen);
	if (de == NULL || de->td_node != VP_TO_TMPFS_NODE(vp))
		return NULL;
	return de;
}

int
tmpfs_remove(struct vnode *dvp, struct vnode *vp, struct componentname *cnp)
{
	struct tmpfs_dirent *de;

	if (vp->v_type == VDIR)
		return EPERM;
	if ((de = tmpfs_entry_of(dvp, vp, cnp)) == NULL)
		return ENOENT;
	tmpfs_dir_detach(VP_TO_TMPFS_NODE(dvp), de);
	tmpfs_dirent_put(VFS_TO_TMPFS(dvp->v_mount), de);
	return 0;
}

int
tmpfs_rmdir(struct vnode *dvp, struct vnode *vp, struct componentname *cnp)
{
	struct tmpfs_node *node = VP_TO_TMPFS_NODE(vp);
	struct tmpfs_dirent *de;

	if (!TAILQ_EMPTY(&node->tn_spec.tn_dir.tn_dir))
		return ENOTEMPTY;
	if ((de = tmpfs_entry_of(dvp, vp, cnp)) == NULL)
		return ENOENT;
	tmpfs_dir_detach(VP_TO_TMPFS_NODE(dvp), de);
	tmpfs_dirent_put(VFS_TO_TMPFS(dvp->v_mount), de);
	return 0;
}

int
tmpfs_link(struct vnode *dvp, struct vnode *vp, struct componentname *cnp)
{
	struct tmpfs_node *dnode = VP_TO_TMPFS_NODE(dvp);
	struct tmpfs_node *node = VP_TO_TMPFS_NODE(vp);
	struct tmpfs_dirent *de;

	if (node->tn_links >= LINK_MAX)
		return EMLINK;
	if (node->tn_links == 0 || dnode->tn_links == 0)
		return ENOENT;
	if (tmpfs_dir_lookup(dnode, cnp->cn_nameptr, cnp->cn_namelen) != NULL)
		return EEXIST;
	de = tmpfs_dirent_get(VFS_TO_TMPFS(dvp->v_mount), cnp->cn_nameptr,
	    cnp->cn_namelen);
	if (de == NULL)
		return ENOSPC;
	tmpfs_dir_attach(dnode, de, node);
	return 0;
}

/*
 * A directory moves to another parent: its ".." changes, so the caller must
 * be able to write it, and it must not end up below itself.
 */
int
tmpfs_reparent_check(struct vnode *fvp, struct vnode *tdvp,
    struct componentname *fcnp)
{
	struct tmpfs_node *fnode = VP_TO_TMPFS_NODE(fvp), *node, *parent;
	int error;

	error = VOP_ACCESS(fvp, VWRITE, fcnp->cn_cred, fcnp->cn_proc);
	if (error)
		return error;
	for (node = VP_TO_TMPFS_NODE(tdvp); ; node = parent) {
		if (node == fnode)
			return EINVAL;
		parent = node->tn_spec.tn_dir.tn_parent;
		if (parent == NULL)
			return ENOENT;
		if (parent == node)
			return 0;	/* the root */
	}
}

/* fcnp in fdvp becomes tcnp in tdvp; tvp, if any, loses that name. */
int
tmpfs_rename(struct vnode *fdvp, struct vnode *fvp,
    struct componentname *fcnp, struct vnode *tdvp, struct vnode *tvp,
    struct componentname *tcnp)
{
	struct tmpfs_mount *tmp = VFS_TO_TMPFS(fdvp->v_mount);
	struct tmpfs_node *fdnode = VP_TO_TMPFS_NODE(fdvp);
	struct tmpfs_node *tdnode = VP_TO_TMPFS_NODE(tdvp);
	struct tmpfs_node *fnode = VP_TO_TMPFS_NODE(fvp), *tnode = NULL;
	struct tmpfs_dirent *fde, *nde, *tde;
	int error;

	if ((fde = tmpfs_entry_of(fdvp, fvp, fcnp)) == NULL ||
	    tdnode->tn_links == 0)
		return ENOENT;
	if (fnode->tn_type == VDIR && fdnode != tdnode) {
		error = tmpfs_reparent_check(fvp, tdvp, fcnp);
		if (error)
			return error;
		if (tvp == NULL && tdnode->tn_links >= LINK_MAX)
			return EMLINK;
	}
	tde = tmpfs_dir_lookup(tdnode, tcnp->cn_nameptr, tcnp->cn_namelen);
	if ((tde == NULL) != (tvp == NULL) ||
	    (tde != NULL && tde->td_node != VP_TO_TMPFS_NODE(tvp)))
		return ENOENT;	/* changed since it was looked up */
	if (tvp != NULL) {
		tnode = VP_TO_TMPFS_NODE(tvp);
		if (tnode->tn_type == VDIR &&
		    !TAILQ_EMPTY(&tnode->tn_spec.tn_dir.tn_dir))
			return ENOTEMPTY;
	}

	/* The last thing that can fail: an entry for the new name. */
	nde = tmpfs_dirent_get(tmp, tcnp->cn_nameptr, tcnp->cn_namelen);
	if (nde == NULL)
		return ENOSPC;
	if (tde != NULL) {
		tmpfs_dir_detach(tdnode, tde);
		tmpfs_dirent_put(tmp, tde);
	}
	tmpfs_dir_detach(fdnode, fde);
	tmpfs_dirent_put(tmp, fde);
	tmpfs_dir_attach(tdnode, nde, fnode);
	return 0;
}

int
tmpfs_readdir(struct vnode *vp, struct uio *uio, struct ucred *cred,
    int *eofflag)
{
	if (vp->v_type != VDIR)
		return ENOTDIR;
	return tmpfs_dir_getdents(VP_TO_TMPFS_NODE(vp), uio, eofflag);
}

int
tmpfs_readlink(struct vnode *vp, struct uio *uio, struct ucred *cred)
{
	struct tmpfs_node *node = VP_TO_TMPFS_NODE(vp);
	int error;

	if (vp->v_type != VLNK)
		return EINVAL;
	error = uiomove(node->tn_spec.tn_lnk.tn_link,
	    MIN((size_t)node->tn_size, uio->uio_resid), uio);
	tmpfs_update(node, TMPFS_UPDATE_ATIME);
	return error;
}

/* The vnode goes; a file without a name goes with it. */
int
tmpfs_reclaim(struct vnode *vp, struct proc *p)
{
	struct tmpfs_node *node = VP_TO_TMPFS_NODE(vp);

	node->tn_vnode = NULL;
	vp->v_data = NULL;
	if (node->tn_links == 0)
		tmpfs_free_node(VFS_TO_TMPFS(vp->v_mount), node);
	return 0;
}
