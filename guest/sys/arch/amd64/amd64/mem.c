/* SPDX-License-Identifier: ISC */
/*
 * The memory devices, of which only the two without a memory are here:
 * /dev/null and /dev/zero.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/conf.h>
#include <sys/filio.h>
#include <sys/uio.h>

#define MEM_NULL	2	/* minor number of /dev/null */
#define MEM_ZERO	12	/* minor number of /dev/zero */

char mem_zeropage[PAGE_SIZE];	/* what /dev/zero reads as */

int
mmopen(dev_t dev, int flag, int mode, struct proc *p)
{
	switch (minor(dev)) {
	case MEM_NULL:
	case MEM_ZERO:
		return 0;
	default:
		return ENXIO;
	}
}

int
mmclose(dev_t dev, int flag, int mode, struct proc *p)
{
	return 0;
}

/* Both swallow what is written; null is at its end, zero endless. */
int
mmrw(dev_t dev, struct uio *uio, int flags)
{
	int error = 0;

	if (uio->uio_rw == UIO_WRITE) {
		uio->uio_offset += uio->uio_resid;
		uio->uio_resid = 0;
		return 0;
	}
	if (minor(dev) == MEM_NULL)
		return 0;
	while (error == 0 && uio->uio_resid > 0)
		error = uiomove(mem_zeropage, MIN(uio->uio_resid, PAGE_SIZE),
		    uio);
	return error;
}

int
mmioctl(dev_t dev, u_long cmd, caddr_t data, int flags, struct proc *p)
{
	return cmd == FIONBIO || cmd == FIOASYNC ? 0 : ENOTTY;
}
