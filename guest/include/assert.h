/* SPDX-License-Identifier: ISC */
#include <sys/cdefs.h>

#undef assert
#ifdef NDEBUG
#define assert(e)	((void)0)
#else
#define assert(e)	((e) ? (void)0 : __assert2(__FILE__, __LINE__, __func__, #e))
#endif

#ifndef _ASSERT_H_
#define _ASSERT_H_
__dead void	__assert2(const char *, int, const char *, const char *);
#endif
