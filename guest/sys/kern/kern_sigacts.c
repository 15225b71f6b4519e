/* SPDX-License-Identifier: ISC */
/*
 * Signal dispositions: shared, copied and reset.  (The original has these
 * in kern_sig.c.)
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/pool.h>
#include <sys/proc.h>
#include <sys/signalvar.h>

struct pool sigacts_pool;

void
signal_init(void)
{
	pool_init(&sigacts_pool, sizeof(struct sigacts), 0, IPL_NONE, 0,
	    "sigapl", NULL);
}

/*
 * Dispositions of process 0: what is ignored by default is ignored.
 */
void
siginit(struct process *pr)
{
	struct sigacts *psp = pr->ps_sigacts;
	int i;

	for (i = 0; i < NSIG; i++)
		if ((sigprop[i] & SA_IGNORE) && i != SIGCONT)
			psp->ps_sigignore |= sigmask(i);
}

/*
 * A child's dispositions: a copy of its parent's.
 */
struct sigacts *
sigactsinit(struct process *pr)
{
	struct sigacts *ps;

	ps = pool_get(&sigacts_pool, PR_WAITOK);
	memcpy(ps, pr->ps_sigacts, sizeof(*ps));
	ps->ps_refcnt = 1;
	return ps;
}

struct sigacts *
sigactsshare(struct process *pr)
{
	pr->ps_sigacts->ps_refcnt++;
	return pr->ps_sigacts;
}

void
sigactsfree(struct process *pr)
{
	struct sigacts *ps = pr->ps_sigacts;

	if (--ps->ps_refcnt == 0)
		pool_put(&sigacts_pool, ps);
	pr->ps_sigacts = NULL;
}

/*
 * exec: handlers are code of the old image, so caught signals get their
 * default action; ignored ones stay ignored.
 */
void
execsigs(struct proc *p)
{
	struct sigacts *ps = p->p_p->ps_sigacts;
	sigset_t mask;
	int nc;

	for (nc = 1; nc < NSIG; nc++) {
		mask = sigmask(nc);
		if ((ps->ps_sigcatch & mask) == 0)
			continue;
		ps->ps_sigcatch &= ~mask;
		if (sigprop[nc] & SA_IGNORE) {
			if (nc != SIGCONT)
				ps->ps_sigignore |= mask;
			p->p_siglist &= ~mask;
			p->p_p->ps_siglist &= ~mask;
		}
		ps->ps_sigact[nc] = SIG_DFL;
	}
	sigstkinit(&p->p_sigstk);
	ps->ps_sigflags &= ~SAS_NOCLDWAIT;
	if (ps->ps_sigact[SIGCHLD] == SIG_IGN)
		ps->ps_sigact[SIGCHLD] = SIG_DFL;
}

/*
 * No alternate signal stack.
 */
void
sigstkinit(struct sigaltstack *ss)
{
	ss->ss_flags = SS_DISABLE;
	ss->ss_size = 0;
	ss->ss_sp = NULL;
}
