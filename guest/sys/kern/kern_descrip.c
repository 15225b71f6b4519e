/* SPDX-License-Identifier: ISC */
/*
 * Descriptor tables and open files: who has what open under which number.
 *
 * Three levels: a process points at a struct filedesc (its own, or a shared
 * one), whose slots point at struct file (one per open, shared by fork and
 * dup), which points at a vnode or a pipe.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/event.h>
#include <sys/proc.h>
#include <sys/file.h>
#include <sys/filedesc.h>
#include <sys/malloc.h>
#include <sys/pool.h>
#include <sys/resourcevar.h>
#include <sys/ucred.h>
#include <sys/vnode.h>

struct filelist filehead = LIST_HEAD_INITIALIZER(filehead);
int numfiles;			/* open files */
int maxfiles = MAXFILES;	/* most of them at once */

struct pool file_pool;		/* struct file */
struct pool fdesc_pool;		/* struct filedesc0 */

/* Called once, before the first fdinit. */
void
filedesc_init(void)
{
	pool_init(&file_pool, sizeof(struct file), 0, IPL_NONE, PR_WAITOK,
	    "filepl", NULL);
	pool_init(&fdesc_pool, sizeof(struct filedesc0), 0, IPL_NONE,
	    PR_WAITOK, "fdescpl", NULL);
	LIST_INIT(&filehead);
}

/* Mark fd as taken in both bitmaps. */
void
fd_used(struct filedesc *fdp, int fd)
{
	int word = fd >> NDENTRYSHIFT;

	fdp->fd_lomap[word] |= 1U << (fd & NDENTRYMASK);
	if (fdp->fd_lomap[word] == ~0U)
		fdp->fd_himap[word >> NDENTRYSHIFT] |=
		    1U << (word & NDENTRYMASK);
	if (fd > fdp->fd_lastfile)
		fdp->fd_lastfile = fd;
	fdp->fd_openfd++;
}

/* The highest descriptor taken at or below last; -1 if there is none. */
int
find_last_set(struct filedesc *fdp, int last)
{
	int fd;

	for (fd = last; fd >= 0; fd--) {
		if (fdp->fd_lomap[fd >> NDENTRYSHIFT] == 0) {
			/* The whole word is empty: go to the one below. */
			fd &= ~NDENTRYMASK;
			continue;
		}
		if (fdp->fd_lomap[fd >> NDENTRYSHIFT] &
		    (1U << (fd & NDENTRYMASK)))
			return fd;
	}
	return -1;
}

/* Mark fd as free again. */
void
fd_unused(struct filedesc *fdp, int fd)
{
	int word = fd >> NDENTRYSHIFT;

	if (fd < fdp->fd_freefile)
		fdp->fd_freefile = fd;
	fdp->fd_himap[word >> NDENTRYSHIFT] &= ~(1U << (word & NDENTRYMASK));
	fdp->fd_lomap[word] &= ~(1U << (fd & NDENTRYMASK));
	if (fd == fdp->fd_lastfile)
		fdp->fd_lastfile = find_last_set(fdp, fd);
	fdp->fd_openfd--;
}

/* The lowest free descriptor in want..limit-1; -1 if all are taken. */
int
find_next_zero(struct filedesc *fdp, int want, int limit)
{
	int fd, word;

	for (fd = want; fd < limit; fd++) {
		word = fd >> NDENTRYSHIFT;
		if (fdp->fd_himap[word >> NDENTRYSHIFT] &
		    (1U << (word & NDENTRYMASK))) {
			/* The whole word is full: go to the next one. */
			fd |= NDENTRYMASK;
			continue;
		}
		if ((fdp->fd_lomap[word] & (1U << (fd & NDENTRYMASK))) == 0)
			return fd;
	}
	return -1;
}

/*
 * The file behind fd, with a reference that the caller gives back by
 * FRELE; NULL if fd is not open (or reserved only).
 */
struct file *
fd_getfile(struct filedesc *fdp, int fd)
{
	struct file *fp;

	if ((u_int)fd >= (u_int)fdp->fd_nfiles ||
	    (fp = fdp->fd_ofiles[fd]) == NULL)
		return NULL;
	if (fp->f_count >= FDUP_MAX_COUNT)
		return NULL;
	FREF(fp);
	return fp;
}

/* The same if the file was opened for mode (FREAD or FWRITE), else NULL. */
struct file *
fd_getfile_mode(struct filedesc *fdp, int fd, int mode)
{
	struct file *fp;

	if ((u_int)fd >= (u_int)fdp->fd_nfiles ||
	    (fp = fdp->fd_ofiles[fd]) == NULL || (fp->f_flag & mode) == 0)
		return NULL;
	return fd_getfile(fdp, fd);
}

/* How many descriptors the process may have: the soft limit, at most maxfiles. */
int
fd_limit(void)
{
	rlim_t cur = lim_cur(RLIMIT_NOFILE);

	return cur < (rlim_t)maxfiles ? (int)cur : maxfiles;
}

/*
 * Make the table of p larger: by NDEXTENT the first time, doubling later.
 * The arrays and both bitmaps lie in one allocation that starts at
 * fd_ofiles.
 */
