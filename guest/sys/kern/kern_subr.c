/* SPDX-License-Identifier: ISC */
/*
 * Moving data as a struct uio says.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/proc.h>
#include <sys/uio.h>
#include <machine/cpu.h>

/*
 * Move up to n bytes between cp and what the uio describes; advances the
 * uio by what was moved.
 */
int
uiomove(void *cp, size_t n, struct uio *uio)
{
	struct iovec *iov;
	size_t cnt;
	int error = 0;

	while (n > 0 && uio->uio_resid > 0) {
		iov = uio->uio_iov;
		cnt = iov->iov_len;
		if (cnt == 0) {
			KASSERT(uio->uio_iovcnt > 0);
			uio->uio_iov++;
			uio->uio_iovcnt--;
			continue;
		}
		if (cnt > n)
			cnt = n;
		switch (uio->uio_segflg) {
		case UIO_USERSPACE:
			/* a long copy should not keep others waiting */
			if (curcpu()->ci_schedstate.spc_schedflags &
			    SPCF_SHOULDYIELD)
				preempt();
			if (uio->uio_rw == UIO_READ)
				error = copyout(cp, iov->iov_base, cnt);
			else
				error = copyin(iov->iov_base, cp, cnt);
			if (error != 0)
				return error;
			break;
		case UIO_SYSSPACE:
			if (uio->uio_rw == UIO_READ)
				memmove(iov->iov_base, cp, cnt);
			else
				memmove(cp, iov->iov_base, cnt);
			break;
		}
		iov->iov_base = (caddr_t)iov->iov_base + cnt;
		iov->iov_len -= cnt;
		uio->uio_resid -= cnt;
		uio->uio_offset += cnt;
		cp = (caddr_t)cp + cnt;
		n -= cnt;
	}
	return 0;
}

/*
 * Give one character to a reader.
 */
int
ureadc(int c, struct uio *uio)
{
	char ch = c;

	if (uio->uio_resid == 0)
		panic("ureadc: no room");
	return uiomove(&ch, 1, uio);
}
