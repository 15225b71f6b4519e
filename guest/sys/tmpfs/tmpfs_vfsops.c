/* SPDX-License-Identifier: ISC */
/*
 * A tmpfs as a whole: making one, its root, how full it is.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/malloc.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vnode.h>
#include <tmpfs/tmpfs.h>

#define TMPFS_BYTES_PER_NODE	4096	/* one node for so much of the limit */

const struct vfsops tmpfs_vfsops = {
	.vfs_root = tmpfs_root,
	.vfs_statfs = tmpfs_statfs,
};

/* Make an empty tmpfs of at most bytes_max bytes behind mp. */
int
tmpfs_mount(struct mount *mp, u_int64_t bytes_max)
{
	struct tmpfs_mount *tmp;
	struct tmpfs_node *root;
	int error;

	tmp = malloc(sizeof(*tmp), M_TMPFS, M_WAITOK | M_ZERO);
	tmp->tm_bytes_max = bytes_max;
	tmp->tm_nodes_max = bytes_max / TMPFS_BYTES_PER_NODE + 1;
	LIST_INIT(&tmp->tm_nodes);
	error = tmpfs_alloc_node(tmp, VDIR, 0, 0,
	    S_IRWXU | S_IRGRP | S_IXGRP | S_IROTH | S_IXOTH, NULL, 0, 0,
	    &root);
	if (error) {
		free(tmp, M_TMPFS, sizeof(*tmp));
		return error;
	}
	/* The root is its own parent, and no entry stands for it. */
	root->tn_links = 2;
	root->tn_spec.tn_dir.tn_parent = root;
	tmp->tm_root = root;

	mp->mnt_op = &tmpfs_vfsops;
	mp->mnt_data = tmp;
	strlcpy(mp->mnt_stat.f_fstypename, "tmpfs",
	    sizeof(mp->mnt_stat.f_fstypename));
	return 0;
}

/* The root directory, referenced. */
int
tmpfs_root(struct mount *mp, struct vnode **vpp)
{
	return tmpfs_vnode_get(mp, VFS_TO_TMPFS(mp)->tm_root, vpp);
}

int
tmpfs_statfs(struct mount *mp, struct statfs *sbp, struct proc *p)
{
	struct tmpfs_mount *tmp = VFS_TO_TMPFS(mp);

	*sbp = mp->mnt_stat;
	sbp->f_flags = mp->mnt_flag;
	sbp->f_bsize = PAGE_SIZE;
	sbp->f_blocks = tmp->tm_bytes_max / PAGE_SIZE;
	sbp->f_bfree = (tmp->tm_bytes_max - tmp->tm_bytes_used) / PAGE_SIZE;
	sbp->f_files = tmp->tm_nodes_max;
	sbp->f_ffree = tmp->tm_nodes_max - tmp->tm_nodes_cnt;
	return 0;
}
