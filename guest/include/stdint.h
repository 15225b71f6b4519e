/* SPDX-License-Identifier: ISC */
#ifndef _STDINT_H_
#define _STDINT_H_

#include <sys/types.h>

typedef long long		intmax_t;
typedef unsigned long long	uintmax_t;

#define INT8_MIN	(-0x7f - 1)
#define INT16_MIN	(-0x7fff - 1)
#define INT32_MIN	(-0x7fffffff - 1)
#define INT64_MIN	(-0x7fffffffffffffffLL - 1)
#define INT8_MAX	0x7f
#define INT16_MAX	0x7fff
#define INT32_MAX	0x7fffffff
#define INT64_MAX	0x7fffffffffffffffLL
#define UINT8_MAX	0xff
#define UINT16_MAX	0xffff
#define UINT32_MAX	0xffffffffU
#define UINT64_MAX	0xffffffffffffffffULL
#define INTPTR_MIN	(-0x7fffffffffffffffL - 1)
#define INTPTR_MAX	0x7fffffffffffffffL
#define UINTPTR_MAX	0xffffffffffffffffUL
#define INTMAX_MIN	INT64_MIN
#define INTMAX_MAX	INT64_MAX
#define UINTMAX_MAX	UINT64_MAX
#ifndef SIZE_MAX
#define SIZE_MAX	0xffffffffffffffffUL
#endif

#define INT64_C(c)	c ## LL
#define UINT64_C(c)	c ## ULL

#endif /* _STDINT_H_ */
