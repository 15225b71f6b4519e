/* SPDX-License-Identifier: ISC */
#ifndef _SYS_RWLOCK_H_
#define _SYS_RWLOCK_H_

#include <sys/types.h>

struct proc;

/* A sleeping lock with many readers or one writer. */
struct rwlock {
	struct proc	*rwl_owner;	/* the writer, or NULL */
	u_int		 rwl_readers;	/* readers inside */
	u_int		 rwl_waiters;	/* threads asleep on it */
	const char	*rwl_name;	/* wait message */
};

#define RWLOCK_INITIALIZER(name)	{ NULL, 0, 0, name }

#ifdef _KERNEL
#define RW_WRITE	0x0001	/* rw_enter(): exclusive */
#define RW_READ		0x0002	/* rw_enter(): shared */
#define RW_NOSLEEP	0x0040	/* rw_enter(): EBUSY instead of sleeping */

void	rw_init(struct rwlock *, const char *);
void	rw_enter_read(struct rwlock *);
void	rw_enter_write(struct rwlock *);
void	rw_exit_read(struct rwlock *);
void	rw_exit_write(struct rwlock *);
int	rw_enter(struct rwlock *, int);
void	rw_exit(struct rwlock *);
int	rw_status(struct rwlock *);
void	rw_assert_wrlock(struct rwlock *);
#endif

#endif /* _SYS_RWLOCK_H_ */
