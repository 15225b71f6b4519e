/* SPDX-License-Identifier: ISC */
/*
 * The kernel's own address range, kernel_map: what is allocated here has
 * its pages at once and never faults.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <machine/pmap.h>
#include <uvm/uvm_extern.h>
#include <uvm/uvm_page.h>

struct vm_map kernel_map_store;
struct vm_map *kernel_map = &kernel_map_store;

void
uvm_km_init(vaddr_t start, vaddr_t stop)
{
	uvm_map_setup(kernel_map, pmap_kernel(), start, stop,
	    VM_MAP_INTRSAFE);
}

/*
 * Allocate size bytes of address range and the pages behind it.  Returns 0
 * without address space, or without pages and UVM_KMF_NOWAIT or _CANFAIL;
 * UVM_KMF_CANFAIL leaves the kernel's reserve of pages alone.
 */
vaddr_t
uvm_km_alloc1(struct vm_map *map, vsize_t size, vsize_t align, int flags)
{
	vaddr_t kva = 0, va;
	struct vm_page *pg;
	int pgflags = UVM_PGA_USERESERVE;

	size = roundup(size, PAGE_SIZE);
	if (flags & UVM_KMF_ZERO)
		pgflags |= UVM_PGA_ZERO;
	if ((flags & UVM_KMF_CANFAIL) &&
	    uvmexp.free < uvmexp.reserve_kernel + (int)atop(size))
		return 0;
	if (uvm_map(map, &kva, size, NULL, 0, align,
	    UVM_MAPFLAG(PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE,
	    MAP_INHERIT_NONE, 0, UVM_FLAG_WIRED)) != 0)
		return 0;
	for (va = kva; va < kva + size; va += PAGE_SIZE) {
		while ((pg = uvm_pagealloc(pgflags)) == NULL) {
			if (flags & (UVM_KMF_NOWAIT | UVM_KMF_CANFAIL)) {
				uvm_km_free(map, kva, size);
				return 0;
			}
			uvm_wait("km_getwait");
		}
		pg->pg_flags |= PG_KMAP;
		uvmexp.wired++;
		pmap_kenter_pa(va, VM_PAGE_TO_PHYS(pg),
		    PROT_READ | PROT_WRITE);
	}
	return kva;
}

vaddr_t
uvm_km_zalloc(struct vm_map *map, vsize_t size)
{
	return uvm_km_alloc1(map, size, 0, UVM_KMF_ZERO);
}

/*
 * Pages that somebody unmapped before (a guard page) are skipped.
 */
void
uvm_km_free(struct vm_map *map, vaddr_t kva, vsize_t size)
{
	vaddr_t va;
	paddr_t pa;

	size = roundup(size, PAGE_SIZE);
	for (va = kva; va < kva + size; va += PAGE_SIZE) {
		if (!pmap_extract(pmap_kernel(), va, &pa))
			continue;
		pmap_kremove(va, PAGE_SIZE);
		uvmexp.wired--;
		uvm_pagefree(PHYS_TO_VM_PAGE(pa));
	}
	uvm_unmap(map, kva, kva + size);
}
