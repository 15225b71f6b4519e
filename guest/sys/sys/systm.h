/* SPDX-License-Identifier: ISC */
#ifndef _SYS_SYSTM_H_
#define _SYS_SYSTM_H_

#include <sys/types.h>
#include <sys/param.h>
#include <sys/stdarg.h>
#include <sys/queue.h>
#include <machine/intr.h>
#include <lib/libkern/libkern.h>

struct proc;
struct process;
struct uio;
struct mutex;
struct vnode;

/* One row of the system call table. */
struct sysent {
	short	sy_narg;		/* number of arguments */
	short	sy_argsize;		/* bytes of arguments */
	int	sy_flags;		/* SY_* */
	int	(*sy_call)(struct proc *, void *, register_t *);
					/* implementation */
};

#define SY_NOLOCK	0x01		/* runs without KERNEL_LOCK */

extern struct sysent sysent[];
extern const char *const syscallnames[];

extern const char *panicstr;	/* message of the first panic, or NULL */
extern int	cold;		/* still booting, cannot sleep */
extern int	physmem;	/* pages of memory */
extern int	ncpus;		/* CPUs found */
extern int	boothowto;	/* RB_* */
extern struct vnode *rootvp;	/* vnode of the root device */
extern dev_t	rootdev;	/* root device */
extern volatile int start_init_exec;	/* init may go on */
extern char	bootargs[];	/* kernel command line */

/* subr_prf.c */
#define LOG_EMERG	0		/* log(9) levels */
#define LOG_ALERT	1
#define LOG_CRIT	2
#define LOG_ERR		3
#define LOG_WARNING	4
#define LOG_NOTICE	5
#define LOG_INFO	6
#define LOG_DEBUG	7
void	panic(const char *, ...) __dead __printflike(1, 2);
int	printf(const char *, ...) __printflike(1, 2);
int	vprintf(const char *, va_list);
int	snprintf(char *, size_t, const char *, ...) __printflike(3, 4);
int	vsnprintf(char *, size_t, const char *, va_list);
void	uprintf(const char *, ...) __printflike(1, 2);
void	log(int, const char *, ...) __printflike(2, 3);
void	addlog(const char *, ...) __printflike(1, 2);
void	tablefull(const char *);
void	__assert(const char *, const char *, int, const char *) __dead;
#ifndef splassert
#define splassert(ipl)	((void)0)
#endif

/* locore.S */
int	setjmp(label_t *);
void	longjmp(label_t *) __dead;

/* db_interface.c */
void	db_enter(void);

/* subr_xxx.c, kern_subr.c */
int	nullop(void *);
int	enodev(void);
int	enxio(void);
int	eopnotsupp(void *);
int	enosys(void);
int	uiomove(void *, size_t, struct uio *);
int	ureadc(int, struct uio *);

/* copy.S: 0, EFAULT or ENAMETOOLONG */
int	copyin(const void *, void *, size_t);
int	copyout(const void *, void *, size_t);
int	copyinstr(const void *, void *, size_t, size_t *);
int	copyoutstr(const void *, void *, size_t, size_t *);
int	copystr(const void *, void *, size_t, size_t *);
int	kcopy(const void *, void *, size_t);

/* kern_synch.c */
int	tsleep(const volatile void *, int, const char *, int);
int	msleep(const volatile void *, struct mutex *, int, const char *, int);
void	wakeup(const volatile void *);
void	wakeup_n(const volatile void *, int);
#define wakeup_one(c)	wakeup_n((c), 1)
void	endtsleep(void *);
void	sleep_queue_init(void);

/* The whole of a sleep, between sleep_setup() and sleep_finish_all(). */
struct sleep_state {
	int	sls_s;			/* interrupt level before */
	int	sls_catch;		/* PCATCH was given */
	int	sls_do_sleep;		/* not woken or signalled yet */
	int	sls_sig;		/* signal that ended it */
	int sls_unwind;			/* why not to sleep at all: EINTR, ERESTART */
	int	sls_locked;		/* unused */
};
void	sleep_setup(struct sleep_state *, const volatile void *, int,
	    const char *);
void	sleep_setup_timeout(struct sleep_state *, int);
void	sleep_setup_signal(struct sleep_state *);
void	sleep_finish(struct sleep_state *, int);
int	sleep_finish_timeout(struct sleep_state *);
int	sleep_finish_signal(struct sleep_state *);

/* kern_clock.c */
struct clockframe;
void	initclocks(void);
void	hardclock(struct clockframe *);
void	statclock(struct clockframe *);

/* kern_lock.c: the big lock; on one CPU it only counts */
void	_kernel_lock_init(void);
void	_kernel_lock(void);
void	_kernel_unlock(void);
int	_kernel_lock_held(void);
#define KERNEL_LOCK_INIT()	_kernel_lock_init()
#define KERNEL_LOCK()		_kernel_lock()
#define KERNEL_UNLOCK()		_kernel_unlock()
#define KERNEL_ASSERT_LOCKED()	KASSERT(_kernel_lock_held())
int	__mp_release_all(void);		/* big lock: drop all, say depth */
void	__mp_acquire_count(int);	/* big lock: take that often */

/* kern_random: arc4random from the boot seed */
void	random_start(u_int64_t);

/* syscall_mi.c */
int	mi_syscall(struct proc *, register_t, const struct sysent *,
	    register_t *, register_t [2]);
void	mi_syscall_return(struct proc *, register_t, int,
	    const register_t [2]);

/* init_main.c, machdep */
void	cpu_startup(void);
void	cpu_configure(void);
void	consinit(void);
void	start_init(void *);
void	diskconf(void);

#endif /* _SYS_SYSTM_H_ */
