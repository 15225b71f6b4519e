/* SPDX-License-Identifier: ISC */
/*
 * timeout(9): functions to be called some ticks from now, on a list ordered
 * by the tick they are due.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/timeout.h>

struct timeoutlist timeout_due = TAILQ_HEAD_INITIALIZER(timeout_due);

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
		TAILQ_REMOVE(&timeout_due, to, to_list);
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
		TAILQ_REMOVE(&timeout_due, to, to_list);
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
	int s;

	s = splclock();
	while ((to = TAILQ_FIRST(&timeout_due)) != NULL &&
	    to->to_time - ticks <= 0) {
		TAILQ_REMOVE(&timeout_due, to, to_list);
		to->to_flags &= ~TIMEOUT_ONQUEUE;
		to->to_flags |= TIMEOUT_TRIGGERED;
		fn = to->to_func;
		arg = to->to_arg;
		splx(s);
		fn(arg);
		s = splclock();
	}
	splx(s);
}
