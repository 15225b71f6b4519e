/* SPDX-License-Identifier: ISC */
#ifndef _MACHINE_SPECIALREG_H_
#define _MACHINE_SPECIALREG_H_

#define CR0_PE		0x00000001	/* protected mode */
#define CR0_MP		0x00000002	/* monitor coprocessor */
#define CR0_EM		0x00000004	/* no coprocessor */
#define CR0_TS		0x00000008	/* task switched */
#define CR0_NE		0x00000020	/* native FPU errors */
#define CR0_WP		0x00010000	/* kernel obeys read-only */
#define CR0_PG		0x80000000	/* paging */

#define CR4_PAE		0x00000020	/* 64-bit page table entries */
#define CR4_PGE		0x00000080	/* global pages */
#define CR4_OSFXSR	0x00000200	/* FXSAVE */
#define CR4_OSXMMEXCPT	0x00000400	/* SIMD exceptions */
#define CR4_OSXSAVE	0x00040000	/* XSAVE */

#define CPUID_FEATURES	1		/* leaf: feature bits */
#define CPUIDECX_XSAVE	0x04000000	/* XSAVE and XSETBV */
#define CPUID_XSAVE	0xd		/* leaf: XSAVE's components and sizes */

#define XCR0_X87	0x00000001	/* x87 state */
#define XCR0_SSE	0x00000002	/* XMM registers and MXCSR */
#define XCR0_AVX	0x00000004	/* upper halves of YMM */

#define MSR_EFER		0xc0000080
#define EFER_SCE		0x00000001	/* SYSCALL */
#define EFER_LME		0x00000100	/* long mode enable */
#define EFER_LMA		0x00000400	/* long mode active */
#define EFER_NXE		0x00000800	/* no-execute */
#define MSR_STAR		0xc0000081	/* SYSCALL selectors */
#define MSR_LSTAR		0xc0000082	/* 64-bit SYSCALL target */
#define MSR_CSTAR		0xc0000083	/* 32-bit SYSCALL target */
#define MSR_SFMASK		0xc0000084	/* rflags to clear */
#define MSR_FSBASE		0xc0000100	/* FS base */
#define MSR_GSBASE		0xc0000101	/* GS base */
#define MSR_KERNELGSBASE	0xc0000102	/* exchanged by SWAPGS */

#endif /* _MACHINE_SPECIALREG_H_ */
