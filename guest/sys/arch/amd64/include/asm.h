/* SPDX-License-Identifier: ISC */
#ifndef _MACHINE_ASM_H_
#define _MACHINE_ASM_H_

#define ENTRY(name)							\
	.text; .p2align 4, 0xcc; .globl name; .type name, @function; name:
#define END(name)	.size name, . - name

/* A field of the running CPU's struct cpu_info. */
#define CPUVAR(off)	%gs:CI_##off

#endif /* _MACHINE_ASM_H_ */
