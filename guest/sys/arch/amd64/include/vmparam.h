/* SPDX-License-Identifier: ISC */
#ifndef _MACHINE_VMPARAM_H_
#define _MACHINE_VMPARAM_H_

#include <machine/param.h>

#define USRSTACK		VM_MAXUSER_ADDRESS	/* top of stacks */

#define VM_MIN_ADDRESS		0x0000000000001000UL
#define VM_MAXUSER_ADDRESS	0x00007f7fffffc000UL
#define VM_MAX_ADDRESS		0x00007fbfdfeff000UL
#define VM_MIN_STACK_ADDRESS	0x0000600000000000UL
#define VM_PIE_MIN_ADDR		0x0000000000001000UL
#define VM_PIE_MAX_ADDR		0x0000200000000000UL
#define VM_MIN_KERNEL_ADDRESS	0xffff800000000000UL
#define VM_MAX_KERNEL_ADDRESS	0xffff800100000000UL

#define MAXTSIZ		(256UL * 1024 * 1024)		/* most text */
#define DFLDSIZ		(128UL * 1024 * 1024)		/* soft data limit */
#define MAXDSIZ		(32UL * 1024 * 1024 * 1024)	/* hard data limit */
#define BRKSIZ		(8UL * 1024 * 1024 * 1024)	/* heap's room */
#define DFLSSIZ		(2UL * 1024 * 1024)		/* soft stack limit */
#define MAXSSIZ		(32UL * 1024 * 1024)		/* hard stack limit */
#define STACKGAP_RANDOM	(256UL * 1024)		/* random gap on the stack */

#define trunc_page(x)	((x) & ~(unsigned long)PAGE_MASK)
#define round_page(x)	(((x) + PAGE_MASK) & ~(unsigned long)PAGE_MASK)

#endif /* _MACHINE_VMPARAM_H_ */
