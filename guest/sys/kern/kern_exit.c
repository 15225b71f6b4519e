/* SPDX-License-Identifier: ISC */
/*
 * The end of a thread and of a process, and the parent that waits for it.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/acct.h>
#include <sys/filedesc.h>
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
#include <sys/vnode.h>
#include <sys/wait.h>
#include <machine/cpu.h>
#include <uvm/uvm_extern.h>

struct process *initprocess;
struct proc *reaperproc;

void	exit_children(struct process *);
void	proc_wait_report(struct process *, int *, register_t *, int);

int
sys_exit(struct proc *p, void *v, register_t *retval)
{
	struct sys_exit_args *uap = v;

	exit1(p, W_EXITCODE(SCARG(uap, rval) & 0xff, 0), EXIT_NORMAL);
	/* NOTREACHED */
}

int
sys___threxit(struct proc *p, void *v, register_t *retval)
{
	struct sys___threxit_args *uap = v;
	pid_t zero = 0;

	if (SCARG(uap, notdead) != NULL &&
	    copyout(&zero, SCARG(uap, notdead), sizeof(zero)) != 0)
		psignal(p, SIGSEGV);
	exit1(p, 0, EXIT_THREAD);
	/* NOTREACHED */
}

/*
 * End the calling thread, and with EXIT_NORMAL its process: give back all
 * that can be given back while still standing on the kernel stack.  rv is
 * the wait status.
 */
void
exit1(struct proc *p, int rv, int flags)
{
	struct process *pr = p->p_p;

	atomic_setbits_int((u_int *)&p->p_flag, P_WEXIT);
	if (!P_HASSIBLING(p)) {
		flags = EXIT_NORMAL;
	} else {
		/* the other threads must have ended before the process can */
		if (flags == EXIT_NORMAL)
			single_thread_set(p, SINGLE_EXIT, 0);
		else if (flags == EXIT_THREAD)
			single_thread_check(p, 0);
	}

	if (flags == EXIT_NORMAL && (pr->ps_flags & PS_EXITING) == 0) {
		if (pr->ps_pid == 1)
			panic("init died (signal %d, exit %d)",
			    rv & 0177, (rv >> 8) & 0377);
		atomic_setbits_int(&pr->ps_flags, PS_EXITING);
		pr->ps_mainproc->p_xstat = rv;
		/* a vfork(2) parent need not wait any longer */
		if (pr->ps_flags & PS_PPWAIT) {
			atomic_clearbits_int(&pr->ps_flags, PS_PPWAIT);
			atomic_clearbits_int(&pr->ps_pptr->ps_flags,
			    PS_ISPWAIT);
			wakeup(pr->ps_pptr);
		}
	}

	/* a thread that ends is not one of the process's threads */
	TAILQ_REMOVE(&pr->ps_threads, p, p_thr_link);
	if ((p->p_flag & P_THREAD) == 0) {
		/* the main thread is the last to go */
		while (pr->ps_refcnt > 1)
			tsleep(&pr->ps_threads, PWAIT, "thrdeath", 0);
		if (pr->ps_flags & PS_PROFIL)
			stopprofclock(pr);
	}

	/* totals live on in the zombie */
	if (pr->ps_ru == NULL)
		pr->ps_ru = pool_get(&rusage_pool, PR_WAITOK | PR_ZERO);
	p->p_siglist = 0;
	if ((p->p_flag & P_THREAD) == 0)
		pr->ps_siglist = 0;

	if ((p->p_flag & P_THREAD) == 0) {
		/* close files, and with them pipes and terminals */
		fdfree(p);
		cancel_all_itimers();
		killjobc(pr);
		ktrcleartrace(pr);
		unveil_destroy(pr);
		/* a parent that does not want to know leaves no zombie */
		if (pr->ps_pptr->ps_sigacts->ps_sigflags & SAS_NOCLDWAIT)
			atomic_setbits_int(&pr->ps_flags, PS_NOZOMBIE);
	}
	p->p_fd = NULL;

	/*
	 * No sleeping from here on: the thread is neither runnable nor
	 * waiting for anything.
	 */
	p->p_stat = SDEAD;
	LIST_REMOVE(p, p_hash);
	LIST_REMOVE(p, p_list);

	if ((p->p_flag & P_THREAD) == 0) {
		LIST_REMOVE(pr, ps_hash);
		LIST_REMOVE(pr, ps_list);
		if ((pr->ps_flags & PS_NOZOMBIE) == 0)
			LIST_INSERT_HEAD(&zombprocess, pr, ps_list);
		else
			/* nobody will wait for it */
			freepid(pr->ps_pid);
		exit_children(pr);
	}

	/* the bill */
	ruadd(pr->ps_ru, &p->p_ru);
	tuagg(pr, p);
	if ((p->p_flag & P_THREAD) == 0) {
		calcru(&pr->ps_tu, &pr->ps_ru->ru_utime, &pr->ps_ru->ru_stime);
		ruadd(pr->ps_ru, &pr->ps_cru);
		knote_processexit(p);
		sigactsfree(pr);
		/* tell a parent that waits that this child is none */
		if (pr->ps_flags & PS_NOZOMBIE) {
			struct process *ppr = pr->ps_pptr;

			proc_reparent(pr, initprocess);
			wakeup(ppr);
		}
	}
	if (p->p_limit != NULL) {
		lim_free(p->p_limit);
		p->p_limit = NULL;
	}
	if (p->p_flag & P_THREAD) {
		if (--pr->ps_refcnt == 1)
			wakeup(&pr->ps_threads);
	}

	/* the reaper goes on, when this stack is left */
	uvmexp.swtch++;
	cpu_exit(p);
	panic("cpu_exit returned");
}

