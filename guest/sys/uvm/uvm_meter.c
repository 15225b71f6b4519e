/* SPDX-License-Identifier: ISC */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/sysctl.h>
#include <uvm/uvm_extern.h>
#include <ddb/db_interface.h>

/*
 * sysctl CTL_VM.
 */
int
uvm_sysctl(int *name, u_int namelen, void *oldp, size_t *oldlenp, void *newp,
    size_t newlen, struct proc *p)
{
	if (namelen != 1)
		return ENOTDIR;
	switch (name[0]) {
	case VM_UVMEXP:
		if (newp != NULL)
			return EPERM;
		return sysctl_rdstruct(oldp, oldlenp, newp, &uvmexp,
		    sizeof(uvmexp));
	default:
		return ENOTSUP;
	}
}

/*
 * ddb: show uvmexp
 */
void
uvmexp_print(int (*pr)(const char *, ...))
{
	(*pr)("Current UVM status:\n");
	(*pr)("  pagesize=%d (0x%x), pagemask=0x%x, pageshift=%d\n",
	    uvmexp.pagesize, uvmexp.pagesize, PAGE_MASK, PAGE_SHIFT);
	(*pr)("  %d VM pages: %d active, %d inactive, %d wired, %d free\n",
	    uvmexp.npages, uvmexp.active, uvmexp.inactive, uvmexp.wired,
	    uvmexp.free);
	(*pr)("  reserve_kernel=%d, anonpages=%d\n", uvmexp.reserve_kernel,
	    uvmexp.anonpages);
	(*pr)("  faults=%d, traps=%d, intrs=%d, ctxswitch=%d, syscalls=%d\n",
	    uvmexp.faults, uvmexp.traps, uvmexp.intrs, uvmexp.swtch,
	    uvmexp.syscalls);
	(*pr)("  softint=%d, forks=%d, forks_ppwait=%d, forks_sharevm=%d\n",
	    uvmexp.softs, uvmexp.forks, uvmexp.forks_ppwait,
	    uvmexp.forks_sharevm);
	(*pr)("  fault counts:\n");
	(*pr)("    noram=%d, noanon=%d, noamap=%d, amapcopy=%d\n",
	    uvmexp.fltnoram, uvmexp.fltnoanon, uvmexp.fltnoamap,
	    uvmexp.fltamcopy);
	(*pr)("    cases: anon=%d, anoncow=%d, obj=%d, prcopy=%d, "
	    "przero=%d\n", uvmexp.flt_anon, uvmexp.flt_acow, uvmexp.flt_obj,
	    uvmexp.flt_prcopy, uvmexp.flt_przero);
}
