/* SPDX-License-Identifier: ISC */
/*
 * The clock interrupt: time, statistics, turns.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/proc.h>
#include <sys/sched.h>
#include <sys/timeout.h>
#include <machine/cpu.h>

#define HZ	100

int	ticks;
int	hz = HZ;
int	tick = 1000000 / HZ;
int	tick_nsec = 1000000000 / HZ;
int	stathz = HZ;
int	profhz = HZ;
int	profprocs;			/* processes being profiled */

void
initclocks(void)
{
	cpu_initclocks();
}

/*
 * hz times a second.  frame is NULL when the interrupt was held back.
 */
void
hardclock(struct clockframe *frame)
{
	struct cpu_info *ci = curcpu();

	ticks++;
	time_uptime = ticks / hz;
	if (--ci->ci_schedstate.spc_rrticks <= 0)
		roundrobin(ci);
	if (timeout_hardclock_update())
		softintr_schedule(SIR_CLOCK);
}

/*
 * Whose tick is this?
 */
void
statclock(struct clockframe *frame)
{
	struct cpu_info *ci = curcpu();
	struct schedstate_percpu *spc = &ci->ci_schedstate;
	struct proc *p = ci->ci_curproc;

	if (frame != NULL && CLKF_USERMODE(frame)) {
		p->p_uticks++;
		spc->spc_cp_time[p->p_p->ps_nice > NZERO ? CP_NICE :
		    CP_USER]++;
	} else if (frame != NULL && CLKF_INTR(frame)) {
		p->p_iticks++;
		spc->spc_cp_time[CP_INTR]++;
	} else if (p != spc->spc_idleproc) {
		p->p_sticks++;
		spc->spc_cp_time[CP_SYS]++;
	} else
		spc->spc_cp_time[CP_IDLE]++;

	p->p_cpticks++;
	/* schedclock() wants about a quarter of the statistics clock. */
	if ((ticks & 3) == 0)
		schedclock(p);
}

/*
 * Profiling begins: with the first profiled process the statistics clock
 * would go faster; here it has one speed.
 */
void
startprofclock(struct process *pr)
{
	if ((pr->ps_flags & PS_PROFIL) == 0) {
		atomic_setbits_int(&pr->ps_flags, PS_PROFIL);
		++profprocs;
	}
}

void
stopprofclock(struct process *pr)
{
	if (pr->ps_flags & PS_PROFIL) {
		atomic_clearbits_int(&pr->ps_flags, PS_PROFIL);
		--profprocs;
	}
}
