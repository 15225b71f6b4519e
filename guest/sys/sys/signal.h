/* SPDX-License-Identifier: ISC */
#ifndef _SYS_SIGNAL_H_
#define _SYS_SIGNAL_H_

#include <sys/types.h>
#include <machine/signal.h>

#define _NSIG	33			/* one more than the last signal */
#define NSIG	_NSIG

#define SIGHUP		1	/* hang-up */
#define SIGINT		2	/* interrupt key */
#define SIGQUIT		3	/* quit key */
#define SIGILL		4	/* illegal instruction */
#define SIGTRAP		5	/* trace trap */
#define SIGABRT		6	/* abort(3) */
#define SIGEMT		7	/* emulator trap */
#define SIGFPE		8	/* arithmetic exception */
#define SIGKILL		9	/* kill, cannot be caught */
#define SIGBUS		10	/* bus error */
#define SIGSEGV		11	/* segmentation violation */
#define SIGSYS		12	/* bad system call */
#define SIGPIPE		13	/* write on a pipe nobody reads */
#define SIGALRM		14	/* alarm clock */
#define SIGTERM		15	/* please terminate */
#define SIGURG		16	/* urgent condition */
#define SIGSTOP		17	/* stop, cannot be caught */
#define SIGTSTP		18	/* stop key */
#define SIGCONT		19	/* continue */
#define SIGCHLD		20	/* child stopped or exited */
#define SIGTTIN		21	/* background read from the terminal */
#define SIGTTOU		22	/* background write to the terminal */
#define SIGIO		23	/* I/O possible */
#define SIGXCPU		24	/* CPU time limit */
#define SIGXFSZ		25	/* file size limit */
#define SIGVTALRM	26	/* virtual timer */
#define SIGPROF		27	/* profiling timer */
#define SIGWINCH	28	/* window size changed */
#define SIGINFO		29	/* status key */
#define SIGUSR1		30	/* user defined */
#define SIGUSR2		31	/* user defined */
#define SIGTHR		32	/* thread library */

typedef void (*sig_t)(int);

union sigval {
	int	 sival_int;		/* as a number */
	void	*sival_ptr;		/* as an address */
};

typedef struct {
	int	 si_signo;		/* signal */
	int	 si_code;		/* cause, SI_* or SEGV_* and others */
	int	 si_errno;		/* errno that goes with it */
	pid_t	 si_pid;		/* sender, or child for SIGCHLD */
	uid_t	 si_uid;		/* sender's real uid */
	int	 si_status;		/* child's status */
	int	 si_trapno;		/* trap number */
	void	*si_addr;		/* faulting address */
} siginfo_t;

#define SI_USER		0	/* kill(2) */
#define SEGV_MAPERR	1	/* address not mapped */
#define SEGV_ACCERR	2	/* access not permitted */
#define BUS_ADRALN	1	/* bad alignment */
#define BUS_OBJERR	3	/* object error */
#define ILL_PRVOPC	5	/* privileged instruction */
#define FPE_INTDIV	1	/* integer divide by zero */
#define FPE_INTOVF	2	/* integer overflow */
#define FPE_FLTDIV	3	/* floating point divide by zero */
#define FPE_FLTOVF	4	/* floating point overflow */
#define FPE_FLTUND	5	/* floating point underflow */
#define FPE_FLTRES	6	/* floating point inexact result */
#define FPE_FLTINV	7	/* invalid floating point operation */
#define TRAP_BRKPT	1	/* breakpoint */
#define TRAP_TRACE	2	/* single step */
#define CLD_EXITED	1	/* child exited */
#define CLD_KILLED	2	/* child killed */
#define CLD_DUMPED	3	/* child dumped core */
#define CLD_TRAPPED	4	/* traced child trapped */
#define CLD_STOPPED	5	/* child stopped */
#define CLD_CONTINUED	6	/* child continued */

struct sigaction {
	union {
		void	(*__sa_handler)(int);
		void	(*__sa_sigaction)(int, siginfo_t *, void *);
	} __sigaction_u;		/* SIG_DFL, SIG_IGN or a function */
	sigset_t sa_mask;		/* blocked while the handler runs */
	int	 sa_flags;		/* SA_* */
};
#define sa_handler	__sigaction_u.__sa_handler
#define sa_sigaction	__sigaction_u.__sa_sigaction

#define SIG_DFL		((void (*)(int))0)	/* default action */
#define SIG_IGN		((void (*)(int))1)	/* ignore */
#define SIG_ERR		((void (*)(int))-1)	/* error return */

#define SA_ONSTACK	0x0001	/* use the alternate stack */
#define SA_RESTART	0x0002	/* restart interrupted system calls */
#define SA_RESETHAND	0x0004	/* back to SIG_DFL when delivered */
#define SA_NOCLDSTOP	0x0008	/* no SIGCHLD for stopped children */
#define SA_NODEFER	0x0010	/* do not block the signal itself */
#define SA_NOCLDWAIT	0x0020	/* children leave no zombie */
#define SA_SIGINFO	0x0040	/* handler takes three arguments */

#define SIG_BLOCK	1	/* add to the mask */
#define SIG_UNBLOCK	2	/* take from the mask */
#define SIG_SETMASK	3	/* replace the mask */

struct sigaltstack {
	void	*ss_sp;			/* lowest address */
	size_t	 ss_size;		/* bytes */
	int	 ss_flags;		/* SS_* */
};
typedef struct sigaltstack stack_t;

#define SS_ONSTACK	0x0001	/* running on it now */
#define SS_DISABLE	0x0004	/* none */
#define MINSIGSTKSZ	(3U << 12)
#define SIGSTKSZ	(MINSIGSTKSZ + (1U << 12) * 4)

#define sigmask(n)	(1U << ((n) - 1))

#endif /* _SYS_SIGNAL_H_ */
