/* SPDX-License-Identifier: ISC */
/*
 * Reading and writing on any descriptor, ioctl.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/pledge.h>
#include <sys/proc.h>
#include <sys/fcntl.h>
#include <sys/file.h>
#include <sys/filedesc.h>
#include <sys/filio.h>
#include <sys/ioccom.h>
#include <sys/ktrace.h>
#include <sys/malloc.h>
#include <sys/signalvar.h>
#include <sys/syscallargs.h>
#include <sys/uio.h>

#define SSIZE_MAX_BYTES	0x7fffffffffffffffUL	/* longest transfer */
#define IOCTL_STACK	128	/* an argument this long needs no malloc */

/*
 * Fetch cnt iovecs from user space: into aiov if there are few enough, else
 * into memory that iovec_free gives back.  *residp is their total length.
 * EINVAL for a bad count or a total that does not fit.
 */
int
iovec_copyin(const struct iovec *uiov, struct iovec **iovp,
    struct iovec *aiov, unsigned int cnt, size_t *residp)
{
	struct iovec *iov = aiov;
	size_t resid = 0;
	unsigned int i;
	int error;

	*iovp = NULL;
	if (cnt == 0 || cnt > UIO_MAXIOV)
		return EINVAL;
	if (cnt > UIO_SMALLIOV) {
		iov = malloc(cnt * sizeof(*iov), M_IOV, M_WAITOK);
		*iovp = iov;
	}
	if ((error = copyin(uiov, iov, cnt * sizeof(*iov))) != 0)
		goto fail;
	for (i = 0; i < cnt; i++) {
		if (iov[i].iov_len > SSIZE_MAX_BYTES - resid) {
			error = EINVAL;
			goto fail;
		}
		resid += iov[i].iov_len;
	}
	*iovp = iov;
	*residp = resid;
	return 0;
fail:
	iovec_free(*iovp, cnt);
	*iovp = NULL;
	return error;
}

/* Give back what iovec_copyin allocated, if it did. */
void
iovec_free(struct iovec *iov, unsigned int cnt)
{
	if (iov != NULL && cnt > UIO_SMALLIOV)
		free(iov, M_IOV, cnt * sizeof(*iov));
}

/*
 * Prepare a transfer of p on descriptor fd and find the file.  EBADF if the
 * descriptor is not open for mode (FREAD or FWRITE).
 */
int
uio_setup(struct proc *p, int fd, int mode, struct uio *uio,
    struct iovec *iov, int iovcnt, size_t resid, struct file **fpp)
{
	if ((*fpp = fd_getfile_mode(p->p_fd, fd, mode)) == NULL)
		return EBADF;
	uio->uio_iov = iov;
	uio->uio_iovcnt = iovcnt;
	uio->uio_resid = resid;
	uio->uio_offset = 0;
	uio->uio_segflg = UIO_USERSPACE;
	uio->uio_rw = mode == FREAD ? UIO_READ : UIO_WRITE;
	uio->uio_procp = p;
	return 0;
}

/*
 * What a transfer that returned error means to the caller: with part of it
 * done, an interruption or "would block" counts as success.
 */
int
uio_result(int error, size_t before, size_t after)
{
	if (error != 0 && after != before &&
	    (error == ERESTART || error == EINTR || error == EWOULDBLOCK))
		return 0;
	return error;
}

/*
 * A transfer changes the iovecs that ktrace(2) wants to see afterwards: a
 * copy of them, or NULL if it does not.
 */
struct iovec *
ktr_iovec(struct proc *p, const struct iovec *iov, int iovcnt)
{
	struct iovec *ktriov;

	if (!KTRPOINT(p, KTR_GENIO))
		return NULL;
	ktriov = mallocarray(iovcnt, sizeof(*iov), M_TEMP, M_WAITOK);
	memcpy(ktriov, iov, iovcnt * sizeof(*iov));
	return ktriov;
}

/* Read through the iovecs into the caller's memory. */
int
dofilereadv(struct proc *p, int fd, struct iovec *iov, int iovcnt,
    size_t resid, register_t *retval)
{
	struct iovec *ktriov;
	struct file *fp;
	struct uio auio;
	int error;

	error = uio_setup(p, fd, FREAD, &auio, iov, iovcnt, resid, &fp);
	if (error)
		return error;
	ktriov = ktr_iovec(p, iov, iovcnt);
	error = (*fp->f_ops->fo_read)(fp, &auio, 0);
	error = uio_result(error, resid, auio.uio_resid);
	*retval = resid - auio.uio_resid;
	if (ktriov != NULL) {
		if (error == 0)
			ktrgenio(p, fd, UIO_READ, ktriov, *retval);
		free(ktriov, M_TEMP, iovcnt * sizeof(*ktriov));
	}
	(void)FRELE(fp, p);
	return error;
}

/*
 * Write through the iovecs from the caller's memory.  A pipe without a
 * reader sends SIGPIPE as well as EPIPE.
 */
