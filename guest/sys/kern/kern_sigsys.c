/* SPDX-License-Identifier: ISC */
/*
 * The system calls about signals, and the threads of a process that have to
 * be one for a moment.  (The original has these in kern_sig.c.)
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/pledge.h>
#include <sys/ktrace.h>
#include <sys/proc.h>
#include <sys/sched.h>
#include <sys/signalvar.h>
#include <sys/syscallargs.h>
#include <machine/cpu.h>
#include <uvm/uvm_extern.h>

void	setsigvec(struct proc *, int, struct sigaction *);
int	cansignal(struct proc *, struct process *, int);
int	killpg1(struct proc *, int, int, int);
void	single_thread_signal(struct proc *, int);
void	single_thread_wait(struct process *);

/*
 * May p send this signal to that process?
 */
int
cansignal(struct proc *p, struct process *qr, int signum)
{
	struct ucred *uc = p->p_ucred, *quc = qr->ps_ucred;

	if (uc->cr_uid == 0 || p->p_p == qr)
		return 1;
	/* anything of one's own session may be continued */
	if (signum == SIGCONT && qr->ps_session == p->p_p->ps_session)
		return 1;
	return uc->cr_ruid == quc->cr_ruid || uc->cr_ruid == quc->cr_svuid ||
	    uc->cr_uid == quc->cr_ruid || uc->cr_uid == quc->cr_svuid;
}

/*
 * pid > 0 a process, 0 the own group, -1 everybody, < -1 that group.
 */
int
sys_kill(struct proc *cp, void *v, register_t *retval)
{
	struct sys_kill_args *uap = v;
	int pid = SCARG(uap, pid), signum = SCARG(uap, signum), error;
	struct process *pr;

	if ((error = pledge_kill(cp, pid)) != 0)
		return error;
	if ((u_int)signum >= NSIG)
		return EINVAL;
	if (pid > 0) {
		if ((pr = prfind(pid)) == NULL)
			return zombiefind(pid) != NULL ? 0 : ESRCH;
		if (!cansignal(cp, pr, signum))
			return EPERM;
		if (signum != 0)
			prsignal(pr, signum);
		return 0;
	}
	switch (pid) {
	case -1:
		return killpg1(cp, signum, 0, 1);
	case 0:
		return killpg1(cp, signum, 0, 0);
	default:
		return killpg1(cp, signum, -pid, 0);
	}
}

int
killpg1(struct proc *cp, int signum, int pgid, int all)
{
	struct process *pr;
	struct pgrp *pgrp;
	int nfound = 0;

	if (all) {
		LIST_FOREACH(pr, &allprocess, ps_list) {
			if (pr->ps_pid <= 1 || (pr->ps_flags & (PS_SYSTEM |
			    PS_NOBROADCASTKILL | PS_EMBRYO)) ||
			    pr == cp->p_p || !cansignal(cp, pr, signum))
				continue;
			nfound++;
			if (signum != 0)
				prsignal(pr, signum);
		}
	} else {
		pgrp = pgid == 0 ? cp->p_p->ps_pgrp : pgfind(pgid);
		if (pgrp == NULL)
			return ESRCH;
		LIST_FOREACH(pr, &pgrp->pg_members, ps_pglist) {
			if (pr->ps_pid <= 1 || (pr->ps_flags & PS_SYSTEM) ||
			    !cansignal(cp, pr, signum))
				continue;
			nfound++;
			if (signum != 0)
				prsignal(pr, signum);
		}
	}
	return nfound != 0 ? 0 : ESRCH;
}

int
sys_thrkill(struct proc *cp, void *v, register_t *retval)
{
	struct sys_thrkill_args *uap = v;
	int signum = SCARG(uap, signum);
	pid_t tid = SCARG(uap, tid);
	struct proc *p;

	if ((u_int)signum >= NSIG)
		return EINVAL;
	if (tid > THREAD_PID_OFFSET)
		p = tfind(tid - THREAD_PID_OFFSET);
	else
		p = tid == 0 ? cp : NULL;
	if (p == NULL || p->p_p != cp->p_p)
		return ESRCH;
	if (signum != 0)
		ptsignal(p, signum, STHREAD);
	return 0;
}

