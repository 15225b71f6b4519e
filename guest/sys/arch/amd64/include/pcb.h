/* SPDX-License-Identifier: ISC */
#ifndef _MACHINE_PCB_H_
#define _MACHINE_PCB_H_

#include <sys/types.h>
#include <machine/fpu.h>

struct pmap;

/* Machine state of a thread that does not run. */
struct pcb {
	struct savefpu pcb_savefpu;	/* floating point state, first */
	u_int64_t pcb_cr3;		/* page table root */
	u_int64_t pcb_rsp;		/* kernel stack pointer */
	u_int64_t pcb_rbp;		/* kernel frame pointer */
	u_int64_t pcb_kstack;		/* top of the kernel stack */
	u_int64_t pcb_fsbase;		/* user FS base */
	caddr_t	  pcb_onfault;		/* where a failed copy goes on */
	struct pmap *pcb_pmap;		/* owner of pcb_cr3 */
};

#endif /* _MACHINE_PCB_H_ */
