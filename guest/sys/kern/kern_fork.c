/* SPDX-License-Identifier: ISC */
/*
 * fork(2) and relatives: a process is born.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/acct.h>
#include <sys/filedesc.h>
#include <sys/kernel.h>
#include <sys/ktrace.h>
#include <sys/malloc.h>
#include <sys/pledge.h>
#include <sys/pool.h>
#include <sys/proc.h>
#include <sys/ptrace.h>
#include <sys/resourcevar.h>
#include <sys/sched.h>
#include <sys/signalvar.h>
#include <sys/syscallargs.h>
#include <sys/tfork.h>
#include <sys/vnode.h>
#include <machine/cpu.h>
#include <uvm/uvm_extern.h>

int	nprocesses = 1;		/* process 0 */
int	nthreads = 1;		/* proc 0 */
int	randompid;		/* pids are random, when set to 1 */
struct	forkstat forkstat;

/* At most one "table is full" line in this time. */
const struct timeval fork_tfmrate = { 10, 0 };

#define OLDPIDS	128		/* freed pids that are not used again yet */
pid_t	oldpids[OLDPIDS];

/* What a child's ps_flags begin with. */
#define PS_INHERITED	(PS_SUGID | PS_SUGIDEXEC | PS_PLEDGE | \
			 PS_EXECPLEDGE | PS_WXNEEDED)

/* Slots that only root may take. */
#define ROOT_RESERVE	5

/*
 * The first thing a traced child does is stop, before its first
 * instruction in user mode.
 */
void
fork_return(void *arg)
{
	struct proc *p = (struct proc *)arg;

	if (p->p_p->ps_flags & PS_TRACED)
		psignal(p, SIGTRAP);

	child_return(p);
}

int
sys_fork(struct proc *p, void *v, register_t *retval)
{
	int flags;

	flags = FORK_FORK;
	if (p->p_p->ps_ptmask & PTRACE_FORK)
		flags |= FORK_PTRACE;
	return fork1(p, flags, fork_return, NULL, retval, NULL);
}

int
sys_vfork(struct proc *p, void *v, register_t *retval)
{
	return fork1(p, FORK_VFORK | FORK_PPWAIT, child_return, NULL, retval,
	    NULL);
}

int
sys___tfork(struct proc *p, void *v, register_t *retval)
{
	struct sys___tfork_args *uap = v;
	size_t psize = SCARG(uap, psize);
	struct __tfork param = { NULL, NULL, NULL };
	int error;

	if (psize == 0 || psize > sizeof(param))
		return EINVAL;
	error = copyin(SCARG(uap, param), &param, psize);
	if (error != 0)
		return error;
	if ((vaddr_t)param.tf_tcb >= VM_MAXUSER_ADDRESS)
		return EINVAL;
	if (KTRPOINT(p, KTR_STRUCT))
		ktrstruct(p, "tfork", &param, sizeof(param));
	return thread_fork(p, param.tf_stack, param.tf_tcb, param.tf_tid,
	    retval);
}

/*
 * A new thread structure: zeroed here, copied from its parent there, and
 * known to nobody yet.
 */
struct proc *
thread_new(struct proc *parent, vaddr_t uaddr)
{
	struct proc *p;

	p = pool_get(&proc_pool, PR_WAITOK);
	p->p_stat = SIDL;		/* protects against preemption */
	p->p_flag = 0;
	p->p_runpri = 0;

	memset(&p->p_startzero, 0,
	    (caddr_t)&p->p_endzero - (caddr_t)&p->p_startzero);
	memcpy(&p->p_startcopy, &parent->p_startcopy,
	    (caddr_t)&p->p_endcopy - (caddr_t)&p->p_startcopy);
	crhold(p->p_ucred);
	p->p_addr = (struct user *)uaddr;

	/* Cached ranges of another life must not be believed. */
	memset(&p->p_spinentry, 0, sizeof(p->p_spinentry));
	memset(&p->p_pcinentry, 0, sizeof(p->p_pcinentry));

	timeout_set(&p->p_sleep_to, endtsleep, p);
	scheduler_fork_hook(parent, p);

	return p;
}

/*
 * Initialize the parts of a process that belong to no section; also used
 * for process 0.
 */
