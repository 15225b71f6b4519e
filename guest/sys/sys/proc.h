/* SPDX-License-Identifier: ISC */
/*
 * Threads, processes, process groups and sessions.
 *
 * A struct proc is one thread; a struct process is what getpid(2) names.
 * Both have a range that fork zeroes and a range that fork copies from the
 * parent; what lies outside of the two is set explicitly.
 */
#ifndef _SYS_PROC_H_
#define _SYS_PROC_H_

#include <sys/types.h>
#include <sys/param.h>
#include <sys/queue.h>
#include <sys/time.h>
#include <sys/timeout.h>
#include <sys/event.h>
#include <sys/resource.h>
#include <sys/signal.h>
#include <sys/mutex.h>
#include <sys/rwlock.h>
#include <sys/ucred.h>
#include <sys/resourcevar.h>
#include <machine/proc.h>

#ifdef _KERNEL
#include <sys/atomic.h>
#include <machine/cpu.h>
#endif

struct proc;
struct process;
struct vnode;
struct tty;
struct filedesc;
struct vmspace;
struct sysent;
struct exec_package;
struct ptrace_state;
struct unveil;
struct user;

/* A session: the process groups of one login. */
struct session {
	int	s_count;		/* process groups in it */
	struct	process *s_leader;	/* session leader, NULL after exit */
	struct	vnode *s_ttyvp;		/* controlling terminal's vnode */
	struct	tty *s_ttyp;		/* controlling terminal */
	char	s_login[MAXLOGNAME];	/* setlogin(2) name */
	pid_t	s_verauthppid;		/* parent of a verified login */
	uid_t	s_verauthuid;		/* user of a verified login */
	struct timeout s_verauthto;	/* forgets the verification */
};

/* A process group: what a job of the shell is. */
struct pgrp {
	LIST_ENTRY(pgrp) pg_hash;	/* PGRPHASH chain */
	LIST_HEAD(, process) pg_members; /* its processes */
	struct	session *pg_session;	/* its session */
	pid_t	pg_id;			/* id, the leader's pid */
	int	pg_jobc;		/* members that could be continued */
};

/* An emulation: how system calls and signals look to user land. */
struct emul {
	char	e_name[8];		/* name */
	int	*e_errno;		/* errno translation, or NULL */
	int	(*e_sendsig)(sig_t, int, sigset_t, const siginfo_t *);
					/* delivers a signal */
	int	e_nosys;		/* index of the "nosys" entry */
	int	e_nsysent;		/* entries in e_sysent */
	const struct sysent *e_sysent;	/* system call table */
	const char * const *e_syscallnames; /* their names */
	int	e_arglen;		/* auxiliary words of exec */
	void	*(*e_copyargs)(struct exec_package *, void *, void *, void *);
					/* lays out argv and envp */
	void	(*e_setregs)(struct proc *, struct exec_package *, u_long,
		    register_t *);	/* registers of a new image */
	int	(*e_fixup)(struct proc *, struct exec_package *);
					/* auxiliary vector, or NULL */
	int	(*e_coredump)(struct proc *, void *); /* writes a core file */
	char	*e_sigcode;		/* signal trampoline */
	char	*e_esigcode;		/* its end */
	char	*e_esigret;		/* after its sigreturn SYSCALL */
	int	e_flags;		/* EMUL_* */
	void	*e_sigobject;		/* shared copy of the trampoline */
};

#define EMUL_ENABLED	0x0001		/* may be used */
#define EMUL_NATIVE	0x0002		/* the kernel's own */

/* Run time that was charged. */
struct tusage {
	struct	timespec tu_runtime;	/* real time on the CPU */
	uint64_t tu_uticks;		/* statclock ticks in user mode */
	uint64_t tu_sticks;		/* in system calls and traps */
	uint64_t tu_iticks;		/* in interrupts */
};

/* profil(2) parameters. */
struct uprof {
	caddr_t	pr_base;		/* buffer */
	size_t	pr_size;		/* its size */
	u_long	pr_off;			/* pc offset */
	u_int   pr_scale;		/* pc scale */
};

