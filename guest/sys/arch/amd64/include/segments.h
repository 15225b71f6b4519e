/* SPDX-License-Identifier: ISC */
#ifndef _MACHINE_SEGMENTS_H_
#define _MACHINE_SEGMENTS_H_

/* Slots of the global descriptor table. */
#define GNULL_SEL	0		/* unusable */
#define GCODE_SEL	1		/* kernel code */
#define GDATA_SEL	2		/* kernel data */
#define GUCODE32_SEL	3		/* 32-bit user code, placeholder */
#define GUDATA_SEL	4		/* user data */
#define GUCODE_SEL	5		/* user code */
#define GPROC0_SEL	6		/* TSS, two slots */
#define NGDT		8

#define SEL_KPL		0		/* kernel privilege */
#define SEL_UPL		3		/* user privilege */
#define ISPL(s)		((s) & SEL_UPL)
#define GSEL(s, r)	(((s) << 3) | (r))

#define NIDT		256		/* interrupt vectors */

#define SDT_SYS386TSS	9		/* available 64-bit TSS */
#define SDT_SYS386IGT	14		/* interrupt gate */

#ifndef _LOCORE
#include <sys/types.h>

/* 64-bit interrupt gate. */
struct gate_descriptor {
	u_int16_t gd_looffset;		/* handler, bits 0-15 */
	u_int16_t gd_selector;		/* code selector */
	u_int8_t  gd_ist;		/* interrupt stack, 0 = none */
	u_int8_t  gd_type;		/* present, DPL and type */
	u_int16_t gd_midoffset;		/* handler, bits 16-31 */
	u_int32_t gd_hioffset;		/* handler, bits 32-63 */
	u_int32_t gd_zero;		/* reserved */
} __packed;

/* Operand of LGDT and LIDT. */
struct region_descriptor {
	u_int16_t rd_limit;		/* bytes - 1 */
	u_int64_t rd_base;		/* address */
} __packed;

extern struct gate_descriptor idt[NIDT];
extern u_int64_t gdt[NGDT];

void	setgate(struct gate_descriptor *, void *, int, int, int, int);
void	setregion(struct region_descriptor *, void *, u_int16_t);
void	set_sys_segment(u_int64_t *, void *, size_t, int, int);
#endif /* !_LOCORE */

#endif /* _MACHINE_SEGMENTS_H_ */