void
fdexpand(struct proc *p)
{
	struct filedesc *fdp = p->p_fd;
	int nfiles;

	if (fdp->fd_nfiles < NDEXTENT)
		nfiles = NDEXTENT;
	else
		nfiles = 2 * fdp->fd_nfiles;
	fdp = fdgrow(fdp, nfiles);
}

/*
 * Give fdp a table of nfiles slots outside the structure, with the contents
 * of the present one.
 */
struct filedesc *
fdgrow(struct filedesc *fdp, int nfiles)
{
	struct file **newofile;
	u_char *newofileflags;
	u_int *newhimap, *newlomap;
	int oldfiles = fdp->fd_nfiles;

	newofile = malloc(FDTABLE_SIZE(nfiles), M_FILEDESC,
	    M_WAITOK | M_ZERO);
	newhimap = (u_int *)&newofile[nfiles];
	newlomap = newhimap + NDHISLOTS(nfiles);
	newofileflags = (u_char *)(newlomap + NDLOSLOTS(nfiles));

	memcpy(newofile, fdp->fd_ofiles, oldfiles * sizeof(struct file *));
	memcpy(newofileflags, fdp->fd_ofileflags, oldfiles);
	memcpy(newhimap, fdp->fd_himap, NDHISLOTS(oldfiles) * sizeof(u_int));
	memcpy(newlomap, fdp->fd_lomap, NDLOSLOTS(oldfiles) * sizeof(u_int));

	if (oldfiles > NDFILE)
		free(fdp->fd_ofiles, M_FILEDESC, FDTABLE_SIZE(oldfiles));
	fdp->fd_ofiles = newofile;
	fdp->fd_ofileflags = newofileflags;
	fdp->fd_himap = newhimap;
	fdp->fd_lomap = newlomap;
	fdp->fd_nfiles = nfiles;
	return fdp;
}

/*
 * Reserve the lowest free descriptor that is at least want, growing the
 * table if need be.  The slot stays empty until fdinsert; fdremove gives it
 * back.  EMFILE if the limit is reached.
 */
int
fdalloc(struct proc *p, int want, int *result)
{
	struct filedesc *fdp = p->p_fd;
	int fd, first, last, limit;

	limit = fd_limit();
	if (want < 0)
		want = 0;
	for (;;) {
		last = MIN(fdp->fd_nfiles, limit);
		first = MAX(want, fdp->fd_freefile);
		fd = find_next_zero(fdp, first, last);
		if (fd != -1)
			break;
		if (fdp->fd_nfiles >= limit)
			return EMFILE;
		fdexpand(p);
	}
	fd_used(fdp, fd);
	if (want <= fdp->fd_freefile)
		fdp->fd_freefile = fd;
	*result = fd;
	return 0;
}

/*
 * Make a new open file and reserve a descriptor for it.  The file comes
 * with one reference, the one that fdinsert hands to the descriptor.
 * ENFILE if the system has too many files open, EMFILE if the process has.
 */
int
falloc(struct proc *p, struct file **rfp, int *rfd)
{
	struct file *fp;
	int error, fd;

	if ((error = fdalloc(p, 0, &fd)) != 0)
		return error;
	if (numfiles >= maxfiles) {
		fd_unused(p->p_fd, fd);
		tablefull("file");
		return ENFILE;
	}
	numfiles++;
	fp = pool_get(&file_pool, PR_WAITOK | PR_ZERO);
	fp->f_count = 1;
	fp->f_cred = p->p_ucred;
	crhold(fp->f_cred);
	LIST_INSERT_HEAD(&filehead, fp, f_list);

	*rfp = fp;
	*rfd = fd;
	return 0;
}

/* Fill the reserved slot fd: from here on the descriptor can be used. */
void
fdinsert(struct filedesc *fdp, int fd, int flags, struct file *fp)
{
	fdp->fd_ofiles[fd] = fp;
	fdp->fd_ofileflags[fd] = flags & UF_EXCLOSE;
}

/* Empty slot fd and free its number; the file keeps its reference. */
void
fdremove(struct filedesc *fdp, int fd)
{
	fdp->fd_ofiles[fd] = NULL;
	fdp->fd_ofileflags[fd] = 0;
	fd_unused(fdp, fd);
}

/* Close descriptor fd.  EBADF if it is not open. */
int
fdrelease(struct proc *p, int fd)
{
	struct filedesc *fdp = p->p_fd;
	struct file *fp;

	if ((u_int)fd >= (u_int)fdp->fd_nfiles ||
	    (fp = fdp->fd_ofiles[fd]) == NULL)
		return EBADF;
	knote_fdclose(p, fd);
	fdremove(fdp, fd);
	return closef(fp, p);
}

/* A descriptor that pointed at fp is gone. */
int
closef(struct file *fp, struct proc *p)
{
	if (fp == NULL)
		return 0;
	return FRELE(fp, p);
}

