/* SPDX-License-Identifier: ISC */
#ifndef _SYS_TIMEOUT_H_
#define _SYS_TIMEOUT_H_

#include <sys/types.h>
#include <sys/queue.h>

/* A function to be called once, some ticks from now. */
struct timeout {
	TAILQ_ENTRY(timeout) to_list;	/* due list, by to_time */
	void	(*to_func)(void *);	/* what to call */
	void	*to_arg;		/* its argument */
	int	 to_time;		/* ticks at which it is due */
	int	 to_flags;		/* TIMEOUT_* */
};
TAILQ_HEAD(timeoutlist, timeout);

#define TIMEOUT_PROC		0x01	/* needs a process context */
#define TIMEOUT_ONQUEUE		0x02	/* on the due list */
#define TIMEOUT_INITIALIZED	0x04	/* timeout_set() was called */
#define TIMEOUT_TRIGGERED	0x08	/* is running or has run */

#ifdef _KERNEL
#define timeout_pending(to)	((to)->to_flags & TIMEOUT_ONQUEUE)
#define timeout_initialized(to)	((to)->to_flags & TIMEOUT_INITIALIZED)
#define timeout_triggered(to)	((to)->to_flags & TIMEOUT_TRIGGERED)

void	timeout_startup(void);
void	timeout_proc_init(void);
void	timeout_set(struct timeout *, void (*)(void *), void *);
void	timeout_set_proc(struct timeout *, void (*)(void *), void *);
int	timeout_add(struct timeout *, int);
int	timeout_add_sec(struct timeout *, int);
int	timeout_add_msec(struct timeout *, int);
int	timeout_del(struct timeout *);
int	timeout_hardclock_update(void);
void	softclock(void *);
void	softclock_thread(void *);
void	softclock_create_thread(void *);
#endif /* _KERNEL */

#endif /* _SYS_TIMEOUT_H_ */
