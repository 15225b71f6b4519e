/* SPDX-License-Identifier: ISC */
/*
 * Another process's memory.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <machine/pmap.h>
#include <uvm/uvm_extern.h>

int	uvm_io_page(struct vm_map *, vaddr_t, vm_prot_t, int, paddr_t *);

/*
 * The physical address of a page of the map, faulted in for the access.
 * With UVM_IO_FIXPROT a page may be written that its own process must not
 * write: a debugger's breakpoints go into code.  The page is the process's
 * private copy then, unless the memory is shared.
 */
int
uvm_io_page(struct vm_map *map, vaddr_t va, vm_prot_t access, int flags,
    paddr_t *pap)
{
	struct vm_map_entry *entry;
	vm_prot_t prot;
	int error;

	if (!uvm_map_lookup_entry(map, va, &entry))
		return EFAULT;
	prot = entry->protection;
	if ((flags & UVM_IO_FIXPROT) && (prot & access) != access &&
	    prot != PROT_NONE) {
		entry->protection |= access;
		error = uvm_fault(map, va, VM_FAULT_PROTECT, access);
		entry->protection = prot;
		/* nobody has run meanwhile who could have used it */
		pmap_protect(map->pmap, va, va + PAGE_SIZE, prot);
	} else
		error = uvm_fault(map, va, VM_FAULT_INVALID, access);
	if (error != 0)
		return error == EACCES ? EFAULT : error;
	if (!pmap_extract(map->pmap, va, pap))
		return EFAULT;
	return 0;
}

/*
 * Read or write the map's memory from uio_offset on.  Returns 0, EFAULT if
 * some of it is not there, or what uiomove() returns.
 */
int
uvm_io(struct vm_map *map, struct uio *uio, int flags)
{
	vm_prot_t access;
	vaddr_t va;
	paddr_t pa;
	size_t chunk;
	int error;

	access = uio->uio_rw == UIO_WRITE ? PROT_WRITE : PROT_READ;
	while (uio->uio_resid > 0) {
		va = uio->uio_offset;
		if (va < map->min_offset || va >= map->max_offset)
			return EFAULT;
		error = uvm_io_page(map, trunc_page(va), access, flags, &pa);
		if (error != 0)
			return error;
		chunk = PAGE_SIZE - (va & PAGE_MASK);
		if (chunk > uio->uio_resid)
			chunk = uio->uio_resid;
		error = uiomove((void *)PMAP_DIRECT_MAP(trunc_page(pa) +
		    (va & PAGE_MASK)), chunk, uio);
		if (error != 0)
			return error;
	}
	return 0;
}
