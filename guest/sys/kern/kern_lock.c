/* SPDX-License-Identifier: ISC */
/*
 * Locks.  On one CPU the big lock and the scheduler's lock never wait; they
 * count, so that code that forgets them is found and mi_switch() can put
 * them down and take them up again.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/mutex.h>
#include <sys/proc.h>
#include <sys/rwlock.h>
#include <sys/sched.h>
#include <machine/cpu.h>

/* The big lock. */
struct __mp_lock {
	struct cpu_info	*mpl_cpu;	/* holder, or NULL */
	int		 mpl_depth;	/* times taken */
};
struct __mp_lock kernel_lock;
int sched_lock_depth;		/* times SCHED_LOCK was taken */

void
_kernel_lock_init(void)
{
	kernel_lock.mpl_cpu = NULL;
	kernel_lock.mpl_depth = 0;
}

void
_kernel_lock(void)
{
	int s = splhigh();

	kernel_lock.mpl_cpu = curcpu();
	kernel_lock.mpl_depth++;
	splx(s);
}

void
_kernel_unlock(void)
{
	int s = splhigh();

	KASSERT(kernel_lock.mpl_depth > 0);
	if (--kernel_lock.mpl_depth == 0)
		kernel_lock.mpl_cpu = NULL;
	splx(s);
}

int
_kernel_lock_held(void)
{
	return kernel_lock.mpl_depth > 0;
}

/*
 * Put the big lock down however often it was taken; returns how often.
 */
int
__mp_release_all(void)
{
	int depth = kernel_lock.mpl_depth;

	kernel_lock.mpl_depth = 0;
	kernel_lock.mpl_cpu = NULL;
	return depth;
}

void
__mp_acquire_count(int depth)
{
	kernel_lock.mpl_depth = depth;
	kernel_lock.mpl_cpu = depth > 0 ? curcpu() : NULL;
}

/*
 * The scheduler's lock: returns the interrupt level to go back to.
 */
int
_sched_lock(void)
{
	int s = splsched();

	sched_lock_depth++;
	return s;
}

void
_sched_unlock(int s)
{
	KASSERT(sched_lock_depth > 0);
	sched_lock_depth--;
	splx(s);
}

void
sched_assert_locked(void)
{
	KASSERT(sched_lock_depth > 0);
}

/* ---- mutexes ---- */

void
mtx_init(struct mutex *mtx, int ipl)
{
	mtx->mtx_wantipl = ipl;
	mtx->mtx_oldipl = IPL_NONE;
	mtx->mtx_owner = NULL;
}

void
mtx_enter(struct mutex *mtx)
{
	int s = splraise(mtx->mtx_wantipl);

	KASSERT(mtx->mtx_owner == NULL);
	mtx->mtx_oldipl = s;
	mtx->mtx_owner = curcpu();
}

void
mtx_leave(struct mutex *mtx)
{
	int s = mtx->mtx_oldipl;

	mtx->mtx_owner = NULL;
	splx(s);
}

/* ---- sleeping locks ---- */

void
rw_init(struct rwlock *rwl, const char *name)
{
	rwl->rwl_owner = NULL;
	rwl->rwl_readers = 0;
	rwl->rwl_waiters = 0;
	rwl->rwl_name = name;
}

int
rw_enter(struct rwlock *rwl, int flags)
{
	while (rwl->rwl_owner != NULL ||
	    ((flags & RW_WRITE) && rwl->rwl_readers > 0)) {
		if (rwl->rwl_owner == curproc)
			panic("rw_enter: %s: locking against myself",
			    rwl->rwl_name);
		if (flags & RW_NOSLEEP)
			return EBUSY;
		rwl->rwl_waiters++;
		tsleep(rwl, PLOCK, rwl->rwl_name, 0);
		rwl->rwl_waiters--;
	}
	if (flags & RW_WRITE)
		rwl->rwl_owner = curproc;
	else
		rwl->rwl_readers++;
	return 0;
}

void
rw_exit(struct rwlock *rwl)
{
	if (rwl->rwl_owner != NULL) {
		KASSERT(rwl->rwl_owner == curproc);
		rwl->rwl_owner = NULL;
	} else {
		KASSERT(rwl->rwl_readers > 0);
		rwl->rwl_readers--;
	}
	if (rwl->rwl_waiters > 0)
		wakeup(rwl);
}

void
rw_enter_read(struct rwlock *rwl)
{
	rw_enter(rwl, RW_READ);
}

void
rw_enter_write(struct rwlock *rwl)
{
	rw_enter(rwl, RW_WRITE);
}

void
rw_exit_read(struct rwlock *rwl)
{
	rw_exit(rwl);
}

void
rw_exit_write(struct rwlock *rwl)
{
	rw_exit(rwl);
}

/*
 * RW_WRITE, RW_READ or 0.
 */
int
rw_status(struct rwlock *rwl)
{
	return rwl->rwl_owner != NULL ? RW_WRITE :
	    rwl->rwl_readers > 0 ? RW_READ : 0;
}

void
rw_assert_wrlock(struct rwlock *rwl)
{
	KASSERT(rwl->rwl_owner == curproc);
}
