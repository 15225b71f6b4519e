/* SPDX-License-Identifier: ISC */
/*
 * Time of day, sleeping, interval timers.  Time is the number of clock
 * interrupts; the boot loader says when it began.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/ktrace.h>
#include <sys/kernel.h>
#include <sys/proc.h>
#include <sys/signalvar.h>
#include <sys/syscallargs.h>
#include <sys/timeout.h>
#include <machine/cpu.h>

#define NSEC_PER_SEC	1000000000L
#define USEC_PER_SEC	1000000L

volatile time_t time_second;
volatile time_t time_uptime;
struct timespec boottime;		/* wall clock at tick 0 */
int nanowait;				/* sleep channel of nanosleep(2) */

int	clock_get(struct proc *, clockid_t, struct timespec *);

void
inittodr(time_t base)
{
	boottime.tv_sec = base;
	boottime.tv_nsec = 0;
	time_second = base;
}

void
nanouptime(struct timespec *tsp)
{
	int now = ticks;

	tsp->tv_sec = now / hz;
	tsp->tv_nsec = (long)(now % hz) * tick_nsec;
}

void
nanotime(struct timespec *tsp)
{
	nanouptime(tsp);
	timespecadd(tsp, &boottime, tsp);
	time_second = tsp->tv_sec;
}

void
getnanotime(struct timespec *tsp)
{
	nanotime(tsp);
}

void
getnanouptime(struct timespec *tsp)
{
	nanouptime(tsp);
}

void
nanoboottime(struct timespec *tsp)
{
	*tsp = boottime;
}

void
microtime(struct timeval *tvp)
{
	struct timespec ts;

	nanotime(&ts);
	TIMESPEC_TO_TIMEVAL(tvp, &ts);
}

void
getmicrotime(struct timeval *tvp)
{
	microtime(tvp);
}

void
microuptime(struct timeval *tvp)
{
	struct timespec ts;

	nanouptime(&ts);
	TIMESPEC_TO_TIMEVAL(tvp, &ts);
}

void
getmicrouptime(struct timeval *tvp)
{
	microuptime(tvp);
}

/*
 * Has at least *mininterval passed since this was last true?  The first
 * call is.
 */
int
ratecheck(struct timeval *lasttime, const struct timeval *mininterval)
{
	struct timeval tv, delta;

	getmicrouptime(&tv);
	timersub(&tv, lasttime, &delta);
	if (timercmp(&delta, mininterval, >=) || !timerisset(lasttime)) {
		*lasttime = tv;
		/* Within the first tick the uptime is 0, which means never. */
		if (!timerisset(lasttime))
			lasttime->tv_usec = 1;
		return 1;
	}
	return 0;
}

int
timespecfix(struct timespec *ts)
{
	if (ts->tv_sec < 0 || ts->tv_nsec < 0 || ts->tv_nsec >= NSEC_PER_SEC)
		return EINVAL;
	return 0;
}

int
itimerfix(struct timeval *tv)
{
	if (tv->tv_sec < 0 || tv->tv_sec > 100000000 || tv->tv_usec < 0 ||
	    tv->tv_usec >= USEC_PER_SEC)
		return EINVAL;
	if (tv->tv_sec == 0 && tv->tv_usec != 0 && tv->tv_usec < tick)
		tv->tv_usec = tick;
	return 0;
}

/*
 * To ticks, rounded up, and one more because the present tick is not whole.
 */
int
tstohz(const struct timespec *ts)
{
	int64_t n;

	if (ts->tv_sec > 0x7fffffff / hz - 2)
		return 0x7fffffff;
	n = ts->tv_sec * hz + (ts->tv_nsec + tick_nsec - 1) / tick_nsec + 1;
	return (int)n;
}

int
tvtohz(const struct timeval *tv)
{
	struct timespec ts;

	TIMEVAL_TO_TIMESPEC(tv, &ts);
	return tstohz(&ts);
}

int
clock_get(struct proc *p, clockid_t id, struct timespec *ts)
{
	switch (id) {
	case CLOCK_REALTIME:
		nanotime(ts);
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_UPTIME:
		nanouptime(ts);
		return 0;
	case CLOCK_PROCESS_CPUTIME_ID:
		nanouptime(ts);
		timespecsub(ts, &curcpu()->ci_schedstate.spc_runtime, ts);
		timespecadd(ts, &p->p_p->ps_tu.tu_runtime, ts);
		timespecadd(ts, &p->p_rtime, ts);
		return 0;
	default:
		return EINVAL;
	}
}

int
sys_clock_gettime(struct proc *p, void *v, register_t *retval)
{
	struct sys_clock_gettime_args *uap = v;
	struct timespec ats;
	int error;

	error = clock_get(p, SCARG(uap, clock_id), &ats);
	if (error != 0)
		return error;
	return copyout(&ats, SCARG(uap, tp), sizeof(ats));
}

int
sys_clock_getres(struct proc *p, void *v, register_t *retval)
{
	struct sys_clock_getres_args *uap = v;
	struct timespec ts;
	int error;

	error = clock_get(p, SCARG(uap, clock_id), &ts);
	if (error != 0 || SCARG(uap, tp) == NULL)
		return error;
	ts.tv_sec = 0;
	ts.tv_nsec = tick_nsec;
	return copyout(&ts, SCARG(uap, tp), sizeof(ts));
}