void
process_initialize(struct process *pr, struct proc *p)
{
	/* the original thread */
	pr->ps_mainproc = p;
	TAILQ_INIT(&pr->ps_threads);
	TAILQ_INSERT_TAIL(&pr->ps_threads, p, p_thr_link);
	pr->ps_refcnt = 1;
	p->p_p = pr;

	/* the thread's credentials are the process's: one more reference */
	pr->ps_ucred = p->p_ucred;
	crhold(pr->ps_ucred);
	KASSERT(p->p_ucred->cr_ref >= 2);

	LIST_INIT(&pr->ps_children);
	TAILQ_INIT(&pr->ps_tslpqueue);
	rw_init(&pr->ps_lock, "pslock");
	mtx_init(&pr->ps_mtx, IPL_HIGH);

	timeout_set(&pr->ps_realit_to, realitexpire, pr);
	timeout_set(&pr->ps_rucheck_to, rucheck, pr);
}

/*
 * A new process around the new thread, with all that it shares with or
 * copies from its parent.  It is on allprocess when this returns, marked as
 * an embryo.
 */
struct process *
process_new(struct proc *p, struct process *parent, int flags)
{
	struct process *pr;

	pr = pool_get(&process_pool, PR_WAITOK);

	memset(&pr->ps_startzero, 0,
	    (caddr_t)&pr->ps_endzero - (caddr_t)&pr->ps_startzero);
	memcpy(&pr->ps_startcopy, &parent->ps_startcopy,
	    (caddr_t)&pr->ps_endcopy - (caddr_t)&pr->ps_startcopy);

	process_initialize(pr, p);
	pr->ps_pid = allocpid();
	lim_fork(parent, pr);

	pr->ps_pptr = parent;

	/* the program it runs */
	pr->ps_textvp = parent->ps_textvp;
	if (pr->ps_textvp != NULL)
		vref(pr->ps_textvp);

	unveil_copy(parent, pr);

	pr->ps_flags = parent->ps_flags & PS_INHERITED;
	if (parent->ps_session->s_ttyvp != NULL)
		pr->ps_flags |= parent->ps_flags & PS_CONTROLT;

	if (flags & FORK_SHAREFILES)
		pr->ps_fd = fdshare(parent);
	else
		pr->ps_fd = fdcopy(parent);
	if (flags & FORK_SIGHAND)
		pr->ps_sigacts = sigactsshare(parent);
	else
		pr->ps_sigacts = sigactsinit(parent);
	if (flags & FORK_SHAREVM)
		pr->ps_vmspace = uvmspace_share(parent);
	else
		pr->ps_vmspace = uvmspace_fork(parent);

	if (parent->ps_flags & PS_PROFIL)
		startprofclock(pr);
	if (flags & FORK_PTRACE)
		pr->ps_flags |= parent->ps_flags & PS_TRACED;
	if (flags & FORK_NOZOMBIE)
		pr->ps_flags |= PS_NOZOMBIE;
	if (flags & FORK_SYSTEM)
		pr->ps_flags |= PS_SYSTEM;

	/* not all there yet, whoever walks the list must skip it */
	pr->ps_flags |= PS_EMBRYO;

	/* the stores above come before the one that shows them */
	membar_producer();
	LIST_INSERT_HEAD(&allprocess, pr, ps_list);

	return pr;
}

/*
 * Is there room for another thread of this real user?  Counts it if so.
 */
int
fork_check_maxthread(uid_t uid)
{
	/*
	 * The last few belong to root, so that a user who fills the table
	 * can be dealt with.
	 */
	if ((nthreads >= maxthread - ROOT_RESERVE && uid != 0) ||
	    nthreads >= maxthread) {
		static struct timeval lasttfm;

		if (ratecheck(&lasttfm, &fork_tfmrate))
			tablefull("proc");
		return EAGAIN;
	}
	nthreads++;
	return 0;
}

/*
 * The child may run from now on.
 */
void
fork_thread_start(struct proc *p, struct proc *parent, int flags)
{
	int s;

	SCHED_LOCK(s);
	p->p_cpu = sched_choosecpu_fork(parent, flags);
	setrunqueue(p);
	SCHED_UNLOCK(s);
}

/*
 * Make a process with one thread, a child of curp's process.  The thread
 * begins in func(arg), or func(thread) if arg is NULL.  Returns 0, EAGAIN
 * (a limit) or ENOMEM.
 */
