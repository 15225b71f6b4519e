/* SPDX-License-Identifier: ISC */
/*
 * Page faults.
 *
 * Case 1: an anon is behind the address.
 *	1A	map it, read-only if it is shared and not to be written
 *	1B	it is shared and to be written: copy it first
 * Case 2: there is none.
 *	2A	map the object's page (no objects exist yet)
 *	2B	promote into a new anon: zero fill
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/malloc.h>
#include <sys/proc.h>
#include <machine/pmap.h>
#include <uvm/uvm_extern.h>
#include <uvm/uvm_page.h>

/* A fault under way. */
struct uvm_faultinfo {
	struct vm_map	*orig_map;	/* the map */
	vaddr_t		orig_rvaddr;	/* address of the page */
	struct vm_map_entry *entry;	/* entry it is in */
	vm_prot_t	access_type;	/* access wanted */
	vm_prot_t	enter_prot;	/* access to give */
};

int	uvm_fault_check(struct uvm_faultinfo *);
int	uvm_fault_upper(struct uvm_faultinfo *, struct vm_anon *);
int	uvm_fault_lower(struct uvm_faultinfo *);
int	uvm_fault_promote(struct vm_anon **);
int	uvm_fault_enter(struct uvm_faultinfo *, struct vm_anon *);

/*
 * Make [va, va + PAGE_SIZE) accessible.  Returns 0, EFAULT (nothing
 * mapped), EACCES (not permitted) or ENOMEM.
 */
int
uvm_fault(struct vm_map *map, vaddr_t vaddr, vm_fault_t fault_type,
    vm_prot_t access_type)
{
	struct uvm_faultinfo ufi;
	struct vm_anon *anon = NULL;
	int error;

	uvmexp.faults++;
	curproc->p_ru.ru_minflt++;
	ufi.orig_map = map;
	ufi.orig_rvaddr = vaddr & ~(vaddr_t)PAGE_MASK;
	ufi.access_type = access_type;

	error = uvm_fault_check(&ufi);
	if (error != 0)
		return error;
	if (ufi.entry->aref.ar_amap != NULL)
		anon = amap_lookup(&ufi.entry->aref,
		    ufi.orig_rvaddr - ufi.entry->start);
	if (anon != NULL)
		return uvm_fault_upper(&ufi, anon);
	return uvm_fault_lower(&ufi);
}

/*
 * Find the entry, check the access, copy the amap if that is due.
 */
int
uvm_fault_check(struct uvm_faultinfo *ufi)
{
	struct vm_map_entry *entry;

	if (!uvm_map_lookup_entry(ufi->orig_map, ufi->orig_rvaddr, &entry))
		return EFAULT;
	if (entry->protection == PROT_NONE && UVM_ET_ISSTACK(entry))
		return EFAULT;		/* the stack's guard */
	if ((entry->protection & ufi->access_type) != ufi->access_type)
		return EACCES;
	ufi->entry = entry;
	ufi->enter_prot = entry->protection;
	if (UVM_ET_ISNEEDSCOPY(entry)) {
		if (amap_copy(ufi->orig_map, entry, M_NOWAIT) != 0) {
			uvmexp.fltnoamap++;
			return ENOMEM;
		}
		uvmexp.fltamcopy++;
	}
	return 0;
}

/*
 * A new anon with a page; ENOMEM without memory.
 */
int
uvm_fault_promote(struct vm_anon **anonp)
{
	struct vm_anon *anon;
	struct vm_page *pg;

	anon = uvm_analloc();
	if (anon == NULL) {
		uvmexp.fltnoanon++;
		return ENOMEM;
	}
	pg = uvm_pagealloc(0);
	if (pg == NULL) {
		uvmexp.fltnoram++;
		anon->an_ref = 0;
		uvm_anfree(anon);
		return ENOMEM;
	}
	pg->pg_flags |= PQ_ANON;
	pg->uanon = anon;
	anon->an_page = pg;
	uvmexp.active++;
	*anonp = anon;
	return 0;
}

int
uvm_fault_enter(struct uvm_faultinfo *ufi, struct vm_anon *anon)
{
	int error;

	error = pmap_enter(ufi->orig_map->pmap, ufi->orig_rvaddr,
	    VM_PAGE_TO_PHYS(anon->an_page), ufi->enter_prot,
	    ufi->access_type | PMAP_CANFAIL);
	if (error != 0)
		uvmexp.fltnoram++;
	return error;
}

/*
 * Case 1: the page is in the amap.
 */
int
uvm_fault_upper(struct uvm_faultinfo *ufi, struct vm_anon *anon)
{
	struct vm_anon *nanon;
	int error;

	if ((ufi->access_type & PROT_WRITE) && anon->an_ref > 1) {
		error = uvm_fault_promote(&nanon);
		if (error != 0)
			return error;
		uvmexp.flt_acow++;
		uvm_pagecopy(anon->an_page, nanon->an_page);
		error = amap_add(&ufi->entry->aref,
		    ufi->orig_rvaddr - ufi->entry->start, nanon, 1);
		KASSERT(error == 0);
		anon->an_ref--;
		anon = nanon;
	} else {
		uvmexp.flt_anon++;
		if (anon->an_ref > 1)
			ufi->enter_prot &= ~PROT_WRITE;
	}
	return uvm_fault_enter(ufi, anon);
}

/*
 * Case 2: nothing there yet, zero fill.
 */
int
uvm_fault_lower(struct uvm_faultinfo *ufi)
{
	struct vm_anon *anon;
	int error;

	error = uvm_fault_promote(&anon);
	if (error != 0)
		return error;
	error = amap_add(&ufi->entry->aref,
	    ufi->orig_rvaddr - ufi->entry->start, anon, 0);
	if (error != 0) {
		uvmexp.fltnoamap++;
		anon->an_ref = 0;
		uvm_anfree(anon);
		return error;
	}
	uvmexp.flt_przero++;
	uvm_pagezero(anon->an_page);
	return uvm_fault_enter(ufi, anon);
}
