/* SPDX-License-Identifier: ISC */
#ifndef _SYS_SIGNALVAR_H_
#define _SYS_SIGNALVAR_H_

#include <sys/signal.h>

/* Signal dispositions of a process. */
struct sigacts {
	sig_t	ps_sigact[NSIG];	/* SIG_DFL, SIG_IGN or the handler */
	sigset_t ps_catchmask[NSIG];	/* blocked while the handler runs */
	sigset_t ps_sigonstack;		/* taken on the alternate stack */
	sigset_t ps_sigintr;		/* interrupt, do not restart */
	sigset_t ps_sigreset;		/* reset to default when caught */
	sigset_t ps_siginfo;		/* handler wants a siginfo */
	sigset_t ps_sigignore;		/* ignored */
	sigset_t ps_sigcatch;		/* caught */
	int	ps_sigflags;		/* SAS_* */
	int	ps_refcnt;		/* processes that share this */
};

#define SAS_NOCLDSTOP	0x01	/* no SIGCHLD when children stop */
#define SAS_NOCLDWAIT	0x02	/* children leave no zombie */

#ifdef _KERNEL
struct proc;
struct process;
struct pgrp;
struct trapframe;

/* Properties of a signal, sigprop[]. */
#define SA_KILL		0x01	/* terminates */
#define SA_CORE		0x02	/* terminates, with a core dump */
#define SA_STOP		0x04	/* stops */
#define SA_TTYSTOP	0x08	/* stops, from the terminal */
#define SA_IGNORE	0x10	/* ignored by default */
#define SA_CONT		0x20	/* continues */
#define SA_CANTMASK	0x40	/* cannot be blocked */

#define sigcantmask	(sigmask(SIGKILL) | sigmask(SIGSTOP))
#define stopsigmask	(sigmask(SIGSTOP) | sigmask(SIGTSTP) | \
			 sigmask(SIGTTIN) | sigmask(SIGTTOU))
#define contsigmask	(sigmask(SIGCONT))

#define SIGPENDING(p)	((((p)->p_siglist | (p)->p_p->ps_siglist) & \
			 ~(p)->p_sigmask) != 0)
#define CURSIG(p)	(SIGPENDING(p) ? cursig(p) : 0)

enum signal_type { SPROCESS, STHREAD, SPROPAGATED };

extern int sigprop[NSIG];
extern struct pool sigacts_pool;

void	signal_init(void);
void	siginit(struct process *);
struct sigacts *sigactsinit(struct process *);
struct sigacts *sigactsshare(struct process *);
void	sigactsfree(struct process *);
void	execsigs(struct proc *);
void	sigstkinit(struct sigaltstack *);
void	psignal(struct proc *, int);
void	ptsignal(struct proc *, int, enum signal_type);
void	prsignal(struct process *, int);
void	pgsignal(struct pgrp *, int, int);
void	gsignal(int, int);
int	cursig(struct proc *);
int	issignal(struct proc *);
void	postsig(struct proc *, int);
void	trapsignal(struct proc *, int, u_long, int, union sigval);
void	proc_stop(struct proc *);
void	sigexit(struct proc *, int) __dead;
void	userret(struct proc *);
void	signotify(struct proc *);
int	sigismasked(struct proc *, int);
int	coredump(struct proc *);
int	sendsig(sig_t, int, sigset_t, const siginfo_t *);
void	initsiginfo(siginfo_t *, int, u_long, int, union sigval);
#endif /* _KERNEL */

#endif /* _SYS_SIGNALVAR_H_ */
