/* SPDX-License-Identifier: ISC */
#ifndef _MACHINE_TRAP_H_
#define _MACHINE_TRAP_H_

#define T_PRIVINFLT	0	/* illegal or privileged instruction */
#define T_BPTFLT	1	/* breakpoint */
#define T_ARITHTRAP	2	/* arithmetic */
#define T_RESERVED	3	/* reserved */
#define T_PROTFLT	4	/* general protection */
#define T_TRCTRAP	5	/* single step */
#define T_PAGEFLT	6	/* page fault */
#define T_ALIGNFLT	7	/* alignment */
#define T_DIVIDE	8	/* divide error */
#define T_NMI		9	/* non-maskable interrupt */
#define T_OFLOW		10	/* overflow */
#define T_BOUND		11	/* bound */
#define T_DNA		12	/* device not available */
#define T_DOUBLEFLT	13	/* double fault */
#define T_FPOPFLT	14	/* coprocessor segment */
#define T_TSSFLT	15	/* invalid TSS */
#define T_SEGNPFLT	16	/* segment not present */
#define T_STKFLT	17	/* stack */
#define T_MCA		18	/* machine check */
#define T_XMM		19	/* SIMD floating point */

#define T_USER		0x100	/* came from user mode */

/* Error code of a page fault. */
#define PGEX_P		0x01	/* the page is present */
#define PGEX_W		0x02	/* a write */
#define PGEX_U		0x04	/* from user mode */
#define PGEX_RSVD	0x08	/* reserved bit set */
#define PGEX_I		0x10	/* an instruction fetch */

#endif /* _MACHINE_TRAP_H_ */
