/* SPDX-License-Identifier: ISC */
/*
 * Vnodes as open files: opening by name, reading and writing at an offset.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/proc.h>
#include <sys/conf.h>
#include <sys/fcntl.h>
#include <sys/file.h>
#include <sys/filio.h>
#include <sys/mount.h>
#include <sys/namei.h>
#include <sys/resourcevar.h>
#include <sys/signalvar.h>
#include <sys/stat.h>
#include <sys/termios.h>
#include <sys/ttycom.h>
#include <sys/ucred.h>
#include <sys/vnode.h>

#define OFF_MAX		0x7fffffffffffffffLL	/* highest file offset */

int	vn_read(struct file *, struct uio *, int);
int	vn_write(struct file *, struct uio *, int);
int	vn_ioctl(struct file *, u_long, caddr_t, struct proc *);
int	vn_poll(struct file *, int, struct proc *);
int	vn_statfile(struct file *, struct stat *, struct proc *);
int	vn_closefile(struct file *, struct proc *);
int	vn_seek(struct file *, off_t *, int, struct proc *);

const struct fileops vnops = {
	.fo_read = vn_read,
	.fo_write = vn_write,
	.fo_ioctl = vn_ioctl,
	.fo_poll = vn_poll,
	.fo_kqfilter = vn_kqfilter,
	.fo_stat = vn_statfile,
	.fo_close = vn_closefile,
	.fo_seek = vn_seek,
};

/* Keep others from reading, writing or truncating vp; may be nested. */
void
vn_lock(struct vnode *vp)
{
	while (vp->v_lockowner != NULL && vp->v_lockowner != curproc) {
		vp->v_flag |= VLOCKWANT;
		tsleep(&vp->v_lockowner, PINOD, "vnlock", 0);
	}
	vp->v_lockowner = curproc;
	vp->v_lockdepth++;
}

void
vn_unlock(struct vnode *vp)
{
	KASSERT(vp->v_lockdepth > 0 && vp->v_lockowner == curproc);
	if (--vp->v_lockdepth > 0)
		return;
	vp->v_lockowner = NULL;
	if (vp->v_flag & VLOCKWANT) {
		vp->v_flag &= ~VLOCKWANT;
		wakeup(&vp->v_lockowner);
	}
}

/* May vp's contents be changed at all?  EROFS or ETXTBSY if not. */
int
vn_writechk(struct vnode *vp)
{
	if (vp->v_mount != NULL && (vp->v_mount->mnt_flag & MNT_RDONLY) &&
	    (vp->v_type == VREG || vp->v_type == VDIR))
		return EROFS;
	if (vp->v_flag & VTEXT)
		return ETXTBSY;
	return 0;
}

/* vp is being executed: nobody may write it as long as it is in use. */
void
vn_marktext(struct vnode *vp)
{
	vp->v_flag |= VTEXT;
}

/*
 * A write of regular file vp at offset off must not go beyond the limit of
 * file sizes.  What is too much is taken off uio and put in *overrun, to be
 * added again afterwards; EFBIG and SIGXFSZ if nothing may be written.
 */
int
vn_fsizechk(struct vnode *vp, struct uio *uio, int ioflag, off_t off,
    size_t *overrun)
{
	struct proc *p = uio->uio_procp;
	rlim_t limit;

	*overrun = 0;
	if (vp->v_type != VREG || p == NULL)
		return 0;
	limit = lim_cur(RLIMIT_FSIZE);
	if ((rlim_t)off + uio->uio_resid <= limit)
		return 0;
	if ((rlim_t)off >= limit || (ioflag & IO_UNIT)) {
		if (uio->uio_resid == 0)
			return 0;
		psignal(p, SIGXFSZ);
		return EFBIG;
	}
	*overrun = (rlim_t)off + uio->uio_resid - limit;
	uio->uio_resid -= *overrun;
	return 0;
}

/* Change the length of vp; the caller checked the permission to write. */
int
vn_truncate(struct vnode *vp, off_t length, struct ucred *cred,
    struct proc *p)
{
	struct vattr vattr;
	int error;

