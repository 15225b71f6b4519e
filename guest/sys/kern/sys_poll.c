/* SPDX-License-Identifier: ISC */
/*
 * poll(2): wait until one of several descriptors is ready.
 *
 * Everybody who polls sleeps on one channel.  An object that became ready
 * and was found not ready by somebody before (selrecord) wakes them all,
 * and each looks again at its own descriptors.  selgeneration tells whether
 * something happened between looking and sleeping.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/ktrace.h>
#include <sys/proc.h>
#include <sys/file.h>
#include <sys/filedesc.h>
#include <sys/kernel.h>
#include <sys/malloc.h>
#include <sys/poll.h>
#include <sys/selinfo.h>
#include <sys/signalvar.h>
#include <sys/syscallargs.h>
#include <sys/time.h>

#define POLL_STACK	16	/* this many need no malloc */

int selwait;			/* sleep channel of all polls */
u_int selgeneration;		/* counts selwakeups */

/* p found the object of sip not ready: it wants a selwakeup. */
void
selrecord(struct proc *p, struct selinfo *sip)
{
	sip->si_polled = 1;
}

/* The object of sip changed. */
void
selwakeup(struct selinfo *sip)
{
	KNOTE(&sip->si_note, 0);
	if (sip->si_polled == 0)
		return;
	sip->si_polled = 0;
	selgeneration++;
	wakeup(&selwait);
}

/* Look at each descriptor once; returns how many have something to tell. */
int
pollscan(struct proc *p, struct pollfd *pl, u_int nfd)
{
	struct file *fp;
	u_int i;
	int n = 0;

	for (i = 0; i < nfd; i++, pl++) {
		pl->revents = 0;
		if (pl->fd < 0)
			continue;
		if ((fp = fd_getfile(p->p_fd, pl->fd)) == NULL)
			pl->revents = POLLNVAL;
		else {
			pl->revents = (*fp->f_ops->fo_poll)(fp, pl->events, p);
			(void)FRELE(fp, p);
		}
		if (pl->revents != 0)
			n++;
	}
	return n;
}

/*
 * Scan until something is ready or the time is over.  timo is in ticks: 0
 * for ever, negative not at all.  *n is how many are ready.
 */
int
pollwait(struct proc *p, struct pollfd *pl, u_int nfd, int timo, int *n)
{
	u_int generation;
	int deadline = ticks + timo, error, s;

	for (;;) {
		generation = selgeneration;
		*n = pollscan(p, pl, nfd);
		if (*n != 0 || timo < 0)
			return 0;
		if (timo > 0 && deadline - ticks <= 0)
			return 0;
		s = splhigh();
		error = 0;
		if (generation == selgeneration)
			error = tsleep(&selwait, PSOCK | PCATCH, "poll",
			    timo > 0 ? deadline - ticks : 0);
		splx(s);
		if (error == EWOULDBLOCK)
			timo = -1;	/* one last look */
		else if (error)
			return error == ERESTART ? EINTR : error;
	}
}

int
sys_poll(struct proc *p, void *v, register_t *retval)
{
	struct sys_poll_args *uap = v;
	u_int nfds = SCARG(uap, nfds);
	int msec = SCARG(uap, timeout);
	struct pollfd pfds[POLL_STACK], *pl = pfds;
	int error, n, timo;

	/* More descriptors than a process can have make no sense. */
	if (nfds > MIN((u_int)fd_limit(), NOFILE_MAX))
		return EINVAL;
	if (msec < INFTIM)
		return EINVAL;

	if (nfds > POLL_STACK)
		pl = mallocarray(nfds, sizeof(*pl), M_TEMP, M_WAITOK);
	error = copyin(SCARG(uap, fds), pl, nfds * sizeof(*pl));
	if (error)
		goto done;

	if (msec == INFTIM)
		timo = 0;
	else if (msec == 0)
		timo = -1;
	else
		timo = (int)(((long)msec * hz + 999) / 1000) + 1;
	error = pollwait(p, pl, nfds, timo, &n);
	if (error == 0) {
		*retval = n;
		error = copyout(pl, SCARG(uap, fds), nfds * sizeof(*pl));
	if (error == 0 && KTRPOINT(p, KTR_STRUCT))
		ktrstruct(p, "pollfd", pl, nfds * sizeof(*pl));
	}
done:
	if (pl != pfds)
		free(pl, M_TEMP, nfds * sizeof(*pl));
	return error;
}
