/* SPDX-License-Identifier: ISC */
/*
 * What a debugger sees and sets of a stopped thread's registers.  They are
 * in the trapframe on its kernel stack, and in its pcb.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/proc.h>
#include <sys/user.h>
#include <machine/cpu.h>
#include <machine/fpu.h>
#include <machine/frame.h>
#include <machine/psl.h>
#include <machine/reg.h>
#include <machine/specialreg.h>
#include <uvm/uvm_extern.h>

int	check_context(const struct reg *, const struct trapframe *);

int
process_read_regs(struct proc *p, struct reg *regs)
{
	struct trapframe *tf = p->p_md.md_regs;

	memset(regs, 0, sizeof(*regs));
	regs->r_rdi = tf->tf_rdi;
	regs->r_rsi = tf->tf_rsi;
	regs->r_rdx = tf->tf_rdx;
	regs->r_rcx = tf->tf_rcx;
	regs->r_r8 = tf->tf_r8;
	regs->r_r9 = tf->tf_r9;
	regs->r_r10 = tf->tf_r10;
	regs->r_r11 = tf->tf_r11;
	regs->r_r12 = tf->tf_r12;
	regs->r_r13 = tf->tf_r13;
	regs->r_r14 = tf->tf_r14;
	regs->r_r15 = tf->tf_r15;
	regs->r_rbp = tf->tf_rbp;
	regs->r_rbx = tf->tf_rbx;
	regs->r_rax = tf->tf_rax;
	regs->r_rsp = tf->tf_rsp;
	regs->r_rip = tf->tf_rip;
	regs->r_rflags = tf->tf_rflags;
	regs->r_cs = tf->tf_cs;
	regs->r_ss = tf->tf_ss;
	return 0;
}

/*
 * May a thread go to user mode with these registers?  They must not give it
 * more than user mode.
 */
int
check_context(const struct reg *regs, const struct trapframe *tf)
{
	if (((regs->r_rflags ^ tf->tf_rflags) & PSL_USERSTATIC) != 0 ||
	    regs->r_cs != GSEL(GUCODE_SEL, SEL_UPL) ||
	    regs->r_ss != GSEL(GUDATA_SEL, SEL_UPL) ||
	    (u_long)regs->r_rip >= VM_MAXUSER_ADDRESS)
		return EINVAL;
	return 0;
}

int
process_write_regs(struct proc *p, struct reg *regs)
{
	struct trapframe *tf = p->p_md.md_regs;
	int error;

	error = check_context(regs, tf);
	if (error != 0)
		return error;
	tf->tf_rdi = regs->r_rdi;
	tf->tf_rsi = regs->r_rsi;
	tf->tf_rdx = regs->r_rdx;
	tf->tf_rcx = regs->r_rcx;
	tf->tf_r8 = regs->r_r8;
	tf->tf_r9 = regs->r_r9;
	tf->tf_r10 = regs->r_r10;
	tf->tf_r11 = regs->r_r11;
	tf->tf_r12 = regs->r_r12;
	tf->tf_r13 = regs->r_r13;
	tf->tf_r14 = regs->r_r14;
	tf->tf_r15 = regs->r_r15;
	tf->tf_rbp = regs->r_rbp;
	tf->tf_rbx = regs->r_rbx;
	tf->tf_rax = regs->r_rax;
	tf->tf_rsp = regs->r_rsp;
	tf->tf_rip = regs->r_rip;
	tf->tf_rflags = regs->r_rflags;
	/* rcx and r11 are lost on the way of SYSRETQ. */
	p->p_md.md_flags |= MDP_IRET;
	return 0;
}

/*
 * A stopped thread's floating point state is in its pcb: another thread
 * runs.
 */
int
process_read_fpregs(struct proc *p, struct fpreg *regs)
{
	fpu_proc_flush(p);
	regs->fxstate = p->p_addr->u_pcb.pcb_savefpu.fp_fxsave;
	return 0;
}

int
process_write_fpregs(struct proc *p, struct fpreg *regs)
{
	struct savefpu *sfp = &p->p_addr->u_pcb.pcb_savefpu;

	if (regs->fxstate.fx_mxcsr & ~fpu_mxcsr_mask)
		return EINVAL;
	fpu_proc_flush(p);
	sfp->fp_fxsave = regs->fxstate;
	/* XRSTOR takes only what the header speaks of. */
	if (xsave_mask != 0)
		sfp->fp_xstate.xstate_bv |= XCR0_X87 | XCR0_SSE;
	return 0;
}

/*
 * Trap after the next instruction, or do not.
 */
int
process_sstep(struct proc *p, int sstep)
{
	struct trapframe *tf = p->p_md.md_regs;

	if (sstep)
		tf->tf_rflags |= PSL_T;
	else
		tf->tf_rflags &= ~PSL_T;
	return 0;
}

/*
 * Where to go on.
 */
int
process_set_pc(struct proc *p, caddr_t addr)
{
	if ((u_long)addr >= VM_MAXUSER_ADDRESS)
		return EINVAL;
	p->p_md.md_regs->tf_rip = (u_int64_t)addr;
	return 0;
}
