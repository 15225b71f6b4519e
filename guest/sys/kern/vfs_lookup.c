/* SPDX-License-Identifier: ISC */
/*
 * From a path to a vnode.
 *
 * namei takes the path from the caller and finds the directory to start
 * from; lookup walks it component by component, asking each directory by
 * VOP_LOOKUP (which checks the right to search it), and follows symbolic
 * links by putting their text in front of what is left of the path.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/pledge.h>
#include <sys/ktrace.h>
#include <sys/proc.h>
#include <sys/fcntl.h>
#include <sys/file.h>
#include <sys/filedesc.h>
#include <sys/mount.h>
#include <sys/namei.h>
#include <sys/pool.h>
#include <sys/syslimits.h>
#include <sys/ucred.h>
#include <sys/vnode.h>

struct pool namei_pool;		/* path buffers of MAXPATHLEN bytes */

/* Called once at boot. */
void
nameiinit(void)
{
	pool_init(&namei_pool, MAXPATHLEN, 0, IPL_NONE, PR_WAITOK, "namei",
	    NULL);
}

/* Fill in what namei needs to know; NDINIT and NDINITAT are this. */
void
ndinitat(struct nameidata *ndp, u_long op, u_long flags, enum uio_seg segflg,
    int dirfd, const char *path, struct proc *p)
{
	memset(ndp, 0, sizeof(*ndp));
	ndp->ni_dirp = path;
	ndp->ni_segflg = segflg;
	ndp->ni_dirfd = dirfd;
	ndp->ni_cnd.cn_nameiop = op;
	ndp->ni_cnd.cn_flags = flags;
	ndp->ni_cnd.cn_proc = p;
}

/* Give back the path buffer that SAVENAME kept. */
void
ndfreename(struct nameidata *ndp)
{
	if (ndp->ni_cnd.cn_pnbuf != NULL) {
		pool_put(&namei_pool, ndp->ni_cnd.cn_pnbuf);
		ndp->ni_cnd.cn_pnbuf = NULL;
	}
}

/* Give back everything a successful namei returned. */
void
ndrele(struct nameidata *ndp)
{
	if (ndp->ni_vp != NULL)
		vrele(ndp->ni_vp);
	if (ndp->ni_dvp != NULL)
		vrele(ndp->ni_dvp);
	ndp->ni_vp = ndp->ni_dvp = NULL;
	ndfreename(ndp);
}

/*
 * The directory a walk starts from, referenced: the root for an absolute
 * path, else the one of ni_dirfd or the current one.  EBADF or ENOTDIR if
 * ni_dirfd is not an open directory, ENOENT if there is no directory yet.
 */
int
lookup_startdir(struct nameidata *ndp, struct vnode **dpp)
{
	struct proc *p = ndp->ni_cnd.cn_proc;
	struct filedesc *fdp = p->p_fd;
	struct vnode *dp;
	struct file *fp;

	if (ndp->ni_cnd.cn_nameptr[0] == '/') {
		dp = rootvnode;
		if (fdp != NULL && fdp->fd_rdir != NULL)
			dp = fdp->fd_rdir;
	} else if (ndp->ni_dirfd != AT_FDCWD) {
		if ((fp = fd_getfile(fdp, ndp->ni_dirfd)) == NULL)
			return EBADF;
		dp = fp->f_data;
		if (fp->f_type != DTYPE_VNODE || dp->v_type != VDIR) {
			(void)FRELE(fp, p);
			return ENOTDIR;
		}
		vref(dp);
		(void)FRELE(fp, p);
		*dpp = dp;
		return 0;
	} else
		dp = fdp->fd_cdir;
	if (dp == NULL)
		return ENOENT;
	vref(dp);
	*dpp = dp;
	return 0;
}

/*
 * Find the file that ndp names.
 *
 * LOOKUP and DELETE: it must exist, else ENOENT.  CREATE and RENAME: it may
 * be missing, then ni_vp is NULL and its directory is writable.  Other
 * errors: ENOTDIR, EACCES, ELOOP, ENAMETOOLONG, EFAULT, EBADF.  On an error
 * nothing is held.
 */