int
fork1(struct proc *curp, int flags, void (*func)(void *), void *arg,
    register_t *retval, struct proc **rnewprocp)
{
	struct process *curpr = curp->p_p;
	struct process *pr;
	struct proc *p;
	uid_t uid = curp->p_ucred->cr_ruid;
	struct vmspace *vm;
	int count;
	vaddr_t uaddr;
	int error;
	struct ptrace_state *newptstat = NULL;

	KASSERT((flags & ~(FORK_FORK | FORK_VFORK | FORK_IDLE | FORK_PPWAIT |
	    FORK_SHAREFILES | FORK_SYSTEM | FORK_NOZOMBIE | FORK_SHAREVM |
	    FORK_SIGHAND | FORK_PTRACE)) == 0);
	KASSERT((flags & FORK_SIGHAND) == 0 || (flags & FORK_SHAREVM));
	KASSERT(func != NULL);

	error = fork_check_maxthread(uid);
	if (error != 0)
		return error;

	if ((nprocesses >= maxprocess - ROOT_RESERVE && uid != 0) ||
	    nprocesses >= maxprocess) {
		static struct timeval lasttfm;

		if (ratecheck(&lasttfm, &fork_tfmrate))
			tablefull("process");
		nthreads--;
		return EAGAIN;
	}
	nprocesses++;

	/* Each user has a limit too, which does not hold root back. */
	count = chgproccnt(uid, 1);
	if (uid != 0 && (rlim_t)count > lim_cur(RLIMIT_NPROC)) {
		(void)chgproccnt(uid, -1);
		nprocesses--;
		nthreads--;
		return EAGAIN;
	}

	uaddr = uvm_uarea_alloc();
	if (uaddr == 0) {
		(void)chgproccnt(uid, -1);
		nprocesses--;
		nthreads--;
		return ENOMEM;
	}

	/*
	 * From now on, no failure.
	 */
	p = thread_new(curp, uaddr);
	pr = process_new(p, curpr, flags);

	p->p_fd = pr->ps_fd;
	p->p_vmspace = pr->ps_vmspace;
	if (pr->ps_flags & PS_SYSTEM)
		atomic_setbits_int((u_int *)&p->p_flag, P_SYSTEM);

	if (flags & FORK_PPWAIT) {
		atomic_setbits_int(&pr->ps_flags, PS_PPWAIT);
		atomic_setbits_int(&curpr->ps_flags, PS_ISPWAIT);
	}

	/* A traced parent's children are traced if it said so. */
	if ((u_int)curpr->ps_traceflag & KTRFAC_INHERIT)
		ktrsettrace(pr, curpr->ps_traceflag, curpr->ps_tracevp,
		    curpr->ps_tracecred);

	/* Registers and kernel stack of the new thread. */
	cpu_fork(curp, p, NULL, NULL, func, (arg != NULL) ? arg : p);

	vm = pr->ps_vmspace;
	if (flags & FORK_FORK) {
		forkstat.cntfork++;
		forkstat.sizfork += vm->vm_dsize + vm->vm_ssize;
	} else if (flags & FORK_VFORK) {
		forkstat.cntvfork++;
		forkstat.sizvfork += vm->vm_dsize + vm->vm_ssize;
	} else {
		forkstat.cntkthread++;
	}

	if (pr->ps_flags & PS_TRACED && flags & FORK_FORK)
		newptstat = malloc(sizeof(*newptstat), M_SUBPROC,
		    M_WAITOK | M_ZERO);

	p->p_tid = alloctid();

	/* Where it can be found. */
	LIST_INSERT_HEAD(&allproc, p, p_list);
	LIST_INSERT_HEAD(TIDHASH(p->p_tid), p, p_hash);
	LIST_INSERT_HEAD(PIDHASH(pr->ps_pid), pr, ps_hash);
	LIST_INSERT_AFTER(curpr, pr, ps_pglist);
	LIST_INSERT_HEAD(&curpr->ps_children, pr, ps_sibling);

	if (pr->ps_flags & PS_TRACED) {
		pr->ps_oppid = curpr->ps_pid;
		if (pr->ps_pptr != curpr->ps_pptr)
			proc_reparent(pr, curpr->ps_pptr);

		/* Both are told about each other when the debugger asks. */
		if (newptstat != NULL) {
			pr->ps_ptstat = newptstat;
			newptstat = NULL;
			curpr->ps_ptstat->pe_report_event = PTRACE_FORK;
			pr->ps_ptstat->pe_report_event = PTRACE_FORK;
			curpr->ps_ptstat->pe_other_pid = pr->ps_pid;
			pr->ps_ptstat->pe_other_pid = curpr->ps_pid;
		}
	}

	/* The process is complete: it has a past and may have a future. */
	getnanotime(&pr->ps_start);
	pr->ps_acflag = AFORK;
	atomic_clearbits_int(&pr->ps_flags, PS_EMBRYO);

	if ((flags & FORK_IDLE) == 0)
		fork_thread_start(p, curp, flags);
	else
		p->p_cpu = arg;

	free(newptstat, M_SUBPROC, sizeof(*newptstat));

	/* Tell who watches the parent. */
	KNOTE(&curpr->ps_klist, NOTE_FORK | pr->ps_pid);

	uvmexp.forks++;
	if (flags & FORK_PPWAIT)
		uvmexp.forks_ppwait++;
	if (flags & FORK_SHAREVM)
		uvmexp.forks_sharevm++;

	if (rnewprocp != NULL)
		*rnewprocp = p;

	/* A vfork(2) parent waits until its child executes or exits. */
	if (flags & FORK_PPWAIT)
		while (curpr->ps_flags & PS_ISPWAIT)
			tsleep(curpr, PWAIT, "ppwait", 0);

	/* A traced parent stops too, for the debugger to look at both. */
	if ((flags & FORK_PTRACE) && (curpr->ps_flags & PS_TRACED))
		psignal(curp, SIGTRAP);

	/* The parent's answer; the child's is made by child_return(). */
	if (retval != NULL) {
		retval[0] = pr->ps_pid;
		retval[1] = 0;
	}
	return 0;
}

