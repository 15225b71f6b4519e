/* SPDX-License-Identifier: ISC */
/*
 * Sleeping on a channel and waking up.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/proc.h>
#include <sys/sched.h>
#include <sys/signalvar.h>
#include <sys/syscallargs.h>
#include <machine/cpu.h>

/* Sleepers, by a hash of the channel they sleep on. */
#define TABLESIZE	128
#define LOOKUP(x)	(((u_long)(x) >> 8) & (TABLESIZE - 1))
struct prochead slpque[TABLESIZE];

void
sleep_queue_init(void)
{
	int i;

	for (i = 0; i < TABLESIZE; i++)
		TAILQ_INIT(&slpque[i]);
}

/*
 * Sleep on ident until wakeup(ident), for at most timo ticks (0: for ever).
 * With PCATCH in priority a signal ends the sleep too.  Returns 0, EINTR,
 * ERESTART or EWOULDBLOCK.
 */
int
tsleep(const volatile void *ident, int priority, const char *wmesg, int timo)
{
	struct sleep_state sls;
	int error, error1, s;

	KASSERT((priority & ~(PRIMASK | PCATCH)) == 0);
	if (cold || panicstr != NULL) {
		/* Nobody else can run: let interrupts in and go on. */
		s = spl0();
		splx(s);
		return 0;
	}
	KERNEL_ASSERT_LOCKED();

	sleep_setup(&sls, ident, priority, wmesg);
	sleep_setup_timeout(&sls, timo);
	sleep_setup_signal(&sls);

	sleep_finish(&sls, 1);
	error1 = sleep_finish_timeout(&sls);
	error = sleep_finish_signal(&sls);

	/* A signal counts more than a timeout. */
	return error != 0 ? error : error1;
}

/*
 * tsleep() that puts down a mutex meanwhile.
 */
int
msleep(const volatile void *ident, struct mutex *mtx, int priority,
    const char *wmesg, int timo)
{
	struct sleep_state sls;
	int error, error1;

	sleep_setup(&sls, ident, priority, wmesg);
	sleep_setup_timeout(&sls, timo);
	mtx_leave(mtx);
	sleep_setup_signal(&sls);
	sleep_finish(&sls, 1);
	error1 = sleep_finish_timeout(&sls);
	error = sleep_finish_signal(&sls);
	if ((priority & PNORELOCK) == 0)
		mtx_enter(mtx);
	return error != 0 ? error : error1;
}

/*
 * Put the current thread on the sleep queue; it goes on running with the
 * scheduler locked until sleep_finish().
 */
void
sleep_setup(struct sleep_state *sls, const volatile void *ident, int prio,
    const char *wmesg)
{
	struct proc *p = curproc;

	if (p->p_flag & P_CANTSLEEP)
		panic("sleep: %s failed insomnia", p->p_p->ps_comm);
	if (ident == NULL)
		panic("tsleep: no ident");
	if (p->p_stat != SONPROC)
		panic("tsleep: not SONPROC");

	sls->sls_catch = prio & PCATCH;
	sls->sls_do_sleep = 1;
	sls->sls_sig = 0;
	sls->sls_unwind = 0;
	SCHED_LOCK(sls->sls_s);
	p->p_wchan = ident;
	p->p_wmesg = wmesg;
	p->p_slptime = 0;
	p->p_priority = prio & PRIMASK;
	TAILQ_INSERT_TAIL(&slpque[LOOKUP(ident)], p, p_runq);
}

void
sleep_setup_timeout(struct sleep_state *sls, int timo)
{
	struct proc *p = curproc;

	if (timo != 0) {
		KASSERT((p->p_flag & P_TIMEOUT) == 0);
		timeout_add(&p->p_sleep_to, timo);
	}
}

/*
 * A signal that is pending already, or another thread that waits for this
 * one to stop or end, prevents the sleep.
 */