int
namei(struct nameidata *ndp)
{
	struct componentname *cnp = &ndp->ni_cnd;
	struct vnode *dp;
	int error;

	cnp->cn_cred = cnp->cn_proc->p_ucred;
	cnp->cn_pnbuf = pool_get(&namei_pool, PR_WAITOK);
	if (ndp->ni_segflg == UIO_USERSPACE)
		error = copyinstr(ndp->ni_dirp, cnp->cn_pnbuf, MAXPATHLEN,
		    &ndp->ni_pathlen);
	else {
		ndp->ni_pathlen = strlcpy(cnp->cn_pnbuf, ndp->ni_dirp,
		    MAXPATHLEN) + 1;
		error = ndp->ni_pathlen > MAXPATHLEN ? ENAMETOOLONG : 0;
	}
	if (error == 0 && ndp->ni_pathlen == 1)
		error = ENOENT;		/* the empty path names nothing */
	if (error)
		goto fail;
	if (KTRPOINT(cnp->cn_proc, KTR_NAMEI))
		ktrnamei(cnp->cn_proc, cnp->cn_pnbuf);

	error = pledge_namei(cnp->cn_proc, ndp, cnp->cn_pnbuf);
	if (error)
		goto fail;

	ndp->ni_loopcnt = 0;
	cnp->cn_nameptr = cnp->cn_pnbuf;
	if ((error = lookup_startdir(ndp, &dp)) != 0)
		goto fail;
	ndp->ni_startdir = dp;
	if ((error = lookup(ndp)) != 0)
		goto fail;

	if ((cnp->cn_flags & SAVENAME) == 0)
		ndfreename(ndp);
	return 0;
fail:
	ndfreename(ndp);
	ndp->ni_vp = ndp->ni_dvp = NULL;
	return error;
}

/*
 * Cut the next component off ni_next: its place in cn_nameptr and
 * cn_namelen, what is special about it in cn_flags.  ENAMETOOLONG if it is
 * longer than a name may be.  A path of slashes alone gives length 0.
 */
int
nextcomponent(struct nameidata *ndp)
{
	struct componentname *cnp = &ndp->ni_cnd;
	const char *cp = ndp->ni_next;

	while (*cp == '/')
		cp++;
	cnp->cn_nameptr = cp;
	while (*cp != '\0' && *cp != '/')
		cp++;
	cnp->cn_namelen = cp - cnp->cn_nameptr;
	if (cnp->cn_namelen > NAME_MAX)
		return ENAMETOOLONG;

	cnp->cn_flags &= ~(ISDOT | ISDOTDOT | ISLASTCN | REQUIREDIR);
	if (cnp->cn_namelen == 1 && cnp->cn_nameptr[0] == '.')
		cnp->cn_flags |= ISDOT;
	if (cnp->cn_namelen == 2 && cnp->cn_nameptr[0] == '.' &&
	    cnp->cn_nameptr[1] == '.')
		cnp->cn_flags |= ISDOTDOT;
	if (*cp == '/')
		cnp->cn_flags |= REQUIREDIR;
	while (*cp == '/')
		cp++;
	if (*cp == '\0')
		cnp->cn_flags |= ISLASTCN;
	ndp->ni_next = cp;
	return 0;
}

/*
 * vp is a symbolic link in the middle of the walk: the path becomes its
 * text, a slash if something follows, and that.  ELOOP after MAXSYMLINKS of
 * them, ENOENT for an empty link, ENAMETOOLONG if it does not fit.
 */
