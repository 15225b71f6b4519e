/* SPDX-License-Identifier: ISC */
/*
 * Address spaces of processes: made, shared, copied on write, replaced.
 * (The original has these in uvm_map.c.)
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/malloc.h>
#include <sys/pool.h>
#include <sys/proc.h>
#include <machine/cpu.h>
#include <machine/pmap.h>
#include <uvm/uvm_extern.h>

struct vmspace *
uvmspace_alloc(vaddr_t min, vaddr_t max)
{
	struct vmspace *vm;

	vm = pool_get(&vmspace_pool, PR_WAITOK | PR_ZERO);
	uvmspace_init(vm, NULL, min, max);
	return vm;
}

/*
 * vm_dused counts the pages that may be used, outside the text and the
 * stack: a range comes (sign 1) or goes (-1).
 */
void
uvmspace_count(struct vm_map *map, vaddr_t start, vaddr_t end, vm_prot_t prot,
    int sign)
{
	struct vmspace *vm = (struct vmspace *)map;
	struct { vaddr_t start, end; } other[2];
	vaddr_t lo, hi;
	vsize_t size = end - start;
	u_int i;

	if (prot == PROT_NONE || map->pmap == pmap_kernel())
		return;
	other[0].start = (vaddr_t)vm->vm_taddr;
	other[0].end = other[0].start + ptoa(vm->vm_tsize);
	other[1].start = (vaddr_t)vm->vm_maxsaddr;
	other[1].end = (vaddr_t)vm->vm_minsaddr;
	for (i = 0; i < nitems(other); i++) {
		lo = MAX(start, other[i].start);
		hi = MIN(end, other[i].end);
		if (lo < hi)
			size -= hi - lo;
	}
	vm->vm_dused += sign * (int)atop(size);
}

/*
 * With pmap NULL a new one is made.
 */
void
uvmspace_init(struct vmspace *vm, struct pmap *pmap, vaddr_t min, vaddr_t max)
{
	if (pmap != NULL)
		pmap_reference(pmap);
	else
		pmap = pmap_create();
	uvm_map_setup(&vm->vm_map, pmap, min, max, 0);
	vm->vm_refcnt = 1;
}

/*
 * The child uses the very same address space.
 */
struct vmspace *
uvmspace_share(struct process *pr)
{
	struct vmspace *vm = pr->ps_vmspace;

	vm->vm_refcnt++;
	return vm;
}

/*
 * exec: empty the address space if nobody else uses it, else leave it to
 * the others and take a new one.
 */
void
uvmspace_exec(struct proc *p, vaddr_t start, vaddr_t stop)
{
	struct process *pr = p->p_p;
	struct vmspace *nvm, *ovm = pr->ps_vmspace;
	struct vm_map *map = &ovm->vm_map;

	if (ovm->vm_refcnt == 1) {
		uvm_map_teardown(map);
		KASSERT(map->size == 0 && ovm->vm_dused == 0);
		map->min_offset = start;
		map->max_offset = stop;
		map->sserial++;
		map->wserial++;
		return;
	}
	nvm = uvmspace_alloc(start, stop);
	pr->ps_vmspace = nvm;
	p->p_vmspace = nvm;
	pmap_activate(p);
	uvmspace_free(ovm);
}

void
uvmspace_free(struct vmspace *vm)
{
	if (--vm->vm_refcnt > 0)
		return;
	uvm_map_teardown(&vm->vm_map);
	pmap_destroy(vm->vm_map.pmap);
	vm->vm_map.pmap = NULL;
	pool_put(&vmspace_pool, vm);
}

/*
 * The same range in the child's map, with a reference on the amap.
 */
struct vm_map_entry *
uvm_mapent_clone(struct vm_map *new_map, struct vm_map_entry *old)
{
	struct vm_map_entry *entry = uvm_mapent_alloc(new_map);

	*entry = *old;
	entry->wired_count = 0;		/* being wired is not inherited */
	if (entry->aref.ar_amap != NULL)
		amap_ref(entry->aref.ar_amap);
	TAILQ_INSERT_TAIL(&new_map->addr, entry, daddrs);
	new_map->nentries++;
	new_map->size += entry->end - entry->start;
	uvmspace_count(new_map, entry->start, entry->end, entry->protection,
	    1);
	return entry;
}

/*
 * MAP_INHERIT_COPY: both sides keep the pages read-only until one writes.
 */
