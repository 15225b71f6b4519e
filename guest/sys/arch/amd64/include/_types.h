/* SPDX-License-Identifier: ISC */
/*
 * The machine's basic types; <sys/types.h> and the libc headers give them
 * their public names.
 */
#ifndef _MACHINE__TYPES_H_
#define _MACHINE__TYPES_H_

typedef signed char		__int8_t;
typedef unsigned char		__uint8_t;
typedef short			__int16_t;
typedef unsigned short		__uint16_t;
typedef int			__int32_t;
typedef unsigned int		__uint32_t;
typedef long long		__int64_t;
typedef unsigned long long	__uint64_t;
typedef long			__intptr_t;
typedef unsigned long		__uintptr_t;
typedef unsigned long		__size_t;
typedef long			__ssize_t;
typedef long			__ptrdiff_t;
typedef long			__register_t;
typedef unsigned long		__vaddr_t;
typedef unsigned long		__paddr_t;
typedef unsigned long		__vsize_t;
typedef unsigned long		__psize_t;

/* Where longjmp(9) goes to: callee saved registers, rsp and rip. */
typedef struct label_t {
	__uint64_t	val[8];
} label_t;

#endif /* _MACHINE__TYPES_H_ */
