/* SPDX-License-Identifier: ISC */
#ifndef _SYS_USER_H_
#define _SYS_USER_H_

#include <machine/pcb.h>

/* The start of a thread's uarea; the kernel stack fills the rest. */
struct user {
	struct pcb	u_pcb;		/* machine state while not running */
};

#endif /* _SYS_USER_H_ */