/*
 * Add a thread to the current process.  Returns 0, EINVAL, EAGAIN or
 * ENOMEM.
 */
int
thread_fork(struct proc *curp, void *stack, void *tcb, pid_t *tidptr,
    register_t *retval)
{
	struct process *pr = curp->p_p;
	struct proc *p;
	pid_t tid;
	vaddr_t uaddr;
	int error;

	if (stack == NULL)
		return EINVAL;
	error = fork_check_maxthread(curp->p_ucred->cr_ruid);
	if (error != 0)
		return error;
	uaddr = uvm_uarea_alloc();
	if (uaddr == 0) {
		nthreads--;
		return ENOMEM;
	}

	/* From now on, no failure. */
	p = thread_new(curp, uaddr);
	atomic_setbits_int((u_int *)&p->p_flag, P_THREAD);
	sigstkinit(&p->p_sigstk);

	p->p_p = pr;
	pr->ps_refcnt++;
	p->p_fd = pr->ps_fd;
	p->p_vmspace = pr->ps_vmspace;

	cpu_fork(curp, p, stack, tcb, child_return, p);

	p->p_tid = alloctid();
	LIST_INSERT_HEAD(&allproc, p, p_list);
	LIST_INSERT_HEAD(TIDHASH(p->p_tid), p, p_hash);
	TAILQ_INSERT_TAIL(&pr->ps_threads, p, p_thr_link);

	/* Others of this process are being stopped: so is the new one. */
	if (pr->ps_single != NULL) {
		pr->ps_singlecount++;
		atomic_setbits_int((u_int *)&p->p_flag, P_SUSPSINGLE);
	}

	tid = p->p_tid + THREAD_PID_OFFSET;
	retval[0] = tid;
	retval[1] = 0;
	if (tidptr != NULL && copyout(&tid, tidptr, sizeof(tid)) != 0)
		psignal(curp, SIGSEGV);

	fork_thread_start(p, curp, 0);

	forkstat.cnttfork++;
	uvmexp.forks++;
	uvmexp.forks_sharevm++;
	return 0;
}

/*
 * Is there a living process, a zombie, a group or a recent memory with
 * this id?
 */
int
ispidtaken(pid_t pid)
{
	u_int i;

	for (i = 0; i < nitems(oldpids); i++)
		if (pid == oldpids[i])
			return 1;
	if (prfind(pid) != NULL)
		return 1;
	if (pgfind(pid) != NULL)
		return 1;
	if (zombiefind(pid) != NULL)
		return 1;
	return 0;
}

/*
 * A pid nobody has: in sequence until init exists, then random.
 */
pid_t
allocpid(void)
{
	static pid_t lastpid;
	pid_t pid;

	if (!randompid) {
		/* the first process, init, gets 1 */
		pid = ++lastpid;
	} else {
		do {
			pid = lastpid + 1 +
			    arc4random_uniform(PID_MAX - lastpid);
		} while (ispidtaken(pid));
	}
	return pid;
}

/*
 * A thread id nobody has.
 */
pid_t
alloctid(void)
{
	pid_t tid;

	do {
		/* 0 is proc0's */
		tid = 1 + (arc4random() & TID_MASK);
	} while (tfind(tid) != NULL);
	return tid;
}

/*
 * A pid is not used again for the next 128 that are freed.
 */
void
freepid(pid_t pid)
{
	static u_int idx;

	oldpids[idx++ % nitems(oldpids)] = pid;
}

/*
 * From proc_trampoline: the thread begins with the scheduler locked by the
 * thread that switched to it, and goes on with the big lock.
 */
void
proc_trampoline_mp(void)
{
	nanouptime(&curcpu()->ci_schedstate.spc_runtime);
	sched_lock_depth = 0;
	spl0();
	KERNEL_LOCK();
}
