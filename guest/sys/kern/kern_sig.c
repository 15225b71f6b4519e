/* SPDX-License-Identifier: ISC */
/*
 * Signals: posting, choosing, delivering.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/acct.h>
#include <sys/ktrace.h>
#include <sys/pool.h>
#include <sys/proc.h>
#include <sys/ptrace.h>
#include <sys/sched.h>
#include <sys/signalvar.h>
#include <sys/wait.h>
#include <machine/cpu.h>
#include <machine/trap.h>

/* What each signal does by default. */
int sigprop[NSIG] = {
	[SIGHUP] = SA_KILL,
	[SIGINT] = SA_KILL,
	[SIGQUIT] = SA_KILL | SA_CORE,
	[SIGILL] = SA_KILL | SA_CORE,
	[SIGTRAP] = SA_KILL | SA_CORE,
	[SIGABRT] = SA_KILL | SA_CORE,
	[SIGEMT] = SA_KILL | SA_CORE,
	[SIGFPE] = SA_KILL | SA_CORE,
	[SIGKILL] = SA_KILL,
	[SIGBUS] = SA_KILL | SA_CORE,
	[SIGSEGV] = SA_KILL | SA_CORE,
	[SIGSYS] = SA_KILL | SA_CORE,
	[SIGPIPE] = SA_KILL,
	[SIGALRM] = SA_KILL,
	[SIGTERM] = SA_KILL,
	[SIGURG] = SA_IGNORE,
	[SIGSTOP] = SA_STOP,
	[SIGTSTP] = SA_STOP | SA_TTYSTOP,
	[SIGCONT] = SA_IGNORE | SA_CONT,
	[SIGCHLD] = SA_IGNORE,
	[SIGTTIN] = SA_STOP | SA_TTYSTOP,
	[SIGTTOU] = SA_STOP | SA_TTYSTOP,
	[SIGIO] = SA_IGNORE,
	[SIGXCPU] = SA_KILL,
	[SIGXFSZ] = SA_KILL,
	[SIGVTALRM] = SA_KILL,
	[SIGPROF] = SA_KILL,
	[SIGWINCH] = SA_IGNORE,
	[SIGINFO] = SA_IGNORE,
	[SIGUSR1] = SA_KILL,
	[SIGUSR2] = SA_KILL,
	[SIGTHR] = SA_IGNORE,
};

struct proc *ptsignal_choose(struct process *, int);
void	ptsignal_propagate(struct proc *, int);

/* Post a signal to a thread's process. */
void
psignal(struct proc *p, int sig)
{
	ptsignal(p, sig, SPROCESS);
}

/* Post a signal to a process. */
void
prsignal(struct process *pr, int sig)
{
	ptsignal(pr->ps_mainproc, sig, SPROCESS);
}

/*
 * Post a signal to all members of a group; with checkctty only to those
 * that have the terminal as their own.
 */
void
pgsignal(struct pgrp *pgrp, int sig, int checkctty)
{
	struct process *pr;

	if (pgrp == NULL)
		return;
	LIST_FOREACH(pr, &pgrp->pg_members, ps_pglist)
		if (checkctty == 0 || (pr->ps_flags & PS_CONTROLT))
			prsignal(pr, sig);
}

void
gsignal(int pgid, int sig)
{
	struct pgrp *pgrp;

	if (pgid != 0 && (pgrp = pgfind(pgid)) != NULL)
		pgsignal(pgrp, sig, 0);
}

int
sigismasked(struct proc *p, int sig)
{
	return (p->p_sigmask & sigmask(sig)) ||
	    (p->p_p->ps_sigacts->ps_sigignore & sigmask(sig));
}

/* The thread must look at its signals before user mode. */
void
signotify(struct proc *p)
{
	aston(p);
}

/*
 * Which thread of the process is to take the signal: the current one if it
 * may, else one that does not block it, else the main thread.
 */
struct proc *
ptsignal_choose(struct process *pr, int sig)
{
	sigset_t mask = sigmask(sig);
	struct proc *q, *p = pr->ps_mainproc;

	if (curproc->p_p == pr && (curproc->p_flag & P_WEXIT) == 0 &&
	    (curproc->p_sigmask & mask) == 0)
		return curproc;
	TAILQ_FOREACH(q, &pr->ps_threads, p_thr_link) {
		if ((q->p_flag & P_WEXIT) || (q->p_sigmask & mask))
			continue;
		p = q;
		if (p->p_stat == SSLEEP && (p->p_flag & P_SINTR))
			break;
	}
	return p;
}

/*
 * The other threads of p's process stop, or go on, too.
 */