/* A cached address range that a register must lie in. */
struct p_inentry {
	u_long	ie_serial;		/* map generation it is valid for */
	vaddr_t	ie_start;		/* first address */
	vaddr_t	ie_end;			/* end, exclusive */
};

struct process {
	struct	proc *ps_mainproc;	/* the original thread */
	struct	ucred *ps_ucred;	/* owner's identity */

	LIST_ENTRY(process) ps_list;	/* allprocess or zombprocess */
	TAILQ_HEAD(, proc) ps_threads;	/* all threads */

	LIST_ENTRY(process) ps_pglist;	/* members of the process group */
	struct	process *ps_pptr;	/* parent */
	LIST_ENTRY(process) ps_sibling;	/* parent's children */
	LIST_HEAD(, process) ps_children; /* children */
	LIST_ENTRY(process) ps_hash;	/* PIDHASH chain */

	struct	sigacts *ps_sigacts;	/* signal dispositions */
	struct	vnode *ps_textvp;	/* executable file */
	struct	filedesc *ps_fd;	/* open files */
	struct	vmspace *ps_vmspace;	/* address space */
	pid_t	ps_pid;			/* process id */

	TAILQ_HEAD(, proc) ps_tslpqueue; /* threads in __thrsleep(2) */
	struct	rwlock ps_lock;		/* sleeping lock of this process */
	struct	mutex ps_mtx;		/* short lock of this process */

/* The following fields are all zeroed upon creation in process_new. */
#define ps_startzero	ps_klist
	struct	klist ps_klist;		/* kqueue notes */
	u_int	ps_flags;		/* PS_* */
	int	ps_siglist;		/* signals pending for the process */

	struct	proc *ps_single;	/* thread that stops the others */
	int	ps_singlecount;		/* threads not yet stopped */

	int	ps_traceflag;		/* ktrace facilities, KTRFAC_* */
	struct	vnode *ps_tracevp;	/* ktrace file */
	struct	ucred *ps_tracecred;	/* credentials to write it with */

	pid_t	ps_oppid;		/* parent's pid while traced */
	int	ps_ptmask;		/* ptrace event mask */
	struct	ptrace_state *ps_ptstat; /* ptrace state */

	struct	rusage *ps_ru;		/* totals, kept for the parent */
	struct	tusage ps_tu;		/* time of all threads that ended */
	struct	rusage ps_cru;		/* totals of reaped children */
	struct	itimerval ps_timer[3];	/* interval timers */
	struct	timeout ps_rucheck_to;	/* CPU limit check */
	time_t	ps_nextxcpu;		/* CPU time of the next SIGXCPU */

	u_int64_t ps_wxcounter;		/* writable and executable maps */

	struct	unveil *ps_uvpaths;	/* unveiled vnodes and names */
	ssize_t	ps_uvvcount;		/* unveiled vnodes */
	size_t	ps_uvncount;		/* unveiled names */
	int	ps_uvdone;		/* no more unveil(2) */

/* End area that is zeroed on creation. */
#define ps_endzero	ps_startcopy

/* The following fields are all copied upon creation in process_new. */
#define ps_startcopy	ps_limit
	struct	plimit *ps_limit;	/* resource limits */
	struct	pgrp *ps_pgrp;		/* process group */
	struct	emul *ps_emul;		/* emulation */

	char	ps_comm[MAXCOMLEN + 1];	/* command name */

	vaddr_t	ps_strings;		/* user address of ps_strings */
	vaddr_t	ps_sigcode;		/* user address of the trampoline */
	vaddr_t	ps_sigcoderet;		/* after its sigreturn SYSCALL */
	u_long	ps_sigcookie;		/* secret of sigreturn(2) */
	u_int	ps_rtableid;		/* routing domain */
	char	ps_nice;		/* nice value, NZERO based */

	struct	uprof ps_prof;		/* profil(2) */

	u_short	ps_acflag;		/* accounting flags, A* */

	uint64_t ps_pledge;		/* pledge(2) promises */
	uint64_t ps_execpledge;		/* promises after exec */