/* The last reference to fp is gone: close what it stands for and free it. */
int
fdrop(struct file *fp, struct proc *p)
{
	int error = 0;

	KASSERT(fp->f_count == 0);
	if (fp->f_ops != NULL)
		error = (*fp->f_ops->fo_close)(fp, p);
	LIST_REMOVE(fp, f_list);
	crfree(fp->f_cred);
	numfiles--;
	pool_put(&file_pool, fp);
	return error;
}

/* A new empty table with one user, and no directory yet. */
struct filedesc *
fdinit(void)
{
	struct filedesc0 *newfdp;

	newfdp = pool_get(&fdesc_pool, PR_WAITOK | PR_ZERO);
	newfdp->fd_fd.fd_refcnt = 1;
	newfdp->fd_fd.fd_cmask = FILEDESC_DEFAULT_CMASK;
	newfdp->fd_fd.fd_ofiles = newfdp->fd_dfiles;
	newfdp->fd_fd.fd_ofileflags = newfdp->fd_dfileflags;
	newfdp->fd_fd.fd_himap = newfdp->fd_dhimap;
	newfdp->fd_fd.fd_lomap = newfdp->fd_dlomap;
	newfdp->fd_fd.fd_nfiles = NDFILE;
	newfdp->fd_fd.fd_lastfile = -1;
	return &newfdp->fd_fd;
}

/* One more user of pr's table. */
struct filedesc *
fdshare(struct process *pr)
{
	pr->ps_fd->fd_refcnt++;
	return pr->ps_fd;
}

/* How many slots a copy of fdp needs: inline, or a multiple of NDEXTENT. */
int
fdcopy_size(struct filedesc *fdp)
{
	int nfiles = fdp->fd_lastfile + 1;

	if (nfiles <= NDFILE)
		return NDFILE;
	return roundup(nfiles, NDEXTENT);
}

/*
 * A copy of pr's table for a forked child.  The slots are its own, the open
 * files (and so their offsets) are shared.  Queues of kernel events do not
 * pass to a child, nor does a file whose reference count is about to
 * overflow.
 */
struct filedesc *
fdcopy(struct process *pr)
{
	struct filedesc *fdp = pr->ps_fd, *newfdp;
	struct file *fp;
	int fd, nfiles;

	newfdp = fdinit();
	if (fdp->fd_cdir != NULL) {
		vref(fdp->fd_cdir);
		newfdp->fd_cdir = fdp->fd_cdir;
	}
	if (fdp->fd_rdir != NULL) {
		vref(fdp->fd_rdir);
		newfdp->fd_rdir = fdp->fd_rdir;
	}
	nfiles = fdcopy_size(fdp);
	if (nfiles > NDFILE)
		newfdp = fdgrow(newfdp, nfiles);

	newfdp->fd_freefile = fdp->fd_freefile;
	newfdp->fd_flags = fdp->fd_flags;
	newfdp->fd_cmask = fdp->fd_cmask;

	for (fd = 0; fd <= fdp->fd_lastfile; fd++) {
		if ((fp = fdp->fd_ofiles[fd]) == NULL) {
			/* Empty, or reserved by a call that shares us. */
			if (fd < newfdp->fd_freefile)
				newfdp->fd_freefile = fd;
			continue;
		}
		if (fp->f_count >= FDUP_MAX_COUNT ||
		    fp->f_type == DTYPE_KQUEUE) {
			if (fd < newfdp->fd_freefile)
				newfdp->fd_freefile = fd;
			continue;
		}
		FREF(fp);
		newfdp->fd_ofiles[fd] = fp;
		newfdp->fd_ofileflags[fd] = fdp->fd_ofileflags[fd];
		fd_used(newfdp, fd);
	}
	return newfdp;
}

/*
 * p gives up its table; with the last user every file is closed and the
 * directories are let go.
 */
void
fdfree(struct proc *p)
{
	struct filedesc *fdp = p->p_fd;
	struct file *fp;
	int fd;

	if (fdp == NULL)
		return;
	p->p_fd = NULL;
	p->p_p->ps_fd = NULL;
	if (--fdp->fd_refcnt > 0)
		return;

	for (fd = 0; fd <= fdp->fd_lastfile; fd++) {
		fp = fdp->fd_ofiles[fd];
		if (fp != NULL) {
			fdp->fd_ofiles[fd] = NULL;
			(void)closef(fp, p);
		}
	}
	if (fdp->fd_nfiles > NDFILE)
		free(fdp->fd_ofiles, M_FILEDESC,
		    FDTABLE_SIZE(fdp->fd_nfiles));
	if (fdp->fd_cdir != NULL)
		vrele(fdp->fd_cdir);
	if (fdp->fd_rdir != NULL)
		vrele(fdp->fd_rdir);
	pool_put(&fdesc_pool, fdp);
}

/* execve: close the descriptors that do not survive it. */
void
fdcloseexec(struct proc *p)
{
	struct filedesc *fdp = p->p_fd;
	int fd;

	for (fd = 0; fd <= fdp->fd_lastfile; fd++) {
		if (fdp->fd_ofileflags[fd] & UF_EXCLOSE)
			(void)fdrelease(p, fd);
	}
}
