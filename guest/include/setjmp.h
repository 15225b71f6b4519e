/* SPDX-License-Identifier: ISC */
#ifndef _SETJMP_H_
#define _SETJMP_H_

#include <sys/cdefs.h>

/* rbx, rbp, r12 to r15, rsp and rip; the signal mask is not kept. */
typedef long jmp_buf[8];

int		setjmp(jmp_buf) __attribute__((__returns_twice__));
__dead void	longjmp(jmp_buf, int);

#endif /* _SETJMP_H_ */