int
followlink(struct nameidata *ndp, struct vnode *vp)
{
	struct componentname *cnp = &ndp->ni_cnd;
	struct iovec aiov;
	struct uio auio;
	size_t linklen, restlen;
	char *cp;
	int error, slash;

	if (++ndp->ni_loopcnt > MAXSYMLINKS)
		return ELOOP;
	cp = pool_get(&namei_pool, PR_WAITOK);
	aiov.iov_base = cp;
	aiov.iov_len = MAXPATHLEN;
	auio.uio_iov = &aiov;
	auio.uio_iovcnt = 1;
	auio.uio_offset = 0;
	auio.uio_rw = UIO_READ;
	auio.uio_segflg = UIO_SYSSPACE;
	auio.uio_procp = cnp->cn_proc;
	auio.uio_resid = MAXPATHLEN;
	if ((error = VOP_READLINK(vp, &auio, cnp->cn_cred)) != 0)
		goto fail;
	linklen = MAXPATHLEN - auio.uio_resid;
	if (linklen == 0) {
		error = ENOENT;
		goto fail;
	}
	/* A slash behind the link has been skipped; it still counts. */
	slash = (cnp->cn_flags & REQUIREDIR) != 0;
	restlen = strlen(ndp->ni_next);
	if (linklen + slash + restlen + 1 > MAXPATHLEN) {
		error = ENAMETOOLONG;
		goto fail;
	}
	if (slash)
		cp[linklen++] = '/';
	memcpy(cp + linklen, ndp->ni_next, restlen + 1);
	pool_put(&namei_pool, cnp->cn_pnbuf);
	cnp->cn_pnbuf = cp;
	cnp->cn_nameptr = ndp->ni_next = cp;
	return 0;
fail:
	pool_put(&namei_pool, cp);
	return error;
}

/*
 * Walk the path in cn_pnbuf from ni_startdir, whose reference is consumed.
 * See namei for the result.
 */
int
lookup(struct nameidata *ndp)
{
	struct componentname *cnp = &ndp->ni_cnd;
	struct filedesc *fdp = cnp->cn_proc->p_fd;
	struct vnode *dp = ndp->ni_startdir;	/* where we are */
	struct vnode *root = rootvnode;
	struct vnode *vp;			/* what we found there */
	int error;

	if (fdp != NULL && fdp->fd_rdir != NULL)
		root = fdp->fd_rdir;
	ndp->ni_vp = ndp->ni_dvp = NULL;
	ndp->ni_next = cnp->cn_pnbuf;

	for (;;) {
		vp = NULL;
		if ((error = nextcomponent(ndp)) != 0)
			goto bad;
		if (dp->v_type != VDIR) {
			error = ENOTDIR;
			goto bad;
		}
		if (cnp->cn_namelen == 0) {
			/* Slashes alone: the directory itself. */
			if (cnp->cn_nameiop != LOOKUP) {
				error = EISDIR;
				goto bad;
			}
			if (cnp->cn_flags & WANTPARENT) {
				ndp->ni_dvp = dp;
				vref(dp);
			}
			ndp->ni_vp = dp;
			return 0;
		}

		if ((cnp->cn_flags & ISDOTDOT) && dp == root) {
			/* There is nothing above the root. */
			vref(dp);
			vp = dp;
			error = 0;
		} else
			error = VOP_LOOKUP(dp, &vp, cnp);

		if (error == EJUSTRETURN) {
			/* Missing, but it may be created in dp. */
			if ((cnp->cn_flags & REQUIREDIR) &&
			    (cnp->cn_flags & STRIPSLASHES) == 0) {
				error = ENOENT;
				goto bad;
			}
			ndp->ni_vp = NULL;
			if (cnp->cn_flags & WANTPARENT)
				ndp->ni_dvp = dp;
			else
				vrele(dp);
			return 0;
		}
		if (error)
			goto bad;

		if (vp->v_type == VLNK && ((cnp->cn_flags & FOLLOW) ||
		    (cnp->cn_flags & (ISLASTCN | REQUIREDIR)) != ISLASTCN)) {
			if ((error = followlink(ndp, vp)) != 0)
				goto bad;
			vrele(vp);
			vp = NULL;
			if (cnp->cn_pnbuf[0] == '/') {
				vrele(dp);
				dp = root;
				vref(dp);
			}
			continue;
		}

		if (cnp->cn_flags & ISLASTCN)
			break;
		vrele(dp);
		dp = vp;
	}

	if ((cnp->cn_flags & REQUIREDIR) && vp->v_type != VDIR) {
		error = ENOTDIR;
		goto bad;
	}
	ndp->ni_vp = vp;
	if (cnp->cn_flags & WANTPARENT)
		ndp->ni_dvp = dp;
	else
		vrele(dp);
	return 0;
bad:
	if (vp != NULL)
		vrele(vp);
	vrele(dp);
	ndp->ni_vp = ndp->ni_dvp = NULL;
	return error;
}