int
dofilewritev(struct proc *p, int fd, struct iovec *iov, int iovcnt,
    size_t resid, register_t *retval)
{
	struct iovec *ktriov;
	struct file *fp;
	struct uio auio;
	int error;

	error = uio_setup(p, fd, FWRITE, &auio, iov, iovcnt, resid, &fp);
	if (error)
		return error;
	ktriov = ktr_iovec(p, iov, iovcnt);
	error = (*fp->f_ops->fo_write)(fp, &auio, 0);
	if (error == EPIPE)
		psignal(p, SIGPIPE);
	error = uio_result(error, resid, auio.uio_resid);
	*retval = resid - auio.uio_resid;
	if (ktriov != NULL) {
		if (error == 0)
			ktrgenio(p, fd, UIO_WRITE, ktriov, *retval);
		free(ktriov, M_TEMP, iovcnt * sizeof(*ktriov));
	}
	(void)FRELE(fp, p);
	return error;
}

int
sys_read(struct proc *p, void *v, register_t *retval)
{
	struct sys_read_args *uap = v;
	struct iovec iov;

	iov.iov_base = SCARG(uap, buf);
	iov.iov_len = SCARG(uap, nbyte);
	if (iov.iov_len > SSIZE_MAX_BYTES)
		return EINVAL;
	return dofilereadv(p, SCARG(uap, fd), &iov, 1, iov.iov_len, retval);
}

int
sys_write(struct proc *p, void *v, register_t *retval)
{
	struct sys_write_args *uap = v;
	struct iovec iov;

	iov.iov_base = (void *)SCARG(uap, buf);
	iov.iov_len = SCARG(uap, nbyte);
	if (iov.iov_len > SSIZE_MAX_BYTES)
		return EINVAL;
	return dofilewritev(p, SCARG(uap, fd), &iov, 1, iov.iov_len, retval);
}

int
sys_readv(struct proc *p, void *v, register_t *retval)
{
	struct sys_readv_args *uap = v;
	struct iovec aiov[UIO_SMALLIOV], *iov;
	size_t resid;
	int error;

	error = iovec_copyin(SCARG(uap, iovp), &iov, aiov,
	    SCARG(uap, iovcnt), &resid);
	if (error)
		return error;
	error = dofilereadv(p, SCARG(uap, fd), iov, SCARG(uap, iovcnt),
	    resid, retval);
	iovec_free(iov, SCARG(uap, iovcnt));
	return error;
}

int
sys_writev(struct proc *p, void *v, register_t *retval)
{
	struct sys_writev_args *uap = v;
	struct iovec aiov[UIO_SMALLIOV], *iov;
	size_t resid;
	int error;

	error = iovec_copyin(SCARG(uap, iovp), &iov, aiov,
	    SCARG(uap, iovcnt), &resid);
	if (error)
		return error;
	error = dofilewritev(p, SCARG(uap, fd), iov, SCARG(uap, iovcnt),
	    resid, retval);
	iovec_free(iov, SCARG(uap, iovcnt));
	return error;
}

/*
 * The ioctls that concern the descriptor and not the object; -1 if com is
 * not one of them.
 */
int
fdioctl(struct proc *p, int fd, struct file *fp, u_long com, caddr_t data)
{
	struct filedesc *fdp = p->p_fd;
	u_int flags = fp->f_flag;

	switch (com) {
	case FIOCLEX:
		fdp->fd_ofileflags[fd] |= UF_EXCLOSE;
		return 0;
	case FIONCLEX:
		fdp->fd_ofileflags[fd] &= ~UF_EXCLOSE;
		return 0;
	case FIONBIO:
		flags = *(int *)data ? flags | FNONBLOCK : flags & ~FNONBLOCK;
		return fdsetflags(fp, flags, p);
	case FIOASYNC:
		flags = *(int *)data ? flags | FASYNC : flags & ~FASYNC;
		return fdsetflags(fp, flags, p);
	default:
		return -1;
	}
}

/*
 * ioctl(2): the command says which way its argument goes and how long it
 * is, so it is copied here and the drivers see kernel memory only.
 */
int
sys_ioctl(struct proc *p, void *v, register_t *retval)
{
	struct sys_ioctl_args *uap = v;
	u_long com = SCARG(uap, com);
	char stkbuf[IOCTL_STACK] __attribute__((aligned(8)));
	caddr_t data = stkbuf, memp = NULL;
	struct file *fp;
	size_t size;
	int error;

	com &= 0xffffffffUL;	/* a command has 32 bits, whatever came along */
	fp = fd_getfile_mode(p->p_fd, SCARG(uap, fd), FREAD | FWRITE);
	if (fp == NULL)
		return EBADF;
	error = pledge_ioctl(p, com, fp);
	if (error) {
		(void)FRELE(fp, p);
		return error;
	}

	size = IOCPARM_LEN(com);
	if (size > sizeof(stkbuf)) {
		memp = malloc(size, M_IOCTLOPS, M_WAITOK);
		data = memp;
	}
	if ((com & IOC_IN) && size > 0) {
		error = copyin(SCARG(uap, data), data, size);
		if (error)
			goto out;
	} else if ((com & IOC_OUT) && size > 0) {
		/* Whatever the driver leaves out must not be the stack. */
		memset(data, 0, size);
	} else if (com & IOC_VOID)
		*(void **)data = SCARG(uap, data);

	error = fdioctl(p, SCARG(uap, fd), fp, com, data);
	if (error == -1)
		error = (*fp->f_ops->fo_ioctl)(fp, com, data, p);
	if (error == 0 && (com & IOC_OUT) && size > 0)
		error = copyout(data, SCARG(uap, data), size);
out:
	if (memp != NULL)
		free(memp, M_IOCTLOPS, size);
	(void)FRELE(fp, p);
	return error;
}
