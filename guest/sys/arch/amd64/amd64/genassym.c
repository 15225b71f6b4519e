/* SPDX-License-Identifier: ISC */
/*
 * Offsets and values that assembly needs; compiled to assembly only, the
 * build turns each "->NAME value" into a definition in assym.h.
 */
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/user.h>
#include <machine/cpu.h>
#include <machine/frame.h>
#include <machine/pcb.h>
#include <machine/segments.h>
#include <machine/signal.h>
#include <machine/specialreg.h>

#define DEFINE(sym, val) \
	__asm__ volatile("\n->" #sym " %0" : : "i" ((long)(val)))
#define OFFSET(sym, type, member)	DEFINE(sym, __builtin_offsetof(type, member))

void	genassym(void);

void
genassym(void)
{
	OFFSET(TF_RDI, struct trapframe, tf_rdi);
	OFFSET(TF_RSI, struct trapframe, tf_rsi);
	OFFSET(TF_RDX, struct trapframe, tf_rdx);
	OFFSET(TF_RCX, struct trapframe, tf_rcx);
	OFFSET(TF_R8, struct trapframe, tf_r8);
	OFFSET(TF_R9, struct trapframe, tf_r9);
	OFFSET(TF_R10, struct trapframe, tf_r10);
	OFFSET(TF_R11, struct trapframe, tf_r11);
	OFFSET(TF_R12, struct trapframe, tf_r12);
	OFFSET(TF_R13, struct trapframe, tf_r13);
	OFFSET(TF_R14, struct trapframe, tf_r14);
	OFFSET(TF_R15, struct trapframe, tf_r15);
	OFFSET(TF_ERR, struct trapframe, tf_err);
	OFFSET(TF_RBX, struct trapframe, tf_rbx);
	OFFSET(TF_RAX, struct trapframe, tf_rax);
	OFFSET(TF_TRAPNO, struct trapframe, tf_trapno);
	OFFSET(TF_RBP, struct trapframe, tf_rbp);
	OFFSET(TF_RIP, struct trapframe, tf_rip);
	OFFSET(TF_CS, struct trapframe, tf_cs);
	OFFSET(TF_RFLAGS, struct trapframe, tf_rflags);
	OFFSET(TF_RSP, struct trapframe, tf_rsp);
	OFFSET(TF_SS, struct trapframe, tf_ss);
	DEFINE(FRAMESIZE, sizeof(struct trapframe));

	OFFSET(CI_SCRATCH, struct cpu_info, ci_scratch);
	OFFSET(CI_KERN_RSP, struct cpu_info, ci_kern_rsp);
	OFFSET(CI_SELF, struct cpu_info, ci_self);
	OFFSET(CI_CURPROC, struct cpu_info, ci_curproc);
	OFFSET(CI_CURPCB, struct cpu_info, ci_curpcb);
	OFFSET(CI_TSS, struct cpu_info, ci_tss);
	OFFSET(CI_FLAGS, struct cpu_info, ci_flags);
	DEFINE(CPUF_USERSEGS_BIT, CPUF_USERSEGS);
	DEFINE(CPUF_USERXSTATE_BIT, CPUF_USERXSTATE);
	OFFSET(CI_ILEVEL, struct cpu_info, ci_ilevel);
	OFFSET(TSS_RSP0, struct x86_64_tss, tss_rsp0);

	OFFSET(P_ADDR, struct proc, p_addr);
	OFFSET(P_STAT, struct proc, p_stat);
	OFFSET(P_FLAG, struct proc, p_flag);
	OFFSET(P_MD_REGS, struct proc, p_md.md_regs);
	OFFSET(P_MD_FLAGS, struct proc, p_md.md_flags);
	OFFSET(P_MD_ASTPENDING, struct proc, p_md.md_astpending);
	DEFINE(P_SYSTEM_BIT, P_SYSTEM);
	DEFINE(SONPROC_STATE, SONPROC);
	DEFINE(MDP_IRET_BIT, MDP_IRET);

	OFFSET(PCB_CR3, struct pcb, pcb_cr3);
	OFFSET(PCB_RSP, struct pcb, pcb_rsp);
	OFFSET(PCB_RBP, struct pcb, pcb_rbp);
	OFFSET(PCB_KSTACK, struct pcb, pcb_kstack);
	OFFSET(PCB_FSBASE, struct pcb, pcb_fsbase);
	OFFSET(PCB_ONFAULT, struct pcb, pcb_onfault);

	OFFSET(SC_RDI, struct sigcontext, sc_rdi);
	OFFSET(SC_RSI, struct sigcontext, sc_rsi);
	OFFSET(SC_RDX, struct sigcontext, sc_rdx);
	OFFSET(SC_RCX, struct sigcontext, sc_rcx);
	OFFSET(SC_R8, struct sigcontext, sc_r8);
	OFFSET(SC_R9, struct sigcontext, sc_r9);
	OFFSET(SC_R10, struct sigcontext, sc_r10);
	OFFSET(SC_R11, struct sigcontext, sc_r11);
	OFFSET(SC_R12, struct sigcontext, sc_r12);
	OFFSET(SC_R13, struct sigcontext, sc_r13);
	OFFSET(SC_R14, struct sigcontext, sc_r14);
	OFFSET(SC_R15, struct sigcontext, sc_r15);
	OFFSET(SC_RBP, struct sigcontext, sc_rbp);
	OFFSET(SC_RBX, struct sigcontext, sc_rbx);
	OFFSET(SC_RAX, struct sigcontext, sc_rax);
	OFFSET(SC_RIP, struct sigcontext, sc_rip);
	OFFSET(SC_RFLAGS, struct sigcontext, sc_rflags);
	OFFSET(SC_RSP, struct sigcontext, sc_rsp);

	DEFINE(KERNEL_CS, GSEL(GCODE_SEL, SEL_KPL));
	DEFINE(KERNEL_DS, GSEL(GDATA_SEL, SEL_KPL));
	DEFINE(USER_CS, GSEL(GUCODE_SEL, SEL_UPL));
	DEFINE(USER_DS, GSEL(GUDATA_SEL, SEL_UPL));
	DEFINE(FSBASE_MSR, MSR_FSBASE);
	DEFINE(ERR_EFAULT, EFAULT);
	DEFINE(ERR_ENAMETOOLONG, ENAMETOOLONG);
}
