/* SPDX-License-Identifier: ISC */
#ifndef _MACHINE_INTR_H_
#define _MACHINE_INTR_H_

#include <sys/types.h>

/* Interrupt priority levels: what is at or below ci_ilevel is held back. */
#define IPL_NONE	0
#define IPL_SOFTCLOCK	4		/* timeouts */
#define IPL_BIO		6		/* disks */
#define IPL_TTY		8		/* terminals */
#define IPL_VM		10		/* memory allocation */
#define IPL_CLOCK	12		/* clock */
#define IPL_STATCLOCK	IPL_CLOCK
#define IPL_SCHED	IPL_CLOCK	/* scheduler */
#define IPL_HIGH	14		/* everything */
#define IPL_MPSAFE	0		/* unused flag */

#ifdef _KERNEL
int	splraise(int);
int	spllower(int);
void	splx(int);

#define splsoftclock()	splraise(IPL_SOFTCLOCK)
#define splbio()	splraise(IPL_BIO)
#define spltty()	splraise(IPL_TTY)
#define splvm()		splraise(IPL_VM)
#define splclock()	splraise(IPL_CLOCK)
#define splstatclock()	splraise(IPL_STATCLOCK)
#define splsched()	splraise(IPL_SCHED)
#define splhigh()	splraise(IPL_HIGH)
#define spl0()		spllower(IPL_NONE)

/* One interrupt line's handler. */
struct intrhand {
	int	(*ih_fun)(void *);	/* handler */
	void	*ih_arg;		/* its argument, 0 = the frame */
	int	 ih_level;		/* IPL_* */
	int	 ih_irq;		/* line */
	u_long	 ih_count;		/* interrupts taken */
	const char *ih_name;		/* who */
};

void	intr_init(void);
void	intr_establish(int, int, int (*)(void *), void *, const char *);

/* Soft interrupts share the pending mask, above the hardware lines. */
#define SIR_CLOCK	16		/* softclock() */
void	softintr_schedule(int);
#endif /* _KERNEL */

#endif /* _MACHINE_INTR_H_ */
