/* SPDX-License-Identifier: ISC */
#ifndef _SYS_VNODE_H_
#define _SYS_VNODE_H_

#include <sys/types.h>
#include <sys/queue.h>
#include <sys/time.h>
#include <sys/uio.h>

/*
 * A vnode stands for a file while somebody uses it: one per file, whoever
 * and however many open it.  v_usecount counts the users (open files,
 * current directories, running texts); when the last one is gone the
 * vnode goes too.  What the file itself consists of is the file system's,
 * behind v_data.
 *
 * The kernel is not preempted, and no operation on names sleeps between
 * looking and changing.  Reading and writing may sleep (in a page fault of
 * the user's buffer), so they hold the vnode's lock, which may be taken
 * again by its owner: the buffer may be a mapping of the same file.
 */

enum vtype { VNON, VREG, VDIR, VBLK, VCHR, VLNK, VSOCK, VFIFO, VBAD };
enum vtagtype { VT_NON, VT_TMPFS, VT_DEAD };

struct mount;
struct knote;
struct proc;
struct ucred;
struct specinfo;
struct vops;
struct nameidata;
struct componentname;
struct file;
struct stat;
struct statfs;

struct vnode {
	const struct vops *v_op;	/* operations */
	enum vtype	 v_type;	/* what kind of file */
	enum vtagtype	 v_tag;		/* what kind of file system */
	u_int		 v_flag;	/* V* below */
	u_int		 v_usecount;	/* users */
	u_int		 v_writecount;	/* of these, open for writing */
	struct mount	*v_mount;	/* file system it is on */
	LIST_ENTRY(vnode) v_mntvnodes;	/* all vnodes of v_mount */
	struct specinfo	*v_specinfo;	/* VCHR: the device */
	void		*v_data;	/* the file system's own */
	void		*v_uvm;		/* the memory system's own */
	struct proc	*v_lockowner;	/* who is reading or writing */
	u_int		 v_lockdepth;	/* how many times it took the lock */
	u_long		 v_id;		/* generation of this structure */
};
#define v_rdev		v_specinfo->si_rdev

#define VROOT		0x0001	/* root of its file system */
#define VTEXT		0x0002	/* a program that runs: ETXTBSY */
#define VISTTY		0x0008	/* a terminal */
#define VLOCKWANT	0x0200	/* somebody waits for the lock */

/* A device: shared by all device nodes that carry its number. */
struct specinfo {
	LIST_ENTRY(specinfo) si_list;	/* all known devices */
	dev_t		 si_rdev;	/* its number */
	u_int		 si_refs;	/* vnodes that point here */
	u_int		 si_opens;	/* opens not yet closed */
};

/* Attributes of a file; VNOVAL in VOP_SETATTR: leave as it is. */
struct vattr {
	enum vtype	va_type;	/* type */
	mode_t		va_mode;	/* permission bits */
	nlink_t		va_nlink;	/* hard links */
	uid_t		va_uid;		/* owner */
	gid_t		va_gid;		/* group */
	long		va_fsid;	/* file system's number */
	ino_t		va_fileid;	/* serial number */
	off_t		va_size;	/* length in bytes */
	long		va_blocksize;	/* best transfer size */
	struct timespec	va_atime;	/* access */
	struct timespec	va_mtime;	/* change of data */
	struct timespec	va_ctime;	/* change of attributes */
	u_long		va_gen;		/* generation */
	u_long		va_flags;	/* user flags */
	dev_t		va_rdev;	/* device number */
	off_t		va_bytes;	/* bytes allocated */
	u_int		va_vaflags;	/* VA_* below */
};

#define VNOVAL		(-1)
#define VA_UTIMES_NULL	0x01	/* times set to now: writers may */
#define VA_UTIMES_CHANGE 0x02

/* Permissions for VOP_ACCESS; the owner's bits stand for all three. */
#define VREAD		00400
#define VWRITE		00200
#define VEXEC		00100

