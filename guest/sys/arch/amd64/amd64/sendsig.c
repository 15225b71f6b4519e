/* SPDX-License-Identifier: ISC */
/*
 * Signal delivery, sigreturn(2) and the registers of a new image.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/proc.h>
#include <sys/exec.h>
#include <sys/signalvar.h>
#include <sys/syscallargs.h>
#include <sys/user.h>
#include <machine/cpu.h>
#include <machine/fpu.h>
#include <machine/frame.h>
#include <machine/psl.h>
#include <uvm/uvm_extern.h>

#define RED_ZONE	128		/* bytes below rsp that are the user's */
#define SYSCALL_INSN_LEN	2	/* bytes of SYSCALL */

/*
 * The registers of a new image; it is entered by IRETQ.
 */
void
setregs(struct proc *p, struct exec_package *pack, u_long stack,
    register_t *retval)
{
	struct trapframe *tf = p->p_md.md_regs;

	p->p_md.md_flags |= MDP_IRET;
	/* The state in the CPU is the old image's. */
	p->p_addr->u_pcb.pcb_savefpu = proc0.p_addr->u_pcb.pcb_savefpu;
	if (curcpu()->ci_flags & CPUF_USERXSTATE)
		fpureset();
	p->p_addr->u_pcb.pcb_fsbase = 0;
	reset_segs();

	memset(tf, 0, sizeof(*tf));
	tf->tf_rip = pack->ep_entry;
	tf->tf_cs = GSEL(GUCODE_SEL, SEL_UPL);
	tf->tf_rflags = PSL_USERSET;
	tf->tf_rsp = stack;
	tf->tf_ss = GSEL(GUDATA_SEL, SEL_UPL);
	retval[1] = 0;
}

/*
 * The FS base in the CPU is no longer what the pcb says.
 */
void
reset_segs(void)
{
	curcpu()->ci_flags &= ~CPUF_USERSEGS;
}

/*
 * Build the handler's call on the user stack.  Returns 1 if there is no
 * room for it: the signal then kills.
 */
int
sendsig(sig_t catcher, int sig, sigset_t mask, const siginfo_t *ksip)
{
	struct proc *p = curproc;
	struct trapframe *tf = p->p_md.md_regs;
	struct sigacts *psp = p->p_p->ps_sigacts;
	struct sigcontext ksc;
	struct savefpu *sfp = &p->p_addr->u_pcb.pcb_savefpu;
	register_t sp, scp, sip = 0;

	memset(&ksc, 0, sizeof(ksc));
	ksc.sc_rdi = tf->tf_rdi;
	ksc.sc_rsi = tf->tf_rsi;
	ksc.sc_rdx = tf->tf_rdx;
	ksc.sc_rcx = tf->tf_rcx;
	ksc.sc_r8 = tf->tf_r8;
	ksc.sc_r9 = tf->tf_r9;
	ksc.sc_r10 = tf->tf_r10;
	ksc.sc_r11 = tf->tf_r11;
	ksc.sc_r12 = tf->tf_r12;
	ksc.sc_r13 = tf->tf_r13;
	ksc.sc_r14 = tf->tf_r14;
	ksc.sc_r15 = tf->tf_r15;
	ksc.sc_rbp = tf->tf_rbp;
	ksc.sc_rbx = tf->tf_rbx;
	ksc.sc_rax = tf->tf_rax;
	ksc.sc_trapno = tf->tf_trapno;
	ksc.sc_err = tf->tf_err;
	ksc.sc_rip = tf->tf_rip;
	ksc.sc_cs = tf->tf_cs;
	ksc.sc_rflags = tf->tf_rflags;
	ksc.sc_rsp = tf->tf_rsp;
	ksc.sc_ss = tf->tf_ss;
	ksc.sc_mask = mask;

	if ((p->p_sigstk.ss_flags & SS_DISABLE) == 0 &&
	    p->p_sigstk.ss_sp != NULL &&
	    (u_long)tf->tf_rsp - (u_long)p->p_sigstk.ss_sp >=
	    p->p_sigstk.ss_size && (psp->ps_sigonstack & sigmask(sig)))
		sp = (register_t)p->p_sigstk.ss_sp + p->p_sigstk.ss_size;
	else
		sp = tf->tf_rsp - RED_ZONE;

	/* The floating point state, aligned as XRSTOR wants it. */
	fpu_proc_flush(p);
	sp -= fpu_save_len;
	sp &= ~(register_t)(__alignof__(struct savefpu) - 1);
	ksc.sc_fpstate = (void *)sp;
	if (copyout(sfp, ksc.sc_fpstate, fpu_save_len) != 0)
		return 1;

	if (psp->ps_siginfo & sigmask(sig)) {
		sp -= roundup(sizeof(*ksip), STACKALIGNBYTES + 1);
		sip = sp;
		if (copyout(ksip, (void *)sip, sizeof(*ksip)) != 0)
			return 1;
	}
	sp -= roundup(sizeof(ksc), STACKALIGNBYTES + 1);
	scp = sp;
	ksc.sc_cookie = scp ^ p->p_p->ps_sigcookie;
	if (copyout(&ksc, (void *)scp, sizeof(ksc)) != 0)
		return 1;

	/* The trampoline calls rax(rdi, rsi, rdx). */
	tf->tf_rax = (int64_t)catcher;
	tf->tf_rdi = sig;
	tf->tf_rsi = sip;
	tf->tf_rdx = scp;
	tf->tf_rip = p->p_p->ps_sigcode;
	tf->tf_rsp = scp;
	tf->tf_rflags &= ~(PSL_T | PSL_D | PSL_VM | PSL_AC);
	p->p_md.md_flags |= MDP_IRET;

	/* The handler begins with the initial floating point state. */
	*sfp = proc0.p_addr->u_pcb.pcb_savefpu;
	return 0;
}

