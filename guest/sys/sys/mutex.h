/* SPDX-License-Identifier: ISC */
#ifndef _SYS_MUTEX_H_
#define _SYS_MUTEX_H_

/* A mutex on one CPU: raising the interrupt level is the whole lock. */
struct mutex {
	int	mtx_wantipl;		/* level to raise to */
	int	mtx_oldipl;		/* level before mtx_enter() */
	void	*mtx_owner;		/* cpu_info of the holder, or NULL */
};

#ifdef _KERNEL
void	mtx_init(struct mutex *, int);
void	mtx_enter(struct mutex *);
void	mtx_leave(struct mutex *);
#endif

#endif /* _SYS_MUTEX_H_ */
