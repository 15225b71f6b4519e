/* SPDX-License-Identifier: ISC */
/*
 * Nodes, directory entries, attributes.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/proc.h>
#include <sys/dirent.h>
#include <sys/mount.h>
#include <sys/namei.h>
#include <sys/stat.h>
#include <sys/ucred.h>
#include <sys/uio.h>
#include <sys/vnode.h>
#include <tmpfs/tmpfs.h>

/* Mark the times that what says with the present one. */
void
tmpfs_update(struct tmpfs_node *node, int what)
{
	struct timespec now;

	getnanotime(&now);
	if (what & TMPFS_UPDATE_ATIME)
		node->tn_atime = now;
	if (what & TMPFS_UPDATE_MTIME)
		node->tn_mtime = now;
	if (what & TMPFS_UPDATE_CTIME)
		node->tn_ctime = now;
}

/*
 * A new file without a name.  target (targetlen bytes) is the text of a
 * symbolic link, rdev the number of a device.  ENOSPC if there is no memory
 * or there are too many files.
 */
int
tmpfs_alloc_node(struct tmpfs_mount *tmp, enum vtype type, uid_t uid,
    gid_t gid, mode_t mode, const char *target, size_t targetlen,
    dev_t rdev, struct tmpfs_node **nodep)
{
	struct tmpfs_node *node;

	node = tmpfs_node_get(tmp);
	if (node == NULL)
		return ENOSPC;
	node->tn_type = type;
	node->tn_id = ++tmp->tm_highest_inode;
	node->tn_mode = mode & ALLPERMS;
	node->tn_uid = uid;
	node->tn_gid = gid;
	tmpfs_update(node, TMPFS_UPDATE_ATIME | TMPFS_UPDATE_MTIME |
	    TMPFS_UPDATE_CTIME);

	switch (type) {
	case VDIR:
		TAILQ_INIT(&node->tn_spec.tn_dir.tn_dir);
		node->tn_spec.tn_dir.tn_next_seq = TMPFS_DIRSEQ_START;
		break;
	case VLNK:
		node->tn_spec.tn_lnk.tn_link = tmpfs_alloc(tmp, targetlen);
		if (node->tn_spec.tn_lnk.tn_link == NULL) {
			tmpfs_node_put(tmp, node);
			return ENOSPC;
		}
		memcpy(node->tn_spec.tn_lnk.tn_link, target, targetlen);
		node->tn_size = targetlen;
		break;
	case VCHR:
		node->tn_spec.tn_dev.tn_rdev = rdev;
		break;
	default:
		KASSERT(type == VREG);
		break;
	}
	LIST_INSERT_HEAD(&tmp->tm_nodes, node, tn_entries);
	*nodep = node;
	return 0;
}

/* Free a file that has neither a name nor a vnode. */
void
tmpfs_free_node(struct tmpfs_mount *tmp, struct tmpfs_node *node)
{
	KASSERT(node->tn_links == 0 && node->tn_vnode == NULL);
	switch (node->tn_type) {
	case VDIR:
		KASSERT(TAILQ_EMPTY(&node->tn_spec.tn_dir.tn_dir));
		break;
	case VLNK:
		tmpfs_free(tmp, node->tn_spec.tn_lnk.tn_link, node->tn_size);
		break;
	case VREG:
		tmpfs_reg_free(tmp, node);
		break;
	default:
		break;
	}
	LIST_REMOVE(node, tn_entries);
	tmpfs_node_put(tmp, node);
}

/* The vnode of node, referenced; made if there is none. */
int
tmpfs_vnode_get(struct mount *mp, struct tmpfs_node *node,
    struct vnode **vpp)
{
	struct vnode *vp;
	int error;

	if (node->tn_vnode != NULL) {
		*vpp = node->tn_vnode;
		return vget(*vpp);
	}
	error = getnewvnode(VT_TMPFS, mp, node->tn_type == VCHR ?
	    &tmpfs_specvops : &tmpfs_vops, &vp);
	if (error)
		return error;
	vp->v_type = node->tn_type;
	vp->v_data = node;
	if (node == VFS_TO_TMPFS(mp)->tm_root)
		vp->v_flag |= VROOT;
	if (node->tn_type == VCHR)
		spec_attach(vp, node->tn_spec.tn_dev.tn_rdev);
	node->tn_vnode = vp;
	*vpp = vp;
	return 0;
}

/*
 * Make a file and enter it in directory dvp under cnp's name.  It belongs
 * to the caller's effective user and to the group of the directory.
 */
