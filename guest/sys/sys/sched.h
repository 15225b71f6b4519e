/* SPDX-License-Identifier: ISC */
#ifndef _SYS_SCHED_H_
#define _SYS_SCHED_H_

#include <sys/types.h>
#include <sys/queue.h>
#include <sys/time.h>

/* What the processor was doing at a statistics clock tick. */
#define CP_USER		0
#define CP_NICE		1
#define CP_SYS		2
#define CP_SPIN		3
#define CP_INTR		4
#define CP_IDLE		5
#define CPUSTATES	6

#define SCHED_NQS	32		/* 32 run queues, 0 is the best */

struct proc;
TAILQ_HEAD(prochead, proc);
LIST_HEAD(procdeadlist, proc);

/* The scheduler's state of one CPU. */
struct schedstate_percpu {
	struct proc	*spc_idleproc;		/* the idle thread */
	struct prochead	 spc_qs[SCHED_NQS];	/* run queues by p_runpri/4 */
	struct procdeadlist spc_deadproc;	/* exited, still on a stack */
	struct timespec	 spc_runtime;		/* when curproc began to run */
	volatile int	 spc_schedflags;	/* SPCF_* */
	u_int64_t	 spc_cp_time[CPUSTATES];	/* statclock ticks */
	u_char		 spc_curpriority;	/* usrpri of curproc */
	int		 spc_rrticks;		/* ticks until roundrobin() */
	u_int		 spc_nrun;		/* threads on the run queues */
	fixpt_t		 spc_ldavg;		/* load average of this CPU */
	volatile uint32_t spc_whichqs;		/* bit n: spc_qs[n] not empty */
};

#define SPCF_SEENRR	0x0001	/* curproc saw one roundrobin() */
#define SPCF_SHOULDYIELD 0x0002	/* curproc saw two: it should yield */

#ifdef _KERNEL
#define PPQ		(128 / SCHED_NQS)	/* priorities per queue */
#define ESTCPULIM	36		/* largest p_estcpu */
#define NICE_WEIGHT	2		/* priorities per nice level */

struct cpu_info;

void	sched_init_cpu(struct cpu_info *);
void	sched_init_runqueues(void);
void	sched_kthreads_create(void *);
void	sched_idle(void *);
void	sched_exit(struct proc *) __dead;
void	setrunqueue(struct proc *);
void	remrunqueue(struct proc *);
struct proc *sched_chooseproc(void);
struct cpu_info *sched_choosecpu_fork(struct proc *, int);
void	scheduler_start(void);
void	scheduler_fork_hook(struct proc *, struct proc *);
void	scheduler_wait_hook(struct proc *, struct proc *);
void	schedclock(struct proc *);
void	schedcpu(void *);
void	roundrobin(struct cpu_info *);
void	resetpriority(struct proc *);
void	updatepri(struct proc *);
void	setrunnable(struct proc *);
void	unsleep(struct proc *);
void	mi_switch(void);
void	yield(void);
void	preempt(void);
void	loadavg_update(void);
void	cpu_switchto(struct proc *, struct proc *);
void	cpu_idle_cycle(void);
void	need_resched(struct cpu_info *);

extern int sched_lock_depth;
int	_sched_lock(void);
void	_sched_unlock(int);
void	sched_assert_locked(void);
#define SCHED_LOCK(s)	do { (s) = _sched_lock(); } while (0)
#define SCHED_UNLOCK(s)	_sched_unlock(s)
#define SCHED_ASSERT_LOCKED()	sched_assert_locked()
#endif /* _KERNEL */

#endif /* _SYS_SCHED_H_ */
