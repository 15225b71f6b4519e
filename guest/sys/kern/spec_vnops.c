/* SPDX-License-Identifier: ISC */
/*
 * Device nodes: from a vnode of type VCHR to its driver in cdevsw.
 *
 * All nodes that carry one device number share a struct specinfo, which
 * counts the opens: the driver's close is called for the last one only.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/event.h>
#include <sys/proc.h>
#include <sys/conf.h>
#include <sys/fcntl.h>
#include <sys/filio.h>
#include <sys/malloc.h>
#include <sys/poll.h>
#include <sys/stat.h>
#include <sys/ucred.h>
#include <sys/vnode.h>

LIST_HEAD(, specinfo) spechash = LIST_HEAD_INITIALIZER(spechash);

/* Make vp stand for device rdev. */
void
spec_attach(struct vnode *vp, dev_t rdev)
{
	struct specinfo *si;

	LIST_FOREACH(si, &spechash, si_list) {
		if (si->si_rdev == rdev)
			break;
	}
	if (si == NULL) {
		si = malloc(sizeof(*si), M_VNODE, M_WAITOK | M_ZERO);
		si->si_rdev = rdev;
		LIST_INSERT_HEAD(&spechash, si, si_list);
	}
	si->si_refs++;
	vp->v_specinfo = si;
}

/* vp no longer stands for its device. */
void
spec_detach(struct vnode *vp)
{
	struct specinfo *si = vp->v_specinfo;

	vp->v_specinfo = NULL;
	if (--si->si_refs > 0)
		return;
	LIST_REMOVE(si, si_list);
	free(si, M_VNODE, sizeof(*si));
}

/* The driver of a device number; NULL if there is none. */
struct cdevsw *
spec_driver(dev_t dev)
{
	if (major(dev) >= (u_int)nchrdev ||
	    cdevsw[major(dev)].d_open == NULL)
		return NULL;
	return &cdevsw[major(dev)];
}

/* ENXIO without a driver, else what the driver says. */
int
spec_open(struct vnode *vp, int mode, struct ucred *cred, struct proc *p)
{
	struct cdevsw *cd;
	int error;

	if (vp->v_type != VCHR || (cd = spec_driver(vp->v_rdev)) == NULL)
		return ENXIO;
	if (cd->d_type == D_TTY)
		vp->v_flag |= VISTTY;
	error = (*cd->d_open)(vp->v_rdev, mode, S_IFCHR, p);
	if (error == 0)
		vp->v_specinfo->si_opens++;
	return error;
}

int
spec_close(struct vnode *vp, int fflag, struct ucred *cred, struct proc *p)
{
	struct specinfo *si = vp->v_specinfo;
	struct cdevsw *cd = spec_driver(si->si_rdev);

	if (si->si_opens == 0 || --si->si_opens > 0 || cd == NULL)
		return 0;
	return (*cd->d_close)(si->si_rdev, fflag, S_IFCHR, p);
}

int
spec_read(struct vnode *vp, struct uio *uio, int ioflag, struct ucred *cred)
{
	struct cdevsw *cd = spec_driver(vp->v_rdev);

	if (uio->uio_resid == 0)
		return 0;
	if (cd == NULL)
		return ENXIO;
	return (*cd->d_read)(vp->v_rdev, uio, ioflag);
}

int
spec_write(struct vnode *vp, struct uio *uio, int ioflag, struct ucred *cred)
{
	struct cdevsw *cd = spec_driver(vp->v_rdev);

	if (cd == NULL)
		return ENXIO;
	return (*cd->d_write)(vp->v_rdev, uio, ioflag);
}

int
spec_ioctl(struct vnode *vp, u_long com, void *data, int fflag,
    struct ucred *cred, struct proc *p)
{
	struct cdevsw *cd = spec_driver(vp->v_rdev);

	if (cd == NULL)
		return ENXIO;
	return (*cd->d_ioctl)(vp->v_rdev, com, data, fflag, p);
}

int
spec_poll(struct vnode *vp, int fflag, int events, struct proc *p)
{
	struct cdevsw *cd = spec_driver(vp->v_rdev);

	if (cd == NULL)
		return POLLERR;
	return (*cd->d_poll)(vp->v_rdev, events, p);
}

/* The device that is always ready. */
int
seltrue(dev_t dev, int events, struct proc *p)
{
	return events & (POLLIN | POLLOUT | POLLRDNORM);
}

/* What is left of a vnode that was taken out of service. */
int
dead_open(struct vnode *vp, int mode, struct ucred *cred, struct proc *p)
{
	return ENXIO;
}

/* A device that does not say otherwise is always ready. */
int
spec_kqfilter(struct vnode *vp, int fflag, struct knote *kn)
{
	struct cdevsw *dev = &cdevsw[major(vp->v_rdev)];

	if (dev->d_kqfilter == NULL)
		return seltrue_kqfilter(vp->v_rdev, kn);
	return (*dev->d_kqfilter)(vp->v_rdev, kn);
}

/* The end of the file, for whoever was reading. */
int
dead_read(struct vnode *vp, struct uio *uio, int ioflag, struct ucred *cred)
{
	return 0;
}

int
dead_write(struct vnode *vp, struct uio *uio, int ioflag, struct ucred *cred)
{
	return EIO;
}

int
dead_ioctl(struct vnode *vp, u_long com, void *data, int fflag,
    struct ucred *cred, struct proc *p)
{
	return com == FIONBIO || com == FIOASYNC ? 0 : EIO;
}

int
dead_poll(struct vnode *vp, int fflag, int events, struct proc *p)
{
	return POLLHUP | (events & (POLLIN | POLLRDNORM));
}

const struct vops dead_vops = {
	.vop_open = dead_open,
	.vop_read = dead_read,
	.vop_write = dead_write,
	.vop_ioctl = dead_ioctl,
	.vop_poll = dead_poll,
};
