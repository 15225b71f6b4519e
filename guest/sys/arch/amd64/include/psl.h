/* SPDX-License-Identifier: ISC */
#ifndef _MACHINE_PSL_H_
#define _MACHINE_PSL_H_

#define PSL_C		0x00000001	/* carry */
#define PSL_PF		0x00000004	/* parity */
#define PSL_AF		0x00000010	/* auxiliary carry */
#define PSL_Z		0x00000040	/* zero */
#define PSL_N		0x00000080	/* negative */
#define PSL_T		0x00000100	/* single step */
#define PSL_I		0x00000200	/* interrupts enabled */
#define PSL_D		0x00000400	/* string direction */
#define PSL_V		0x00000800	/* overflow */
#define PSL_IOPL	0x00003000	/* I/O privilege level */
#define PSL_NT		0x00004000	/* nested task */
#define PSL_RF		0x00010000	/* resume */
#define PSL_VM		0x00020000	/* virtual 8086 */
#define PSL_AC		0x00040000	/* alignment check */
#define PSL_VIF		0x00080000	/* virtual interrupt */
#define PSL_VIP		0x00100000	/* virtual interrupt pending */
#define PSL_ID		0x00200000	/* CPUID */

#define PSL_MBO		0x00000002	/* must be one */
#define PSL_MBZ		0x0000000000008028UL	/* must be zero */

#define PSL_USERSET	(PSL_MBO | PSL_I)	/* flags of a new image */
#define PSL_USERSTATIC	(PSL_MBO | PSL_MBZ | PSL_I | PSL_IOPL | PSL_NT | \
			 PSL_VM | PSL_VIF | PSL_VIP) /* not the user's */
#define PSL_USER	(PSL_MBO | PSL_I)

#endif /* _MACHINE_PSL_H_ */