	int64_t	ps_kbind_cookie;	/* kbind(2) cookie */
	u_long	ps_kbind_addr;		/* kbind(2) caller */

/* End area that is copied on creation. */
#define ps_endcopy	ps_refcnt
	int	ps_refcnt;		/* number of threads */

	struct	timespec ps_start;	/* start time */
	struct	timeout ps_realit_to;	/* ITIMER_REAL */
};

#define ps_session	ps_pgrp->pg_session
#define ps_pgid		ps_pgrp->pg_id

/* Bits of ps_flags. */
#define PS_CONTROLT	0x00000001	/* has a controlling terminal */
#define PS_EXEC		0x00000002	/* has called exec */
#define PS_INEXEC	0x00000004	/* is in exec now */
#define PS_EXITING	0x00000008	/* is exiting */
#define PS_SUGID	0x00000010	/* changed ids since exec */
#define PS_SUGIDEXEC	0x00000020	/* last exec was set-id */
#define PS_PPWAIT	0x00000040	/* parent waits for exec or exit */
#define PS_ISPWAIT	0x00000080	/* waits for its vfork child */
#define PS_PROFIL	0x00000100	/* is being profiled */
#define PS_TRACED	0x00000200	/* is traced */
#define PS_WAITED	0x00000400	/* debugger has seen the stop */
#define PS_COREDUMP	0x00000800	/* dumps core */
#define PS_SINGLEEXIT	0x00001000	/* other threads must exit */
#define PS_SINGLEUNWIND	0x00002000	/* other threads must unwind */
#define PS_NOZOMBIE	0x00004000	/* leaves no zombie */
#define PS_STOPPED	0x00008000	/* just stopped, to be reported */
#define PS_SYSTEM	0x00010000	/* kernel process */
#define PS_EMBRYO	0x00020000	/* not yet fully made */
#define PS_ZOMBIE	0x00040000	/* dead, waits to be reaped */
#define PS_NOBROADCASTKILL 0x00080000	/* spared by kill(-1) */
#define PS_PLEDGE	0x00100000	/* has called pledge(2) */
#define PS_WXNEEDED	0x00200000	/* may map write and execute */
#define PS_EXECPLEDGE	0x00400000	/* has exec promises */

/* Their names, for %b. */
#define PS_BITS \
	"\20\001CONTROLT\002EXEC\003INEXEC\004EXITING" \
	"\005SUGID\006SUGIDEXEC\007PPWAIT\010ISPWAIT" \
	"\011PROFIL\012TRACED\013WAITED\014COREDUMP" \
	"\015SINGLEEXIT\016SINGLEUNWIND\017NOZOMBIE" \
	"\020STOPPED\021SYSTEM\022EMBRYO\023ZOMBIE" \
	"\024NOBROADCASTKILL\025PLEDGE\026WXNEEDED" \
	"\027EXECPLEDGE"

struct proc {
	TAILQ_ENTRY(proc) p_runq;	/* run queue or sleep queue */
	LIST_ENTRY(proc) p_list;	/* allproc */

	struct	process *p_p;		/* the process of this thread */
	TAILQ_ENTRY(proc) p_thr_link;	/* ps_threads */

	TAILQ_ENTRY(proc) p_fut_link;	/* futex sleepers */
	struct	futex *p_futex;		/* futex slept on */

	/* Copies of the process's pointers, for speed. */
	struct	filedesc *p_fd;		/* open files */
	struct	vmspace *p_vmspace;	/* address space */

	struct	p_inentry p_spinentry;	/* range of a valid stack pointer */
	struct	p_inentry p_pcinentry;	/* range of a valid SYSCALL pc */

	int	p_flag;			/* P_* */
	u_char	p_spare;		/* unused */
	char	p_stat;			/* S* state */
	u_char	p_runpri;		/* priority it was queued with */
	u_char	p_descfd;		/* /dev/fd being opened, or 255 */

	pid_t	p_tid;			/* thread id */
	LIST_ENTRY(proc) p_hash;	/* TIDHASH chain, later dead lists */

/* The following fields are all zeroed upon creation in thread_new. */
#define p_startzero	p_dupfd
	int	p_dupfd;		/* descriptor to dup in open(2) */