void
uvm_mapent_forkcopy(struct vmspace *new_vm, struct vm_map *new_map,
    struct vm_map *old_map, struct vm_map_entry *old)
{
	struct vm_map_entry *entry = uvm_mapent_clone(new_map, old);
	struct vm_amap *amap = old->aref.ar_amap;

	entry->etype |= UVM_ET_COPYONWRITE | UVM_ET_NEEDSCOPY;
	if (amap == NULL)
		return;
	if (VM_MAPENT_ISWIRED(old)) {
		/* The parent must not fault: copy its pages now. */
		if (amap_cow_now(new_map, entry) != 0)
			panic("uvm_mapent_forkcopy: no memory for wired pages");
	} else if (amap->am_flags & AMAP_SHARED) {
		/*
		 * Others write through this amap, and their mappings stay
		 * writable: take the pages as they are now.
		 */
		while (amap_cow_now(new_map, entry) != 0)
			uvm_wait_above(uvmexp.reserve_kernel, "forkcopy");
	} else if (!UVM_ET_ISNEEDSCOPY(old)) {
		if (old->max_protection & PROT_WRITE)
			pmap_protect(old_map->pmap, old->start, old->end,
			    old->protection & ~PROT_WRITE);
		old->etype |= UVM_ET_NEEDSCOPY;
	}
	pmap_copy(new_map->pmap, old_map->pmap, entry->start,
	    entry->end - entry->start, entry->start);
}

/*
 * MAP_INHERIT_SHARE: one amap for both.
 */
void
uvm_mapent_forkshared(struct vmspace *new_vm, struct vm_map *new_map,
    struct vm_map *old_map, struct vm_map_entry *old)
{
	struct vm_amap *amap = old->aref.ar_amap;

	/*
	 * Sharing needs an amap that is the entry's own, and pages that are
	 * the amap's own: there are no lists of mappings, so that nobody
	 * could tell the other sharers when a write replaces one.
	 */
	if (amap == NULL || (amap->am_flags & AMAP_SHARED) == 0)
		while (amap_cow_now(old_map, old) != 0)
			uvm_wait_above(uvmexp.reserve_kernel, "forkshare");
	old->aref.ar_amap->am_flags |= AMAP_SHARED;
	uvm_mapent_clone(new_map, old);
	pmap_copy(new_map->pmap, old_map->pmap, old->start,
	    old->end - old->start, old->start);
}

/*
 * MAP_INHERIT_ZERO: the range, but not what is in it.
 */
void
uvm_mapent_forkzero(struct vmspace *new_vm, struct vm_map *new_map,
    struct vm_map *old_map, struct vm_map_entry *old)
{
	struct vm_map_entry *entry = uvm_mapent_clone(new_map, old);

	if (entry->aref.ar_amap != NULL)
		amap_unref(entry->aref.ar_amap);
	entry->aref.ar_amap = NULL;
	entry->aref.ar_pageoff = 0;
	entry->etype |= UVM_ET_NEEDSCOPY;
}

/*
 * fork: a copy of the address space, made entry by entry as each wants to
 * be inherited.
 */
struct vmspace *
uvmspace_fork(struct process *pr)
{
	struct vmspace *vm1 = pr->ps_vmspace, *vm2;
	struct vm_map *old_map = &vm1->vm_map, *new_map;
	struct vm_map_entry *old;

	vm_map_lock(old_map);
	vm2 = uvmspace_alloc(old_map->min_offset, old_map->max_offset);
	memcpy(&vm2->vm_startcopy, &vm1->vm_startcopy,
	    (caddr_t)(vm1 + 1) - (caddr_t)&vm1->vm_startcopy);
	vm2->vm_dused = 0;
	new_map = &vm2->vm_map;

	TAILQ_FOREACH(old, &old_map->addr, daddrs) {
		switch (old->inheritance) {
		case MAP_INHERIT_SHARE:
			uvm_mapent_forkshared(vm2, new_map, old_map, old);
			break;
		case MAP_INHERIT_COPY:
			uvm_mapent_forkcopy(vm2, new_map, old_map, old);
			break;
		case MAP_INHERIT_ZERO:
			uvm_mapent_forkzero(vm2, new_map, old_map, old);
			break;
		default:
			break;
		}
	}
	vm_map_unlock(old_map);
	return vm2;
}
