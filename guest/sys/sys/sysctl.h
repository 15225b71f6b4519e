/* SPDX-License-Identifier: ISC */
#ifndef _SYS_SYSCTL_H_
#define _SYS_SYSCTL_H_

#include <sys/types.h>
#include <sys/syslimits.h>

#define CTL_MAXNAME	12	/* components of a name */

#define CTL_KERN	1	/* kernel: process limits, names */
#define CTL_VM		2	/* virtual memory */
#define CTL_HW		6	/* hardware */
#define CTL_DDB		9	/* kernel debugger, DBCTL_* */

#define KERN_OSTYPE	1	/* string: system name */
#define KERN_OSRELEASE	2	/* string: release */
#define KERN_OSREV	3	/* int: revision */
#define KERN_VERSION	4	/* string: banner */
#define KERN_MAXPROC	6	/* int: most processes */
#define KERN_MAXFILES	7	/* int: most open files */
#define KERN_ARGMAX	8	/* int: most bytes for exec */
#define KERN_HOSTNAME	10	/* string: host name */
#define KERN_BOOTTIME	21	/* struct timeval: boot time */
#define KERN_MAXTHREAD	25	/* int: most threads */
#define KERN_NTHREADS	26	/* int: threads now */
#define KERN_OSVERSION	27	/* string: kernel configuration */
#define KERN_CPTIME	40	/* array: cp_time */
#define KERN_FORKSTAT	42	/* struct forkstat */
#define KERN_NPROCS	47	/* int: processes now */
#define KERN_PROC	66	/* struct kinfo_proc: processes */
#define KERN_GLOBAL_PTRACE 81	/* int: attach to what is no descendant */

#define KERN_PROC_ALL	0	/* all but kernel threads' processes */
#define KERN_PROC_PID	1	/* one process */
#define KERN_PROC_PGRP	2	/* of a process group */
#define KERN_PROC_UID	5	/* of an effective user id */
#define KERN_PROC_RUID	6	/* of a real user id */
#define KERN_PROC_KTHREAD 7	/* all, with kernel threads */

#define HW_MACHINE	1	/* string: machine */
#define HW_MODEL	2	/* string: processor */
#define HW_NCPU		3	/* int: CPUs */
#define HW_PAGESIZE	7	/* int: bytes in a page */
#define HW_PHYSMEM64	19	/* int64: bytes of memory */
#define HW_USERMEM64	20	/* int64: bytes not wired */

#define VM_UVMEXP	4	/* struct uvmexp */

#define KI_MAXCOMLEN	24	/* bytes of p_comm, with its NUL */
#define KI_WMESGLEN	8	/* bytes of p_wmesg, without NUL */

/*
 * One process as ps(1) sees it: the fields of OpenBSD's structure that this
 * kernel can fill, under their own names.
 */
struct kinfo_proc {
	int32_t	p_pid;			/* process id */
	int32_t	p_ppid;			/* parent's process id */
	int32_t	p__pgid;		/* process group id */
	int32_t	p_sid;			/* session id */
	u_int32_t p_uid;		/* effective user id */
	u_int32_t p_ruid;		/* real user id */
	u_int32_t p_gid;		/* effective group id */
	u_int32_t p_rgid;		/* real group id */
	int32_t	p_flag;			/* P_* of the main thread */
	u_int32_t p_psflags;		/* PS_* */
	int32_t	p_tid;			/* thread id, with its offset */
	int32_t	p_vm_rssize;		/* resident pages */
	int32_t	p_vm_tsize;		/* text pages */
	int32_t	p_vm_dsize;		/* data pages */
	int32_t	p_vm_ssize;		/* stack pages */
	u_int32_t p_rtime_sec;		/* run time, seconds */
	u_int32_t p_rtime_usec;		/* run time, microseconds */
	u_int32_t p_ustart_sec;		/* start time, seconds */
	u_int32_t p_ustart_usec;	/* start time, microseconds */
	u_int32_t p_uvalid;		/* sizes and times are valid */
	u_int32_t p_estcpu;		/* recent CPU use */
	u_int32_t p_siglist;		/* pending signals */
	u_int32_t p_sigmask;		/* blocked signals */
	u_int32_t p_tdev;		/* controlling terminal, or NODEV */
	u_int32_t p_tpgid;		/* its foreground group, or -1 */
	u_int16_t p_xstat;		/* wait status of a zombie */
	u_int16_t p_acflag;		/* A* */
	int8_t	p_stat;			/* S* of the main thread */
	u_int8_t p_priority;		/* priority */
	u_int8_t p_usrpri;		/* user priority */
	u_int8_t p_nice;		/* nice value, NZERO based */
	char	p_comm[KI_MAXCOMLEN];	/* command name */
	char	p_wmesg[KI_WMESGLEN + 1]; /* why it sleeps */
	char	p_login[LOGIN_NAME_MAX]; /* setlogin(2) name */
};

#ifdef _KERNEL
struct proc;
struct process;

typedef int (sysctlfn)(int *, u_int, void *, size_t *, void *, size_t,
    struct proc *);

int	sysctl_int(void *, size_t *, void *, size_t, int *);
int	sysctl_rdint(void *, size_t *, void *, int);
int	sysctl_rdquad(void *, size_t *, void *, int64_t);
int	sysctl_string(void *, size_t *, void *, size_t, char *, size_t);
int	sysctl_rdstring(void *, size_t *, void *, const char *);
int	sysctl_rdstruct(void *, size_t *, void *, const void *, size_t);
int	sysctl_doproc(int *, u_int, char *, size_t *);
void	fill_kproc(struct process *, struct kinfo_proc *);
sysctlfn kern_sysctl;
sysctlfn hw_sysctl;
sysctlfn uvm_sysctl;
#endif /* _KERNEL */

#ifndef _KERNEL
int	sysctl(const int *, u_int, void *, size_t *, void *, size_t);
#endif

#endif /* _SYS_SYSCTL_H_ */