	VATTR_NULL(&vattr);
	vattr.va_size = length;
	vn_lock(vp);
	error = VOP_SETATTR(vp, &vattr, cred, p);
	vn_unlock(vp);
	return error;
}

/* Find or make the file that open with O_CREAT names; see vn_open. */
int
vn_create(struct nameidata *ndp, int *fmodep, int cmode)
{
	struct vattr va;
	int error;

	ndp->ni_cnd.cn_nameiop = CREATE;
	ndp->ni_cnd.cn_flags |= WANTPARENT | SAVENAME;
	if ((*fmodep & (O_EXCL | O_NOFOLLOW)) == 0)
		ndp->ni_cnd.cn_flags |= FOLLOW;
	if ((error = namei(ndp)) != 0)
		return error;
	if (ndp->ni_vp != NULL) {
		if (*fmodep & O_EXCL) {
			ndrele(ndp);
			return EEXIST;
		}
		*fmodep &= ~O_CREAT;
	} else {
		VATTR_NULL(&va);
		va.va_type = VREG;
		va.va_mode = cmode;
		error = VOP_CREATE(ndp->ni_dvp, &ndp->ni_vp, &ndp->ni_cnd,
		    &va);
		*fmodep &= ~O_TRUNC;
	}
	vrele(ndp->ni_dvp);
	ndp->ni_dvp = NULL;
	ndfreename(ndp);
	return error;
}

/* May p open the existing file vp in mode fmode? */
int
vn_openchk(struct vnode *vp, int fmode, struct ucred *cred, struct proc *p)
{
	int error;

	if (fmode & FREAD) {
		if ((error = VOP_ACCESS(vp, VREAD, cred, p)) != 0)
			return error;
	}
	if (fmode & FWRITE) {
		if (vp->v_type == VDIR)
			return EISDIR;
		if ((error = vn_writechk(vp)) != 0)
			return error;
		if ((error = VOP_ACCESS(vp, VWRITE, cred, p)) != 0)
			return error;
	}
	return 0;
}

/*
 * Open the file ndp names (its operation need not be set) with fmode, the
 * flags of open(2) with FREAD and FWRITE; a new one gets the permissions
 * cmode.  On success ni_vp is referenced and open; on error nothing is
 * held.
 */
int
vn_open(struct nameidata *ndp, int fmode, int cmode)
{
	struct proc *p = ndp->ni_cnd.cn_proc;
	struct ucred *cred = p->p_ucred;
	struct vnode *vp;
	int error;

	if ((fmode & (FREAD | FWRITE)) == 0)
		return EINVAL;
	if ((fmode & (O_TRUNC | FWRITE)) == O_TRUNC)
		return EINVAL;
	if ((fmode & (O_CREAT | O_DIRECTORY)) == (O_CREAT | O_DIRECTORY))
		return EINVAL;

	if (fmode & O_CREAT)
		error = vn_create(ndp, &fmode, cmode);
	else {
		ndp->ni_cnd.cn_nameiop = LOOKUP;
		if ((fmode & O_NOFOLLOW) == 0)
			ndp->ni_cnd.cn_flags |= FOLLOW;
		error = namei(ndp);
	}
	if (error)
		return error;

	vp = ndp->ni_vp;
	if (vp->v_type == VSOCK || vp->v_type == VFIFO) {
		error = EOPNOTSUPP;
		goto bad;
	}
	if (vp->v_type == VLNK) {
		error = ELOOP;
		goto bad;
	}
	if ((fmode & O_DIRECTORY) && vp->v_type != VDIR) {
		error = ENOTDIR;
		goto bad;
	}
	/* The maker of a file may use it whatever its permissions. */
	if ((fmode & O_CREAT) == 0 &&
	    (error = vn_openchk(vp, fmode, cred, p)) != 0)
		goto bad;
	if ((fmode & O_TRUNC) && vp->v_type == VREG &&
	    (error = vn_truncate(vp, 0, cred, p)) != 0)
		goto bad;
	if ((error = VOP_OPEN(vp, fmode, cred, p)) != 0)
		goto bad;
	if (fmode & FWRITE)
		vp->v_writecount++;
	return 0;
bad:
	vrele(vp);
	ndp->ni_vp = NULL;
	ndfreename(ndp);
	return error;
}

