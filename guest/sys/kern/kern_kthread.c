/* SPDX-License-Identifier: ISC */
/*
 * Kernel threads.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/malloc.h>
#include <sys/proc.h>
#include <sys/wait.h>

int	kthread_create_now;	/* deferred ones have been started */

/* A thread to be made when fork works. */
struct kthread_q {
	TAILQ_ENTRY(kthread_q) kq_q;	/* all of them */
	void	(*kq_func)(void *);	/* to be called */
	void	*kq_arg;		/* its argument */
};
TAILQ_HEAD(, kthread_q) kthread_q = TAILQ_HEAD_INITIALIZER(kthread_q);

/*
 * A system process without zombie that shares memory and files with
 * process 0 and runs func(arg).
 */
int
kthread_create(void (*func)(void *), void *arg, struct proc **newpp,
    const char *name)
{
	struct proc *p;
	int error;

	error = fork1(&proc0, FORK_SHAREVM | FORK_SHAREFILES | FORK_NOZOMBIE |
	    FORK_SYSTEM | FORK_SIGHAND, func, arg, NULL, &p);
	if (error != 0)
		return error;
	strlcpy(p->p_p->ps_comm, name, sizeof(p->p_p->ps_comm));
	if (newpp != NULL)
		*newpp = p;
	return 0;
}

void
kthread_exit(int code)
{
	if (code != 0)
		printf("WARNING: thread `%s' (%d) exits with status %d\n",
		    curproc->p_p->ps_comm, curproc->p_tid, code);
	exit1(curproc, W_EXITCODE(code, 0), EXIT_NORMAL);
}

/*
 * Call func(arg), which makes a kernel thread, as soon as that is possible.
 */
void
kthread_create_deferred(void (*func)(void *), void *arg)
{
	struct kthread_q *kq;

	if (kthread_create_now) {
		(*func)(arg);
		return;
	}
	kq = malloc(sizeof(*kq), M_TEMP, M_WAITOK | M_ZERO);
	kq->kq_func = func;
	kq->kq_arg = arg;
	TAILQ_INSERT_TAIL(&kthread_q, kq, kq_q);
}

void
kthread_run_deferred_queue(void)
{
	struct kthread_q *kq;

	kthread_create_now = 1;
	while ((kq = TAILQ_FIRST(&kthread_q)) != NULL) {
		TAILQ_REMOVE(&kthread_q, kq, kq_q);
		(*kq->kq_func)(kq->kq_arg);
		free(kq, M_TEMP, sizeof(*kq));
	}
}
