/* SPDX-License-Identifier: ISC */
/*
 * Interrupts: the two 8259s, interrupt priority levels, soft interrupts.
 *
 * Levels are kept in software.  An interrupt that arrives while ci_ilevel
 * is at or above its own level is noted in ci_ipending and run when
 * spllower() opens the way.  The lines are edge triggered, so nothing has
 * to be masked meanwhile.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/timeout.h>
#include <machine/cpu.h>
#include <machine/cpufunc.h>
#include <machine/machdep.h>
#include <machine/pio.h>
#include <machine/psl.h>
#include <uvm/uvm_extern.h>

#define IO_ICU1		0x20		/* first 8259: lines 0 to 7 */
#define IO_ICU2		0xa0		/* second 8259: lines 8 to 15 */
#define ICU_DATA	1		/* offset of the mask register */
#define ICW1_INIT	0x11		/* cascade, edge, ICW4 follows */
#define ICW3_SLAVE	2		/* line of the second 8259 */
#define ICW4_8086	0x01
#define OCW2_EOI	0x20		/* end of interrupt */
#define OCW3_ISR	0x0b		/* read the in-service register */
#define ICU_OFFSET	32		/* vector of line 0 */
#define NLINES		16
#define NSOURCES	32		/* lines and soft interrupts */
#define SPURIOUS1	7		/* line the first 8259 makes up */
#define SPURIOUS2	15		/* and the second */

struct intrhand intrhands[NSOURCES];
u_int icu_mask = 0xffff & ~(1 << ICW3_SLAVE);

void	intr_dopending(struct cpu_info *);
void	intr_run(struct cpu_info *, struct intrhand *, void *);
int	softclock_intr(void *);

void
i8259_init(void)
{
	outb(IO_ICU1, ICW1_INIT);
	outb(IO_ICU1 + ICU_DATA, ICU_OFFSET);
	outb(IO_ICU1 + ICU_DATA, 1 << ICW3_SLAVE);
	outb(IO_ICU1 + ICU_DATA, ICW4_8086);
	outb(IO_ICU2, ICW1_INIT);
	outb(IO_ICU2 + ICU_DATA, ICU_OFFSET + 8);
	outb(IO_ICU2 + ICU_DATA, ICW3_SLAVE);
	outb(IO_ICU2 + ICU_DATA, ICW4_8086);
	outb(IO_ICU1 + ICU_DATA, icu_mask & 0xff);
	outb(IO_ICU2 + ICU_DATA, icu_mask >> 8);
}

void
i8259_unmask(int irq)
{
	icu_mask &= ~(1U << irq);
	if (irq < 8)
		outb(IO_ICU1 + ICU_DATA, icu_mask & 0xff);
	else
		outb(IO_ICU2 + ICU_DATA, icu_mask >> 8);
}

void
i8259_ack(int irq)
{
	if (irq >= 8)
		outb(IO_ICU2, OCW2_EOI);
	outb(IO_ICU1, OCW2_EOI);
}

/*
 * Did the line drop before the CPU asked?  Then nothing is in service.
 */
int
i8259_spurious(int irq)
{
	if (irq == SPURIOUS1) {
		outb(IO_ICU1, OCW3_ISR);
		return (inb(IO_ICU1) & 0x80) == 0;
	}
	if (irq == SPURIOUS2) {
		outb(IO_ICU2, OCW3_ISR);
		if ((inb(IO_ICU2) & 0x80) == 0) {
			outb(IO_ICU1, OCW2_EOI);
			return 1;
		}
	}
	return 0;
}

int
softclock_intr(void *arg)
{
	softclock(arg);
	return 1;
}

void
intr_init(void)
{
	struct intrhand *ih = &intrhands[SIR_CLOCK];

	i8259_init();
	ih->ih_fun = softclock_intr;
	ih->ih_level = IPL_SOFTCLOCK;
	ih->ih_irq = SIR_CLOCK;
	ih->ih_name = "softclock";
}

void
intr_establish(int irq, int level, int (*func)(void *), void *arg,
    const char *name)
{
	struct intrhand *ih = &intrhands[irq];

	KASSERT(irq < NLINES && ih->ih_fun == NULL);
	ih->ih_fun = func;
	ih->ih_arg = arg;
	ih->ih_level = level;
	ih->ih_irq = irq;
	ih->ih_name = name;
	i8259_unmask(irq);
}

/*
 * Run one handler at its level, with higher ones let through.
 */
void
intr_run(struct cpu_info *ci, struct intrhand *ih, void *frame)
{
	int old = ci->ci_ilevel;

	ci->ci_ilevel = ih->ih_level;
	intr_enable();
	KERNEL_LOCK();
	ih->ih_count++;
	ih->ih_fun(ih->ih_arg != NULL ? ih->ih_arg : frame);
	KERNEL_UNLOCK();
	intr_disable();
	ci->ci_ilevel = old;
}

/*
 * From the entry stubs, interrupts off.  The frame says where we came from.
 */
void
intr_handler(struct intrframe *frame)
{
	struct cpu_info *ci = curcpu();
	struct intrhand *ih;
	int irq = frame->if_ppl;

	if (i8259_spurious(irq))
		return;
	i8259_ack(irq);
	ih = &intrhands[irq];
	if (ih->ih_fun == NULL)
		return;
	uvmexp.intrs++;
	if (ih->ih_level <= ci->ci_ilevel) {
		ci->ci_ipending |= 1U << irq;
		return;
	}
	ci->ci_idepth++;
	intr_run(ci, ih, frame);
	ci->ci_idepth--;
	intr_dopending(ci);
}

/*
 * Run what is pending above the current level; interrupts are off.
 * A held-back clock tick has no frame of its own: NULL stands for "in the
 * kernel".
 */
void
intr_dopending(struct cpu_info *ci)
{
	int source, best;

	for (;;) {
		best = -1;
		for (source = 0; source < NSOURCES; source++)
			if ((ci->ci_ipending & (1U << source)) != 0 &&
			    intrhands[source].ih_level > ci->ci_ilevel &&
			    (best == -1 || intrhands[source].ih_level >
			    intrhands[best].ih_level))
				best = source;
		if (best == -1)
			return;
		ci->ci_ipending &= ~(1U << best);
		if (best >= NLINES)
			uvmexp.softs++;
		ci->ci_idepth++;
		intr_run(ci, &intrhands[best], NULL);
		ci->ci_idepth--;
	}
}

void
softintr_schedule(int source)
{
	u_long flags = read_rflags();

	intr_disable();
	curcpu()->ci_ipending |= 1U << source;
	write_rflags(flags);
}

int
splraise(int level)
{
	struct cpu_info *ci = curcpu();
	int old = ci->ci_ilevel;

	if (level > old)
		ci->ci_ilevel = level;
	return old;
}

int
spllower(int level)
{
	struct cpu_info *ci = curcpu();
	int old = ci->ci_ilevel;
	u_long flags;

	ci->ci_ilevel = level;
	if (ci->ci_ipending != 0) {
		flags = read_rflags();
		intr_disable();
		intr_dopending(ci);
		write_rflags(flags);
	}
	return old;
}

void
splx(int level)
{
	spllower(level);
}
