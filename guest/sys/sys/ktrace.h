/* SPDX-License-Identifier: ISC */
#ifndef _SYS_KTRACE_H_
#define _SYS_KTRACE_H_

#include <sys/types.h>
#include <sys/param.h>
#include <sys/signal.h>
#include <sys/time.h>

/* ktrace(2) operations. */
#define KTROP_SET	0	/* trace these facilities too */
#define KTROP_CLEAR	1	/* do not trace them */
#define KTROP_CLEARFILE	2	/* stop all tracing to the file */
#define KTROP(o)	((o) & 3)
#define KTRFLAG_DESCEND	4	/* of all descendants as well */

/* Every record begins with this; ktr_len bytes follow. */
struct ktr_header {
	u_int	ktr_type;		/* KTR_* */
	pid_t	ktr_pid;		/* process */
	pid_t	ktr_tid;		/* its thread */
	struct	timespec ktr_time;	/* when */
	char	ktr_comm[MAXCOMLEN + 1]; /* command */
	size_t	ktr_len;		/* bytes behind this header */
};

/* The first record of each SET, to tell a trace from other files. */
#define KTR_START	0x4b545200	/* "KTR" */

/* A system call begins; ktr_argsize bytes of arguments follow. */
#define KTR_SYSCALL	1
struct ktr_syscall {
	int	ktr_code;		/* its number */
	int	ktr_argsize;		/* bytes of register_t that follow */
};

/* It ends; without an error the two return values follow. */
#define KTR_SYSRET	2
struct ktr_sysret {
	int	ktr_code;		/* its number */
	int	ktr_error;		/* errno, ERESTART, EJUSTRETURN or 0 */
};

/* A path was looked up: its bytes. */
#define KTR_NAMEI	3

/* Data was read or written: as much as was moved follows, in pieces. */
#define KTR_GENIO	4
struct ktr_genio {
	int	ktr_fd;			/* descriptor */
	int	ktr_rw;			/* KTR_GENIO_READ or _WRITE */
};
#define KTR_GENIO_READ	0
#define KTR_GENIO_WRITE	1

/* A signal is acted on. */
#define KTR_PSIG	5
struct ktr_psig {
	int	signo;			/* which */
	sig_t	action;			/* SIG_DFL or the handler */
	int	mask;			/* blocked before */
	int	code;			/* si_code */
	siginfo_t si;			/* what the handler is told */
};

/* A structure that goes by pointer: its name, NUL, its bytes. */
#define KTR_STRUCT	8

/* utrace(2): a label of KTR_USER_MAXIDLEN bytes and what it says. */
#define KTR_USER	9
#define KTR_USER_MAXIDLEN 20
#define KTR_USER_MAXLEN	2048
struct ktr_user {
	char	ktr_id[KTR_USER_MAXIDLEN]; /* label */
};

/* Strings of execve(2), each with its NUL. */
#define KTR_EXECARGS	10
#define KTR_EXECENV	11

/* A promise was broken. */
#define KTR_PLEDGE	12
struct ktr_pledge {
	int	error;			/* errno it would have been */
	int	syscall;		/* the call, or -1 */
	int64_t	code;			/* promise that was missing */
};

/* Bits of ps_traceflag. */
#define KTRFAC_MASK	0x00ffffff	/* record types */
#define KTRFAC_SYSCALL	(1 << KTR_SYSCALL)
#define KTRFAC_SYSRET	(1 << KTR_SYSRET)
#define KTRFAC_NAMEI	(1 << KTR_NAMEI)
#define KTRFAC_GENIO	(1 << KTR_GENIO)
#define KTRFAC_PSIG	(1 << KTR_PSIG)
#define KTRFAC_STRUCT	(1 << KTR_STRUCT)
#define KTRFAC_USER	(1 << KTR_USER)
#define KTRFAC_EXECARGS	(1 << KTR_EXECARGS)
#define KTRFAC_EXECENV	(1 << KTR_EXECENV)
#define KTRFAC_PLEDGE	(1 << KTR_PLEDGE)
#define KTRFAC_ROOT	0x80000000U	/* set by root */
#define KTRFAC_INHERIT	0x40000000U	/* children are traced too */

#ifdef _KERNEL
#include <sys/uio.h>

struct proc;
struct process;
struct vnode;
struct ucred;

/* Is this record wanted from this thread? */
#define KTRPOINT(p, type)						\
	((p)->p_p->ps_traceflag & (1 << (type)) &&			\
	    ((p)->p_flag & P_INKTR) == 0)

void	ktrsettrace(struct process *, int, struct vnode *, struct ucred *);
void	ktrcleartrace(struct process *);

void	ktrsyscall(struct proc *, register_t, size_t, register_t *);
void	ktrsysret(struct proc *, register_t, int, const register_t [2]);
void	ktrnamei(struct proc *, const char *);
void	ktrgenio(struct proc *, int, enum uio_rw, struct iovec *, ssize_t);
void	ktrpsig(struct proc *, int, sig_t, int, int, const siginfo_t *);
void	ktrstruct(struct proc *, const char *, const void *, size_t);
void	ktrexec(struct proc *, int, const char *, size_t);
void	ktrpledge(struct proc *, int, uint64_t, int);
int	ktruser(struct proc *, const char *, const void *, size_t);
#else
int	ktrace(const char *, int, int, pid_t);
int	utrace(const char *, const void *, size_t);
#endif /* _KERNEL */

#endif /* _SYS_KTRACE_H_ */
