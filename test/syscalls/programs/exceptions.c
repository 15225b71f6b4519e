/* SPDX-License-Identifier: ISC */
/* Makes the exception that it is told to, and prints the signal, its code, and whether the address is the one expected. */
#include <sys/mman.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE	4096

char *expected;		/* si_addr; NULL is not compared */

void
caught(int sig, siginfo_t *info, void *context)
{
	printf("signal %d code %d%s\n", sig, info->si_code,
	    expected == NULL || info->si_addr == (void *)expected ? "" :
	    " at another address");
	_exit(0);
}

void
divide(void)
{
	__asm volatile("xorl %%ecx, %%ecx; movl $1, %%eax; cltd; idivl %%ecx"
	    : : : "eax", "ecx", "edx");
}

void
breakpoint(void)
{
	__asm volatile("int3");
}

void
step(void)
{
	__asm volatile("pushfq; orl $0x100, (%%rsp); popfq; nop" : : : "memory");
}

void
privileged(void)
{
	__asm volatile("hlt");
}

void
undefined(void)
{
	__asm volatile("ud2");
}

void
unmapped(void)
{
	expected = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANON, -1, 0);
	munmap(expected, PAGE);
	*(volatile char *)expected;
}

void
read_only(void)
{
	expected = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANON, -1, 0);
	*(volatile char *)expected = 1;
}

void
kernel_address(void)
{
	expected = (char *)0xffffffff81000000;
	*(volatile char *)expected;
}

/* #SS: a stack address that is not canonical. QEMU raises #GP. */
void
stack_fault(void)
{
	__asm volatile("movq %%rbp, %%rcx; movq %0, %%rbp; "
	    "movq (%%rbp), %%rax; movq %%rcx, %%rbp"
	    : : "r" (1UL << 63) : "rax", "rcx");
}

void
sse(void)
{
	unsigned int mxcsr = 0x1d80;	/* division by zero is not masked */

	__asm volatile("ldmxcsr %0; xorps %%xmm1, %%xmm1; pcmpeqd %%xmm0, %%xmm0;"
	    "psrld $25, %%xmm0; pslld $23, %%xmm0; divss %%xmm1, %%xmm0"
	    : : "m" (mxcsr));
}

void
x87(void)
{
	unsigned short control = 0x37b;	/* the same for the x87 */

	__asm volatile("fninit; fldcw %0; fld1; fldz; fdivrp; fwait"
	    : : "m" (control));
}

const struct {
	const char *name;
	void (*make)(void);
} exceptions[] = {
	{ "divide", divide },
	{ "breakpoint", breakpoint },
	{ "step", step },
	{ "privileged", privileged },
	{ "undefined", undefined },
	{ "unmapped", unmapped },
	{ "read_only", read_only },
	{ "kernel_address", kernel_address },
	{ "stack_fault", stack_fault },
	{ "sse", sse },
	{ "x87", x87 },
};

int
main(int argc, char **argv)
{
	struct sigaction action;
	unsigned int i;
	int sig;

	memset(&action, 0, sizeof(action));
	action.sa_sigaction = caught;
	action.sa_flags = SA_SIGINFO;
	if (argc > 2)		/* what nobody catches ends the program */
		action.sa_handler = SIG_DFL;
	for (sig = 1; sig < NSIG; sig++)
		sigaction(sig, &action, NULL);
	for (i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]); i++)
		if (argc > 1 && strcmp(argv[1], exceptions[i].name) == 0)
			exceptions[i].make();
	printf("no exception\n");
	return 1;
}
