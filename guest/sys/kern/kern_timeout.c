/* SPDX-License-Identifier: ISC */
/*
 * timeout(9): functions to be called some ticks from now, on a list ordered
 * by the tick they are due.  Those that need the context of a process are
 * called by a kernel thread, the others by a soft interrupt.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/proc.h>
#include <sys/sched.h>
#include <sys/timeout.h>

struct timeoutlist timeout_due = TAILQ_HEAD_INITIALIZER(timeout_due);
struct timeoutlist timeout_proc = TAILQ_HEAD_INITIALIZER(timeout_proc);

struct timeoutlist *timeout_list(struct timeout *);

void
timeout_startup(void)
{
	TAILQ_INIT(&timeout_due);
}

void
timeout_set(struct timeout *to, void (*fn)(void *), void *arg)
{
	to->to_func = fn;
	to->to_arg = arg;
	to->to_flags = TIMEOUT_INITIALIZED;
}

void
timeout_set_proc(struct timeout *to, void (*fn)(void *), void *arg)
{
	timeout_set(to, fn, arg);
	to->to_flags |= TIMEOUT_PROC;
}

/*
 * The list that a waiting timeout is on: one for the thread is moved when
 * it is due.
 */
struct timeoutlist *
timeout_list(struct timeout *to)
{
	return to->to_flags & TIMEOUT_TRIGGERED ? &timeout_proc : &timeout_due;
}

/*
 * Start, or start again.  Returns 1 if it was not started yet.
 */
int
timeout_add(struct timeout *to, int to_ticks)
{
	struct timeout *other;
	int s, started;

	KASSERT(to->to_flags & TIMEOUT_INITIALIZED);
	KASSERT(to_ticks >= 0);
	s = splclock();
	started = to->to_flags & TIMEOUT_ONQUEUE;
	if (started)
		TAILQ_REMOVE(timeout_list(to), to, to_list);
	to->to_time = ticks + (to_ticks > 0 ? to_ticks : 1);
	to->to_flags |= TIMEOUT_ONQUEUE;
	to->to_flags &= ~TIMEOUT_TRIGGERED;
	TAILQ_FOREACH(other, &timeout_due, to_list)
		if (other->to_time - to->to_time > 0)
			break;
	if (other != NULL)
		TAILQ_INSERT_BEFORE(other, to, to_list);
	else
		TAILQ_INSERT_TAIL(&timeout_due, to, to_list);
	splx(s);
	return !started;
}

int
timeout_add_sec(struct timeout *to, int secs)
{
	return timeout_add(to, secs * hz);
}

int
timeout_add_msec(struct timeout *to, int msecs)
{
	return timeout_add(to, (int)((long)msecs * hz / 1000));
}

/*
 * Stop; returns 1 if it had not run yet.
 */
int
timeout_del(struct timeout *to)
{
	int s, was;

	s = splclock();
	was = (to->to_flags & TIMEOUT_ONQUEUE) != 0;
	if (was)
		TAILQ_REMOVE(timeout_list(to), to, to_list);
	to->to_flags &= ~(TIMEOUT_ONQUEUE | TIMEOUT_TRIGGERED);
	splx(s);
	return was;
}

/*
 * From hardclock(): is anything due?
 */
int
timeout_hardclock_update(void)
{
	struct timeout *to = TAILQ_FIRST(&timeout_due);

	return to != NULL && to->to_time - ticks <= 0;
}

/*
 * The soft interrupt: run what is due.
 */
void
softclock(void *arg)
{
	struct timeout *to;
	void (*fn)(void *);
	int s, needsproc = 0;

	s = splclock();
	while ((to = TAILQ_FIRST(&timeout_due)) != NULL &&
	    to->to_time - ticks <= 0) {
		TAILQ_REMOVE(&timeout_due, to, to_list);
		to->to_flags |= TIMEOUT_TRIGGERED;
		if (to->to_flags & TIMEOUT_PROC) {
			TAILQ_INSERT_TAIL(&timeout_proc, to, to_list);
			needsproc = 1;
			continue;
		}
		to->to_flags &= ~TIMEOUT_ONQUEUE;
		fn = to->to_func;
		arg = to->to_arg;
		splx(s);
		fn(arg);
		s = splclock();
	}
	splx(s);
	if (needsproc)
		wakeup(&timeout_proc);
}

/*
 * Kernel thread: calls what is due and may have to sleep.
 */
void
softclock_thread(void *arg)
{
	struct timeout *to;
	void (*fn)(void *);
	int s;

	for (;;) {
		s = splclock();
		while ((to = TAILQ_FIRST(&timeout_proc)) == NULL)
			tsleep(&timeout_proc, PSWP, "bored", 0);
		TAILQ_REMOVE(&timeout_proc, to, to_list);
		to->to_flags &= ~TIMEOUT_ONQUEUE;
		fn = to->to_func;
		arg = to->to_arg;
		splx(s);
		fn(arg);
	}
}

void
softclock_create_thread(void *arg)
{
	if (kthread_create(softclock_thread, NULL, NULL, "softclock"))
		panic("fork softclock");
}

/*
 * The thread is made as soon as threads can be.
 */
void
timeout_proc_init(void)
{
	kthread_create_deferred(softclock_create_thread, NULL);
}
