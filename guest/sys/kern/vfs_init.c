/* SPDX-License-Identifier: ISC */
/*
 * Setting up the file layer, and mounting the root: a tmpfs filled from the
 * initrd.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/filedesc.h>
#include <sys/malloc.h>
#include <sys/mount.h>
#include <sys/namei.h>
#include <sys/pipe.h>
#include <sys/vnode.h>
#include <tmpfs/tmpfs.h>
#include <kern/initrd.h>

/* Called once at boot, before the first process opens anything. */
void
vfsinit(void)
{
	vntblinit();
	nameiinit();
	pipe_init();
	tmpfs_init();
}

/*
 * Mount the root and fill it from the archive of size bytes at initrd.  It
 * may take half of the memory.  Panics if that is not enough or the
 * archive is damaged: without a root there is nothing to run.
 */
void
vfs_mountroot(const void *initrd, size_t size)
{
	struct mount *mp;
	int error;

	mp = malloc(sizeof(*mp), M_VNODE, M_WAITOK | M_ZERO);
	LIST_INIT(&mp->mnt_vnodelist);
	mp->mnt_flag = MNT_LOCAL | MNT_ROOTFS;
	strlcpy(mp->mnt_stat.f_mntonname, "/",
	    sizeof(mp->mnt_stat.f_mntonname));
	error = tmpfs_mount(mp, (u_int64_t)physmem * PAGE_SIZE / 2);
	if (error)
		panic("vfs_mountroot: cannot make the root: error %d", error);
	TAILQ_INSERT_TAIL(&mountlist, mp, mnt_list);
	initrd_unpack(VFS_TO_TMPFS(mp), initrd, size);
	if ((error = (*mp->mnt_op->vfs_root)(mp, &rootvnode)) != 0)
		panic("vfs_mountroot: no root directory: error %d", error);
}
