/* SPDX-License-Identifier: ISC */
#ifndef _SYS_ATOMIC_H_
#define _SYS_ATOMIC_H_

#include <sys/types.h>

/* One CPU, but an interrupt may come between load and store. */
static inline void
atomic_setbits_int(volatile u_int *ptr, u_int bits)
{
	__asm__ volatile("lock orl %1,%0" : "+m" (*ptr) : "ir" (bits) :
	    "memory", "cc");
}

static inline void
atomic_clearbits_int(volatile u_int *ptr, u_int bits)
{
	__asm__ volatile("lock andl %1,%0" : "+m" (*ptr) : "ir" (~bits) :
	    "memory", "cc");
}

#define membar_producer()	__asm__ volatile("" ::: "memory")
#define membar_consumer()	__asm__ volatile("" ::: "memory")

#endif /* _SYS_ATOMIC_H_ */
