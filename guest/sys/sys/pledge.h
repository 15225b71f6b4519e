/* SPDX-License-Identifier: ISC */
#ifndef _SYS_PLEDGE_H_
#define _SYS_PLEDGE_H_

#include <sys/types.h>

/* Promises: bits of ps_pledge and ps_execpledge. */
#define PLEDGE_ALWAYS	0xffffffffffffffffULL	/* permitted to all */
#define PLEDGE_RPATH	0x0000000000000001ULL	/* read files by name */
#define PLEDGE_WPATH	0x0000000000000002ULL	/* write files by name */
#define PLEDGE_CPATH	0x0000000000000004ULL	/* create and remove them */
#define PLEDGE_STDIO	0x0000000000000008ULL	/* what is open, memory, time */
#define PLEDGE_TMPPATH	0x0000000000000010ULL	/* files in /tmp */
#define PLEDGE_DNS	0x0000000000000020ULL	/* name service */
#define PLEDGE_INET	0x0000000000000040ULL	/* the network */
#define PLEDGE_FLOCK	0x0000000000000080ULL	/* file locks */
#define PLEDGE_UNIX	0x0000000000000100ULL	/* local sockets */
#define PLEDGE_ID	0x0000000000000200ULL	/* change ids */
#define PLEDGE_TAPE	0x0000000000000400ULL	/* tape drives */
#define PLEDGE_GETPW	0x0000000000000800ULL	/* users and groups */
#define PLEDGE_PROC	0x0000000000001000ULL	/* fork, kill, groups */
#define PLEDGE_SETTIME	0x0000000000002000ULL	/* set the clock */
#define PLEDGE_FATTR	0x0000000000004000ULL	/* modes and times of files */
#define PLEDGE_PROTEXEC	0x0000000000008000ULL	/* executable memory */
#define PLEDGE_TTY	0x0000000000010000ULL	/* terminals */
#define PLEDGE_SENDFD	0x0000000000020000ULL	/* send descriptors */
#define PLEDGE_RECVFD	0x0000000000040000ULL	/* receive descriptors */
#define PLEDGE_EXEC	0x0000000000080000ULL	/* execve(2) */
#define PLEDGE_ROUTE	0x0000000000100000ULL	/* routing tables */
#define PLEDGE_MCAST	0x0000000000200000ULL	/* multicast */
#define PLEDGE_VMINFO	0x0000000000400000ULL	/* memory statistics */
#define PLEDGE_PS	0x0000000000800000ULL	/* see other processes */
#define PLEDGE_DISKLABEL 0x0000000002000000ULL	/* disk labels */
#define PLEDGE_PF	0x0000000004000000ULL	/* packet filter */
#define PLEDGE_AUDIO	0x0000000008000000ULL	/* audio devices */
#define PLEDGE_DPATH	0x0000000010000000ULL	/* make device files */
#define PLEDGE_DRM	0x0000000020000000ULL	/* graphics */
#define PLEDGE_VMM	0x0000000040000000ULL	/* virtual machines */
#define PLEDGE_CHOWN	0x0000000080000000ULL	/* chown(2) */
#define PLEDGE_CHOWNUID	0x0000000100000000ULL	/* to other owners too */
#define PLEDGE_BPF	0x0000000200000000ULL	/* packet capture */
#define PLEDGE_ERROR	0x0000000400000000ULL	/* ENOSYS instead of death */
#define PLEDGE_UNVEIL	0x0000000800000000ULL	/* unveil(2) */
#define PLEDGE_USERSET	0x0fffffffffffffffULL	/* what can be asked for */

/* The names that pledge(2) knows. */
struct pledge_name {
	const char	*name;		/* as in a string of promises */
	uint64_t	 bits;		/* PLEDGE_* */
};

#ifdef _KERNEL
struct proc;
struct process;
struct nameidata;
struct file;

int	pledge_syscall(struct proc *, int, uint64_t *);
int	pledge_fail(struct proc *, int, uint64_t);
int	pledge_namei(struct proc *, struct nameidata *, const char *);
int	pledge_ioctl(struct proc *, u_long, struct file *);
int	pledge_sysctl(struct proc *, int, const int *, void *);
int	pledge_kill(struct proc *, pid_t);
int	pledge_protexec(struct proc *, int);
int	pledge_chown(struct proc *, uid_t, gid_t);
int	pledge_fcntl(struct proc *, int);

/* kern_unveil.c */
void	unveil_copy(struct process *, struct process *);
void	unveil_destroy(struct process *);
#endif

#endif /* _SYS_PLEDGE_H_ */
