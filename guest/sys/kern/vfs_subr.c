/* SPDX-License-Identifier: ISC */
/*
 * The life of vnodes, and the permission check every file system uses.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/proc.h>
#include <sys/fcntl.h>
#include <sys/mount.h>
#include <sys/pool.h>
#include <sys/stat.h>
#include <sys/ucred.h>
#include <sys/vnode.h>

struct pool vnode_pool;		/* struct vnode */
int numvnodes;			/* vnodes in use */
u_long nextvnodeid;		/* v_id of the next one */
struct vnode *rootvnode;	/* the root directory */
struct mntlist mountlist = TAILQ_HEAD_INITIALIZER(mountlist);

const enum vtype iftovt_tab[16] = {
	VNON, VFIFO, VCHR, VNON, VDIR, VNON, VBLK, VNON,
	VREG, VNON, VLNK, VNON, VSOCK, VNON, VNON, VBAD,
};

const int vttoif_tab[9] = {
	0, S_IFREG, S_IFDIR, S_IFBLK, S_IFCHR, S_IFLNK, S_IFSOCK, S_IFIFO,
	S_IFMT,
};

/* Called once at boot. */
void
vntblinit(void)
{
	pool_init(&vnode_pool, sizeof(struct vnode), 0, IPL_NONE, PR_WAITOK,
	    "vnodes", NULL);
	TAILQ_INIT(&mountlist);
}

/* A new vnode of file system mp, with one user.  It cannot fail. */
int
getnewvnode(enum vtagtype tag, struct mount *mp, const struct vops *vops,
    struct vnode **vpp)
{
	struct vnode *vp;

	vp = pool_get(&vnode_pool, PR_WAITOK | PR_ZERO);
	vp->v_type = VNON;
	vp->v_tag = tag;
	vp->v_op = vops;
	vp->v_usecount = 1;
	vp->v_id = ++nextvnodeid;
	vp->v_mount = mp;
	if (mp != NULL)
		LIST_INSERT_HEAD(&mp->mnt_vnodelist, vp, v_mntvnodes);
	numvnodes++;
	*vpp = vp;
	return 0;
}

/* One more user, by somebody who has a reference already. */
void
vref(struct vnode *vp)
{
	KASSERT(vp->v_usecount > 0);
	vp->v_usecount++;
}

/* One more user, found through the file system's own structures. */
int
vget(struct vnode *vp)
{
	vp->v_usecount++;
	return 0;
}

/* Take vp away from its file system and its device. */
void
vdetach(struct vnode *vp)
{
	(void)VOP_RECLAIM(vp, curproc);
	if (vp->v_specinfo != NULL)
		spec_detach(vp);
	if (vp->v_mount != NULL) {
		LIST_REMOVE(vp, v_mntvnodes);
		vp->v_mount = NULL;
	}
	vp->v_data = NULL;
}

/* One user less.  The last one frees the vnode, and an unlinked file. */
void
vrele(struct vnode *vp)
{
	if (vp == NULL)
		return;
	KASSERT(vp->v_usecount > 0);
	if (--vp->v_usecount > 0)
		return;
	KASSERT(vp->v_writecount == 0);
	KASSERT(vp->v_lockdepth == 0);
	(void)VOP_INACTIVE(vp, curproc);
	vdetach(vp);
	numvnodes--;
	pool_put(&vnode_pool, vp);
}

/* Unlock and release. */
void
vput(struct vnode *vp)
{
	vn_unlock(vp);
	vrele(vp);
}

/*
 * Take a vnode out of service under its users: whatever they do with it
 * from now on fails, and the next one to look up the file gets a new vnode.
 */
void
vgone(struct vnode *vp)
{
	if (vp->v_op == &dead_vops)
		return;
	if (vp->v_type == VCHR && vp->v_specinfo != NULL) {
		/* Close the device for those who have it open through us. */
		while (vp->v_specinfo->si_opens > 0)
			(void)spec_close(vp, FNONBLOCK, NOCRED, curproc);
	}
	vdetach(vp);
	vp->v_op = &dead_vops;
	vp->v_tag = VT_DEAD;
	vp->v_type = VBAD;
}

/* "Leave everything as it is", for VOP_SETATTR. */
void
vattr_null(struct vattr *vap)
{
	memset(vap, 0, sizeof(*vap));
	vap->va_type = VNON;
	vap->va_mode = (mode_t)VNOVAL;
	vap->va_nlink = (nlink_t)VNOVAL;
	vap->va_uid = (uid_t)VNOVAL;
	vap->va_gid = (gid_t)VNOVAL;
	vap->va_fsid = VNOVAL;
	vap->va_fileid = (ino_t)VNOVAL;
	vap->va_size = VNOVAL;
	vap->va_blocksize = VNOVAL;
	vap->va_atime.tv_nsec = VNOVAL;
	vap->va_mtime.tv_nsec = VNOVAL;
	vap->va_ctime.tv_nsec = VNOVAL;
	vap->va_gen = (u_long)VNOVAL;
	vap->va_flags = (u_long)VNOVAL;
	vap->va_rdev = (dev_t)VNOVAL;
	vap->va_bytes = VNOVAL;
}

/*
 * May cred use a file of this type, mode and owner in the way acc_mode says
 * (VREAD, VWRITE, VEXEC)?  The first class that fits decides: owner, group,
 * others.  Root may do anything, but execute a file only if somebody may.
 * EACCES if not.
 */
int
vaccess(enum vtype type, mode_t file_mode, uid_t uid, gid_t gid,
    mode_t acc_mode, struct ucred *cred)
{
	mode_t granted;

	if (cred->cr_uid == 0) {
		if ((acc_mode & VEXEC) && type != VDIR &&
		    (file_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0)
			return EACCES;
		return 0;
	}
	if (cred->cr_uid == uid)
		granted = file_mode & S_IRWXU;
	else if (groupmember(gid, cred))
		granted = (file_mode & S_IRWXG) << 3;
	else
		granted = (file_mode & S_IRWXO) << 6;
	return (granted & acc_mode) == acc_mode ? 0 : EACCES;
}