void
ptsignal_propagate(struct proc *p, int signum)
{
	struct proc *q;

	TAILQ_FOREACH(q, &p->p_p->ps_threads, p_thr_link) {
		if (q == p || (q->p_flag & P_WEXIT))
			continue;
		if ((sigprop[signum] & SA_CONT) && q->p_stat != SSTOP)
			q->p_siglist &= ~stopsigmask;
		else
			ptsignal(q, signum, SPROPAGATED);
	}
}

/*
 * Post a signal: decide whether it is wanted, mark it pending and get the
 * thread to see it.
 */
void
ptsignal(struct proc *p, int signum, enum signal_type type)
{
	struct process *pr = p->p_p;
	sig_t action;
	int prop, mask, s, *siglist;

	KASSERT(signum > 0 && signum < NSIG);
	/* who exits ignores everything */
	if (pr->ps_flags & PS_EXITING)
		return;
	if (type == SPROCESS)
		p = ptsignal_choose(pr, signum);
	if (type != SPROPAGATED)
		KNOTE(&pr->ps_klist, NOTE_SIGNAL | signum);

	mask = sigmask(signum);
	prop = sigprop[signum];
	if (pr->ps_flags & PS_TRACED) {
		/* the debugger decides */
		action = SIG_DFL;
	} else {
		if (pr->ps_sigacts->ps_sigignore & mask)
			return;
		if (p->p_sigmask & mask)
			action = SIG_ERR;	/* held back */
		else if (pr->ps_sigacts->ps_sigcatch & mask)
			action = NULL;		/* caught, see below */
		else {
			action = SIG_DFL;
			/* an orphaned group has nobody to continue it */
			if ((prop & SA_TTYSTOP) && pr->ps_pgrp->pg_jobc == 0)
				return;
		}
	}
	siglist = type == SPROCESS ? &pr->ps_siglist : &p->p_siglist;

	/* stop and continue signals cancel each other */
	if (prop & SA_CONT) {
		p->p_siglist &= ~stopsigmask;
		pr->ps_siglist &= ~stopsigmask;
	}
	if (prop & SA_STOP) {
		p->p_siglist &= ~contsigmask;
		pr->ps_siglist &= ~contsigmask;
	}
	*siglist |= mask;

	/* the process stops and goes on as a whole */
	if (type != SPROPAGATED && (pr->ps_flags & PS_TRACED) == 0 &&
	    ((prop & SA_CONT) || ((prop & SA_STOP) && action == SIG_DFL)))
		ptsignal_propagate(p, signum);

	/* a blocked one only waits, but SIGCONT continues all the same */
	if (action == SIG_ERR && ((prop & SA_CONT) == 0 || p->p_stat != SSTOP))
		return;

	SCHED_LOCK(s);
	switch (p->p_stat) {
	case SSLEEP:
		/* a sleep that must not be interrupted: later */
		if ((p->p_flag & P_SINTR) == 0)
			break;
		if (pr->ps_flags & PS_TRACED) {
			setrunnable(p);
			break;
		}
		/* by default nothing: do not even wake it */
		if ((prop & SA_IGNORE) && (prop & SA_CONT) == 0 &&
		    !(pr->ps_sigacts->ps_sigcatch & mask)) {
			*siglist &= ~mask;
			break;
		}
		/* a stop needs no trip through the scheduler, except that
		 * a vfork(2) child must not hang its parent */
		if ((prop & SA_STOP) && action == SIG_DFL &&
		    !(pr->ps_sigacts->ps_sigcatch & mask)) {
			*siglist &= ~mask;
			if (pr->ps_flags & PS_PPWAIT)
				break;
			pr->ps_mainproc->p_xstat = signum;
			p->p_xstat = signum;
			proc_stop(p);
			break;
		}
		setrunnable(p);
		break;

	case SSTOP:
		if (pr->ps_flags & PS_TRACED)
			break;
		if (signum == SIGKILL) {
			atomic_clearbits_int((u_int *)&p->p_flag, P_SUSPSIG);
			if (p->p_wchan != NULL)
				unsleep(p);
			setrunnable(p);
			break;
		}
		if (prop & SA_CONT) {
			/* a handler will run once, or nothing at all */
			if (type == SPROPAGATED ||
			    !(pr->ps_sigacts->ps_sigcatch & mask))
				*siglist &= ~mask;
			atomic_setbits_int((u_int *)&p->p_flag, P_CONTINUED);
			atomic_clearbits_int((u_int *)&p->p_flag, P_SUSPSIG);
			wakeup(pr->ps_pptr);
			if (p->p_wchan == NULL)
				setrunnable(p);
			else
				p->p_stat = SSLEEP;
			break;
		}
		if (prop & SA_STOP) {
			*siglist &= ~mask;
			break;
		}
		/* others may interrupt the sleep it was stopped in */
		if (p->p_wchan != NULL && (p->p_flag & P_SINTR))
			unsleep(p);
		break;

	case SONPROC:
		signotify(p);
		break;

	default:
		/* SIDL, SRUN, SDEAD: it will see it when it runs */
		break;
	}
	SCHED_UNLOCK(s);
}

