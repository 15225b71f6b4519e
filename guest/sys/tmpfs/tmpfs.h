/* SPDX-License-Identifier: ISC */
#ifndef _TMPFS_TMPFS_H_
#define _TMPFS_TMPFS_H_

/*
 * A file system in memory.  Nodes are the files; a directory is a node with
 * a list of entries, each a name and the node it stands for.  A vnode
 * exists for a node only while somebody uses it (tn_vnode).
 */

#ifdef _KERNEL
#include <sys/param.h>
#include <sys/queue.h>
#include <sys/vnode.h>

struct componentname;
struct mount;
struct tmpfs_node;

/* One name in a directory. */
struct tmpfs_dirent {
	TAILQ_ENTRY(tmpfs_dirent) td_entries;	/* in the order of td_seq */
	struct tmpfs_node *td_node;	/* the file */
	off_t		 td_seq;	/* cookie: getdents offset */
	u_int16_t	 td_namelen;	/* length of the name */
	char		*td_name;	/* the name, not terminated */
};
TAILQ_HEAD(tmpfs_dir, tmpfs_dirent);

#define TMPFS_DIRCOOKIE_DOT	0	/* offset of "." */
#define TMPFS_DIRCOOKIE_DOTDOT	1	/* offset of ".." */
#define TMPFS_DIRSEQ_START	2	/* offset of the first real entry */

/* A file. */
struct tmpfs_node {
	LIST_ENTRY(tmpfs_node) tn_entries;	/* all nodes of the mount */
	struct vnode	*tn_vnode;	/* vnode in use, or NULL */
	enum vtype	 tn_type;	/* VREG, VDIR, VLNK or VCHR */
	ino_t		 tn_id;		/* serial number */
	nlink_t		 tn_links;	/* names; 0: goes with its last user */
	mode_t		 tn_mode;	/* permission bits */
	uid_t		 tn_uid;	/* owner */
	gid_t		 tn_gid;	/* group */
	off_t		 tn_size;	/* length in bytes */
	u_long		 tn_gen;	/* generation */
	struct timespec	 tn_atime;	/* access */
	struct timespec	 tn_mtime;	/* change of the data */
	struct timespec	 tn_ctime;	/* change of the attributes */
	union {
		struct {		/* VCHR */
			dev_t		 tn_rdev;	/* device number */
		} tn_dev;
		struct {		/* VDIR */
			struct tmpfs_node *tn_parent;	/* NULL: removed */
			struct tmpfs_dir tn_dir;	/* entries */
			off_t		 tn_next_seq;	/* next td_seq */
			u_long		 tn_removals;	/* entries removed, ever */
		} tn_dir;
		struct {		/* VLNK */
			char		*tn_link;	/* text, tn_size long */
		} tn_lnk;
		struct {		/* VREG */
			caddr_t		*tn_pages;	/* NULL in it: a hole */
			size_t		 tn_npages;	/* length of that array */
			size_t		 tn_nresident;	/* pages not holes */
		} tn_reg;
	} tn_spec;
};

/* A mounted tmpfs: mnt_data. */
struct tmpfs_mount {
	u_int64_t	 tm_bytes_max;	/* memory it may take */
	u_int64_t	 tm_bytes_used;	/* memory it takes */
	u_long		 tm_nodes_max;	/* nodes it may have */
	u_long		 tm_nodes_cnt;	/* nodes it has */
	ino_t		 tm_highest_inode;	/* last tn_id given out */
	struct tmpfs_node *tm_root;	/* the root directory */
	LIST_HEAD(, tmpfs_node) tm_nodes;	/* all nodes */
};

/* Longest file: bounds the array of page addresses of a sparse one. */
#define TMPFS_MAXFILESIZE	(128LL * 1024 * 1024)

/* What tmpfs_update marks with the current time. */
#define TMPFS_UPDATE_ATIME	0x01
#define TMPFS_UPDATE_MTIME	0x02
#define TMPFS_UPDATE_CTIME	0x04

#define VP_TO_TMPFS_NODE(vp)	((struct tmpfs_node *)(vp)->v_data)
#define VFS_TO_TMPFS(mp)	((struct tmpfs_mount *)(mp)->mnt_data)

extern const struct vops tmpfs_vops;		/* files and directories */
extern const struct vops tmpfs_specvops;	/* device nodes */
extern const struct vfsops tmpfs_vfsops;
extern u_int64_t tmpfs_bytes;			/* memory of all mounts */

/* tmpfs_vfsops.c */
void	tmpfs_init(void);
int	tmpfs_mount(struct mount *, u_int64_t);
int	tmpfs_root(struct mount *, struct vnode **);
int	tmpfs_statfs(struct mount *, struct statfs *, struct proc *);

/* tmpfs_mem.c */
void	*tmpfs_alloc(struct tmpfs_mount *, size_t);
void	tmpfs_free(struct tmpfs_mount *, void *, size_t);
struct tmpfs_node *tmpfs_node_get(struct tmpfs_mount *);
void	tmpfs_node_put(struct tmpfs_mount *, struct tmpfs_node *);
struct tmpfs_dirent *tmpfs_dirent_get(struct tmpfs_mount *, const char *,
	    size_t);
void	tmpfs_dirent_put(struct tmpfs_mount *, struct tmpfs_dirent *);

/* tmpfs_subr.c */
int	tmpfs_alloc_node(struct tmpfs_mount *, enum vtype, uid_t, gid_t,
	    mode_t, const char *, size_t, dev_t, struct tmpfs_node **);
void	tmpfs_free_node(struct tmpfs_mount *, struct tmpfs_node *);
int	tmpfs_vnode_get(struct mount *, struct tmpfs_node *,
	    struct vnode **);
int	tmpfs_alloc_file(struct vnode *, struct vnode **, struct vattr *,
	    struct componentname *, const char *);
struct tmpfs_dirent *tmpfs_dir_lookup(struct tmpfs_node *, const char *,
	    size_t);
struct tmpfs_dirent *tmpfs_dir_lookupbyseq(struct tmpfs_node *, off_t);
void	tmpfs_dir_attach(struct tmpfs_node *, struct tmpfs_dirent *,
	    struct tmpfs_node *);
void	tmpfs_dir_detach(struct tmpfs_node *, struct tmpfs_dirent *);
int	tmpfs_dir_getdents(struct tmpfs_node *, struct uio *, int *);
void	tmpfs_update(struct tmpfs_node *, int);
int	tmpfs_chmod(struct tmpfs_node *, mode_t, struct ucred *);
int	tmpfs_chown(struct tmpfs_node *, uid_t, gid_t, struct ucred *);
int	tmpfs_chtimes(struct vnode *, struct vattr *, struct ucred *,
	    struct proc *);

/* tmpfs_reg.c */
int	tmpfs_reg_grow(struct tmpfs_mount *, struct tmpfs_node *, size_t);
caddr_t	tmpfs_reg_page(struct tmpfs_mount *, struct tmpfs_node *, size_t);
int	tmpfs_reg_resize(struct tmpfs_mount *, struct tmpfs_node *, off_t);
void	tmpfs_reg_free(struct tmpfs_mount *, struct tmpfs_node *);
int	tmpfs_reg_fill(struct tmpfs_mount *, struct tmpfs_node *,
	    const void *, size_t);
int	tmpfs_read(struct vnode *, struct uio *, int, struct ucred *);
int	tmpfs_write(struct vnode *, struct uio *, int, struct ucred *);
#endif /* _KERNEL */

#endif /* _TMPFS_TMPFS_H_ */
