/* SPDX-License-Identifier: ISC */
/*
 * pledge and unveil: no system call sets either yet, so that no process has
 * promises or unveiled paths.  The checks are where they belong.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/acct.h>
#include <sys/pledge.h>
#include <sys/proc.h>
#include <sys/signalvar.h>

/*
 * May a pledged process make this system call?  There are no promises that
 * allow one.
 */
int
pledge_syscall(struct proc *p, int code, uint64_t *tval)
{
	p->p_pledge_syscall = code;
	*tval = 0;
	return EPERM;
}

/*
 * A promise was broken: the process is killed.
 */
int
pledge_fail(struct proc *p, int error, uint64_t code)
{
	p->p_p->ps_acflag |= APLEDGE;
	p->p_p->ps_sigacts->ps_sigact[SIGABRT] = SIG_DFL;
	p->p_p->ps_sigacts->ps_sigcatch &= ~sigmask(SIGABRT);
	p->p_sigmask &= ~sigmask(SIGABRT);
	psignal(p, SIGABRT);
	p->p_p->ps_pledge = 0;
	return error;
}

/*
 * A child sees what its parent sees: nothing is unveiled, all is visible.
 */
void
unveil_copy(struct process *parent, struct process *child)
{
	if (parent->ps_uvpaths == NULL)
		return;
	panic("unveil_copy: nobody can have unveiled anything");
}

void
unveil_destroy(struct process *pr)
{
	KASSERT(pr->ps_uvpaths == NULL);
	pr->ps_uvvcount = 0;
	pr->ps_uvncount = 0;
	pr->ps_uvdone = 0;
}
