/* SPDX-License-Identifier: ISC */
/*
 * Between processes and virtual memory: uareas, limits, the end of an
 * address space.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/proc.h>
#include <sys/resourcevar.h>
#include <machine/pmap.h>
#include <uvm/uvm_extern.h>

/*
 * The uarea of a new thread, zero filled: struct user and kernel stack.
 * Returns 0 when memory is short, so that fork fails and not the kernel.
 */
vaddr_t
uvm_uarea_alloc(void)
{
	return uvm_km_alloc1(kernel_map, USPACE, USPACE_ALIGN,
	    UVM_KMF_ZERO | UVM_KMF_CANFAIL);
}

/*
 * By the reaper: the thread does not run on it any more.
 */
void
uvm_uarea_free(struct proc *p)
{
	uvm_km_free(kernel_map, (vaddr_t)p->p_addr, USPACE);
	p->p_addr = NULL;
}

/*
 * The process gives up its address space.
 */
void
uvm_exit(struct process *pr)
{
	uvmspace_free(pr->ps_vmspace);
	pr->ps_vmspace = NULL;
}

/*
 * The limits of process 0 that depend on memory.
 */
void
uvm_init_limits(struct plimit *limit)
{
	limit->pl_rlimit[RLIMIT_STACK].rlim_cur = DFLSSIZ;
	limit->pl_rlimit[RLIMIT_STACK].rlim_max = MAXSSIZ;
	limit->pl_rlimit[RLIMIT_DATA].rlim_cur = DFLDSIZ;
	limit->pl_rlimit[RLIMIT_DATA].rlim_max = MAXDSIZ;
	limit->pl_rlimit[RLIMIT_RSS].rlim_cur = ptoa((u_long)uvmexp.free);
}
