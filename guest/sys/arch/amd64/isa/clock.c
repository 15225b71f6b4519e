/* SPDX-License-Identifier: ISC */
/*
 * The 8254: channel 0 interrupts hz times a second on line 0.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <machine/cpu.h>
#include <machine/machdep.h>
#include <machine/pio.h>

#define IO_TIMER1	0x40		/* channel 0 */
#define TIMER_MODE	(IO_TIMER1 + 3)	/* control register */
#define TIMER_SEL0_RATEGEN_16BIT 0x34	/* channel 0, mode 2, both bytes */
#define TIMER_FREQ	1193182		/* counts per second */
#define TIMER_DIV(x)	((TIMER_FREQ + (x) / 2) / (x))
#define IRQ_CLOCK	0

void
startrtclock(void)
{
	u_int count = TIMER_DIV(hz);

	outb(TIMER_MODE, TIMER_SEL0_RATEGEN_16BIT);
	outb(IO_TIMER1, count & 0xff);
	outb(IO_TIMER1, count >> 8);
}

/*
 * Interrupts of the clock begin.
 */
void
cpu_initclocks(void)
{
	intr_establish(IRQ_CLOCK, IPL_CLOCK, clockintr, NULL, "clock");
}

int
clockintr(void *frame)
{
	hardclock(frame);
	statclock(frame);
	return 1;
}
