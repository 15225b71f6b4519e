/* SPDX-License-Identifier: ISC */
/*
 * Resource limits and usage.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/ktrace.h>
#include <sys/kernel.h>
#include <sys/pool.h>
#include <sys/proc.h>
#include <sys/resourcevar.h>
#include <sys/sched.h>
#include <sys/signalvar.h>
#include <sys/syscallargs.h>
#include <machine/cpu.h>
#include <uvm/uvm_extern.h>

struct pool plimit_pool;
struct plimit limit0;

/*
 * The limits of process 0.
 */
void
lim_startup(struct plimit *limit)
{
	int i;

	pool_init(&plimit_pool, sizeof(struct plimit), 0, IPL_NONE, 0,
	    "plimitpl", NULL);
	for (i = 0; i < RLIM_NLIMITS; i++)
		limit->pl_rlimit[i].rlim_cur = limit->pl_rlimit[i].rlim_max =
		    RLIM_INFINITY;
	limit->pl_rlimit[RLIMIT_NOFILE].rlim_cur = NOFILE;
	limit->pl_rlimit[RLIMIT_NOFILE].rlim_max = NOFILE_MAX;
	limit->pl_rlimit[RLIMIT_NPROC].rlim_cur = MAXUPRC;
	limit->pl_refcnt = 1;
	uvm_init_limits(limit);
}

/*
 * A child shares its parent's limits until one of the two changes them.
 */
void
lim_fork(struct process *parent, struct process *child)
{
	struct plimit *limit;

	mtx_enter(&parent->ps_mtx);
	limit = parent->ps_limit;
	limit->pl_refcnt++;
	mtx_leave(&parent->ps_mtx);

	child->ps_limit = limit;
	if (limit->pl_rlimit[RLIMIT_CPU].rlim_cur != RLIM_INFINITY)
		timeout_add_msec(&child->ps_rucheck_to, 1000);
}

void
lim_free(struct plimit *lim)
{
	if (--lim->pl_refcnt > 0)
		return;
	pool_put(&plimit_pool, lim);
}

/*
 * A private copy of shared limits.
 */
struct plimit *
lim_copy(struct plimit *limit)
{
	struct plimit *copy;

	copy = pool_get(&plimit_pool, PR_WAITOK);
	memcpy(copy->pl_rlimit, limit->pl_rlimit, sizeof(copy->pl_rlimit));
	copy->pl_refcnt = 1;
	return copy;
}

/*
 * The limits as the current thread sees them: it keeps a reference of its
 * own, so that they do not vanish while it looks.
 */
struct plimit *
lim_read_enter(void)
{
	struct proc *p = curproc;
	struct process *pr = p->p_p;
	struct plimit *limit = p->p_limit;

	if (limit != pr->ps_limit) {
		mtx_enter(&pr->ps_mtx);
		limit = pr->ps_limit;
		limit->pl_refcnt++;
		mtx_leave(&pr->ps_mtx);
		if (p->p_limit != NULL)
			lim_free(p->p_limit);
		p->p_limit = limit;
	}
	return limit;
}

rlim_t
lim_cur(int which)
{
	return lim_read_enter()->pl_rlimit[which].rlim_cur;
}

rlim_t
lim_max(int which)
{
	return lim_read_enter()->pl_rlimit[which].rlim_max;
}

rlim_t
lim_cur_proc(struct proc *p, int which)
{
	return p->p_p->ps_limit->pl_rlimit[which].rlim_cur;
}