	/* Scheduling. */
	u_int	p_estcpu;		/* recent CPU use, decays */
	int	p_cpticks;		/* statclock ticks since schedcpu */
	const volatile void *p_wchan;	/* sleep channel */
	struct	timeout p_sleep_to;	/* sleep timeout */
	const char *p_wmesg;		/* why it sleeps */
	fixpt_t	p_pctcpu;		/* share of the CPU while resident */
	u_int	p_slptime;		/* seconds asleep */
	u_int	p_uticks;		/* statclock ticks in user mode */
	u_int	p_sticks;		/* in system mode */
	u_int	p_iticks;		/* in interrupts */
	struct	cpu_info * volatile p_cpu; /* CPU it runs or ran on */

	struct	rusage p_ru;		/* statistics */
	struct	tusage p_tu;		/* times charged */
	struct	timespec p_rtime;	/* real time on the CPU */

	struct	plimit *p_limit;	/* limits seen by this thread */

	int	p_siglist;		/* signals pending for the thread */

/* End area that is zeroed on creation. */
#define p_endzero	p_startcopy

/* The following fields are all copied upon creation in thread_new. */
#define p_startcopy	p_sigmask
	sigset_t p_sigmask;		/* blocked signals */

	u_char	p_priority;		/* sleep priority, or p_usrpri */
	u_char	p_usrpri;		/* user priority */
	int	p_pledge_syscall;	/* system call being checked */

	struct	ucred *p_ucred;		/* credentials seen by the thread */
	struct	sigaltstack p_sigstk;	/* alternate signal stack */

	u_long	p_prof_addr;		/* pc of a pending profile tick */
	u_long	p_prof_ticks;		/* pending profile ticks */

/* End area that is copied on creation. */
#define p_endcopy	p_addr
	struct	user *p_addr;		/* uarea: pcb and kernel stack */
	struct	mdproc p_md;		/* machine dependent part */

	sigset_t p_oldmask;		/* mask before sigsuspend(2) */
	int	p_sisig;		/* signal of the last trapsignal() */
	union sigval p_sigval;		/* its address */
	int	p_sitrapno;		/* its trap number */
	int	p_sicode;		/* its cause */

	u_short	p_xstat;		/* exit or stop status for wait(2) */
};

/* Values of p_stat. */
#define SIDL	1		/* being created by fork */
#define SRUN	2		/* on a run queue */
#define SSLEEP	3		/* sleeps on p_wchan */
#define SSTOP	4		/* stopped by a signal or a debugger */
#define SZOMB	5		/* unused */
#define SDEAD	6		/* almost a zombie */
#define SONPROC	7		/* runs on a CPU */

#define P_ZOMBIE(p)	((p)->p_stat == SDEAD)
#define P_HASSIBLING(p)	((p)->p_p->ps_refcnt > 1)

/* Bits of p_flag. */
#define P_INKTR		0x00000001	/* in a ktrace write */
#define P_PROFPEND	0x00000002	/* SIGPROF to be posted */
#define P_ALRMPEND	0x00000004	/* SIGVTALRM to be posted */
#define P_SIGSUSPEND	0x00000008	/* p_oldmask must be restored */
#define P_CANTSLEEP	0x00000010	/* must not sleep */
#define P_SELECT	0x00000040	/* in select or poll */
#define P_SINTR		0x00000080	/* sleep may be interrupted */
#define P_SYSTEM	0x00000200	/* kernel thread */
#define P_TIMEOUT	0x00000400	/* sleep timed out */
#define P_WEXIT		0x00002000	/* is exiting */
#define P_OWEUPC	0x00008000	/* owes a profile update */
#define P_SUSPSINGLE	0x00080000	/* must stop for ps_single */
#define P_CONTINUED	0x00800000	/* continued, not reported yet */
#define P_THREAD	0x04000000	/* a thread made by __tfork(2) */
#define P_SUSPSIG	0x08000000	/* stopped by a signal */
#define P_SOFTDEP	0x10000000	/* unused here */
#define P_CPUPEG	0x40000000	/* must stay on p_cpu */

