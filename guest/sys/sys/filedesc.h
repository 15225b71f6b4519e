/* SPDX-License-Identifier: ISC */
#ifndef _SYS_FILEDESC_H_
#define _SYS_FILEDESC_H_

#include <sys/types.h>
#include <sys/queue.h>

#ifdef _KERNEL

/*
 * The descriptor table of a process.  A small table lies inside the
 * structure itself (struct filedesc0); a larger one is allocated in
 * multiples of NDEXTENT.  Which numbers are taken is kept in two levels of
 * bitmaps: a bit of fd_lomap is one descriptor, a bit of fd_himap says that
 * a whole word of fd_lomap is full.
 */
#define NDFILE		20	/* slots inside the structure */
#define NDEXTENT	50	/* growth of an outside table */
#define NDENTRIES	32	/* descriptors per word of a bitmap */
#define NDENTRYMASK	(NDENTRIES - 1)
#define NDENTRYSHIFT	5
#define NDREDUCE(x)	(((x) + NDENTRIES - 1) >> NDENTRYSHIFT)
#define NDLOSLOTS(x)	NDREDUCE(x)		/* words of fd_lomap */
#define NDHISLOTS(x)	NDREDUCE(NDREDUCE(x))	/* words of fd_himap */

struct file;
struct proc;
struct process;
struct vnode;

struct filedesc {
	struct file	**fd_ofiles;	/* open files, by descriptor */
	u_char		*fd_ofileflags;	/* UF_*, by descriptor */
	struct vnode	*fd_cdir;	/* current directory */
	struct vnode	*fd_rdir;	/* root directory; NULL: the real one */
	int		 fd_nfiles;	/* slots there are */
	int		 fd_openfd;	/* slots in use */
	u_int		*fd_himap;	/* words of fd_lomap that are full */
	u_int		*fd_lomap;	/* descriptors in use */
	int		 fd_lastfile;	/* highest in use, -1 if none */
	int		 fd_freefile;	/* no free one below this */
	u_short		 fd_cmask;	/* umask */
	u_short		 fd_refcnt;	/* processes that share the table */
	LIST_HEAD(, kqueue) fd_kqlist;	/* kqueues of this table */
	int		 fd_flags;	/* FD_* below */
};

/* A table together with its inline slots: what the pool holds. */
struct filedesc0 {
	struct filedesc	fd_fd;
	struct file	*fd_dfiles[NDFILE];
	u_char		fd_dfileflags[NDFILE];
	u_int		fd_dhimap[NDHISLOTS(NDFILE)];
	u_int		fd_dlomap[NDLOSLOTS(NDFILE)];
};

#define UF_EXCLOSE	0x01	/* fd_ofileflags: close on exec */

#define FILEDESC_DEFAULT_CMASK	022

/* Bytes of an outside table: files, both bitmaps, flags. */
#define FDTABLE_SIZE(n) ((n) * sizeof(struct file *) + \
	(NDHISLOTS(n) + NDLOSLOTS(n)) * sizeof(u_int) + (n) * sizeof(u_char))

void	filedesc_init(void);
int	falloc(struct proc *, struct file **, int *);
int	fdalloc(struct proc *, int, int *);
void	fdexpand(struct proc *);
struct filedesc *fdgrow(struct filedesc *, int);
int	fdcopy_size(struct filedesc *);
int	fd_limit(void);
void	fd_used(struct filedesc *, int);
void	fd_unused(struct filedesc *, int);
int	find_last_set(struct filedesc *, int);
int	find_next_zero(struct filedesc *, int, int);
void	fdinsert(struct filedesc *, int, int, struct file *);
void	fdremove(struct filedesc *, int);
int	fdrelease(struct proc *, int);
struct filedesc *fdinit(void);
struct filedesc *fdshare(struct process *);
struct filedesc *fdcopy(struct process *);
void	fdfree(struct proc *);
void	fdcloseexec(struct proc *);
struct file *fd_getfile(struct filedesc *, int);
struct file *fd_getfile_mode(struct filedesc *, int, int);
int	getvnode(struct proc *, int, struct file **);
int	dodup3(struct proc *, int, int, int, register_t *);
int	finishdup(struct proc *, struct file *, int, int, register_t *, int);
int	fdsetflags(struct file *, u_int, struct proc *);

#endif /* _KERNEL */

#endif /* _SYS_FILEDESC_H_ */
