/* SPDX-License-Identifier: ISC */
/*
 * The machine's part of making and ending a thread.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/proc.h>
#include <sys/user.h>
#include <machine/cpu.h>
#include <machine/frame.h>
#include <machine/pcb.h>
#include <machine/pmap.h>
#include <machine/cpufunc.h>
#include <uvm/uvm_extern.h>

#define KSTACK_ALIGN	16		/* alignment of pcb_kstack */
#define KSTACK_RANDOM	4095		/* random offset below the top, mask */

/*
 * Finish a fork: p2 gets a copy of p1's pcb and user registers, and a
 * kernel stack on which cpu_switchto() will "return" to proc_trampoline,
 * which calls func(arg).
 *
 *	p_addr		struct user
 *	p_addr + 4096	guard page
 *	...		stack
 *	pcb_rsp		switchframe
 *	md_regs		trapframe
 *	pcb_kstack	top, a random distance below the end
 */
void
cpu_fork(struct proc *p1, struct proc *p2, void *stack, void *tcb,
    void (*func)(void *), void *arg)
{
	struct pcb *pcb = &p2->p_addr->u_pcb;
	struct pcb *pcb1 = &p1->p_addr->u_pcb;
	struct trapframe *tf;
	struct switchframe *sf;

	if (p1 != curproc && p1 != &proc0)
		panic("cpu_fork: curproc");

	/* proc0's is the initial state, the CPU holds somebody else's. */
	if (p1 != &proc0 && (curcpu()->ci_flags & CPUF_USERXSTATE))
		fpusave(&pcb1->pcb_savefpu);
	p2->p_md.md_flags = p1->p_md.md_flags;
	p2->p_md.md_astpending = 0;
	*pcb = *pcb1;

	/* Sets pcb_pmap and pcb_cr3; p2 does not run, so CR3 stays. */
	pmap_activate(p2);

	/* A random offset makes the kernel stack's addresses unguessable. */
	pcb->pcb_kstack = (u_int64_t)p2->p_addr + USPACE - KSTACK_ALIGN -
	    (arc4random() & KSTACK_RANDOM & ~(KSTACK_ALIGN - 1));
	p2->p_md.md_regs = tf = (struct trapframe *)pcb->pcb_kstack - 1;
	if (p1->p_md.md_regs != NULL)
		*tf = *p1->p_md.md_regs;

	setguardpage(p2);

	if (stack != NULL)
		tf->tf_rsp = (u_int64_t)stack;
	if (tcb != NULL)
		pcb->pcb_fsbase = (u_int64_t)tcb;

	sf = (struct switchframe *)tf - 1;
	sf->sf_r12 = (u_int64_t)func;
	sf->sf_r13 = (u_int64_t)arg;
	sf->sf_rip = (u_int64_t)proc_trampoline;
	pcb->pcb_rsp = (u_int64_t)sf;
	pcb->pcb_rbp = 0;
}

/*
 * The page between struct user and the kernel stack is not mapped: a stack
 * that overflows faults instead of writing over the pcb.
 */
void
setguardpage(struct proc *p)
{
	vaddr_t va = (vaddr_t)p->p_addr + PAGE_SIZE;
	paddr_t pa;

	if (!pmap_extract(pmap_kernel(), va, &pa))
		panic("setguardpage: page not mapped");
	pmap_kremove(va, PAGE_SIZE);
	uvmexp.wired--;
	uvm_pagefree(PHYS_TO_VM_PAGE(pa));
}

/*
 * The last the thread does: leave its address space and never come back.
 */
void
cpu_exit(struct proc *p)
{
	pmap_deactivate(p);
	sched_exit(p);
}