void
sleep_setup_signal(struct sleep_state *sls)
{
	struct proc *p = curproc;

	if (sls->sls_catch == 0)
		return;
	atomic_setbits_int((u_int *)&p->p_flag, P_SINTR);
	if ((sls->sls_unwind = single_thread_check(p, 1)) != 0 ||
	    (sls->sls_sig = CURSIG(p)) != 0) {
		if (p->p_wchan != NULL)
			unsleep(p);
		p->p_stat = SONPROC;
		sls->sls_do_sleep = 0;
	} else if (p->p_wchan == NULL) {
		/* Woken while a stop signal had stopped us. */
		sls->sls_catch = 0;
		sls->sls_do_sleep = 0;
	}
}

void
sleep_finish(struct sleep_state *sls, int do_sleep)
{
	struct proc *p = curproc;

	if (sls->sls_do_sleep && do_sleep) {
		p->p_stat = SSLEEP;
		p->p_ru.ru_nvcsw++;
		SCHED_ASSERT_LOCKED();
		mi_switch();
	} else if (!do_sleep)
		unsleep(p);
	p->p_cpu->ci_schedstate.spc_curpriority = p->p_usrpri;
	SCHED_UNLOCK(sls->sls_s);

	/* The flag says whether a signal may end the sleep: it is over. */
	atomic_clearbits_int((u_int *)&p->p_flag, P_SINTR);
}

int
sleep_finish_timeout(struct sleep_state *sls)
{
	struct proc *p = curproc;

	if (p->p_flag & P_TIMEOUT) {
		atomic_clearbits_int((u_int *)&p->p_flag, P_TIMEOUT);
		return EWOULDBLOCK;
	}
	timeout_del(&p->p_sleep_to);
	return 0;
}

int
sleep_finish_signal(struct sleep_state *sls)
{
	struct proc *p = curproc;

	int error;

	if (sls->sls_catch != 0) {
		KERNEL_ASSERT_LOCKED();
		/* another thread may be ending this process */
		if ((error = sls->sls_unwind) != 0 ||
		    (error = single_thread_check(p, 1)) != 0)
			return error;
		if (sls->sls_sig != 0 || (sls->sls_sig = CURSIG(p)) != 0) {
			if (p->p_p->ps_sigacts->ps_sigintr &
			    sigmask(sls->sls_sig))
				return EINTR;
			return ERESTART;
		}
	}
	return 0;
}

/*
 * The timeout of a sleep.
 */
void
endtsleep(void *arg)
{
	struct proc *p = arg;
	int s;

	SCHED_LOCK(s);
	if (p->p_wchan != NULL) {
		if (p->p_stat == SSLEEP)
			setrunnable(p);
		else
			unsleep(p);
		atomic_setbits_int((u_int *)&p->p_flag, P_TIMEOUT);
	}
	SCHED_UNLOCK(s);
}

/*
 * Off the sleep queue, without being made runnable.
 */
void
unsleep(struct proc *p)
{
	SCHED_ASSERT_LOCKED();
	if (p->p_wchan != NULL) {
		TAILQ_REMOVE(&slpque[LOOKUP(p->p_wchan)], p, p_runq);
		p->p_wchan = NULL;
	}
}

/*
 * Wake at most n threads that sleep on ident; -1 for all.
 */
void
wakeup_n(const volatile void *ident, int n)
{
	struct prochead *qp = &slpque[LOOKUP(ident)];
	struct proc *p, *next;
	int s;

	SCHED_LOCK(s);
	for (p = TAILQ_FIRST(qp); p != NULL && n != 0; p = next) {
		next = TAILQ_NEXT(p, p_runq);
		if (p->p_wchan != ident)
			continue;
		n--;
		if (p->p_stat != SSLEEP && p->p_stat != SSTOP &&
		    p != curproc)
			panic("wakeup: p_stat is %d", p->p_stat);
		unsleep(p);
		/* A stopped thread goes on when it is continued. */
		if (p->p_stat == SSLEEP)
			setrunnable(p);
	}
	SCHED_UNLOCK(s);
}

void
wakeup(const volatile void *ident)
{
	wakeup_n(ident, -1);
}

int
sys_sched_yield(struct proc *p, void *v, register_t *retval)
{
	yield();
	return 0;
}