int
tmpfs_alloc_file(struct vnode *dvp, struct vnode **vpp, struct vattr *vap,
    struct componentname *cnp, const char *target)
{
	struct tmpfs_mount *tmp = VFS_TO_TMPFS(dvp->v_mount);
	struct tmpfs_node *dnode = VP_TO_TMPFS_NODE(dvp), *node;
	struct tmpfs_dirent *de;
	int error;

	if (dnode->tn_links == 0)
		return ENOENT;		/* removed under the caller */
	if (vap->va_type == VDIR && dnode->tn_links >= LINK_MAX)
		return EMLINK;
	de = tmpfs_dirent_get(tmp, cnp->cn_nameptr, cnp->cn_namelen);
	if (de == NULL)
		return ENOSPC;
	error = tmpfs_alloc_node(tmp, vap->va_type, cnp->cn_cred->cr_uid,
	    dnode->tn_gid, vap->va_mode, target,
	    target != NULL ? strlen(target) : 0, vap->va_rdev, &node);
	if (error) {
		tmpfs_dirent_put(tmp, de);
		return error;
	}
	/* A set-group-id bit is for members of the group only. */
	if ((node->tn_mode & S_ISGID) && cnp->cn_cred->cr_uid != 0 &&
	    !groupmember(node->tn_gid, cnp->cn_cred))
		node->tn_mode &= ~S_ISGID;
	tmpfs_dir_attach(dnode, de, node);
	return tmpfs_vnode_get(dvp->v_mount, node, vpp);
}

/* The entry called name; NULL if there is none.  Not for "." and "..". */
struct tmpfs_dirent *
tmpfs_dir_lookup(struct tmpfs_node *dnode, const char *name, size_t namelen)
{
	struct tmpfs_dirent *de;

	TAILQ_FOREACH(de, &dnode->tn_spec.tn_dir.tn_dir, td_entries) {
		if (de->td_namelen == namelen &&
		    memcmp(de->td_name, name, namelen) == 0)
			return de;
	}
	return NULL;
}

/* The first entry at offset seq or behind it; NULL at the end. */
struct tmpfs_dirent *
tmpfs_dir_lookupbyseq(struct tmpfs_node *dnode, off_t seq)
{
	struct tmpfs_dirent *de;

	TAILQ_FOREACH(de, &dnode->tn_spec.tn_dir.tn_dir, td_entries) {
		if (de->td_seq >= seq)
			break;
	}
	return de;
}

/* Let de be an entry of dnode that stands for node. */
void
tmpfs_dir_attach(struct tmpfs_node *dnode, struct tmpfs_dirent *de,
    struct tmpfs_node *node)
{
	de->td_node = node;
	de->td_seq = dnode->tn_spec.tn_dir.tn_next_seq++;
	TAILQ_INSERT_TAIL(&dnode->tn_spec.tn_dir.tn_dir, de, td_entries);
	dnode->tn_size += sizeof(*de) + de->td_namelen;
	node->tn_links++;
	if (node->tn_type == VDIR) {
		/* Its own "." and ".." are links too. */
		node->tn_links++;
		node->tn_spec.tn_dir.tn_parent = dnode;
		dnode->tn_links++;
	}
	tmpfs_update(node, TMPFS_UPDATE_CTIME);
	tmpfs_update(dnode, TMPFS_UPDATE_MTIME | TMPFS_UPDATE_CTIME);
}

/* Undo that; the caller frees or attaches de, and the file lives on. */
void
tmpfs_dir_detach(struct tmpfs_node *dnode, struct tmpfs_dirent *de)
{
	struct tmpfs_node *node = de->td_node;

	TAILQ_REMOVE(&dnode->tn_spec.tn_dir.tn_dir, de, td_entries);
	dnode->tn_spec.tn_dir.tn_removals++;
	dnode->tn_size -= sizeof(*de) + de->td_namelen;
	node->tn_links--;
	if (node->tn_type == VDIR) {
		node->tn_links--;
		node->tn_spec.tn_dir.tn_parent = NULL;
		dnode->tn_links--;
	}
	de->td_node = NULL;
	tmpfs_update(node, TMPFS_UPDATE_CTIME);
	tmpfs_update(dnode, TMPFS_UPDATE_MTIME | TMPFS_UPDATE_CTIME);
}

/* Hand one entry to the reader; -1 if there is no room for it. */
int
tmpfs_dir_emit(struct uio *uio, struct tmpfs_node *node, const char *name,
    size_t namelen, off_t next)
{
	struct dirent dent;

	memset(&dent, 0, sizeof(dent));
	dent.d_fileno = node->tn_id;
	dent.d_off = next;
	dent.d_type = IFTODT(VTTOIF(node->tn_type));
	dent.d_namlen = namelen;
	memcpy(dent.d_name, name, namelen);
	dent.d_reclen = DIRENT_RECSIZE(namelen);
	if (dent.d_reclen > uio->uio_resid)
		return -1;
	return uiomove(&dent, dent.d_reclen, uio);
}

