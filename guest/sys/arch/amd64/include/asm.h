/* SPDX-License-Identifier: ISC */
#ifndef _MACHINE_ASM_H_
#define _MACHINE_ASM_H_

#define ENTRY(name)							\
	.text; .p2align 4, 0xcc; .globl name; .type name, @function; name:
#define END(name)	.size name, . - name

/* What debuggers unwind with goes to .debug_frame alone. */
	.cfi_sections .debug_frame

/*
 * Code that begins a stack of its own: there is no caller to return to.
 * Frame pointers end here too, because rbp is zeroed.
 */
#define CFI_OUTERMOST							\
	.cfi_startproc; .cfi_undefined rip

/*
 * Code that runs with rsp at the trapframe of interrupted kernel code: the
 * caller is whom the frame says.
 */
#define CFI_TRAPFRAME							\
	.cfi_startproc;							\
	.cfi_def_cfa rsp, FRAMESIZE;					\
	.cfi_offset rip, TF_RIP - FRAMESIZE;				\
	.cfi_offset rsp, TF_RSP - FRAMESIZE;				\
	.cfi_offset rbp, TF_RBP - FRAMESIZE;				\
	.cfi_offset rbx, TF_RBX - FRAMESIZE;				\
	.cfi_offset r12, TF_R12 - FRAMESIZE;				\
	.cfi_offset r13, TF_R13 - FRAMESIZE;				\
	.cfi_offset r14, TF_R14 - FRAMESIZE;				\
	.cfi_offset r15, TF_R15 - FRAMESIZE

/* A field of the running CPU's struct cpu_info. */
#define CPUVAR(off)	%gs:CI_##off

#endif /* _MACHINE_ASM_H_ */
