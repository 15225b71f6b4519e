/* SPDX-License-Identifier: ISC */
/*
 * The path of the current directory: from there up to the root, asking each
 * parent under which name it knows its child.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/proc.h>
#include <sys/dirent.h>
#include <sys/filedesc.h>
#include <sys/malloc.h>
#include <sys/namei.h>
#include <sys/syscallargs.h>
#include <sys/ucred.h>
#include <sys/uio.h>
#include <sys/vnode.h>

#define GETCWD_DIRBUF	1024	/* bytes of entries read at a time */

/* The parent of directory vp, referenced.  ENOENT if vp was removed. */
int
vfs_getcwd_parent(struct vnode *vp, struct vnode **dvpp, struct proc *p)
{
	struct componentname cn;

	memset(&cn, 0, sizeof(cn));
	cn.cn_nameiop = LOOKUP;
	cn.cn_flags = ISDOTDOT | ISLASTCN;
	cn.cn_proc = p;
	cn.cn_cred = p->p_ucred;
	cn.cn_nameptr = "..";
	cn.cn_namelen = 2;
	return VOP_LOOKUP(vp, dvpp, &cn);
}

/*
 * Put the name by which dvp knows file number fileid in front of *bpp, and
 * a slash before it.  ENOENT if there is none, ERANGE if there is no room
 * above bufp.
 */
int
vfs_getcwd_scandir(struct vnode *dvp, ino_t fileid, char **bpp, char *bufp,
    struct proc *p)
{
	char *dirbuf, *cp;
	struct dirent *dp;
	struct iovec iov;
	struct uio uio;
	off_t offset = 0;
	size_t len;
	int eofflag = 0, error;

	dirbuf = malloc(GETCWD_DIRBUF, M_TEMP, M_WAITOK);
	do {
		iov.iov_base = dirbuf;
		iov.iov_len = GETCWD_DIRBUF;
		uio.uio_iov = &iov;
		uio.uio_iovcnt = 1;
		uio.uio_offset = offset;
		uio.uio_resid = GETCWD_DIRBUF;
		uio.uio_segflg = UIO_SYSSPACE;
		uio.uio_procp = p;
		uio.uio_rw = UIO_READ;
		error = VOP_READDIR(dvp, &uio, p->p_ucred, &eofflag);
		if (error)
			goto out;
		offset = uio.uio_offset;
		len = GETCWD_DIRBUF - uio.uio_resid;
		for (cp = dirbuf; cp < dirbuf + len; cp += dp->d_reclen) {
			dp = (struct dirent *)cp;
			if (dp->d_fileno != fileid ||
			    strcmp(dp->d_name, ".") == 0 ||
			    strcmp(dp->d_name, "..") == 0)
				continue;
			if (*bpp - bufp < dp->d_namlen + 1) {
				error = ERANGE;
				goto out;
			}
			*bpp -= dp->d_namlen;
			memcpy(*bpp, dp->d_name, dp->d_namlen);
			*--*bpp = '/';
			goto out;
		}
	} while (!eofflag);
	error = ENOENT;
out:
	free(dirbuf, M_TEMP, GETCWD_DIRBUF);
	return error;
}

/* Write the path of vp below rvp so that it ends at *bpp. */
int
vfs_getcwd_common(struct vnode *vp, struct vnode *rvp, char **bpp,
    char *bufp, struct proc *p)
{
	struct vnode *dvp;
	struct vattr va;
	int error = 0;

	vref(vp);
	while (vp != rvp && vp != rootvnode) {
		if ((error = VOP_GETATTR(vp, &va, p->p_ucred, p)) != 0)
			break;
		if ((error = vfs_getcwd_parent(vp, &dvp, p)) != 0)
			break;
		vrele(vp);
		vp = dvp;
		error = VOP_ACCESS(vp, VREAD, p->p_ucred, p);
		if (error)
			break;
		error = vfs_getcwd_scandir(vp, va.va_fileid, bpp, bufp, p);
		if (error)
			break;
	}
	vrele(vp);
	return error;
}

/*
 * The path goes to buf, NUL terminated; returns its length with the NUL.
 * EINVAL for a length of 0, ERANGE if it is too short, ENOENT if the
 * directory was removed.
 */
int
sys___getcwd(struct proc *p, void *v, register_t *retval)
{
	struct sys___getcwd_args *uap = v;
	size_t len = SCARG(uap, len);
	struct vnode *rvp = p->p_fd->fd_rdir;
	char *path, *bp;
	int error;

	if (len == 0)
		return EINVAL;
	if (len < 2)
		return ERANGE;
	if (len > MAXPATHLEN * 4)
		len = MAXPATHLEN * 4;

	path = malloc(len, M_TEMP, M_WAITOK);
	bp = path + len;
	*--bp = '\0';
	error = vfs_getcwd_common(p->p_fd->fd_cdir,
	    rvp != NULL ? rvp : rootvnode, &bp, path, p);
	if (error == 0) {
		if (*bp == '\0')
			*--bp = '/';
		*retval = path + len - bp;
		error = copyout(bp, SCARG(uap, buf), path + len - bp);
	}
	free(path, M_TEMP, len);
	return error;
}