/* End a use that vn_open began; the reference goes too. */
int
vn_close(struct vnode *vp, int flags, struct ucred *cred, struct proc *p)
{
	int error;

	if (flags & FWRITE)
		vp->v_writecount--;
	error = VOP_CLOSE(vp, flags, cred, p);
	vrele(vp);
	return error;
}

/*
 * Read or write len bytes at offset of vp for the kernel itself.  *aresid
 * is what was not transferred; if aresid is NULL that is EIO.
 */
int
vn_rdwr(enum uio_rw rw, struct vnode *vp, caddr_t base, int len, off_t offset,
    enum uio_seg segflg, int ioflg, struct ucred *cred, size_t *aresid,
    struct proc *p)
{
	struct iovec aiov;
	struct uio auio;
	int error;

	aiov.iov_base = base;
	aiov.iov_len = len;
	auio.uio_iov = &aiov;
	auio.uio_iovcnt = 1;
	auio.uio_resid = len;
	auio.uio_offset = offset;
	auio.uio_segflg = segflg;
	auio.uio_rw = rw;
	auio.uio_procp = p;

	if ((ioflg & IO_NODELOCKED) == 0)
		vn_lock(vp);
	if (rw == UIO_READ)
		error = VOP_READ(vp, &auio, ioflg, cred);
	else
		error = VOP_WRITE(vp, &auio, ioflg, cred);
	if ((ioflg & IO_NODELOCKED) == 0)
		vn_unlock(vp);
	if (aresid != NULL)
		*aresid = auio.uio_resid;
	else if (auio.uio_resid != 0 && error == 0)
		error = EIO;
	return error;
}

/*
 * Reads and writes of files hold the vnode's lock, so that the offset moves
 * once for each; a device may sleep for ever and does without.
 */
int
vn_read(struct file *fp, struct uio *uio, int fflags)
{
	struct vnode *vp = fp->f_data;
	int ioflag = (fp->f_flag & FNONBLOCK) ? IO_NDELAY : 0;
	int error, locked;

	if (vp->v_type == VDIR)
		return EISDIR;
	if ((locked = vp->v_type == VREG))
		vn_lock(vp);
	if ((fflags & FO_POSITION) == 0)
		uio->uio_offset = fp->f_offset;
	if (locked && (uio->uio_offset < 0 || uio->uio_resid >
	    (size_t)(OFF_MAX - uio->uio_offset)))
		error = EINVAL;
	else {
		error = VOP_READ(vp, uio, ioflag, fp->f_cred);
		if ((fflags & FO_POSITION) == 0)
			fp->f_offset = uio->uio_offset;
	}
	if (locked)
		vn_unlock(vp);
	return error;
}

int
vn_write(struct file *fp, struct uio *uio, int fflags)
{
	struct vnode *vp = fp->f_data;
	int ioflag = IO_UNIT;
	int error, locked;

	if (fp->f_flag & FAPPEND)
		ioflag |= IO_APPEND;
	if (fp->f_flag & FNONBLOCK)
		ioflag |= IO_NDELAY;
	if ((locked = vp->v_type == VREG)) {
		/* A part of a file is better than nothing of it. */
		ioflag &= ~IO_UNIT;
		vn_lock(vp);
	}
	if ((fflags & FO_POSITION) == 0)
		uio->uio_offset = fp->f_offset;
	error = VOP_WRITE(vp, uio, ioflag, fp->f_cred);
	if ((fflags & FO_POSITION) == 0)
		fp->f_offset = uio->uio_offset;
	if (locked)
		vn_unlock(vp);
	return error;
}

