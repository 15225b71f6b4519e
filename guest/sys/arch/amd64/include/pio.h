/* SPDX-License-Identifier: ISC */
#ifndef _MACHINE_PIO_H_
#define _MACHINE_PIO_H_

#include <sys/types.h>

static inline u_int8_t
inb(u_int16_t port)
{
	u_int8_t data;

	__asm__ volatile("inb %w1,%0" : "=a" (data) : "Nd" (port));
	return data;
}

static inline void
outb(u_int16_t port, u_int8_t data)
{
	__asm__ volatile("outb %0,%w1" : : "a" (data), "Nd" (port));
}

static inline void
outw(u_int16_t port, u_int16_t data)
{
	__asm__ volatile("outw %0,%w1" : : "a" (data), "Nd" (port));
}

#endif /* _MACHINE_PIO_H_ */
