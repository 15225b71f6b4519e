/* SPDX-License-Identifier: ISC */
/*
 * Floating point and vector state.  The kernel itself uses general registers
 * only, so a thread's state stays in the CPU (CPUF_USERXSTATE) until another
 * thread gets it.  As in release 6.6 nothing is left for later: cpu_switchto()
 * saves the state and resets the CPU, and the way to user mode loads it.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/proc.h>
#include <sys/signalvar.h>
#include <sys/user.h>
#include <machine/codepatch.h>
#include <machine/cpu.h>
#include <machine/cpufunc.h>
#include <machine/fpu.h>
#include <machine/specialreg.h>
#include <machine/trap.h>

u_int64_t xsave_mask;
size_t fpu_save_len = sizeof(struct fxsave64);
u_int32_t fpu_mxcsr_mask;

/*
 * The initial state goes in proc0's pcb, which never gets another one: proc0
 * has no user mode.  Everybody else's state begins as a copy of it.
 */
void
fpuinit(struct cpu_info *ci)
{
	static const u_int8_t xsave64[] = { 0x48, 0x0f, 0xae, 0x27 };
	static const u_int8_t xrstor64[] = { 0x48, 0x0f, 0xae, 0x2f };
	struct savefpu *sfp = &proc0.p_addr->u_pcb.pcb_savefpu;
	u_int32_t eax, ebx, ecx, edx;

	/* The CPU says which bits of MXCSR it has, zero means the first ones. */
	fpusave(sfp);
	fpu_mxcsr_mask = sfp->fp_fxsave.fx_mxcsr_mask;
	if (fpu_mxcsr_mask == 0)
		fpu_mxcsr_mask = __INITIAL_MXCSR_MASK__;

	cpuid(CPUID_FEATURES, 0, &eax, &ebx, &ecx, &edx);
	if (ecx & CPUIDECX_XSAVE) {
		lcr4(rcr4() | CR4_OSXSAVE);
		cpuid(CPUID_XSAVE, 0, &eax, &ebx, &ecx, &edx);
		xsave_mask = eax & (XCR0_X87 | XCR0_SSE | XCR0_AVX);
		xsetbv(0, xsave_mask);
		/* ebx is the size of what is enabled now */
		cpuid(CPUID_XSAVE, 0, &eax, &ebx, &ecx, &edx);
		fpu_save_len = ebx;
		KASSERT(fpu_save_len <= sizeof(struct savefpu));
		codepatch_replace(CPTAG_XSAVE, xsave64, sizeof(xsave64));
		codepatch_replace(CPTAG_XRSTOR, xrstor64, sizeof(xrstor64));
	}

	memset(sfp, 0, sizeof(*sfp));
	sfp->fp_fxsave.fx_fcw = __INITIAL_NPXCW__;
	sfp->fp_fxsave.fx_mxcsr = __INITIAL_MXCSR__;
	sfp->fp_fxsave.fx_mxcsr_mask = fpu_mxcsr_mask;
	fpureset();
}

/*
 * Bring the current thread's state in its pcb, to be read or changed there;
 * the way to user mode loads it again.
 */
void
fpu_proc_flush(struct proc *p)
{
	struct cpu_info *ci = curcpu();

	if (p == curproc && (ci->ci_flags & CPUF_USERXSTATE)) {
		ci->ci_flags &= ~CPUF_USERXSTATE;
		fpusavereset(&p->p_addr->u_pcb.pcb_savefpu);
	}
}

/*
 * Would the CPU take this state, which comes from user memory?  Reserved
 * bits of MXCSR and components that are not enabled make it fault.
 */
int
fpu_state_valid(const struct savefpu *sfp)
{
	const struct xstate_hdr *hdr = &sfp->fp_xstate;
	size_t i;

	if (sfp->fp_fxsave.fx_mxcsr & ~fpu_mxcsr_mask)
		return 0;
	if (xsave_mask == 0)
		return 1;
	if ((hdr->xstate_bv & ~xsave_mask) != 0 || hdr->xstate_xcomp_bv != 0)
		return 0;
	for (i = 0; i < sizeof(hdr->xstate_rsrv); i++)
		if (hdr->xstate_rsrv[i] != 0)
			return 0;
	return 1;
}

/*
 * An unmasked floating point exception of user mode: SIGFPE.
 */
void
fputrap(struct proc *p, struct trapframe *frame, int type)
{
	struct savefpu *sfp = &p->p_addr->u_pcb.pcb_savefpu;
	u_int32_t flags, masks;
	union sigval sv;

	fpu_proc_flush(p);
	if (type == T_XMM) {
		flags = sfp->fp_fxsave.fx_mxcsr;
		masks = flags >> MXCSR_MASK_SHIFT;
	} else {
		flags = sfp->fp_fxsave.fx_fsw;
		masks = sfp->fp_fxsave.fx_fcw;
	}
	sv.sival_ptr = (void *)frame->tf_rip;
	trapsignal(p, SIGFPE, type | T_USER,
	    x86fpflags_to_siginfo(flags & ~masks & FPU_EXCEPTIONS), sv);
}

/*
 * The si_code of the lowest exception flag.
 */
int
x86fpflags_to_siginfo(u_int32_t flags)
{
	static const int codes[] = {
		FPE_FLTINV,		/* invalid operation */
		FPE_FLTUND,		/* denormal operand */
		FPE_FLTDIV,		/* division by zero */
		FPE_FLTOVF,		/* overflow */
		FPE_FLTUND,		/* underflow */
		FPE_FLTRES,		/* inexact result */
	};
	int bit = ffs(flags);

	return bit == 0 ? FPE_FLTINV : codes[bit - 1];
}
