/* SPDX-License-Identifier: ISC */
#ifndef _SYS_UIO_H_
#define _SYS_UIO_H_

#include <sys/types.h>

/* One piece of memory of a scattered transfer. */
struct iovec {
	void	*iov_base;	/* start */
	size_t	 iov_len;	/* bytes */
};

#ifdef _KERNEL
#define UIO_MAXIOV	1024	/* most pieces in one readv or writev */
#define UIO_SMALLIOV	8	/* this many need no allocation */

enum uio_rw { UIO_READ, UIO_WRITE };

enum uio_seg {
	UIO_USERSPACE,		/* addresses are of the current process */
	UIO_SYSSPACE		/* addresses are of the kernel */
};

/* A transfer under way: uiomove() eats it from the front. */
struct uio {
	struct iovec	*uio_iov;	/* next piece */
	int		 uio_iovcnt;	/* pieces left */
	off_t		 uio_offset;	/* offset in the file */
	size_t		 uio_resid;	/* bytes left in all pieces */
	enum uio_seg	 uio_segflg;	/* where the pieces are */
	enum uio_rw	 uio_rw;	/* READ fills them, WRITE empties them */
	struct proc	*uio_procp;	/* on behalf of */
};

struct proc;
int	iovec_copyin(const struct iovec *, struct iovec **, struct iovec *,
	    unsigned int, size_t *);
struct iovec *ktr_iovec(struct proc *, const struct iovec *, int);
void	iovec_free(struct iovec *, unsigned int);
#else
ssize_t	readv(int, const struct iovec *, int);
ssize_t	writev(int, const struct iovec *, int);
#endif

#endif /* _SYS_UIO_H_ */
