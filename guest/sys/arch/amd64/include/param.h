/* SPDX-License-Identifier: ISC */
#ifndef _MACHINE_PARAM_H_
#define _MACHINE_PARAM_H_

#define MACHINE		"amd64"

#define PAGE_SHIFT	12			/* log2 of a page */
#define PAGE_SIZE	(1 << PAGE_SHIFT)	/* bytes in a page */
#define PAGE_MASK	(PAGE_SIZE - 1)
#define NBPG		PAGE_SIZE

#define KERNBASE	0xffffffff80000000UL	/* kernel image, phys 0 */
#define KERNTEXTOFF	(KERNBASE + 0x1000000)	/* start of its text */

#define UPAGES		6			/* pages of a uarea */
#define USPACE		(UPAGES * PAGE_SIZE)	/* bytes of a uarea */
#define USPACE_ALIGN	0			/* its alignment, 0 = page */

#define STACKALIGNBYTES	(16 - 1)
#define STACKALIGN(p)	((u_long)(p) & ~STACKALIGNBYTES)
#define ALIGNBYTES	(sizeof(long) - 1)
#define ALIGN(p)	(((u_long)(p) + ALIGNBYTES) & ~ALIGNBYTES)

#define ptoa(x)		((unsigned long)(x) << PAGE_SHIFT)
#define atop(x)		((unsigned long)(x) >> PAGE_SHIFT)
#define DEV_BSIZE	512			/* bytes of a disk block */

#endif /* _MACHINE_PARAM_H_ */