/* How for VOP_READ and VOP_WRITE. */
#define IO_UNIT		0x01	/* all or nothing: undo a partial write */
#define IO_APPEND	0x02	/* at the end */
#define IO_SYNC		0x04
#define IO_NODELOCKED	0x08	/* vn_rdwr: the caller holds the lock */
#define IO_NDELAY	0x10	/* do not sleep */

#define REVOKEALL	0x01	/* VOP_REVOKE: whoever has it open */

#ifdef _KERNEL

/*
 * The operations on a vnode.  Directory operations take the directory
 * first and its entry's name in the componentname; none of them consumes
 * a reference.
 */
struct vops {
	int	(*vop_lookup)(struct vnode *, struct vnode **,
		    struct componentname *);
	int	(*vop_create)(struct vnode *, struct vnode **,
		    struct componentname *, struct vattr *);
	int	(*vop_mknod)(struct vnode *, struct vnode **,
		    struct componentname *, struct vattr *);
	int	(*vop_open)(struct vnode *, int, struct ucred *,
		    struct proc *);
	int	(*vop_close)(struct vnode *, int, struct ucred *,
		    struct proc *);
	int	(*vop_access)(struct vnode *, int, struct ucred *,
		    struct proc *);
	int	(*vop_getattr)(struct vnode *, struct vattr *,
		    struct ucred *, struct proc *);
	int	(*vop_setattr)(struct vnode *, struct vattr *,
		    struct ucred *, struct proc *);
	int	(*vop_read)(struct vnode *, struct uio *, int,
		    struct ucred *);
	int	(*vop_write)(struct vnode *, struct uio *, int,
		    struct ucred *);
	int	(*vop_ioctl)(struct vnode *, u_long, void *, int,
		    struct ucred *, struct proc *);
	int	(*vop_poll)(struct vnode *, int, int, struct proc *);
	int	(*vop_kqfilter)(struct vnode *, int, struct knote *);
	int	(*vop_remove)(struct vnode *, struct vnode *,
		    struct componentname *);
	int	(*vop_link)(struct vnode *, struct vnode *,
		    struct componentname *);
	int	(*vop_rename)(struct vnode *, struct vnode *,
		    struct componentname *, struct vnode *,
		    struct vnode *, struct componentname *);
	int	(*vop_mkdir)(struct vnode *, struct vnode **,
		    struct componentname *, struct vattr *);
	int	(*vop_rmdir)(struct vnode *, struct vnode *,
		    struct componentname *);
	int	(*vop_symlink)(struct vnode *, struct vnode **,
		    struct componentname *, struct vattr *, char *);
	int	(*vop_readdir)(struct vnode *, struct uio *,
		    struct ucred *, int *);
	int	(*vop_readlink)(struct vnode *, struct uio *,
		    struct ucred *);
	int	(*vop_inactive)(struct vnode *, struct proc *);
	int	(*vop_reclaim)(struct vnode *, struct proc *);
};

extern struct vnode *rootvnode;		/* the root directory */
extern int numvnodes;			/* vnodes in use */
extern const int vttoif_tab[];		/* vtype to S_IF* */
extern const enum vtype iftovt_tab[];	/* S_IF* to vtype */
extern const struct vops dead_vops;	/* of a revoked vnode */

#define IFTOVT(mode)	(iftovt_tab[((mode) & 0170000) >> 12])
#define VTTOIF(type)	(vttoif_tab[(int)(type)])
#define MAKEIMODE(type, mode) (VTTOIF(type) | (mode))
#define VATTR_NULL(vap)	vattr_null(vap)
#define NULLVP		((struct vnode *)NULL)

/* vfs_subr.c */
void	vntblinit(void);
int	getnewvnode(enum vtagtype, struct mount *, const struct vops *,
	    struct vnode **);
int	vget(struct vnode *);
void	vref(struct vnode *);
void	vrele(struct vnode *);
void	vput(struct vnode *);
void	vgone(struct vnode *);
void	vattr_null(struct vattr *);
int	vaccess(enum vtype, mode_t, uid_t, gid_t, mode_t, struct ucred *);
void	vdetach(struct vnode *);

