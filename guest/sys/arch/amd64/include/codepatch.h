/* SPDX-License-Identifier: ISC */
/*
 * Instructions of the kernel that depend on the CPU: assembly marks the
 * place with a tag, the boot writes another instruction of the same length
 * there.
 */
#ifndef _MACHINE_CODEPATCH_H_
#define _MACHINE_CODEPATCH_H_

#define CPTAG_XSAVE	1	/* FXSAVE64, or XSAVE64 */
#define CPTAG_XRSTOR	2	/* FXRSTOR64, or XRSTOR64 */

#ifdef _LOCORE
#define CODEPATCH_START	998:
#define CODEPATCH_END(tag)						 \
	.section .codepatch, "a"					;\
	.quad	998b							;\
	.short	999f - 998b						;\
	.short	tag							;\
	.long	0							;\
	.previous							;\
	999:
#else
#include <sys/types.h>

/* One marked place. */
struct codepatch {
	u_int8_t  *addr;		/* the instruction */
	u_int16_t len;			/* its bytes */
	u_int16_t tag;			/* CPTAG_* */
	u_int32_t unused;
};

void	codepatch_replace(u_int16_t, const void *, size_t);
#endif

#endif /* _MACHINE_CODEPATCH_H_ */
