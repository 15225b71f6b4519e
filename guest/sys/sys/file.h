/* SPDX-License-Identifier: ISC */
#ifndef _SYS_FILE_H_
#define _SYS_FILE_H_

#include <sys/types.h>
#include <sys/fcntl.h>
#include <sys/unistd.h>

#ifdef _KERNEL
#include <sys/queue.h>

struct proc;
struct uio;
struct file;
struct stat;
struct ucred;
struct knote;

/* What a kind of open file knows to do. */
struct fileops {
	int	(*fo_read)(struct file *, struct uio *, int);
	int	(*fo_write)(struct file *, struct uio *, int);
	int	(*fo_ioctl)(struct file *, u_long, caddr_t, struct proc *);
	int	(*fo_poll)(struct file *, int, struct proc *);
	int	(*fo_kqfilter)(struct file *, struct knote *);
	int	(*fo_stat)(struct file *, struct stat *, struct proc *);
	int	(*fo_close)(struct file *, struct proc *);
	int	(*fo_seek)(struct file *, off_t *, int, struct proc *);
};

/* fo_read and fo_write: the offset came with the call, keep f_offset. */
#define FO_POSITION	0x01

#define DTYPE_VNODE	1	/* file, directory or device */
#define DTYPE_SOCKET	2	/* none here */
#define DTYPE_PIPE	3	/* pipe end */
#define DTYPE_KQUEUE	4	/* event queue; never copied by fork */

/*
 * An open file: what open(2) makes and what fork(2) and dup(2) share.
 * Each descriptor that points here counts in f_count, and so does each
 * system call that is using it at the moment.
 */
struct file {
	LIST_ENTRY(file) f_list;	/* on filehead */
	u_int		 f_flag;	/* FREAD, FWRITE, FAPPEND, FNONBLOCK */
	short		 f_type;	/* DTYPE_* */
	u_int		 f_count;	/* references; 0 closes it */
	struct ucred	*f_cred;	/* credentials it was opened with */
	const struct fileops *f_ops;	/* operations; NULL while being set up */
	off_t		 f_offset;	/* where the next transfer starts */
	void		*f_data;	/* vnode or pipe */
};

/*
 * Open files of the whole system: five for each of the processes and users
 * the kernel is made for (1310 and 80), and some.
 */
#define MAXFILES	(5 * (1310 + 80) + 80)

/* A count this high is refused by dup, fork and fd_getfile. */
#define FDUP_MAX_COUNT	(0xffffffffU - 100U)

#define FREF(fp)	((fp)->f_count++)
#define FRELE(fp, p)	(--(fp)->f_count == 0 ? fdrop((fp), (p)) : 0)

LIST_HEAD(filelist, file);
extern struct filelist filehead;	/* every open file */
extern int maxfiles;			/* most of them at once */
extern int numfiles;			/* how many there are */
extern const struct fileops vnops;	/* those of DTYPE_VNODE */
extern const struct fileops pipeops;	/* those of DTYPE_PIPE */

int	fdrop(struct file *, struct proc *);
int	closef(struct file *, struct proc *);
#endif /* _KERNEL */

#endif /* _SYS_FILE_H_ */
