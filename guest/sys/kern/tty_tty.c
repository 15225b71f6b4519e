/* SPDX-License-Identifier: ISC */
/*
 * /dev/tty: the controlling terminal of whoever uses it.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/proc.h>
#include <sys/conf.h>
#include <sys/ioctl.h>
#include <sys/poll.h>
#include <sys/tty.h>
#include <sys/ucred.h>
#include <sys/vnode.h>

/* The vnode of p's controlling terminal; NULL if it has none. */
struct vnode *
cttyvp(struct proc *p)
{
	if ((p->p_p->ps_flags & PS_CONTROLT) == 0)
		return NULL;
	return p->p_p->ps_session->s_ttyvp;
}

/* The terminal itself is open already, or it would not be ours. */
int
cttyopen(dev_t dev, int flag, int mode, struct proc *p)
{
	return cttyvp(p) == NULL ? ENXIO : 0;
}

int
cttyclose(dev_t dev, int flag, int mode, struct proc *p)
{
	return 0;
}

int
cttyread(dev_t dev, struct uio *uio, int flag)
{
	struct vnode *vp = cttyvp(uio->uio_procp);
	int error;

	if (vp == NULL)
		return EIO;
	vref(vp);
	error = VOP_READ(vp, uio, flag, NOCRED);
	vrele(vp);
	return error;
}

int
cttywrite(dev_t dev, struct uio *uio, int flag)
{
	struct vnode *vp = cttyvp(uio->uio_procp);
	int error;

	if (vp == NULL)
		return EIO;
	vref(vp);
	error = VOP_WRITE(vp, uio, flag, NOCRED);
	vrele(vp);
	return error;
}

int
cttyioctl(dev_t dev, u_long cmd, caddr_t data, int flag, struct proc *p)
{
	struct vnode *vp = cttyvp(p);
	int error;

	if (vp == NULL)
		return EIO;
	if (cmd == TIOCSCTTY)
		return EINVAL;		/* it is the controlling one */
	if (cmd == TIOCNOTTY)
		return tiocnotty(p);
	vref(vp);
	error = VOP_IOCTL(vp, cmd, data, flag, NOCRED, p);
	vrele(vp);
	return error;
}

int
cttypoll(dev_t dev, int events, struct proc *p)
{
	struct vnode *vp = cttyvp(p);

	if (vp == NULL)
		return POLLERR;
	return VOP_POLL(vp, 0, events, p);
}

int
cttykqfilter(dev_t dev, struct knote *kn)
{
	struct vnode *vp = cttyvp(curproc);

	if (vp == NULL)
		return ENXIO;
	return VOP_KQFILTER(vp, 0, kn);
}
