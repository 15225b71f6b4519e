/* SPDX-License-Identifier: ISC */
/*
 * The scheduler's policy: priorities decay with use, equal ones take turns.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/proc.h>
#include <sys/sched.h>
#include <sys/signalvar.h>
#include <machine/cpu.h>
#include <uvm/uvm_extern.h>

#define RRTICKS		(hz / 10)	/* ticks of one turn: 100 ms */

struct timeout schedcpu_to;		/* calls schedcpu() */

void
scheduler_start(void)
{
	curcpu()->ci_schedstate.spc_rrticks = RRTICKS;
	timeout_set(&schedcpu_to, schedcpu, &schedcpu_to);
	schedcpu(&schedcpu_to);
}

/*
 * A turn is over: if others want to run, curproc is to yield.
 */
void
roundrobin(struct cpu_info *ci)
{
	struct schedstate_percpu *spc = &ci->ci_schedstate;

	spc->spc_rrticks = RRTICKS;
	if (ci->ci_curproc != spc->spc_idleproc) {
		if (spc->spc_schedflags & SPCF_SEENRR)
			spc->spc_schedflags |= SPCF_SHOULDYIELD;
		else
			spc->spc_schedflags |= SPCF_SEENRR;
	}
	if (spc->spc_nrun > 0)
		need_resched(ci);
}

/*
 * Have the thread that runs enter the scheduler before user mode.
 */
void
need_resched(struct cpu_info *ci)
{
	ci->ci_want_resched = 1;
	if (ci->ci_curproc != NULL)
		aston(ci->ci_curproc);
}

/*
 * Once a second: what was used lately counts less.
 */
void
schedcpu(void *arg)
{
	struct timeout *to = arg;
	u_int load = 2 * curcpu()->ci_schedstate.spc_nrun;
	struct proc *p;
	int s;

	LIST_FOREACH(p, &allproc, p_list) {
		/* The idle thread has no priority that could decay. */
		if (p == curcpu()->ci_schedstate.spc_idleproc)
			continue;
		if (p->p_stat == SSLEEP || p->p_stat == SSTOP)
			p->p_slptime++;
		p->p_pctcpu = (p->p_pctcpu * 7 + (fixpt_t)p->p_cpticks *
		    (FSCALE / hz)) / 8;
		p->p_cpticks = 0;
		if (p->p_slptime > 1)
			continue;
		SCHED_LOCK(s);
		p->p_estcpu = p->p_estcpu * load / (load + 1);
		resetpriority(p);
		SCHED_UNLOCK(s);
	}
	timeout_add(to, hz);
}

/*
 * The thread slept for p_slptime seconds: catch up on the decay.
 */
void
updatepri(struct proc *p)
{
	if (p->p_slptime > 5)
		p->p_estcpu = 0;
	else
		while (p->p_slptime > 1 && p->p_estcpu > 0) {
			p->p_estcpu /= 2;
			p->p_slptime--;
		}
	resetpriority(p);
}

/*
 * Compute the user priority; a queued thread moves to its new queue.
 */
void
resetpriority(struct proc *p)
{
	u_int newpri;

	SCHED_ASSERT_LOCKED();
	newpri = PUSER + p->p_estcpu + NICE_WEIGHT * (p->p_p->ps_nice - NZERO);
	newpri = min(newpri, MAXPRI);
	p->p_usrpri = newpri;
	if (p->p_stat == SRUN && p->p_priority >= PUSER &&
	    p->p_priority / PPQ != newpri / PPQ) {
		remrunqueue(p);
		p->p_priority = newpri;
		setrunqueue(p);
	} else if (p->p_priority >= PUSER)
		p->p_priority = newpri;
}

/*
 * From statclock(): the thread has run for a while.
 */
void
schedclock(struct proc *p)
{
	int s;

	if (p == p->p_cpu->ci_schedstate.spc_idleproc)
		return;
	SCHED_LOCK(s);
	p->p_estcpu = min(p->p_estcpu + 1, ESTCPULIM);
	resetpriority(p);
	if (p->p_priority >= PUSER)
		p->p_priority = p->p_usrpri;
	SCHED_UNLOCK(s);
}

/*
 * A child begins with the CPU use of its parent, and the parent is charged
 * with the child's when it is reaped.
 */
void
scheduler_fork_hook(struct proc *parent, struct proc *child)
{
	child->p_estcpu = parent->p_estcpu;
}

void
scheduler_wait_hook(struct proc *parent, struct proc *child)
{
	parent->p_estcpu = min(parent->p_estcpu + child->p_estcpu, ESTCPULIM);
}

/*
 * Give up the CPU by one's own will.
 */
void
yield(void)
{
	struct proc *p = curproc;
	int s;

	SCHED_LOCK(s);
	p->p_priority = p->p_usrpri;
	setrunqueue(p);
	p->p_ru.ru_nvcsw++;
	mi_switch();
	SCHED_UNLOCK(s);
}

/*
 * Give up the CPU because somebody better wants it.
 */
void
preempt(void)
{
	struct proc *p = curproc;
	int s;

	SCHED_LOCK(s);
	p->p_priority = p->p_usrpri;
	setrunqueue(p);
	p->p_ru.ru_nivcsw++;
	mi_switch();
	SCHED_UNLOCK(s);
}

/*
 * The machine independent half of ast().
 */
void
mi_ast(struct proc *p, int resched)
{
	if (p->p_flag & P_OWEUPC)
		atomic_clearbits_int((u_int *)&p->p_flag, P_OWEUPC);
	if (resched)
		preempt();
}

/*
 * Charge the thread that ran and switch to the best one.  The caller has
 * set p_stat and put the thread where it belongs.
 */
void
mi_switch(void)
{
	struct schedstate_percpu *spc = &curcpu()->ci_schedstate;
	struct proc *p = curproc, *next;
	struct timespec now;
	int hold_count, sched_count;

	KASSERT(p->p_stat != SONPROC);
	SCHED_ASSERT_LOCKED();

	/* The locks are this thread's, not the CPU's: put them down. */
	hold_count = __mp_release_all();
	sched_count = sched_lock_depth;

	nanouptime(&now);
	timespecsub(&now, &spc->spc_runtime, &now);
	timespecadd(&p->p_rtime, &now, &p->p_rtime);

	spc->spc_schedflags &= ~(SPCF_SEENRR | SPCF_SHOULDYIELD);
	next = sched_chooseproc();
	if (next != p) {
		uvmexp.swtch++;
		cpu_switchto(p, next);
	} else
		p->p_stat = SONPROC;

	/* Back, perhaps much later. */
	spc = &curcpu()->ci_schedstate;
	nanouptime(&spc->spc_runtime);
	sched_lock_depth = sched_count;
	__mp_acquire_count(hold_count);
}

/*
 * The thread that waits for an event, or was stopped, may run again.
 */
void
setrunnable(struct proc *p)
{
	SCHED_ASSERT_LOCKED();
	switch (p->p_stat) {
	case SSTOP:
		/* A signal from the debugger goes with what it had stopped. */
		if ((p->p_p->ps_flags & PS_TRACED) != 0 &&
		    (p->p_flag & P_SUSPSIG) && p->p_xstat != 0)
			p->p_siglist |= sigmask(p->p_xstat);
		/* It may have been stopped while it slept. */
		/* FALLTHROUGH */
	case SSLEEP:
		unsleep(p);
		break;
	default:
		panic("setrunnable(%d)", p->p_stat);
	}
	if (p->p_slptime > 1)
		updatepri(p);
	p->p_slptime = 0;
	p->p_cpu = curcpu();
	setrunqueue(p);
}