int
dosetrlimit(struct proc *p, u_int which, struct rlimit *limp)
{
	struct process *pr = p->p_p;
	struct plimit *limit;
	struct rlimit *alimp;
	int error;

	if (which >= RLIM_NLIMITS || limp->rlim_cur > limp->rlim_max)
		return EINVAL;
	alimp = &pr->ps_limit->pl_rlimit[which];
	if (limp->rlim_max > alimp->rlim_max && (error = suser(p)) != 0)
		return error;
	if (which == RLIMIT_STACK && limp->rlim_cur > MAXSSIZ)
		limp->rlim_cur = MAXSSIZ;
	if (which == RLIMIT_NOFILE && limp->rlim_max > NOFILE_MAX)
		limp->rlim_max = NOFILE_MAX;
	if (limp->rlim_cur > limp->rlim_max)
		limp->rlim_cur = limp->rlim_max;

	/* copy on write; readers hold their own references */
	limit = pr->ps_limit;
	if (limit->pl_refcnt > 1) {
		pr->ps_limit = lim_copy(limit);
		lim_free(limit);
	}
	pr->ps_limit->pl_rlimit[which] = *limp;
	if (which == RLIMIT_CPU && limp->rlim_cur != RLIM_INFINITY)
		timeout_add_msec(&pr->ps_rucheck_to, 1000);
	return 0;
}

int
sys_setrlimit(struct proc *p, void *v, register_t *retval)
{
	struct sys_setrlimit_args *uap = v;
	struct rlimit lim;
	int error;

	error = copyin(SCARG(uap, rlp), &lim, sizeof(lim));
	if (error == 0 && KTRPOINT(p, KTR_STRUCT))
		ktrstruct(p, "rlimit", &lim, sizeof(lim));
	if (error != 0)
		return error;
	return dosetrlimit(p, SCARG(uap, which), &lim);
}

int
sys_getrlimit(struct proc *p, void *v, register_t *retval)
{
	struct sys_getrlimit_args *uap = v;
	u_int which = SCARG(uap, which);

	if (which >= RLIM_NLIMITS)
		return EINVAL;
	return copyout(&p->p_p->ps_limit->pl_rlimit[which], SCARG(uap, rlp),
	    sizeof(struct rlimit));
}

/*
 * Add the counters of ru2 to ru.
 */
void
ruadd(struct rusage *ru, struct rusage *ru2)
{
	long *ip = &ru->ru_ixrss, *ip2 = &ru2->ru_ixrss;

	timeradd(&ru->ru_utime, &ru2->ru_utime, &ru->ru_utime);
	timeradd(&ru->ru_stime, &ru2->ru_stime, &ru->ru_stime);
	if (ru->ru_maxrss < ru2->ru_maxrss)
		ru->ru_maxrss = ru2->ru_maxrss;
	for (; ip <= &ru->ru_nivcsw; ip++, ip2++)
		*ip += *ip2;
}

/*
 * Move a thread's run time to its process.
 */
void
tuagg(struct process *pr, struct proc *p)
{
	timespecadd(&pr->ps_tu.tu_runtime, &p->p_rtime, &pr->ps_tu.tu_runtime);
	pr->ps_tu.tu_uticks += p->p_uticks;
	pr->ps_tu.tu_sticks += p->p_sticks;
	pr->ps_tu.tu_iticks += p->p_iticks;
	timespecclear(&p->p_rtime);
	p->p_uticks = p->p_sticks = p->p_iticks = 0;
}

/*
 * Statistics clock ticks as user and system time.
 */
void
calcru(struct tusage *tup, struct timeval *up, struct timeval *sp)
{
	uint64_t st = tup->tu_sticks + tup->tu_iticks;

	up->tv_sec = tup->tu_uticks / stathz;
	up->tv_usec = tup->tu_uticks % stathz * tick;
	sp->tv_sec = st / stathz;
	sp->tv_usec = st % stathz * tick;
}

int
dogetrusage(struct proc *p, int who, struct rusage *rup)
{
	struct process *pr = p->p_p;
	struct proc *q;

	switch (who) {
	case RUSAGE_SELF:
		if (pr->ps_ru != NULL)
			*rup = *pr->ps_ru;
		else
			memset(rup, 0, sizeof(*rup));
		TAILQ_FOREACH(q, &pr->ps_threads, p_thr_link) {
			ruadd(rup, &q->p_ru);
			tuagg(pr, q);
		}
		calcru(&pr->ps_tu, &rup->ru_utime, &rup->ru_stime);
		return 0;
	case RUSAGE_THREAD:
		*rup = p->p_ru;
		return 0;
	case RUSAGE_CHILDREN:
		*rup = pr->ps_cru;
		return 0;
	default:
		return EINVAL;
	}
}

