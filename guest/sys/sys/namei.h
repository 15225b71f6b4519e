/* SPDX-License-Identifier: ISC */
#ifndef _SYS_NAMEI_H_
#define _SYS_NAMEI_H_

#include <sys/types.h>
#include <sys/uio.h>

#ifdef _KERNEL

struct pool;
struct proc;
struct ucred;
struct vnode;

/* The component of a path that an operation is about. */
struct componentname {
	u_long		 cn_nameiop;	/* LOOKUP, CREATE, DELETE, RENAME */
	u_long		 cn_flags;	/* flags, in and out */
	struct proc	*cn_proc;	/* who asks */
	struct ucred	*cn_cred;	/* with whose rights */
	char		*cn_pnbuf;	/* the whole path, MAXPATHLEN bytes */
	const char	*cn_nameptr;	/* this component, not terminated */
	size_t		 cn_namelen;	/* its length */
};

/*
 * A lookup: NDINIT fills the first part, namei the second.  On success
 * ni_vp and (with WANTPARENT) ni_dvp carry a reference each, and with
 * SAVENAME the caller gives the name's buffer back by ndfreename.
 */
struct nameidata {
	const char	*ni_dirp;	/* the path */
	enum uio_seg	 ni_segflg;	/* where it is */
	int		 ni_dirfd;	/* where relative paths start */
	uint64_t	 ni_pledge;	/* promises it takes, PLEDGE_* */
	struct vnode	*ni_startdir;	/* the directory ni_dirfd means */

	struct vnode	*ni_vp;		/* result; NULL: may be created */
	struct vnode	*ni_dvp;	/* directory of the result */
	size_t		 ni_pathlen;	/* bytes not yet looked at, with NUL */
	const char	*ni_next;	/* the rest of the path */
	u_int		 ni_loopcnt;	/* symlinks followed */
	struct componentname ni_cnd;	/* last component */
};

/* cn_nameiop: what the name is wanted for. */
#define LOOKUP		0	/* must exist */
#define CREATE		1	/* may be missing; writable directory */
#define DELETE		2	/* must exist; writable directory */
#define RENAME		3	/* target of rename: as CREATE */
#define OPMASK		3

/* cn_flags, given by the caller. */
#define FOLLOW		0x0040	/* follow a symlink at the end */
#define NOFOLLOW	0x0000
#define WANTPARENT	0x0010	/* return the directory too */
#define SAVENAME	0x0800	/* keep cn_pnbuf */

/* cn_flags, set by namei. */
#define ISDOTDOT	0x2000	/* the component is .. */
#define ISLASTCN	0x8000	/* it is the last one */
#define REQUIREDIR	0x80000	/* a slash follows: must be a directory */
#define ISDOT		0x100000 /* the component is . */

/* cn_flags, given by the caller: a missing last name may end in a slash. */
#define STRIPSLASHES	0x200000

extern struct pool namei_pool;		/* MAXPATHLEN bytes for a path */
void	nameiinit(void);
void	ndinitat(struct nameidata *, u_long, u_long, enum uio_seg, int,
	    const char *, struct proc *);
#define NDINITAT(ndp, op, flags, segflg, dirfd, namep, p) \
	ndinitat((ndp), (op), (flags), (segflg), (dirfd), (namep), (p))
#define NDINIT(ndp, op, flags, segflg, namep, p) \
	ndinitat((ndp), (op), (flags), (segflg), AT_FDCWD, (namep), (p))

int	namei(struct nameidata *);
int	lookup(struct nameidata *);
int	nextcomponent(struct nameidata *);
int	followlink(struct nameidata *, struct vnode *);
int	lookup_startdir(struct nameidata *, struct vnode **);
void	ndfreename(struct nameidata *);
void	ndrele(struct nameidata *);

#endif /* _KERNEL */

#endif /* _SYS_NAMEI_H_ */