/*
 * The lowest pending signal that has to be acted on, or 0.  Takes it off
 * the pending set.  Stops here if the action is to stop.
 */
int
cursig(struct proc *p)
{
	struct process *pr = p->p_p;
	struct sigacts *ps = pr->ps_sigacts;
	int signum, mask, prop, s, keep;

	for (;;) {
		mask = (p->p_siglist | pr->ps_siglist) & ~p->p_sigmask;
		if (pr->ps_flags & PS_PPWAIT)
			mask &= ~stopsigmask;
		if (mask == 0)
			return 0;
		signum = ffs(mask);
		mask = sigmask(signum);
		p->p_siglist &= ~mask;
		pr->ps_siglist &= ~mask;

		/* ignored since it was posted */
		if ((ps->ps_sigignore & mask) &&
		    (pr->ps_flags & PS_TRACED) == 0)
			continue;

		if ((pr->ps_flags & (PS_TRACED | PS_PPWAIT)) == PS_TRACED &&
		    signum != SIGKILL) {
			/* report to the debugger, which may change it */
			p->p_xstat = signum;
			single_thread_set(p, SINGLE_PTRACE, 0);
			SCHED_LOCK(s);
			proc_stop(p);
			mi_switch();
			SCHED_UNLOCK(s);
			single_thread_clear(p, 0);
			signum = p->p_xstat;
			if (signum == 0 ||
			    (pr->ps_flags & PS_TRACED) == 0)
				continue;
			/* setrunnable() has put it there; masked, it waits */
			p->p_siglist |= sigmask(signum);
			if (p->p_sigmask & sigmask(signum))
				continue;
			p->p_siglist &= ~sigmask(signum);
		}

		prop = sigprop[signum];
		mask = sigmask(signum);
		keep = 0;
		if (ps->ps_sigcatch & mask)
			keep = 1;
		else if (ps->ps_sigact[signum] == SIG_IGN)
			keep = 0;
		else if (pr->ps_pid <= 1)
			/* init must not die of a default action */
			keep = 0;
		else if (prop & SA_STOP) {
			if ((pr->ps_flags & PS_TRACED) ||
			    (pr->ps_pgrp->pg_jobc == 0 && (prop & SA_TTYSTOP)))
				continue;
			p->p_xstat = signum;
			pr->ps_mainproc->p_xstat = signum;
			SCHED_LOCK(s);
			proc_stop(p);
			mi_switch();
			SCHED_UNLOCK(s);
			continue;
		} else if (prop & SA_IGNORE)
			keep = 0;
		else
			keep = 1;
		if (keep) {
			/* postsig() takes it */
			p->p_siglist |= mask;
			return signum;
		}
	}
}

/*
 * Stop a thread; the parent is told when the one stops that stands for the
 * process.  The caller switches away if it is the current thread.
 */
void
proc_stop(struct proc *p)
{
	struct process *pr = p->p_p;

	SCHED_ASSERT_LOCKED();
	p->p_stat = SSTOP;
	atomic_clearbits_int((u_int *)&p->p_flag, P_CONTINUED);
	atomic_setbits_int((u_int *)&p->p_flag, P_SUSPSIG);
	if (p != proc_reporter(pr))
		return;
	/* the parent is told at once: PS_STOPPED is never seen */
	atomic_clearbits_int(&pr->ps_flags, PS_WAITED);
	if ((pr->ps_pptr->ps_sigacts->ps_sigflags & SAS_NOCLDSTOP) == 0)
		prsignal(pr->ps_pptr, SIGCHLD);
	wakeup(pr->ps_pptr);
}

/*
 * Act on a signal that cursig() returned: kill, or call the handler.
 */
