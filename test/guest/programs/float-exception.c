/* SPDX-License-Identifier: ISC */
/*
 * Divides by zero with that exception unmasked.  Exits with the si_code of
 * the signal, or 0 if there is none.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define UNMASKED	0x1d80	/* MXCSR: all but division by zero masked */

void
leave_with_code(int sig, siginfo_t *info, void *context)
{
	_exit(info->si_code);
}

int
main(void)
{
	struct sigaction sa;
	unsigned int mxcsr = UNMASKED;

	memset(&sa, 0, sizeof(sa));
	sa.sa_flags = SA_SIGINFO;
	sa.sa_sigaction = leave_with_code;
	if (sigaction(SIGFPE, &sa, NULL) == -1)
		return 100;
	__asm__ volatile("ldmxcsr %0; movl $1, %%eax; cvtsi2sd %%eax, %%xmm0; "
	    "pxor %%xmm1, %%xmm1; divsd %%xmm1, %%xmm0" : : "m" (mxcsr) :
	    "eax", "xmm0", "xmm1");
	return 0;
}