/* vfs_vnops.c */
int	vn_open(struct nameidata *, int, int);
int	vn_close(struct vnode *, int, struct ucred *, struct proc *);
int	vn_rdwr(enum uio_rw, struct vnode *, caddr_t, int, off_t, enum uio_seg,
	    int, struct ucred *, size_t *, struct proc *);
int	vn_stat(struct vnode *, struct stat *, struct proc *);
int	vn_writechk(struct vnode *);
int	vn_fsizechk(struct vnode *, struct uio *, int, off_t, size_t *);
int	vn_truncate(struct vnode *, off_t, struct ucred *, struct proc *);
int	vn_kqfilter(struct file *, struct knote *);
int	vn_isatty(struct file *, struct proc *);
void	vn_marktext(struct vnode *);
void	vn_lock(struct vnode *);
void	vn_unlock(struct vnode *);

/* spec_vnops.c */
void	spec_attach(struct vnode *, dev_t);
void	spec_detach(struct vnode *);
int	spec_kqfilter(struct vnode *, int, struct knote *);
int	spec_open(struct vnode *, int, struct ucred *, struct proc *);
int	spec_close(struct vnode *, int, struct ucred *, struct proc *);
int	spec_read(struct vnode *, struct uio *, int, struct ucred *);
int	spec_write(struct vnode *, struct uio *, int, struct ucred *);
int	spec_ioctl(struct vnode *, u_long, void *, int, struct ucred *,
	    struct proc *);
int	spec_poll(struct vnode *, int, int, struct proc *);

/* vfs_vops.c: one function per operation, so that each can be stopped at */
int	VOP_LOOKUP(struct vnode *, struct vnode **, struct componentname *);
int	VOP_CREATE(struct vnode *, struct vnode **, struct componentname *,
	    struct vattr *);
int	VOP_MKNOD(struct vnode *, struct vnode **, struct componentname *,
	    struct vattr *);
int	VOP_OPEN(struct vnode *, int, struct ucred *, struct proc *);
int	VOP_CLOSE(struct vnode *, int, struct ucred *, struct proc *);
int	VOP_ACCESS(struct vnode *, int, struct ucred *, struct proc *);
int	VOP_GETATTR(struct vnode *, struct vattr *, struct ucred *,
	    struct proc *);
int	VOP_SETATTR(struct vnode *, struct vattr *, struct ucred *,
	    struct proc *);
int	VOP_READ(struct vnode *, struct uio *, int, struct ucred *);
int	VOP_WRITE(struct vnode *, struct uio *, int, struct ucred *);
int	VOP_IOCTL(struct vnode *, u_long, void *, int, struct ucred *,
	    struct proc *);
int	VOP_KQFILTER(struct vnode *, int, struct knote *);
int	VOP_POLL(struct vnode *, int, int, struct proc *);
int	VOP_REVOKE(struct vnode *, int);
int	VOP_REMOVE(struct vnode *, struct vnode *, struct componentname *);
int	VOP_LINK(struct vnode *, struct vnode *, struct componentname *);
int	VOP_RENAME(struct vnode *, struct vnode *, struct componentname *,
	    struct vnode *, struct vnode *, struct componentname *);
int	VOP_MKDIR(struct vnode *, struct vnode **, struct componentname *,
	    struct vattr *);
int	VOP_RMDIR(struct vnode *, struct vnode *, struct componentname *);
int	VOP_SYMLINK(struct vnode *, struct vnode **, struct componentname *,
	    struct vattr *, char *);
int	VOP_READDIR(struct vnode *, struct uio *, struct ucred *, int *);
int	VOP_READLINK(struct vnode *, struct uio *, struct ucred *);
int	VOP_INACTIVE(struct vnode *, struct proc *);
int	VOP_RECLAIM(struct vnode *, struct proc *);
#endif /* _KERNEL */

#endif /* _SYS_VNODE_H_ */
