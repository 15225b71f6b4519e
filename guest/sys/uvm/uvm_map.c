/* SPDX-License-Identifier: ISC */
/*
 * Maps: address ranges and what is behind them, as a list of entries
 * ordered by address.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/pool.h>
#include <sys/proc.h>
#include <sys/acct.h>
#include <sys/signalvar.h>
#include <machine/pmap.h>
#include <uvm/uvm_extern.h>
#include <ddb/db_interface.h>

#define HINT_RANDOM	(256U << 20)	/* bytes that a hint varies by */

struct pool uvm_map_entry_pool;

#define ET_SAME	(UVM_ET_COPYONWRITE | UVM_ET_STACK | UVM_ET_OBJ | UVM_ET_HOLE)

int	uvm_map_trymerge(struct vm_map *, struct vm_map_entry *, vsize_t,
	    uvm_flag_t, int);
void	uvm_map_remove_entry(struct vm_map *, struct vm_map_entry *);

void
uvm_map_init(void)
{
	pool_init(&uvm_map_entry_pool, sizeof(struct vm_map_entry), 0, IPL_VM,
	    0, "vmmpepl", NULL);
}

void
uvm_map_setup(struct vm_map *map, struct pmap *pmap, vaddr_t min, vaddr_t max,
    int flags)
{
	memset(map, 0, sizeof(*map));
	map->pmap = pmap;
	map->sserial = map->wserial = 1;	/* 0 is "never checked" */
	rw_init(&map->lock, "vmmaplk");
	TAILQ_INIT(&map->addr);
	map->ref_count = 1;
	map->flags = flags;
	map->min_offset = min;
	map->max_offset = max;
}

void
vm_map_lock(struct vm_map *map)
{
	rw_enter_write(&map->lock);
	map->timestamp++;
}

void
vm_map_unlock(struct vm_map *map)
{
	rw_exit_write(&map->lock);
}

struct vm_map_entry *
uvm_mapent_alloc(struct vm_map *map)
{
	return pool_get(&uvm_map_entry_pool, PR_WAITOK | PR_ZERO);
}

void
uvm_mapent_free(struct vm_map *map, struct vm_map_entry *entry)
{
	if (map->hint == entry)
		map->hint = NULL;
	pool_put(&uvm_map_entry_pool, entry);
}

/*
 * Find the entry that holds addr: returns 1 and the entry, or 0 and the
 * entry before addr, NULL if there is none.
 */
int
uvm_map_lookup_entry(struct vm_map *map, vaddr_t addr,
    struct vm_map_entry **entryp)
{
	struct vm_map_entry *entry = map->hint, *prev = NULL;

	if (entry == NULL || entry->start > addr)
		entry = TAILQ_FIRST(&map->addr);
	for (; entry != NULL && entry->start <= addr;
	    entry = TAILQ_NEXT(entry, daddrs))
		prev = entry;
	*entryp = prev;
	if (prev == NULL)
		return 0;
	map->hint = prev;
	return addr < prev->end;
}

/*
 * Is nothing mapped in [addr, addr + size)?
 */
int
uvm_map_isavail(struct vm_map *map, vaddr_t addr, vsize_t size)
{
	struct vm_map_entry *entry;

	if (addr < map->min_offset || addr + size < addr ||
	    addr + size > map->max_offset)
		return 0;
	if (uvm_map_lookup_entry(map, addr, &entry))
		return 0;
	entry = entry != NULL ? TAILQ_NEXT(entry, daddrs) :
	    TAILQ_FIRST(&map->addr);
	return entry == NULL || entry->start >= addr + size;
}

/*
 * Where to look for room for a mapping without an address: a random
 * distance behind the heap's.
 */
vaddr_t
uvm_map_hint(struct vmspace *vm)
{
	vaddr_t addr = (vaddr_t)vm->vm_daddr + BRKSIZ;

	addr += arc4random_uniform(HINT_RANDOM);
	return round_page(addr);
}

/*
 * The random load address of a position independent image of that size.
 */
vaddr_t
uvm_map_pie(vsize_t size)
{
	u_int64_t random, room;

	arc4random_buf(&random, sizeof(random));
	room = atop(VM_PIE_MAX_ADDR - VM_PIE_MIN_ADDR - round_page(size));
	return VM_PIE_MIN_ADDR + ptoa(random % room);
}

/*
 * The first gap of size bytes at or above *addrp.
 */