/* Their names, for %b. */
#define P_BITS \
	"\20\001INKTR\002PROFPEND\003ALRMPEND\004SIGSUSPEND" \
	"\005CANTSLEEP\007SELECT\010SINTR\012SYSTEM" \
	"\013TIMEOUT\016WEXIT\020OWEUPC\024SUSPSINGLE" \
	"\030CONTINUED\033THREAD\034SUSPSIG\035SOFTDEP" \
	"\037CPUPEG"

#define NZERO		20		/* nice 0 */
#define THREAD_PID_OFFSET 100000	/* user's tid = p_tid + this */
#define PID_MAX		99999		/* largest process id */
#define NO_PID		(PID_MAX + 1)	/* no process */
#define TID_MASK	0x7ffff		/* largest thread id - 1 */

struct uidinfo {
	LIST_ENTRY(uidinfo) ui_hash;	/* UIHASH chain */
	uid_t	ui_uid;			/* whose */
	long	ui_proccnt;		/* processes of this real uid */
	long	ui_lockcnt;		/* locks of this uid */
};

/* Statistics of the fork family, for vmstat(8). */
struct forkstat {
	uint32_t cntfork;		/* fork(2) calls */
	uint32_t cntvfork;		/* vfork(2) calls */
	uint32_t cnttfork;		/* __tfork(2) calls */
	uint32_t cntkthread;		/* kernel threads */
	uint64_t sizfork;		/* pages of data and stack, fork */
	uint64_t sizvfork;		/* vfork */
	uint64_t siztfork;		/* __tfork */
	uint64_t sizkthread;		/* kernel threads */
};

#ifdef _KERNEL

/* What fork1() is asked for. */
#define FORK_FORK	0x00000001	/* from fork(2) */
#define FORK_VFORK	0x00000002	/* from vfork(2) */
#define FORK_IDLE	0x00000004	/* a CPU's idle thread */
#define FORK_PPWAIT	0x00000008	/* parent waits for exec or exit */
#define FORK_SHAREFILES	0x00000010	/* share open files */
#define FORK_SYSTEM	0x00000020	/* kernel process */
#define FORK_NOZOMBIE	0x00000040	/* leaves no zombie */
#define FORK_SHAREVM	0x00000080	/* share the address space */
#define FORK_SIGHAND	0x00000200	/* share signal dispositions */
#define FORK_PTRACE	0x00000400	/* child is traced too */

/* exit1() flags. */
#define EXIT_NORMAL	0x00000001	/* the whole process */
#define EXIT_THREAD	0x00000002	/* this thread */
#define EXIT_THREAD_NOCHECK 0x00000003	/* this thread, not suspended */

LIST_HEAD(proclist, proc);
LIST_HEAD(processlist, process);
LIST_HEAD(tidhashhead, proc);
LIST_HEAD(pidhashhead, process);
LIST_HEAD(pgrphashhead, pgrp);
LIST_HEAD(uihashhead, uidinfo);

extern struct tidhashhead *tidhashtbl;	/* threads by p_tid */
extern u_long tidhash;			/* mask */
extern struct pidhashhead *pidhashtbl;	/* processes by ps_pid */
extern u_long pidhash;			/* mask */
extern struct pgrphashhead *pgrphashtbl; /* groups by pg_id */
extern u_long pgrphash;			/* mask */
extern struct uihashhead *uihashtbl;	/* users by ui_uid */
extern u_long uihash;			/* mask */

#define TIDHASH(tid)	(&tidhashtbl[(tid) & tidhash])
#define PIDHASH(pid)	(&pidhashtbl[(pid) & pidhash])
#define PGRPHASH(pgid)	(&pgrphashtbl[(pgid) & pgrphash])
#define UIHASH(uid)	(&uihashtbl[(uid) & uihash])

extern struct proc proc0;		/* the first thread */
extern struct process process0;		/* its process, "swapper" */
extern struct process *initprocess;	/* pid 1 */
extern struct proc *reaperproc;		/* frees dead threads */
extern int nthreads, maxthread;		/* threads now, at most */
extern int nprocesses, maxprocess;	/* processes now, at most */
extern int randompid;			/* pids are random by now */
extern int kthread_create_now;		/* kthreads start at once */