int
sys_sigaction(struct proc *p, void *v, register_t *retval)
{
	struct sys_sigaction_args *uap = v;
	struct sigacts *ps = p->p_p->ps_sigacts;
	int signum = SCARG(uap, signum), error;
	struct sigaction vec;
	sigset_t bit;

	if (signum <= 0 || signum >= NSIG)
		return EINVAL;
	/* their action cannot be changed, not even to what it is */
	if (SCARG(uap, nsa) != NULL &&
	    (signum == SIGKILL || signum == SIGSTOP))
		return EINVAL;
	bit = sigmask(signum);
	if (SCARG(uap, osa) != NULL) {
		memset(&vec, 0, sizeof(vec));
		vec.sa_handler = ps->ps_sigact[signum];
		vec.sa_mask = ps->ps_catchmask[signum];
		if (ps->ps_sigonstack & bit)
			vec.sa_flags |= SA_ONSTACK;
		if ((ps->ps_sigintr & bit) == 0)
			vec.sa_flags |= SA_RESTART;
		if (ps->ps_sigreset & bit)
			vec.sa_flags |= SA_RESETHAND;
		if (ps->ps_siginfo & bit)
			vec.sa_flags |= SA_SIGINFO;
		if (signum == SIGCHLD) {
			if (ps->ps_sigflags & SAS_NOCLDSTOP)
				vec.sa_flags |= SA_NOCLDSTOP;
			if (ps->ps_sigflags & SAS_NOCLDWAIT)
				vec.sa_flags |= SA_NOCLDWAIT;
		}
		if ((vec.sa_mask & bit) == 0)
			vec.sa_flags |= SA_NODEFER;
		vec.sa_mask &= ~bit;
		error = copyout(&vec, SCARG(uap, osa), sizeof(vec));
		if (error != 0)
			return error;
	}
	if (SCARG(uap, nsa) == NULL)
		return 0;
	error = copyin(SCARG(uap, nsa), &vec, sizeof(vec));
	if (error != 0)
		return error;
	if (KTRPOINT(p, KTR_STRUCT))
		ktrstruct(p, "sigaction", &vec, sizeof(vec));
	setsigvec(p, signum, &vec);
	return 0;
}

/*
 * Install a disposition.
 */
void
setsigvec(struct proc *p, int signum, struct sigaction *sa)
{
	struct sigacts *ps = p->p_p->ps_sigacts;
	sigset_t bit = sigmask(signum);
	int s;

	s = splhigh();
	ps->ps_sigact[signum] = sa->sa_handler;
	ps->ps_catchmask[signum] = sa->sa_mask & ~sigcantmask;
	if ((sa->sa_flags & SA_NODEFER) == 0)
		ps->ps_catchmask[signum] |= bit;
	if (signum == SIGCHLD) {
		ps->ps_sigflags &= ~(SAS_NOCLDSTOP | SAS_NOCLDWAIT);
		if (sa->sa_flags & SA_NOCLDSTOP)
			ps->ps_sigflags |= SAS_NOCLDSTOP;
		/* ignoring children means never to wait for them */
		if ((sa->sa_flags & SA_NOCLDWAIT) ||
		    sa->sa_handler == SIG_IGN)
			ps->ps_sigflags |= SAS_NOCLDWAIT;
	}
	ps->ps_sigintr &= ~bit;
	ps->ps_sigonstack &= ~bit;
	ps->ps_sigreset &= ~bit;
	ps->ps_siginfo &= ~bit;
	if ((sa->sa_flags & SA_RESTART) == 0)
		ps->ps_sigintr |= bit;
	if (sa->sa_flags & SA_ONSTACK)
		ps->ps_sigonstack |= bit;
	if (sa->sa_flags & SA_RESETHAND)
		ps->ps_sigreset |= bit;
	if (sa->sa_flags & SA_SIGINFO)
		ps->ps_siginfo |= bit;
	/* what is now ignored is no longer pending */
	if (sa->sa_handler == SIG_IGN ||
	    (sigprop[signum] & SA_IGNORE && sa->sa_handler == SIG_DFL)) {
		p->p_siglist &= ~bit;
		p->p_p->ps_siglist &= ~bit;
		if (signum != SIGCONT)
			ps->ps_sigignore |= bit;
		ps->ps_sigcatch &= ~bit;
	} else {
		ps->ps_sigignore &= ~bit;
		if (sa->sa_handler == SIG_DFL)
			ps->ps_sigcatch &= ~bit;
		else
			ps->ps_sigcatch |= bit;
	}
	splx(s);
}

