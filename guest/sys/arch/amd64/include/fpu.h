/* SPDX-License-Identifier: ISC */
#ifndef _MACHINE_FPU_H_
#define _MACHINE_FPU_H_

#include <sys/types.h>

/* What FXSAVE writes in 64-bit mode: x87, MMX and SSE state. */
struct fxsave64 {
	u_int16_t fx_fcw;		/* x87 control word */
	u_int16_t fx_fsw;		/* x87 status word */
	u_int8_t  fx_ftw;		/* x87 registers in use, one bit each */
	u_int8_t  fx_unused1;
	u_int16_t fx_fop;		/* last x87 opcode */
	u_int64_t fx_rip;		/* its address */
	u_int64_t fx_rdp;		/* address of its operand */
	u_int32_t fx_mxcsr;		/* SSE control and status */
	u_int32_t fx_mxcsr_mask;	/* bits of it that may be set */
	u_int64_t fx_st[8][2];		/* x87 and MMX registers */
	u_int64_t fx_xmm[16][2];	/* XMM registers */
	u_int8_t  fx_unused3[96];
} __packed;

/* What XSAVE adds behind it. */
struct xstate_hdr {
	u_int64_t xstate_bv;		/* components that are not initial */
	u_int64_t xstate_xcomp_bv;	/* compaction, not used */
	u_int8_t  xstate_rsrv0[0];
	u_int8_t  xstate_rsrv[48];	/* zero */
} __packed;

/* The state of a thread that is not in the CPU, aligned as XSAVE wants it. */
struct savefpu {
	struct fxsave64 fp_fxsave;	/* x87, MMX and SSE */
	struct xstate_hdr fp_xstate;	/* header */
	u_int64_t fp_ymm[16][2];	/* upper halves of the YMM registers */
} __aligned(64);

#define __INITIAL_NPXCW__	0x037f	/* all masked, 64-bit precision */
#define __INITIAL_MXCSR__	0x1f80	/* all masked, round to nearest */
#define __INITIAL_MXCSR_MASK__	0xffbf	/* without denormals are zeros */

#define FPU_EXCEPTIONS		0x3f	/* exception flags and masks */
#define MXCSR_MASK_SHIFT	7	/* from a flag to its mask in MXCSR */

#ifdef _KERNEL
struct cpu_info;
struct proc;
struct trapframe;

extern u_int64_t xsave_mask;	/* components that XSAVE saves, 0: FXSAVE */
extern size_t fpu_save_len;	/* bytes of struct savefpu in use */
extern u_int32_t fpu_mxcsr_mask; /* valid bits of MXCSR */

/* fpu.c */
void	fpuinit(struct cpu_info *);
void	fputrap(struct proc *, struct trapframe *, int);
void	fpu_proc_flush(struct proc *);
int	fpu_state_valid(const struct savefpu *);
int	x86fpflags_to_siginfo(u_int32_t);

/* locore.S */
void	fpusave(struct savefpu *);
void	fpusavereset(struct savefpu *);
void	fpureset(void);
void	xrstor_user(const struct savefpu *);
#endif /* _KERNEL */

#endif /* _MACHINE_FPU_H_ */
