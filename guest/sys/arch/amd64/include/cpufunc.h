/* SPDX-License-Identifier: ISC */
#ifndef _MACHINE_CPUFUNC_H_
#define _MACHINE_CPUFUNC_H_

#include <sys/types.h>

/* Instructions without a C spelling. */

static inline void
invlpg(vaddr_t va)
{
	__asm__ volatile("invlpg (%0)" : : "r" (va) : "memory");
}

static inline void
lcr3(u_int64_t val)
{
	__asm__ volatile("movq %0,%%cr3" : : "r" (val) : "memory");
}

static inline u_int64_t
rcr3(void)
{
	u_int64_t val;

	__asm__ volatile("movq %%cr3,%0" : "=r" (val));
	return val;
}

static inline u_int64_t
rcr2(void)
{
	u_int64_t val;

	__asm__ volatile("movq %%cr2,%0" : "=r" (val));
	return val;
}

static inline void
tlbflush(void)
{
	lcr3(rcr3());
}

static inline void
lidt(void *p)
{
	__asm__ volatile("lidt (%0)" : : "r" (p) : "memory");
}

static inline void
ltr(u_int16_t sel)
{
	__asm__ volatile("ltr %0" : : "r" (sel));
}

static inline u_int64_t
rcr4(void)
{
	u_int64_t val;

	__asm__ volatile("movq %%cr4,%0" : "=r" (val));
	return val;
}

static inline void
lcr4(u_int64_t val)
{
	__asm__ volatile("movq %0,%%cr4" : : "r" (val) : "memory");
}

static inline void
xsetbv(u_int32_t reg, u_int64_t val)
{
	__asm__ volatile("xsetbv" : : "c" (reg), "a" ((u_int32_t)val),
	    "d" ((u_int32_t)(val >> 32)));
}

static inline void
cpuid(u_int32_t leaf, u_int32_t subleaf, u_int32_t *eax, u_int32_t *ebx,
    u_int32_t *ecx, u_int32_t *edx)
{
	__asm__ volatile("cpuid" : "=a" (*eax), "=b" (*ebx), "=c" (*ecx),
	    "=d" (*edx) : "a" (leaf), "c" (subleaf));
}

static inline u_long
read_rflags(void)
{
	u_long flags;

	__asm__ volatile("pushfq; popq %0" : "=r" (flags) : : "memory");
	return flags;
}

static inline void
write_rflags(u_long flags)
{
	__asm__ volatile("pushq %0; popfq" : : "r" (flags) : "memory", "cc");
}

static inline void
intr_enable(void)
{
	__asm__ volatile("sti" : : : "memory");
}

static inline void
intr_disable(void)
{
	__asm__ volatile("cli" : : : "memory");
}

static inline void
cpu_pause(void)
{
	__asm__ volatile("pause" : : : "memory");
}

static inline u_int64_t
rdmsr(u_int msr)
{
	u_int32_t hi, lo;

	__asm__ volatile("rdmsr" : "=d" (hi), "=a" (lo) : "c" (msr));
	return ((u_int64_t)hi << 32) | lo;
}

static inline void
wrmsr(u_int msr, u_int64_t val)
{
	__asm__ volatile("wrmsr" : : "a" ((u_int32_t)val),
	    "d" ((u_int32_t)(val >> 32)), "c" (msr) : "memory");
}

#endif /* _MACHINE_CPUFUNC_H_ */