/*
 * The old mask is the return value, the new one comes by value.
 */
int
sys_sigprocmask(struct proc *p, void *v, register_t *retval)
{
	struct sys_sigprocmask_args *uap = v;
	sigset_t mask = SCARG(uap, mask) & ~sigcantmask;

	*retval = p->p_sigmask;
	switch (SCARG(uap, how)) {
	case SIG_BLOCK:
		p->p_sigmask |= mask;
		break;
	case SIG_UNBLOCK:
		p->p_sigmask &= ~mask;
		break;
	case SIG_SETMASK:
		p->p_sigmask = mask;
		break;
	default:
		return EINVAL;
	}
	return 0;
}

int
sys_sigpending(struct proc *p, void *v, register_t *retval)
{
	*retval = p->p_siglist | p->p_p->ps_siglist;
	return 0;
}

/*
 * Sleep with another mask until a signal comes.
 */
int
sys_sigsuspend(struct proc *p, void *v, register_t *retval)
{
	struct sys_sigsuspend_args *uap = v;

	p->p_oldmask = p->p_sigmask;
	atomic_setbits_int((u_int *)&p->p_flag, P_SIGSUSPEND);
	p->p_sigmask = SCARG(uap, mask) & ~sigcantmask;
	while (tsleep(p->p_p->ps_sigacts, PPAUSE | PCATCH, "pause", 0) == 0)
		continue;
	/* always EINTR, never restarted */
	return EINTR;
}

int
sys_sigaltstack(struct proc *p, void *v, register_t *retval)
{
	struct sys_sigaltstack_args *uap = v;
	struct sigaltstack ss;
	int error, onstack;

	onstack = (p->p_sigstk.ss_flags & SS_DISABLE) == 0 &&
	    PROC_STACK(p) - (long)p->p_sigstk.ss_sp >= 0 &&
	    (size_t)(PROC_STACK(p) - (long)p->p_sigstk.ss_sp) <
	    p->p_sigstk.ss_size;
	if (SCARG(uap, oss) != NULL) {
		ss = p->p_sigstk;
		if (onstack)
			ss.ss_flags |= SS_ONSTACK;
		error = copyout(&ss, SCARG(uap, oss), sizeof(ss));
		if (error != 0)
			return error;
	}
	if (SCARG(uap, nss) == NULL)
		return 0;
	error = copyin(SCARG(uap, nss), &ss, sizeof(ss));
	if (error != 0)
		return error;
	if (onstack)
		return EPERM;
	if (ss.ss_flags & ~SS_DISABLE)
		return EINVAL;
	if (ss.ss_flags & SS_DISABLE) {
		sigstkinit(&p->p_sigstk);
		return 0;
	}
	if (ss.ss_size < MINSIGSTKSZ)
		return ENOMEM;
	error = uvm_map_remap_as_stack(p, (vaddr_t)ss.ss_sp, ss.ss_size);
	if (error != 0)
		return error;
	p->p_sigstk = ss;
	return 0;
}

/*
 * An undefined system call: SIGSYS.
 */
int
sys_nosys(struct proc *p, void *v, register_t *retval)
{
	ptsignal(p, SIGSYS, STHREAD);
	return ENOSYS;
}

/*
 * Make the caller the only thread that goes on.  The others, as mode says,
 * stop where they are (SINGLE_SUSPEND, SINGLE_PTRACE), go back to where they would return
 * to user mode and stop there (SINGLE_UNWIND), or end (SINGLE_EXIT).  Returns
 * when they have, but for a debugger at once.  If somebody else has asked for the same of the caller it
 * has to obey first; deep says that it cannot do that here, and gets EINTR or
 * ERESTART.
 */