/* The attributes of vp in the form of stat(2). */
int
vn_stat(struct vnode *vp, struct stat *sb, struct proc *p)
{
	struct vattr va;
	int error;

	if ((error = VOP_GETATTR(vp, &va, p->p_ucred, p)) != 0)
		return error;
	memset(sb, 0, sizeof(*sb));
	sb->st_mode = MAKEIMODE(va.va_type, va.va_mode);
	sb->st_dev = va.va_fsid;
	sb->st_ino = va.va_fileid;
	sb->st_nlink = va.va_nlink;
	sb->st_uid = va.va_uid;
	sb->st_gid = va.va_gid;
	sb->st_rdev = va.va_rdev;
	sb->st_size = va.va_size;
	sb->st_atim = va.va_atime;
	sb->st_mtim = va.va_mtime;
	sb->st_ctim = va.va_ctime;
	sb->st_blksize = va.va_blocksize;
	sb->st_flags = va.va_flags;
	sb->st_gen = va.va_gen;
	sb->st_blocks = howmany(va.va_bytes, S_BLKSIZE);
	return 0;
}

int
vn_statfile(struct file *fp, struct stat *sb, struct proc *p)
{
	return vn_stat(fp->f_data, sb, p);
}

/* The terminal vp became the controlling one of p's session. */
void
vn_setctty(struct vnode *vp, struct proc *p)
{
	struct session *s = p->p_p->ps_session;
	struct vnode *ovp = s->s_ttyvp;

	vref(vp);
	s->s_ttyvp = vp;
	if (ovp != NULL)
		vrele(ovp);
}

int
vn_ioctl(struct file *fp, u_long com, caddr_t data, struct proc *p)
{
	struct vnode *vp = fp->f_data;
	struct vattr va;
	int error;

	if (vp->v_type == VREG || vp->v_type == VDIR) {
		switch (com) {
		case FIONREAD:
			error = VOP_GETATTR(vp, &va, p->p_ucred, p);
			if (error == 0)
				*(int *)data = va.va_size - fp->f_offset;
			return error;
		case FIONBIO:
		case FIOASYNC:
			return 0;
		default:
			return ENOTTY;
		}
	}
	error = VOP_IOCTL(vp, com, data, fp->f_flag, p->p_ucred, p);
	if (error == 0 && com == TIOCSCTTY)
		vn_setctty(vp, p);
	return error;
}

int
vn_poll(struct file *fp, int events, struct proc *p)
{
	return VOP_POLL(fp->f_data, fp->f_flag, events, p);
}

int
vn_closefile(struct file *fp, struct proc *p)
{
	return vn_close(fp->f_data, fp->f_flag, fp->f_cred, p);
}

/*
 * Move the offset; the new one goes to *offset.  ESPIPE for a terminal,
 * EINVAL for an offset before the start or an unknown whence, EOVERFLOW
 * for one that cannot be told.
 */
int
vn_seek(struct file *fp, off_t *offset, int whence, struct proc *p)
{
	struct vnode *vp = fp->f_data;
	struct vattr va;
	off_t base;
	int error;

	if (vp->v_flag & VISTTY)
		return ESPIPE;
	switch (whence) {
	case SEEK_SET:
		base = 0;
		break;
	case SEEK_CUR:
		base = fp->f_offset;
		break;
	case SEEK_END:
		if ((error = VOP_GETATTR(vp, &va, p->p_ucred, p)) != 0)
			return error;
		base = va.va_size;
		break;
	default:
		return EINVAL;
	}
	if (*offset > 0 && base > OFF_MAX - *offset)
		return EOVERFLOW;
	base += *offset;
	if (base < 0 && vp->v_type != VCHR)
		return EINVAL;
	fp->f_offset = *offset = base;
	return 0;
}

int
vn_kqfilter(struct file *fp, struct knote *kn)
{
	return VOP_KQFILTER(fp->f_data, fp->f_flag, kn);
}

/* Is the open file a terminal? */
int
vn_isatty(struct file *fp, struct proc *p)
{
	struct termios tio;

	return fp->f_type == DTYPE_VNODE &&
	    (*fp->f_ops->fo_ioctl)(fp, TIOCGETA, (caddr_t)&tio, p) == 0;
}