/*
 * Entries from cookie uio_offset on, as many as fit.  uio_offset becomes
 * the cookie to go on with, *eofflag says that there is nothing more.
 * EINVAL if not even one fits.  The directory may change while the caller's
 * memory is written; then the place is looked for again.
 */
int
tmpfs_dir_getdents(struct tmpfs_node *node, struct uio *uio, int *eofflag)
{
	struct tmpfs_dirent *de = NULL;
	struct tmpfs_node *parent;
	off_t off = uio->uio_offset;
	size_t before = uio->uio_resid;
	u_long removals = 0;
	int error = 0;

	*eofflag = 0;
	if (off < 0)
		return EINVAL;
	while (error == 0) {
		parent = node->tn_spec.tn_dir.tn_parent;
		if (parent == NULL) {
			*eofflag = 1;	/* removed: there is nothing */
			break;
		}
		if (off == TMPFS_DIRCOOKIE_DOT)
			error = tmpfs_dir_emit(uio, node, ".", 1, off + 1);
		else if (off == TMPFS_DIRCOOKIE_DOTDOT)
			error = tmpfs_dir_emit(uio, parent, "..", 2, off + 1);
		else {
			if (de != NULL &&
			    removals == node->tn_spec.tn_dir.tn_removals)
				de = TAILQ_NEXT(de, td_entries);
			else
				de = tmpfs_dir_lookupbyseq(node, off);
			removals = node->tn_spec.tn_dir.tn_removals;
			if (de == NULL) {
				*eofflag = 1;
				break;
			}
			off = de->td_seq;
			error = tmpfs_dir_emit(uio, de->td_node, de->td_name,
			    de->td_namelen, off + 1);
		}
		if (error == 0)
			off++;
	}
	if (error == -1)
		error = uio->uio_resid == before ? EINVAL : 0;
	uio->uio_offset = off;
	tmpfs_update(node, TMPFS_UPDATE_ATIME);
	return error;
}

/* Only the owner and root; the set-group-id bit only for its members. */
int
tmpfs_chmod(struct tmpfs_node *node, mode_t mode, struct ucred *cred)
{
	if (cred->cr_uid != 0) {
		if (cred->cr_uid != node->tn_uid)
			return EPERM;
		if (node->tn_type != VDIR && (mode & S_ISTXT))
			return EPERM;
		if ((mode & S_ISGID) && !groupmember(node->tn_gid, cred))
			return EPERM;
	}
	node->tn_mode = mode & ALLPERMS;
	tmpfs_update(node, TMPFS_UPDATE_CTIME);
	return 0;
}

/*
 * Root may give files away; an owner may only choose among his groups.  The
 * set-id bits do not survive a change by somebody else than root.
 */
int
tmpfs_chown(struct tmpfs_node *node, uid_t uid, gid_t gid,
    struct ucred *cred)
{
	if (uid == (uid_t)VNOVAL)
		uid = node->tn_uid;
	if (gid == (gid_t)VNOVAL)
		gid = node->tn_gid;
	if (cred->cr_uid != 0) {
		if (cred->cr_uid != node->tn_uid || uid != node->tn_uid)
			return EPERM;
		if (gid != node->tn_gid && !groupmember(gid, cred))
			return EPERM;
		node->tn_mode &= ~(S_ISUID | S_ISGID);
	}
	node->tn_uid = uid;
	node->tn_gid = gid;
	tmpfs_update(node, TMPFS_UPDATE_CTIME);
	return 0;
}

/* The owner and root set any times; who may write, the present one. */
int
tmpfs_chtimes(struct vnode *vp, struct vattr *vap, struct ucred *cred,
    struct proc *p)
{
	struct tmpfs_node *node = VP_TO_TMPFS_NODE(vp);
	int error;

	if (cred->cr_uid != 0 && cred->cr_uid != node->tn_uid) {
		if ((vap->va_vaflags & VA_UTIMES_NULL) == 0)
			return EPERM;
		if ((error = VOP_ACCESS(vp, VWRITE, cred, p)) != 0)
			return error;
	}
	if (vap->va_atime.tv_nsec != VNOVAL)
		node->tn_atime = vap->va_atime;
	if (vap->va_mtime.tv_nsec != VNOVAL)
		node->tn_mtime = vap->va_mtime;
	tmpfs_update(node, TMPFS_UPDATE_CTIME);
	return 0;
}
