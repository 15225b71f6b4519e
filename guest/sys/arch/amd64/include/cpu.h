/* SPDX-License-Identifier: ISC */
#ifndef _MACHINE_CPU_H_
#define _MACHINE_CPU_H_

#include <sys/types.h>
#include <sys/sched.h>
#include <machine/frame.h>
#include <machine/tss.h>
#include <machine/segments.h>
#include <machine/intr.h>

struct proc;
struct pcb;

/* What a CPU knows about itself; GS points at it in the kernel. */
struct cpu_info {
	u_int64_t ci_kern_cr3;		/* kernel page table, unused */
	u_int64_t ci_scratch;		/* rax during SYSCALL entry */
	u_int64_t ci_kern_rsp;		/* trapframe of curproc */
	struct cpu_info *ci_self;	/* this structure */
	struct proc *ci_curproc;	/* running thread */
	struct pcb *ci_curpcb;		/* its pcb */
	u_int64_t ci_intr_rsp;		/* interrupt stack, unused */
	u_int64_t ci_user_cr3;		/* user page table, unused */
	struct schedstate_percpu ci_schedstate; /* scheduler state */
	u_int	ci_cpuid;		/* number of this CPU */
	int	ci_ilevel;		/* interrupt priority level, IPL_* */
	u_int	ci_ipending;		/* interrupts held back, by irq */
	u_int	ci_idepth;		/* nested interrupts */
	int	ci_flags;		/* CPUF_* */
	int	ci_inatomic;		/* unused */
	int	ci_want_resched;	/* curproc should yield */
	struct x86_64_tss *ci_tss;	/* task state segment */
	u_int64_t *ci_gdt;		/* descriptor table */
	u_int32_t ci_randseed;		/* unused */
};

#define CPUF_PRIMARY	0x0010		/* the boot CPU */
#define CPUF_USERSEGS	0x0001		/* user segments are loaded */
#define CPUF_USERXSTATE	0x0002		/* user xstate is loaded */

#ifdef _KERNEL
extern struct cpu_info cpu_info_primary;

static inline struct cpu_info *
curcpu(void)
{
	struct cpu_info *ci;

	__asm__ volatile("movq %%gs:%c1,%0" : "=r" (ci) :
	    "i" (__builtin_offsetof(struct cpu_info, ci_self)));
	return ci;
}

static inline struct proc *
curproc_get(void)
{
	struct proc *p;

	__asm__ volatile("movq %%gs:%c1,%0" : "=r" (p) :
	    "i" (__builtin_offsetof(struct cpu_info, ci_curproc)));
	return p;
}

#define curproc		(curproc_get())
#define curpcb		(curcpu()->ci_curpcb)
#define cpu_number()	(curcpu()->ci_cpuid)
#define PROC_PC(p)	((p)->p_md.md_regs->tf_rip)
#define PROC_STACK(p)	((p)->p_md.md_regs->tf_rsp)

#define aston(p)	((p)->p_md.md_astpending = 1)
#define need_proftick(p)	aston(p)
#define cpu_kick(ci)	((void)(ci))
#define cpu_unidle(ci)	((void)(ci))

void	syscall(struct trapframe *);
void	usertrap(struct trapframe *);
void	kerntrap(struct trapframe *);
void	ast(struct trapframe *);
void	intr_handler(struct intrframe *);
void	cpu_init_msrs(struct cpu_info *);
void	cpu_init_idt(void);
void	cpu_init_tss(struct cpu_info *);
void	Xsyscall(void);
void	Xsyscall32(void);
void	setguardpage(struct proc *);
void	reset_segs(void);
void	cpu_initclocks(void);
void	delay(int);
#endif /* _KERNEL */

#endif /* _MACHINE_CPU_H_ */