/*
 * The children of a process that ends become init's.
 */
void
exit_children(struct process *pr)
{
	struct process *qr, *nqr;

	if (!LIST_EMPTY(&pr->ps_children))
		wakeup(initprocess);
	LIST_FOREACH_SAFE(qr, &pr->ps_children, ps_sibling, nqr) {
		proc_reparent(qr, initprocess);
		/* without its debugger a traced process cannot go on */
		if ((qr->ps_flags & PS_TRACED) &&
		    (qr->ps_flags & PS_EXITING) == 0) {
			process_untrace(qr);
			prsignal(qr, SIGKILL);
		}
	}
}

/*
 * From the idle thread: nobody stands on p's stack any more.
 */
void
exit2(struct proc *p)
{
	int s = splhigh();

	LIST_INSERT_HEAD(&deadproc, p, p_hash);
	splx(s);
	wakeup(&deadproc);
}

/*
 * The last of a thread structure.
 */
void
proc_free(struct proc *p)
{
	crfree(p->p_ucred);
	pool_put(&proc_pool, p);
	nthreads--;
}

/*
 * Kernel thread: frees the uarea and the address space of what has ended,
 * which it could not do itself, and tells the parent.
 */
void
reaper(void *arg)
{
	struct process *pr;
	struct proc *p;
	int s;

	for (;;) {
		s = splhigh();
		while ((p = LIST_FIRST(&deadproc)) == NULL) {
			splx(s);
			tsleep(&deadproc, PVM, "reaper", 0);
			s = splhigh();
		}
		LIST_REMOVE(p, p_hash);
		splx(s);

		uvm_uarea_free(p);
		p->p_vmspace = NULL;
		if (p->p_flag & P_THREAD) {
			proc_free(p);
			continue;
		}
		pr = p->p_p;
		uvm_exit(pr);
		if ((pr->ps_flags & PS_NOZOMBIE) == 0) {
			atomic_setbits_int(&pr->ps_flags, PS_ZOMBIE);
			prsignal(pr->ps_pptr, SIGCHLD);
			wakeup(pr->ps_pptr);
		} else
			process_zap(pr);
	}
}

int
sys_wait4(struct proc *q, void *v, register_t *retval)
{
	struct sys_wait4_args *uap = v;
	struct rusage ru;
	int status, error;

	error = dowait4(q, SCARG(uap, pid),
	    SCARG(uap, status) != NULL ? &status : NULL,
	    SCARG(uap, options),
	    SCARG(uap, rusage) != NULL ? &ru : NULL, retval);
	if (error == 0 && retval[0] > 0 && SCARG(uap, status) != NULL)
		error = copyout(&status, SCARG(uap, status), sizeof(status));
	if (error == 0 && retval[0] > 0 && SCARG(uap, rusage) != NULL)
		error = copyout(&ru, SCARG(uap, rusage), sizeof(ru));
	return error;
}

/*
 * The thread whose stopping and going on is the process's: the one that
 * stopped for the debugger, else the main thread, unless that has ended.
 */
struct proc *
proc_reporter(struct process *pr)
{
	struct proc *p = pr->ps_mainproc;

	if ((pr->ps_flags & PS_TRACED) && pr->ps_single != NULL)
		return pr->ps_single;
	if ((p->p_flag & P_WEXIT) && !TAILQ_EMPTY(&pr->ps_threads))
		return TAILQ_FIRST(&pr->ps_threads);
	return p;
}

/*
 * A child that stopped or went on: its pid and the status.
 */
void
proc_wait_report(struct process *pr, int *statusp, register_t *retval,
    int status)
{
	retval[0] = pr->ps_pid;
	if (statusp != NULL)
		*statusp = status;
}

