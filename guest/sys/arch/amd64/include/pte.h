/* SPDX-License-Identifier: ISC */
#ifndef _MACHINE_PTE_H_
#define _MACHINE_PTE_H_

#include <machine/_types.h>

typedef __uint64_t pt_entry_t;		/* lowest level entry */
typedef __uint64_t pd_entry_t;		/* upper level entry */

#define PG_V		0x0000000000000001UL	/* valid */
#define PG_RW		0x0000000000000002UL	/* writable */
#define PG_u		0x0000000000000004UL	/* user may access */
#define PG_U		0x0000000000000020UL	/* has been used */
#define PG_M		0x0000000000000040UL	/* has been modified */
#define PG_PS		0x0000000000000080UL	/* 2 MB page */
#define PG_G		0x0000000000000100UL	/* global */
#define PG_W		0x0000000000000200UL	/* wired, for software */
#define PG_NX		0x8000000000000000UL	/* not executable */
#define PG_FRAME	0x000ffffffffff000UL	/* page frame */

#define L1_SHIFT	12			/* bytes of an L1 entry, log2 */
#define L2_SHIFT	21
#define L3_SHIFT	30
#define L4_SHIFT	39
#define NBPD_L2		(1UL << L2_SHIFT)	/* bytes of an L2 entry */
#define NBPD_L3		(1UL << L3_SHIFT)
#define NBPD_L4		(1UL << L4_SHIFT)
#define NPDPG		512			/* entries of a table */

#define pl1_i(va)	(((va) >> L1_SHIFT) & (NPDPG - 1))
#define pl2_i(va)	(((va) >> L2_SHIFT) & (NPDPG - 1))
#define pl3_i(va)	(((va) >> L3_SHIFT) & (NPDPG - 1))
#define pl4_i(va)	(((va) >> L4_SHIFT) & (NPDPG - 1))

#endif /* _MACHINE_PTE_H_ */