int
sys_getrusage(struct proc *p, void *v, register_t *retval)
{
	struct sys_getrusage_args *uap = v;
	struct rusage ru;
	int error;

	error = dogetrusage(p, SCARG(uap, who), &ru);
	if (error == 0)
		error = copyout(&ru, SCARG(uap, rusage), sizeof(ru));
	if (error == 0 && KTRPOINT(p, KTR_STRUCT))
		ktrstruct(p, "rusage", &ru, sizeof(ru));
	return error;
}

/*
 * Once a second while there is a CPU limit: over the soft one SIGXCPU every
 * five seconds, over the hard one SIGKILL.
 */
void
rucheck(void *arg)
{
	struct process *pr = arg;
	struct rlimit *rlim = &pr->ps_limit->pl_rlimit[RLIMIT_CPU];
	struct proc *p;
	time_t runtime = pr->ps_tu.tu_runtime.tv_sec;

	TAILQ_FOREACH(p, &pr->ps_threads, p_thr_link)
		runtime += p->p_rtime.tv_sec;
	if ((rlim_t)runtime >= rlim->rlim_cur) {
		if ((rlim_t)runtime >= rlim->rlim_max)
			prsignal(pr, SIGKILL);
		else if (runtime >= pr->ps_nextxcpu) {
			prsignal(pr, SIGXCPU);
			pr->ps_nextxcpu = runtime + 5;
		}
	}
	timeout_add_msec(&pr->ps_rucheck_to, 1000);
}

/*
 * nice(3): the value of the best process that matches.
 */
int
sys_getpriority(struct proc *curp, void *v, register_t *retval)
{
	struct sys_getpriority_args *uap = v;
	struct process *pr;
	id_t who = SCARG(uap, who);
	int low = NZERO + PRIO_MAX + 1;

	if (SCARG(uap, which) != PRIO_PROCESS &&
	    SCARG(uap, which) != PRIO_PGRP && SCARG(uap, which) != PRIO_USER)
		return EINVAL;
	LIST_FOREACH(pr, &allprocess, ps_list) {
		if (pr->ps_flags & PS_EMBRYO)
			continue;
		if ((SCARG(uap, which) == PRIO_PROCESS &&
		    pr == (who == 0 ? curp->p_p : prfind(who))) ||
		    (SCARG(uap, which) == PRIO_PGRP &&
		    pr->ps_pgid == (who == 0 ? curp->p_p->ps_pgid :
		    (pid_t)who)) || (SCARG(uap, which) == PRIO_USER &&
		    pr->ps_ucred->cr_uid == (who == 0 ?
		    curp->p_ucred->cr_uid : who)))
			low = imin(low, pr->ps_nice);
	}
	if (low == NZERO + PRIO_MAX + 1)
		return ESRCH;
	*retval = low - NZERO;
	return 0;
}

/*
 * Only for single processes: others are EINVAL.
 */
int
sys_setpriority(struct proc *curp, void *v, register_t *retval)
{
	struct sys_setpriority_args *uap = v;
	struct process *pr;
	struct proc *p;
	int n = SCARG(uap, prio), s;

	if (SCARG(uap, which) != PRIO_PROCESS)
		return EINVAL;
	pr = SCARG(uap, who) == 0 ? curp->p_p : prfind(SCARG(uap, who));
	if (pr == NULL)
		return ESRCH;
	if (curp->p_ucred->cr_uid != 0 &&
	    curp->p_ucred->cr_uid != pr->ps_ucred->cr_uid)
		return EPERM;
	n = NZERO + imax(PRIO_MIN, imin(n, PRIO_MAX - 1));
	if (n < pr->ps_nice && suser(curp))
		return EACCES;
	pr->ps_nice = n;
	SCHED_LOCK(s);
	TAILQ_FOREACH(p, &pr->ps_threads, p_thr_link)
		resetpriority(p);
	SCHED_UNLOCK(s);
	return 0;
}