void
postsig(struct proc *p, int signum)
{
	struct process *pr = p->p_p;
	struct sigacts *ps = pr->ps_sigacts;
	sigset_t mask = sigmask(signum), returnmask;
	siginfo_t si;
	sig_t action;

	KASSERT(signum != 0);
	p->p_siglist &= ~mask;
	action = ps->ps_sigact[signum];

	if (p->p_sisig != signum) {
		p->p_sicode = SI_USER;
		p->p_sitrapno = 0;
		p->p_sigval.sival_ptr = NULL;
	}
	initsiginfo(&si, signum, p->p_sitrapno, p->p_sicode, p->p_sigval);

	if (KTRPOINT(p, KTR_PSIG))
		ktrpsig(p, signum, action, (p->p_flag & P_SIGSUSPEND) ?
		    p->p_oldmask : p->p_sigmask, si.si_code, &si);

	if (action == SIG_DFL || action == SIG_IGN) {
		/* what does not kill was dealt with by cursig() */
		sigexit(p, signum);
		/* NOTREACHED */
	}

	/* sigsuspend(2): the old mask comes back after the handler */
	if (p->p_flag & P_SIGSUSPEND) {
		atomic_clearbits_int((u_int *)&p->p_flag, P_SIGSUSPEND);
		returnmask = p->p_oldmask;
	} else
		returnmask = p->p_sigmask;
	p->p_sigmask |= ps->ps_catchmask[signum];
	if (ps->ps_sigreset & mask) {
		ps->ps_sigcatch &= ~mask;
		if ((sigprop[signum] & SA_IGNORE) && signum != SIGCONT)
			ps->ps_sigignore |= mask;
		ps->ps_sigact[signum] = SIG_DFL;
	}
	p->p_ru.ru_nsignals++;
	if (p->p_sisig == signum)
		p->p_sisig = 0;
	if ((*pr->ps_emul->e_sendsig)(action, signum, returnmask, &si) != 0) {
		/* no stack to run the handler on */
		sigexit(p, SIGILL);
		/* NOTREACHED */
	}
}

/*
 * A signal that the thread caused itself by a trap: delivered now.  One
 * that is blocked or ignored kills, since the instruction cannot go on.
 */
void
trapsignal(struct proc *p, int signum, u_long trapno, int code,
    union sigval sigval)
{
	struct process *pr = p->p_p;
	struct sigacts *ps = pr->ps_sigacts;
	int mask = sigmask(signum);

	p->p_sisig = signum;
	p->p_sitrapno = trapno;
	p->p_sicode = code;
	p->p_sigval = sigval;
	if (signum == SIGKILL || ((signum == SIGILL || signum == SIGBUS ||
	    signum == SIGSEGV || signum == SIGFPE) &&
	    (pr->ps_flags & PS_TRACED) == 0 && ((p->p_sigmask & mask) ||
	    (ps->ps_sigignore & mask))))
		sigexit(p, signum);
	if (pr->ps_pid == 1 && (ps->ps_sigcatch & mask) == 0)
		sigexit(p, signum);	/* init cannot go on either */
	if (trapno & T_USER)
		pr->ps_acflag |= signum == SIGSEGV ? ATRAP : 0;
	ptsignal(p, signum, STHREAD);
}

void
initsiginfo(siginfo_t *si, int sig, u_long trapno, int code, union sigval val)
{
	memset(si, 0, sizeof(*si));
	si->si_signo = sig;
	si->si_code = code;
	si->si_trapno = trapno & ~T_USER;
	si->si_addr = val.sival_ptr;
}

/*
 * Die of a signal.
 */
void
sigexit(struct proc *p, int signum)
{
	p->p_p->ps_acflag |= AXSIG;
	if (sigprop[signum] & SA_CORE) {
		if (coredump(p) == 0)
			signum |= WCOREFLAG;
	}
	exit1(p, W_EXITCODE(0, signum), EXIT_NORMAL);
	/* NOTREACHED */
}

/*
 * Core files are not written.
 */
int
coredump(struct proc *p)
{
	return ENOTSUP;
}

/*
 * Before user mode: deliver what is pending.
 */
void
userret(struct proc *p)
{
	int signum;

	if (p->p_flag & P_PROFPEND) {
		atomic_clearbits_int((u_int *)&p->p_flag, P_PROFPEND);
		psignal(p, SIGPROF);
	}
	if (p->p_flag & P_ALRMPEND) {
		atomic_clearbits_int((u_int *)&p->p_flag, P_ALRMPEND);
		psignal(p, SIGVTALRM);
	}
	if (SIGPENDING(p)) {
		KERNEL_LOCK();
		while ((signum = cursig(p)) != 0)
			postsig(p, signum);
		KERNEL_UNLOCK();
	}
	/* nothing was delivered: sigsuspend(2)'s mask ends here */
	if (p->p_flag & P_SIGSUSPEND) {
		atomic_clearbits_int((u_int *)&p->p_flag, P_SIGSUSPEND);
		p->p_sigmask = p->p_oldmask;
		KERNEL_LOCK();
		while ((signum = cursig(p)) != 0)
			postsig(p, signum);
		KERNEL_UNLOCK();
	}
	if (p->p_flag & P_SUSPSINGLE) {
		KERNEL_LOCK();
		single_thread_check(p, 0);
		KERNEL_UNLOCK();
	}
	p->p_priority = p->p_usrpri;
	p->p_cpu->ci_schedstate.spc_curpriority = p->p_usrpri;
}
