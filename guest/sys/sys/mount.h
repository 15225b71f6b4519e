/* SPDX-License-Identifier: ISC */
#ifndef _SYS_MOUNT_H_
#define _SYS_MOUNT_H_

#include <sys/types.h>
#include <sys/queue.h>

#define MFSNAMELEN	16	/* length of a file system's name */
#define MNAMELEN	90	/* length of a path in struct statfs */

/* How full a file system is. */
struct statfs {
	u_int32_t	f_flags;		/* MNT_* */
	u_int32_t	f_bsize;		/* unit of the block counts */
	u_int64_t	f_blocks;		/* all blocks */
	u_int64_t	f_bfree;		/* free ones */
	u_int64_t	f_files;		/* all file nodes */
	u_int64_t	f_ffree;		/* free ones */
	char		f_fstypename[MFSNAMELEN];	/* "tmpfs" */
	char		f_mntonname[MNAMELEN];		/* "/" */
};

#define MNT_RDONLY	0x00000001	/* read only */
#define MNT_NOEXEC	0x00000004	/* nothing may be executed */
#define MNT_NOSUID	0x00000008	/* set-id bits do not count */
#define MNT_LOCAL	0x00001000	/* no network */
#define MNT_ROOTFS	0x00004000	/* the root */

#ifdef _KERNEL

struct mount;
struct proc;
struct vnode;

/* The operations on a whole file system. */
struct vfsops {
	int	(*vfs_root)(struct mount *, struct vnode **);
	int	(*vfs_statfs)(struct mount *, struct statfs *, struct proc *);
};

/* A mounted file system. */
struct mount {
	TAILQ_ENTRY(mount) mnt_list;		/* on mountlist */
	const struct vfsops *mnt_op;		/* operations */
	LIST_HEAD(, vnode) mnt_vnodelist;	/* vnodes in use */
	int		 mnt_flag;		/* MNT_* */
	struct statfs	 mnt_stat;		/* names and flags */
	void		*mnt_data;		/* the file system's own */
};

TAILQ_HEAD(mntlist, mount);
extern struct mntlist mountlist;	/* everything mounted */

/*
 * Mount an empty tmpfs as the root and fill it from the newc archive at
 * kernel virtual address initrd, size bytes long.  Panics if it cannot.
 */
void	vfs_mountroot(const void *initrd, size_t size);
void	vfsinit(void);

#endif /* _KERNEL */

#endif /* _SYS_MOUNT_H_ */