int
sys_gettimeofday(struct proc *p, void *v, register_t *retval)
{
	struct sys_gettimeofday_args *uap = v;
	struct timezone tz = { 0, 0 };
	struct timeval atv;
	int error = 0;

	if (SCARG(uap, tp) != NULL) {
		microtime(&atv);
		error = copyout(&atv, SCARG(uap, tp), sizeof(atv));
	}
	if (error == 0 && SCARG(uap, tzp) != NULL)
		error = copyout(&tz, SCARG(uap, tzp), sizeof(tz));
	return error;
}

int
sys_nanosleep(struct proc *p, void *v, register_t *retval)
{
	struct sys_nanosleep_args *uap = v;
	struct timespec rqt, rmt, start, stop;
	int error, error1;

	error = copyin(SCARG(uap, rqtp), &rqt, sizeof(rqt));
	if (error == 0 && KTRPOINT(p, KTR_STRUCT))
		ktrstruct(p, "timespec", &rqt, sizeof(rqt));
	if (error != 0)
		return error;
	if (timespecfix(&rqt) != 0)
		return EINVAL;
	if (!timespecisset(&rqt))
		return 0;

	nanouptime(&start);
	error = tsleep(&nanowait, PWAIT | PCATCH, "nanosleep", tstohz(&rqt));
	if (error == ERESTART)
		error = EINTR;
	if (error == EWOULDBLOCK)
		error = 0;
	if (SCARG(uap, rmtp) != NULL) {
		nanouptime(&stop);
		timespecsub(&stop, &start, &rmt);
		timespecsub(&rqt, &rmt, &rmt);
		if (error == 0 || rmt.tv_sec < 0)
			timespecclear(&rmt);
		error1 = copyout(&rmt, SCARG(uap, rmtp), sizeof(rmt));
		if (error1 != 0)
			error = error1;
	}
	return error;
}

/*
 * ITIMER_REAL expired: SIGALRM, and start again if it is periodic.
 */
void
realitexpire(void *arg)
{
	struct process *pr = arg;
	struct itimerval *tp = &pr->ps_timer[ITIMER_REAL];

	prsignal(pr, SIGALRM);
	if (timerisset(&tp->it_interval)) {
		tp->it_value = tp->it_interval;
		timeout_add(&pr->ps_realit_to, tvtohz(&tp->it_interval));
	} else
		timerclear(&tp->it_value);
}

int
sys_getitimer(struct proc *p, void *v, register_t *retval)
{
	struct sys_getitimer_args *uap = v;
	struct process *pr = p->p_p;
	struct itimerval aitv;
	int which = SCARG(uap, which), left;

	if (which != ITIMER_REAL)
		return EINVAL;
	aitv = pr->ps_timer[which];
	if (timeout_pending(&pr->ps_realit_to)) {
		left = pr->ps_realit_to.to_time - ticks;
		aitv.it_value.tv_sec = left / hz;
		aitv.it_value.tv_usec = (long)(left % hz) * tick;
	} else
		timerclear(&aitv.it_value);
	return copyout(&aitv, SCARG(uap, itv), sizeof(aitv));
}

/*
 * Only ITIMER_REAL: the other two are not counted.
 */
int
sys_setitimer(struct proc *p, void *v, register_t *retval)
{
	struct sys_setitimer_args *uap = v;
	struct sys_getitimer_args getargs;
	struct process *pr = p->p_p;
	struct itimerval aitv;
	int error;

	if (SCARG(uap, which) != ITIMER_REAL)
		return EINVAL;
	if (SCARG(uap, itv) != NULL) {
		error = copyin(SCARG(uap, itv), &aitv, sizeof(aitv));
		if (error == 0 && KTRPOINT(p, KTR_STRUCT))
			ktrstruct(p, "itimerval", &aitv, sizeof(aitv));
		if (error != 0)
			return error;
	}
	if (SCARG(uap, oitv) != NULL) {
		SCARG(&getargs, which) = ITIMER_REAL;
		SCARG(&getargs, itv) = SCARG(uap, oitv);
		error = sys_getitimer(p, &getargs, retval);
		if (error != 0)
			return error;
	}
	if (SCARG(uap, itv) == NULL)
		return 0;
	if (itimerfix(&aitv.it_value) != 0 || itimerfix(&aitv.it_interval) != 0)
		return EINVAL;
	timeout_del(&pr->ps_realit_to);
	pr->ps_timer[ITIMER_REAL] = aitv;
	if (timerisset(&aitv.it_value))
		timeout_add(&pr->ps_realit_to, tvtohz(&aitv.it_value));
	return 0;
}

/*
 * By exit1(): no timer may outlive its process.
 */
void
cancel_all_itimers(void)
{
	struct process *pr = curproc->p_p;
	int i;

	for (i = 0; i < 3; i++) {
		timerclear(&pr->ps_timer[i].it_value);
		timerclear(&pr->ps_timer[i].it_interval);
	}
	timeout_del(&pr->ps_realit_to);
	timeout_del(&pr->ps_rucheck_to);
}