int
uvm_map_findspace(struct vm_map *map, vaddr_t *addrp, vsize_t size,
    vsize_t align)
{
	struct vm_map_entry *entry;
	vaddr_t addr = *addrp;

	if (align == 0)
		align = PAGE_SIZE;
	if (addr < map->min_offset)
		addr = map->min_offset;
	addr = roundup(addr, align);
	if (uvm_map_lookup_entry(map, addr, &entry))
		addr = roundup(entry->end, align);
	entry = entry != NULL ? TAILQ_NEXT(entry, daddrs) :
	    TAILQ_FIRST(&map->addr);
	for (; entry != NULL && entry->start < addr + size;
	    entry = TAILQ_NEXT(entry, daddrs))
		addr = roundup(entry->end, align);
	if (addr + size < addr || addr + size > map->max_offset)
		return ENOMEM;
	*addrp = addr;
	return 0;
}

/*
 * Let the entry before grow instead of making a new one, as brk(2) wants.
 */
int
uvm_map_trymerge(struct vm_map *map, struct vm_map_entry *prev, vsize_t size,
    uvm_flag_t flags, int etype)
{
	struct vm_amap *amap = prev->aref.ar_amap;

	if ((prev->etype & ET_SAME) != etype ||
	    prev->protection != (vm_prot_t)UVM_PROTECTION(flags) ||
	    prev->max_protection != (vm_prot_t)UVM_MAXPROTECTION(flags) ||
	    prev->inheritance != (int)UVM_INHERIT(flags) ||
	    prev->object.uvm_obj != NULL || VM_MAPENT_ISWIRED(prev))
		return 0;
	if (amap != NULL && (amap->am_ref != 1 || amap_extend(prev, size)))
		return 0;
	prev->end += size;
	return 1;
}

/*
 * Map size bytes.  With UVM_FLAG_FIXED exactly at *addrp, else at the first
 * gap from there on.  Memory without an object is zero filled on demand.
 * Returns 0, EINVAL or ENOMEM.
 */
int
uvm_map(struct vm_map *map, vaddr_t *addrp, vsize_t size,
    struct uvm_object *uobj, voff_t offset, vsize_t align, uvm_flag_t flags)
{
	struct vm_map_entry *entry, *prev;
	int etype = 0, error = 0;

	KASSERT(uobj == NULL);
	if (size == 0 || (size & PAGE_MASK) != 0)
		return EINVAL;
	vm_map_lock(map);
	if (flags & UVM_FLAG_FIXED) {
		if ((*addrp & PAGE_MASK) != 0 || *addrp < map->min_offset ||
		    *addrp + size < *addrp || *addrp + size > map->max_offset)
			error = EINVAL;
		else if (flags & UVM_FLAG_UNMAP) {
			vm_map_unlock(map);
			uvm_unmap(map, *addrp, *addrp + size);
			vm_map_lock(map);
		} else if (!uvm_map_isavail(map, *addrp, size))
			error = ENOMEM;
	} else
		error = uvm_map_findspace(map, addrp, size, align);
	if (error != 0)
		goto out;

	if (flags & UVM_FLAG_COPYONW)
		etype |= UVM_ET_COPYONWRITE;
	if (flags & UVM_FLAG_STACK) {
		etype |= UVM_ET_STACK;
		map->sserial++;
	}
	map->size += size;
	uvmspace_count(map, *addrp, *addrp + size, UVM_PROTECTION(flags), 1);
	uvm_map_lookup_entry(map, *addrp, &prev);
	if (prev != NULL && prev->end == *addrp &&
	    (flags & UVM_FLAG_WIRED) == 0 &&
	    uvm_map_trymerge(map, prev, size, flags, etype))
		goto out;

	entry = uvm_mapent_alloc(map);
	entry->start = *addrp;
	entry->end = *addrp + size;
	/* The amap is made by the first fault. */
	entry->etype = etype | UVM_ET_NEEDSCOPY;
	entry->protection = UVM_PROTECTION(flags);
	entry->max_protection = UVM_MAXPROTECTION(flags);
	entry->inheritance = UVM_INHERIT(flags);
	entry->advice = UVM_ADVICE(flags);
	entry->wired_count = (flags & UVM_FLAG_WIRED) != 0;
	if (prev != NULL)
		TAILQ_INSERT_AFTER(&map->addr, prev, entry, daddrs);
	else
		TAILQ_INSERT_HEAD(&map->addr, entry, daddrs);
	map->nentries++;
out:
	vm_map_unlock(map);
	return error;
}

/*
 * Cut an entry in two; returns the right part.
 */
struct vm_map_entry *
uvm_map_splitentry(struct vm_map *map, struct vm_map_entry *entry,
    vaddr_t split)
{
	struct vm_map_entry *right = uvm_mapent_alloc(map);

	*right = *entry;
	right->start = split;
	if (entry->aref.ar_amap != NULL)
		amap_splitref(&entry->aref, &right->aref, split - entry->start);
	entry->end = split;
	TAILQ_INSERT_AFTER(&map->addr, entry, right, daddrs);
	map->nentries++;
	return right;
}

/*
 * Let entries begin at start and end at stop.  Returns whether the whole
 * range is mapped.
 */