extern struct processlist allprocess;	/* all but zombies */
extern struct processlist zombprocess;	/* exited processes */
extern struct proclist allproc;		/* all threads */
extern struct proclist deadproc;	/* threads for the reaper */
extern struct forkstat forkstat;

extern struct pool proc_pool;		/* struct proc */
extern struct pool process_pool;	/* struct process */
extern struct pool rusage_pool;		/* struct rusage of zombies */
extern struct pool pgrp_pool;		/* struct pgrp */
extern struct pool session_pool;	/* struct session */

/* kern_proc.c */
void	procinit(void);
struct process *prfind(pid_t);
struct proc *tfind(pid_t);
struct pgrp *pgfind(pid_t);
struct process *zombiefind(pid_t);
struct uidinfo *uid_find(uid_t);
int	chgproccnt(uid_t, int);
int	inferior(struct process *, struct process *);
int	enternewpgrp(struct process *, struct pgrp *, struct session *);
void	enterthispgrp(struct process *, struct pgrp *);
void	leavepgrp(struct process *);
void	pgdelete(struct pgrp *);
void	fixjobc(struct process *, struct pgrp *, int);
void	killjobc(struct process *);
void	orphanpg(struct pgrp *);
void	sessrele(struct session *);
#define SESSHOLD(s)	((s)->s_count++)
#define SESSRELE(s)	sessrele(s)
#define SESS_LEADER(pr)	((pr)->ps_session->s_leader == (pr))

/* kern_fork.c */
int	fork1(struct proc *, int, void (*)(void *), void *, register_t *,
	    struct proc **);
int	fork_check_maxthread(uid_t);
void	fork_return(void *);
void	fork_thread_start(struct proc *, struct proc *, int);
struct proc *thread_new(struct proc *, vaddr_t);
struct process *process_new(struct proc *, struct process *, int);
void	process_initialize(struct process *, struct proc *);
int	thread_fork(struct proc *, void *, void *, pid_t *, register_t *);
pid_t	allocpid(void);
pid_t	alloctid(void);
int	ispidtaken(pid_t);
void	freepid(pid_t);
void	proc_trampoline_mp(void);

/* kern_exit.c */
void	exit1(struct proc *, int, int) __dead;
void	exit2(struct proc *);
void	reaper(void *);
int	dowait4(struct proc *, pid_t, int *, int, struct rusage *,
	    register_t *);
void	proc_finish_wait(struct proc *, struct proc *);
struct proc *proc_reporter(struct process *);
void	proc_reparent(struct process *, struct process *);
void	process_zap(struct process *);
void	proc_free(struct proc *);

/* kern_kthread.c */
int	kthread_create(void (*)(void *), void *, struct proc **, const char *);
void	kthread_create_deferred(void (*)(void *), void *);
void	kthread_run_deferred_queue(void);
void	kthread_exit(int) __dead;

/* kern_sig.c */
int	single_thread_set(struct proc *, int, int);
void	single_thread_clear(struct proc *, int);
int	single_thread_check(struct proc *, int);
#define SINGLE_SUSPEND	0		/* other threads stop */
#define SINGLE_UNWIND	1		/* other threads unwind */
#define SINGLE_EXIT	2		/* other threads exit */
#define SINGLE_PTRACE	3		/* other threads stop, in time */

/* kern_clock.c */
void	startprofclock(struct process *);
void	stopprofclock(struct process *);

/* kern_time.c */
void	realitexpire(void *);
void	cancel_all_itimers(void);

/* machine dependent */
void	child_return(void *);
void	mi_child_return(struct proc *);
void	mi_ast(struct proc *, int);
void	cpu_fork(struct proc *, struct proc *, void *, void *,
	    void (*)(void *), void *);
void	cpu_exit(struct proc *) __dead;
void	proc_trampoline(void);

#endif /* _KERNEL */

#endif /* _SYS_PROC_H_ */
