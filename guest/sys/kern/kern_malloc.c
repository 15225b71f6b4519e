/* SPDX-License-Identifier: ISC */
/*
 * malloc(9): small pieces from pools of fixed sizes, one page from the
 * direct map, more from kernel_map.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/malloc.h>
#include <sys/pool.h>
#include <machine/pmap.h>
#include <uvm/uvm_extern.h>
#include <uvm/uvm_page.h>

/* Sizes such that a page with its header is used up. */
const u_int kmem_sizes[] = {
	16, 32, 48, 64, 96, 128, 192, 256, 384, 496, 672, 1008, 1344, 2016
};
#define NKMEM	nitems(kmem_sizes)

struct pool kmem_pools[NKMEM];
char kmem_names[NKMEM][12];
struct kmemstats kmemstats[M_LAST];

struct pool *kmem_pool(size_t);
void	*malloc_pages(size_t, int);
size_t	free_pages(void *);

void
kmeminit(void)
{
	u_int i;

	for (i = 0; i < NKMEM; i++) {
		snprintf(kmem_names[i], sizeof(kmem_names[i]), "kmem%u",
		    kmem_sizes[i]);
		pool_init(&kmem_pools[i], kmem_sizes[i], 0, IPL_VM, 0,
		    kmem_names[i], NULL);
	}
}

/*
 * The pool with the smallest items that are large enough, or NULL.
 */
struct pool *
kmem_pool(size_t size)
{
	u_int i;

	for (i = 0; i < NKMEM; i++)
		if (size <= kmem_sizes[i])
			return &kmem_pools[i];
	return NULL;
}

/*
 * Whole pages.
 */
void *
malloc_pages(size_t size, int flags)
{
	int canfail = flags & (M_NOWAIT | M_CANFAIL);
	struct vm_page *pg;

	if (size > PAGE_SIZE)
		return (void *)uvm_km_alloc1(kernel_map, size, 0,
		    canfail ? UVM_KMF_CANFAIL : 0);
	while ((pg = uvm_pagealloc(canfail ? 0 : UVM_PGA_USERESERVE)) ==
	    NULL) {
		if (canfail)
			return NULL;
		uvm_wait("malloc");
	}
	pg->pg_flags |= PG_KMEM;
	return (void *)PMAP_DIRECT_MAP(VM_PAGE_TO_PHYS(pg));
}

/*
 * Allocate size bytes, aligned to 16.  M_WAITOK sleeps until there is
 * memory; with M_CANFAIL or M_NOWAIT the answer is NULL when only the
 * kernel's reserve is left.
 */
void *
malloc(size_t size, int type, int flags)
{
	struct kmemstats *ksp = &kmemstats[type];
	struct pool *pp = kmem_pool(size);
	void *va;
	size_t got;
	int s;

	KASSERT(type > M_FREE && type < M_LAST);
	if (pp != NULL) {
		va = pool_get(pp, flags & M_NOWAIT ? PR_NOWAIT | PR_LIMITFAIL :
		    flags & M_CANFAIL ? PR_WAITOK | PR_LIMITFAIL : PR_WAITOK);
		got = pp->pr_size;
	} else {
		va = malloc_pages(size, flags);
		got = roundup(size, PAGE_SIZE);
	}
	if (va == NULL) {
		if ((flags & (M_NOWAIT | M_CANFAIL)) == 0)
			panic("malloc: out of space in kernel_map");
		return NULL;
	}
	s = splvm();
	ksp->ks_inuse++;
	ksp->ks_calls++;
	ksp->ks_memuse += got;
	if (ksp->ks_memuse > ksp->ks_maxused)
		ksp->ks_maxused = ksp->ks_memuse;
	splx(s);
	if (flags & M_ZERO)
		memset(va, 0, size);
	return va;
}

/*
 * An array; overflow of the size is a failure, not a small array.
 */
void *
mallocarray(size_t nmemb, size_t size, int type, int flags)
{
	if (size != 0 && nmemb > ~(size_t)0 / size) {
		if (flags & (M_CANFAIL | M_NOWAIT))
			return NULL;
		panic("mallocarray: overflow %zu * %zu", nmemb, size);
	}
	return malloc(nmemb * size, type, flags);
}

/*
 * Free whole pages; returns their bytes.
 */
size_t
free_pages(void *addr)
{
	struct vm_map_entry *entry;
	vsize_t size;

	if (PMAP_IS_DIRECT(addr)) {
		uvm_pagefree(PHYS_TO_VM_PAGE(PMAP_DIRECT_UNMAP(addr)));
		return PAGE_SIZE;
	}
	if (!uvm_map_lookup_entry(kernel_map, (vaddr_t)addr, &entry) ||
	    entry->start != (vaddr_t)addr)
		panic("free: %p was not allocated", addr);
	size = entry->end - entry->start;
	uvm_km_free(kernel_map, (vaddr_t)addr, size);
	return size;
}

/*
 * Free what malloc() returned; NULL is allowed.  size is what was asked
 * for, or 0 for unknown; it serves as a check.
 */
void
free(void *addr, int type, size_t size)
{
	struct kmemstats *ksp = &kmemstats[type];
	struct pool_page_header *ph;
	size_t got;
	int s;

	if (addr == NULL)
		return;
	ph = (struct pool_page_header *)((vaddr_t)addr & ~(vaddr_t)PAGE_MASK);
	if (PMAP_IS_DIRECT(addr) && (PHYS_TO_VM_PAGE(
	    PMAP_DIRECT_UNMAP(ph))->pg_flags & PG_POOL)) {
		got = ph->ph_pool->pr_size;
		if (size > got)
			panic("free: size %zu of a piece of %zu", size, got);
		pool_put(ph->ph_pool, addr);
	} else
		got = free_pages(addr);
	s = splvm();
	ksp->ks_inuse--;
	ksp->ks_memuse -= got;
	splx(s);
}

/*
 * A hash table of list heads, a power of two of them, at least
 * elements; *hashmask is one less than their number.
 */
void *
hashinit(int elements, int type, int flags, u_long *hashmask)
{
	LIST_HEAD(generic, generic) *table;
	u_long size, i;

	if (elements <= 0)
		panic("hashinit: bad count");
	for (size = 1; size < (u_long)elements; size <<= 1)
		continue;
	table = mallocarray(size, sizeof(*table), type, flags);
	if (table == NULL)
		return NULL;
	for (i = 0; i < size; i++)
		LIST_INIT(&table[i]);
	*hashmask = size - 1;
	return table;
}

void
hashfree(void *table, int elements, int type)
{
	free(table, type, 0);
}