int
uvm_map_clip_range(struct vm_map *map, vaddr_t start, vaddr_t stop)
{
	struct vm_map_entry *entry;
	vaddr_t addr = start;

	if (uvm_map_lookup_entry(map, start, &entry) && entry->start < start)
		entry = uvm_map_splitentry(map, entry, start);
	else if (entry == NULL)
		entry = TAILQ_FIRST(&map->addr);
	else if (entry->end <= start)
		entry = TAILQ_NEXT(entry, daddrs);
	for (; entry != NULL && entry->start < stop;
	    entry = TAILQ_NEXT(entry, daddrs)) {
		if (entry->end > stop)
			uvm_map_splitentry(map, entry, stop);
		if (entry->start == addr)
			addr = entry->end;
	}
	return addr == stop;
}

void
uvm_map_remove_entry(struct vm_map *map, struct vm_map_entry *entry)
{
	if (UVM_ET_ISSTACK(entry))
		map->sserial++;
	if (entry->protection & PROT_EXEC)
		map->wserial++;
	TAILQ_REMOVE(&map->addr, entry, daddrs);
	map->nentries--;
	map->size -= entry->end - entry->start;
	uvmspace_count(map, entry->start, entry->end, entry->protection, -1);
	/* First the mappings, then the pages they point at. */
	if (map->pmap != pmap_kernel())
		pmap_remove(map->pmap, entry->start, entry->end);
	if (entry->aref.ar_amap != NULL)
		amap_unref(entry->aref.ar_amap);
	uvm_mapent_free(map, entry);
}

/*
 * Is all of [start, stop) mapped, with at least this protection?
 */
int
uvm_map_checkprot(struct vm_map *map, vaddr_t start, vaddr_t stop,
    vm_prot_t prot)
{
	struct vm_map_entry *entry;

	for (; start < stop; start = entry->end)
		if (!uvm_map_lookup_entry(map, start, &entry) ||
		    (entry->protection & prot) != prot)
			return 0;
	return 1;
}

/*
 * Remove all that is mapped in [start, stop).
 */
void
uvm_unmap(struct vm_map *map, vaddr_t start, vaddr_t stop)
{
	struct vm_map_entry *entry, *next;

	vm_map_lock(map);
	uvm_map_clip_range(map, start, stop);
	uvm_map_lookup_entry(map, start, &entry);
	if (entry == NULL)
		entry = TAILQ_FIRST(&map->addr);
	else if (entry->end <= start)
		entry = TAILQ_NEXT(entry, daddrs);
	for (; entry != NULL && entry->start < stop; entry = next) {
		next = TAILQ_NEXT(entry, daddrs);
		uvm_map_remove_entry(map, entry);
	}
	vm_map_unlock(map);
}

/*
 * Change the protection of a range that is mapped throughout.  ENOMEM for a
 * gap, EACCES for more than the maximum.
 */
int
uvm_map_protect(struct vm_map *map, vaddr_t start, vaddr_t stop,
    vm_prot_t prot, int set_max)
{
	struct vm_map_entry *entry, *first;
	vm_prot_t mask;
	int error = 0;

	if (start >= stop)
		return start == stop ? 0 : EINVAL;
	vm_map_lock(map);
	if (!uvm_map_clip_range(map, start, stop)) {
		error = ENOMEM;
		goto out;
	}
	uvm_map_lookup_entry(map, start, &first);
	for (entry = first; entry != NULL && entry->start < stop;
	    entry = TAILQ_NEXT(entry, daddrs))
		if ((prot & entry->max_protection) != prot) {
			error = EACCES;
			goto out;
		}
	for (entry = first; entry != NULL && entry->start < stop;
	    entry = TAILQ_NEXT(entry, daddrs)) {
		if (UVM_ET_ISSTACK(entry))
			map->sserial++;
		map->wserial++;
		if (set_max)
			entry->max_protection = prot;
		uvmspace_count(map, entry->start, entry->end,
		    entry->protection, -1);
		entry->protection = set_max ? entry->protection & prot : prot;
		uvmspace_count(map, entry->start, entry->end,
		    entry->protection, 1);
		/* Shared anons must fault before they are written. */
		mask = PROT_MASK & ~PROT_WRITE;
		pmap_protect(map->pmap, entry->start, entry->end,
		    entry->protection & mask);
	}
out:
	vm_map_unlock(map);
	return error;
}

/*
 * Set what fork does with a range.
 */
int
uvm_map_inherit(struct vm_map *map, vaddr_t start, vaddr_t stop,
    vm_inherit_t inherit)
{
	struct vm_map_entry *entry;

	if (inherit < MAP_INHERIT_SHARE || inherit > MAP_INHERIT_ZERO ||
	    start > stop)
		return EINVAL;
	vm_map_lock(map);
	uvm_map_clip_range(map, start, stop);
	TAILQ_FOREACH(entry, &map->addr, daddrs)
		if (entry->start >= start && entry->end <= stop)
			entry->inheritance = inherit;
	vm_map_unlock(map);
	return 0;
}

