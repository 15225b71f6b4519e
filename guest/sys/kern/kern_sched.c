/* SPDX-License-Identifier: ISC */
/*
 * Run queues, the idle thread, and the last switch of a thread that ends.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/proc.h>
#include <sys/sched.h>
#include <machine/cpu.h>
#include <machine/cpufunc.h>
#include <uvm/uvm_extern.h>

void
sched_init_cpu(struct cpu_info *ci)
{
	struct schedstate_percpu *spc = &ci->ci_schedstate;
	int i;

	for (i = 0; i < SCHED_NQS; i++)
		TAILQ_INIT(&spc->spc_qs[i]);
	LIST_INIT(&spc->spc_deadproc);
	spc->spc_idleproc = NULL;
	kthread_create_deferred(sched_kthreads_create, ci);
}

void
sched_init_runqueues(void)
{
	sched_init_cpu(&cpu_info_primary);
}

/*
 * The idle thread of a CPU; it is never on a run queue.
 */
void
sched_kthreads_create(void *v)
{
	struct cpu_info *ci = v;
	struct schedstate_percpu *spc = &ci->ci_schedstate;

	if (fork1(&proc0, FORK_SHAREVM | FORK_SHAREFILES | FORK_NOZOMBIE |
	    FORK_SYSTEM | FORK_SIGHAND | FORK_IDLE, sched_idle, ci, NULL,
	    &spc->spc_idleproc))
		panic("cannot fork the idle thread");
	snprintf(spc->spc_idleproc->p_p->ps_comm, MAXCOMLEN + 1, "idle%d",
	    ci->ci_cpuid);
}

/*
 * The idle loop: hand threads that have ended to the reaper, then wait for
 * an interrupt to make something runnable.
 */
void
sched_idle(void *v)
{
	struct cpu_info *ci = v;
	struct schedstate_percpu *spc = &ci->ci_schedstate;
	struct proc *p = curproc, *dead;
	int s;

	KERNEL_UNLOCK();
	KASSERT(curproc == spc->spc_idleproc);
	p->p_cpu = ci;
	atomic_setbits_int((u_int *)&p->p_flag, P_CPUPEG);

	for (;;) {
		while ((dead = LIST_FIRST(&spc->spc_deadproc)) != NULL) {
			LIST_REMOVE(dead, p_hash);
			exit2(dead);
		}
		if (spc->spc_whichqs != 0) {
			SCHED_LOCK(s);
			p->p_stat = SSLEEP;
			mi_switch();
			SCHED_UNLOCK(s);
			continue;
		}
		/* From here to HLT no interrupt may slip by unseen. */
		intr_disable();
		if (spc->spc_whichqs == 0)
			cpu_idle_cycle();
		intr_enable();
	}
}

/*
 * The thread's last act, on its own stack, which may be freed only after
 * the switch: the idle thread does that.
 */
void
sched_exit(struct proc *p)
{
	struct schedstate_percpu *spc = &curcpu()->ci_schedstate;
	struct proc *idle;
	struct timespec now;

	nanouptime(&now);
	timespecsub(&now, &spc->spc_runtime, &now);
	timespecadd(&p->p_rtime, &now, &p->p_rtime);

	LIST_INSERT_HEAD(&spc->spc_deadproc, p, p_hash);
	(void)__mp_release_all();

	/* never unlocked here: the idle thread goes on with its own lock */
	(void)_sched_lock();
	idle = spc->spc_idleproc;
	idle->p_stat = SRUN;
	cpu_switchto(NULL, idle);
	panic("cpu_switchto returned");
}

/*
 * Append a thread to the queue of its priority; it becomes SRUN here.
 */
void
setrunqueue(struct proc *p)
{
	struct cpu_info *ci = p->p_cpu;
	struct schedstate_percpu *spc = &ci->ci_schedstate;
	int queue = p->p_priority / PPQ;

	SCHED_ASSERT_LOCKED();
	p->p_stat = SRUN;
	p->p_runpri = p->p_priority;
	spc->spc_nrun++;
	TAILQ_INSERT_TAIL(&spc->spc_qs[queue], p, p_runq);
	spc->spc_whichqs |= 1U << queue;
	if (p->p_priority < spc->spc_curpriority)
		need_resched(ci);
}

void
remrunqueue(struct proc *p)
{
	struct schedstate_percpu *spc = &p->p_cpu->ci_schedstate;
	int queue = p->p_runpri / PPQ;

	SCHED_ASSERT_LOCKED();
	spc->spc_nrun--;
	TAILQ_REMOVE(&spc->spc_qs[queue], p, p_runq);
	if (TAILQ_EMPTY(&spc->spc_qs[queue]))
		spc->spc_whichqs &= ~(1U << queue);
}

/*
 * The first thread of the best queue, or the idle thread.
 */
struct proc *
sched_chooseproc(void)
{
	struct cpu_info *ci = curcpu();
	struct schedstate_percpu *spc = &ci->ci_schedstate;
	struct proc *p;

	SCHED_ASSERT_LOCKED();
	ci->ci_want_resched = 0;
	if (spc->spc_whichqs != 0) {
		p = TAILQ_FIRST(&spc->spc_qs[ffs(spc->spc_whichqs) - 1]);
		remrunqueue(p);
		KASSERT(p->p_stat == SRUN);
	} else {
		p = spc->spc_idleproc;
		if (p == NULL)
			panic("no idle thread yet");
		p->p_stat = SRUN;
	}
	spc->spc_curpriority = p->p_usrpri;
	return p;
}

/*
 * Which CPU a new thread begins on: there is one.
 */
struct cpu_info *
sched_choosecpu_fork(struct proc *parent, int flags)
{
	return curcpu();
}