/*
 * Back from a handler: take all registers from the context, if it is one
 * that sendsig() made for this process.
 */
int
sys_sigreturn(struct proc *p, void *v, register_t *retval)
{
	struct sys_sigreturn_args *uap = v;
	struct trapframe *tf = p->p_md.md_regs;
	struct sigcontext ksc, *scp = SCARG(uap, sigcntxp);
	struct savefpu *sfp = &p->p_addr->u_pcb.pcb_savefpu;
	long cookie = 0;

	if (PROC_PC(p) != (int64_t)p->p_p->ps_sigcoderet) {
		sigexit(p, SIGILL);
		/* NOTREACHED */
	}
	if (copyin(scp, &ksc, sizeof(ksc)) != 0)
		return EFAULT;
	if (ksc.sc_cookie != ((long)scp ^ (long)p->p_p->ps_sigcookie)) {
		sigexit(p, SIGILL);
		/* NOTREACHED */
	}
	/* It serves once. */
	(void)copyout(&cookie, &scp->sc_cookie, sizeof(cookie));

	if (((ksc.sc_rflags ^ tf->tf_rflags) & PSL_USERSTATIC) != 0 ||
	    ksc.sc_cs != GSEL(GUCODE_SEL, SEL_UPL) ||
	    ksc.sc_ss != GSEL(GUDATA_SEL, SEL_UPL) ||
	    (u_long)ksc.sc_rip >= VM_MAXUSER_ADDRESS)
		return EINVAL;

	/* The handler's floating point state goes, even if none replaces it. */
	fpu_proc_flush(p);
	*sfp = proc0.p_addr->u_pcb.pcb_savefpu;
	if (ksc.sc_fpstate != NULL) {
		if (copyin(ksc.sc_fpstate, sfp, fpu_save_len) != 0) {
			*sfp = proc0.p_addr->u_pcb.pcb_savefpu;
			return EFAULT;
		}
		if (!fpu_state_valid(sfp)) {
			*sfp = proc0.p_addr->u_pcb.pcb_savefpu;
			return EINVAL;
		}
	}

	tf->tf_rdi = ksc.sc_rdi;
	tf->tf_rsi = ksc.sc_rsi;
	tf->tf_rdx = ksc.sc_rdx;
	tf->tf_rcx = ksc.sc_rcx;
	tf->tf_r8 = ksc.sc_r8;
	tf->tf_r9 = ksc.sc_r9;
	tf->tf_r10 = ksc.sc_r10;
	tf->tf_r11 = ksc.sc_r11;
	tf->tf_r12 = ksc.sc_r12;
	tf->tf_r13 = ksc.sc_r13;
	tf->tf_r14 = ksc.sc_r14;
	tf->tf_r15 = ksc.sc_r15;
	tf->tf_rbp = ksc.sc_rbp;
	tf->tf_rbx = ksc.sc_rbx;
	tf->tf_rax = ksc.sc_rax;
	tf->tf_rip = ksc.sc_rip;
	tf->tf_rflags = ksc.sc_rflags;
	tf->tf_rsp = ksc.sc_rsp;

	p->p_sigmask = ksc.sc_mask & ~sigcantmask;
	p->p_md.md_flags |= MDP_IRET;
	return EJUSTRETURN;
}