void
uvm_map_teardown(struct vm_map *map)
{
	struct vm_map_entry *entry;

	while ((entry = TAILQ_FIRST(&map->addr)) != NULL)
		uvm_map_remove_entry(map, entry);
}

/*
 * Does the address of a register lie in an entry that fn accepts?  The last
 * answer is kept in ie while the map's serial stays.  If not, the process
 * is killed by SIGSEGV and 0 returned.
 */
int
uvm_map_inentry(struct proc *p, struct p_inentry *ie, vaddr_t addr,
    const char *what, int (*fn)(struct vm_map_entry *), u_long serial)
{
	struct vm_map *map = &p->p_vmspace->vm_map;
	struct vm_map_entry *entry;
	union sigval sv;

	if (p->p_flag & P_SYSTEM)
		return 1;
	if (serial == ie->ie_serial && addr >= ie->ie_start &&
	    addr < ie->ie_end)
		return 1;
	if (uvm_map_lookup_entry(map, addr & ~(vaddr_t)PAGE_MASK, &entry) &&
	    fn(entry)) {
		ie->ie_serial = serial;
		ie->ie_start = entry->start;
		ie->ie_end = entry->end;
		return 1;
	}
	KERNEL_LOCK();
	printf("[%s]%d: %s is not where it may be\n", p->p_p->ps_comm,
	    p->p_p->ps_pid, what);
	p->p_p->ps_acflag |= AMAP;
	sv.sival_ptr = (void *)PROC_PC(p);
	trapsignal(p, SIGSEGV, 0, SEGV_ACCERR, sv);
	KERNEL_UNLOCK();
	return 0;
}

/*
 * An alternate signal stack must be a stack for uvm_map_inentry() too: the
 * whole pages of the range are mapped anew as one.  Their content is lost.
 */
int
uvm_map_remap_as_stack(struct proc *p, vaddr_t addr, vsize_t size)
{
	vaddr_t start = round_page(addr);
	vaddr_t stop = trunc_page(addr + size);

	if (addr + size < addr || stop <= start || stop > VM_MAXUSER_ADDRESS)
		return EINVAL;
	return uvm_map(&p->p_vmspace->vm_map, &start, stop - start, NULL, 0, 0,
	    UVM_MAPFLAG(PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE,
	    MAP_INHERIT_COPY, 0, UVM_FLAG_FIXED | UVM_FLAG_UNMAP |
	    UVM_FLAG_COPYONW | UVM_FLAG_STACK));
}

/* A stack pointer must point into memory mapped as a stack. */
int
uvm_map_inentry_sp(struct vm_map_entry *entry)
{
	if (UVM_ET_ISSTACK(entry) == 0)
		return 0;
	return entry->protection != PROT_NONE;
}

/* A SYSCALL must come from code that cannot be written. */
int
uvm_map_inentry_pc(struct vm_map_entry *entry)
{
	return (entry->protection & PROT_WRITE) == 0;
}

/*
 * ddb: show map; with full, its entries too
 */
void
uvm_map_printit(struct vm_map *map, int full, int (*pr)(const char *, ...))
{
	struct vm_map_entry *entry;

	(*pr)("MAP %p: [0x%lx->0x%lx]\n", map, map->min_offset,
	    map->max_offset);
	(*pr)("    #ent=%d, sz=%lu, ref=%d, version=%u, flags=0x%x\n",
	    map->nentries, map->size, map->ref_count, map->timestamp,
	    map->flags);
	(*pr)("    pmap=%p(resident=%ld)\n", map->pmap,
	    (long)pmap_resident_count(map->pmap));
	if (!full)
		return;
	TAILQ_FOREACH(entry, &map->addr, daddrs) {
		(*pr)(" - %p: 0x%lx->0x%lx: obj=%p/0x%llx, amap=%p/%d\n",
		    entry, entry->start, entry->end, entry->object.uvm_obj,
		    (long long)entry->offset, entry->aref.ar_amap,
		    entry->aref.ar_pageoff);
		(*pr)("    cow=%c, nc=%c, stack=%c, prot(max)=%d/%d, inh=%d, "
		    "wc=%d\n", UVM_ET_ISCOPYONWRITE(entry) ? 'T' : 'F',
		    UVM_ET_ISNEEDSCOPY(entry) ? 'T' : 'F',
		    UVM_ET_ISSTACK(entry) ? 'T' : 'F', entry->protection,
		    entry->max_protection, entry->inheritance,
		    entry->wired_count);
	}
}