int
single_thread_set(struct proc *p, int mode, int deep)
{
	struct process *pr = p->p_p;
	struct proc *q;
	int s, error;

	error = single_thread_check(p, deep);
	if (error != 0)
		return error;

	switch (mode) {
	case SINGLE_SUSPEND:
	case SINGLE_PTRACE:
		break;
	case SINGLE_UNWIND:
		atomic_setbits_int(&pr->ps_flags, PS_SINGLEUNWIND);
		break;
	case SINGLE_EXIT:
		atomic_setbits_int(&pr->ps_flags, PS_SINGLEEXIT);
		atomic_clearbits_int(&pr->ps_flags, PS_SINGLEUNWIND);
		break;
	default:
		panic("single_thread_set: mode %d", mode);
	}
	pr->ps_singlecount = 0;
	pr->ps_single = p;
	TAILQ_FOREACH(q, &pr->ps_threads, p_thr_link) {
		if (q == p || (q->p_flag & P_WEXIT))
			continue;
		SCHED_LOCK(s);
		single_thread_signal(q, mode);
		SCHED_UNLOCK(s);
	}
	if (mode != SINGLE_PTRACE)
		single_thread_wait(pr);
	return 0;
}

/*
 * Get one of the others to see that it has to stop or end.
 */
void
single_thread_signal(struct proc *q, int mode)
{
	struct process *pr = q->p_p;

	atomic_setbits_int((u_int *)&q->p_flag, P_SUSPSINGLE);
	switch (q->p_stat) {
	case SIDL:
	case SRUN:
		/* it looks before it is in user mode */
		pr->ps_singlecount++;
		break;
	case SSLEEP:
		if (q->p_flag & P_SINTR) {
			if (mode == SINGLE_SUSPEND || mode == SINGLE_PTRACE) {
				/* it need not even notice */
				q->p_stat = SSTOP;
				break;
			}
			setrunnable(q);
		}
		/* else there is nothing but to wait for its sleep's end */
		pr->ps_singlecount++;
		break;
	case SSTOP:
		/* it is stopped enough, unless it has to end */
		if (mode == SINGLE_EXIT) {
			setrunnable(q);
			pr->ps_singlecount++;
		}
		break;
	case SONPROC:
		pr->ps_singlecount++;
		signotify(q);
		break;
	case SDEAD:
		break;
	}
}

/*
 * Until the last of the others has stopped, or has begun to end.
 */
void
single_thread_wait(struct process *pr)
{
	while (pr->ps_singlecount > 0)
		tsleep(&pr->ps_singlecount, PWAIT, "suspend", 0);
}

/*
 * The others may go on.  Those that flag (of p_flag) says are stopped for
 * another reason stay so.
 */
void
single_thread_clear(struct proc *p, int flag)
{
	struct process *pr = p->p_p;
	struct proc *q;
	int s;

	KASSERT(pr->ps_single == p);
	pr->ps_single = NULL;
	atomic_clearbits_int(&pr->ps_flags, PS_SINGLEEXIT | PS_SINGLEUNWIND);
	TAILQ_FOREACH(q, &pr->ps_threads, p_thr_link) {
		if (q == p || (q->p_flag & P_SUSPSINGLE) == 0)
			continue;
		atomic_clearbits_int((u_int *)&q->p_flag, P_SUSPSINGLE);
		SCHED_LOCK(s);
		if (q->p_stat == SSTOP && (q->p_flag & flag) == 0) {
			/* it stopped by itself, or in its sleep */
			if (q->p_wchan == NULL)
				setrunnable(q);
			else
				q->p_stat = SSLEEP;
		}
		SCHED_UNLOCK(s);
	}
}

/*
 * Does another thread want to be the only one?  Then stop here or end; but
 * if deep in the kernel go back to its edge first.
 */
int
single_thread_check(struct proc *p, int deep)
{
	struct process *pr = p->p_p;
	int s;

	if (pr->ps_single == NULL || pr->ps_single == p)
		return 0;
	do {
		if (deep && (pr->ps_flags & PS_SINGLEUNWIND))
			return ERESTART;
		if (deep && (pr->ps_flags & PS_SINGLEEXIT))
			return EINTR;
		if (--pr->ps_singlecount == 0)
			wakeup(&pr->ps_singlecount);
		if (pr->ps_flags & PS_SINGLEEXIT)
			exit1(p, 0, EXIT_THREAD_NOCHECK);
		SCHED_LOCK(s);
		p->p_stat = SSTOP;
		mi_switch();
		SCHED_UNLOCK(s);
	} while (pr->ps_single != NULL);
	return 0;
}
