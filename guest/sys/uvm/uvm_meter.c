/* SPDX-License-Identifier: ISC */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/sysctl.h>
#include <uvm/uvm_extern.h>

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
