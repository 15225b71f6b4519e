/* SPDX-License-Identifier: ISC */
#ifndef _MACHINE_TSS_H_
#define _MACHINE_TSS_H_

#include <sys/types.h>

/* 64-bit task state segment. */
struct x86_64_tss {
	u_int32_t tss_reserved1;	/* must be zero */
	u_int64_t tss_rsp0;		/* stack for entries from ring 3 */
	u_int64_t tss_rsp1;		/* unused */
	u_int64_t tss_rsp2;		/* unused */
	u_int64_t tss_reserved2;	/* must be zero */
	u_int64_t tss_ist[7];		/* interrupt stacks 1 to 7 */
	u_int64_t tss_reserved3;	/* must be zero */
	u_int16_t tss_reserved4;	/* must be zero */
	u_int16_t tss_iobase;		/* offset of the I/O bitmap */
} __packed;

#endif /* _MACHINE_TSS_H_ */