/*
 * Wait for a child: pid -1 any, 0 of the caller's group, < -1 of that
 * group.  Returns 0, ECHILD, EINVAL, EINTR or ERESTART.
 */
int
dowait4(struct proc *q, pid_t pid, int *statusp, int options,
    struct rusage *rusage, register_t *retval)
{
	struct process *pr;
	struct proc *p;
	int nfound, error;

	if (pid == 0)
		pid = -q->p_p->ps_pgid;
	if (options & ~(WUNTRACED | WNOHANG | WCONTINUED))
		return EINVAL;
	for (;;) {
		nfound = 0;
		LIST_FOREACH(pr, &q->p_p->ps_children, ps_sibling) {
			if ((pr->ps_flags & PS_NOZOMBIE) ||
			    (pid != WAIT_ANY && pr->ps_pid != pid &&
			    pr->ps_pgid != -pid))
				continue;
			p = proc_reporter(pr);
			nfound++;
			if (pr->ps_flags & PS_ZOMBIE) {
				p = pr->ps_mainproc;
				proc_wait_report(pr, statusp, retval,
				    p->p_xstat);
				if (rusage != NULL)
					*rusage = *pr->ps_ru;
				proc_finish_wait(q, p);
				return 0;
			}
			if ((p->p_stat == SSTOP) &&
			    (pr->ps_flags & PS_WAITED) == 0 &&
			    ((pr->ps_flags & PS_TRACED) ||
			    (options & WUNTRACED))) {
				atomic_setbits_int(&pr->ps_flags, PS_WAITED);
				proc_wait_report(pr, statusp, retval,
				    W_STOPCODE(p->p_xstat));
				if (rusage != NULL)
					memset(rusage, 0, sizeof(*rusage));
				return 0;
			}
			if ((options & WCONTINUED) &&
			    (p->p_flag & P_CONTINUED)) {
				atomic_clearbits_int((u_int *)&p->p_flag,
				    P_CONTINUED);
				proc_wait_report(pr, statusp, retval,
				    _WCONTINUED);
				if (rusage != NULL)
					memset(rusage, 0, sizeof(*rusage));
				return 0;
			}
		}
		if (nfound == 0)
			return ECHILD;
		if (options & WNOHANG) {
			retval[0] = 0;
			return 0;
		}
		error = tsleep(q->p_p, PWAIT | PCATCH, "wait", 0);
		if (error != 0)
			return error;
	}
}

/*
 * The waiting parent has seen the zombie: charge its time and free it.
 */
void
proc_finish_wait(struct proc *waiter, struct proc *p)
{
	struct process *pr = p->p_p, *tr;

	/* a debugger gives it back to its real parent */
	if (pr->ps_oppid != 0 && pr->ps_oppid != pr->ps_pptr->ps_pid &&
	    (tr = prfind(pr->ps_oppid)) != NULL) {
		atomic_clearbits_int(&pr->ps_flags, PS_TRACED);
		pr->ps_oppid = 0;
		proc_reparent(pr, tr);
		prsignal(tr, SIGCHLD);
		wakeup(tr);
		return;
	}
	scheduler_wait_hook(waiter, p);
	ruadd(&waiter->p_p->ps_cru, pr->ps_ru);
	LIST_REMOVE(pr, ps_list);	/* off zombprocess */
	freepid(pr->ps_pid);
	process_zap(pr);
}

/*
 * Make process parent the new parent of process child.
 */
void
proc_reparent(struct process *child, struct process *parent)
{
	if (child->ps_pptr == parent)
		return;
	LIST_REMOVE(child, ps_sibling);
	LIST_INSERT_HEAD(&parent->ps_children, child, ps_sibling);
	child->ps_pptr = parent;
}

/*
 * The last of a process: all that is left of it is freed.
 */
void
process_zap(struct process *pr)
{
	struct proc *p = pr->ps_mainproc;
	struct vnode *otvp;

	leavepgrp(pr);
	LIST_REMOVE(pr, ps_sibling);

	/* its real user has one process less */
	(void)chgproccnt(pr->ps_ucred->cr_ruid, -1);

	otvp = pr->ps_textvp;
	pr->ps_textvp = NULL;
	if (otvp != NULL)
		vrele(otvp);

	KASSERT(pr->ps_refcnt == 1);
	KASSERT(TAILQ_EMPTY(&pr->ps_threads));
	if (pr->ps_ptstat != NULL)
		free(pr->ps_ptstat, M_SUBPROC, sizeof(*pr->ps_ptstat));
	pool_put(&rusage_pool, pr->ps_ru);
	lim_free(pr->ps_limit);
	crfree(pr->ps_ucred);
	pool_put(&process_pool, pr);
	nprocesses--;

	proc_free(p);
}
