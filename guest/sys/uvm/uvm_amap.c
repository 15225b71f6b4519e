/* SPDX-License-Identifier: ISC */
/*
 * Amaps: the anonymous pages behind a map entry, by slot.
 *
 * An amap with one reference belongs to one map entry.  After fork two
 * entries share it, both marked needs-copy: the first that faults gets a
 * copy of the slots, in which both hold the same anons.  An anon with more
 * than one reference is never written.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/malloc.h>
#include <sys/pool.h>
#include <machine/pmap.h>
#include <uvm/uvm_extern.h>
#include <uvm/uvm_page.h>

struct pool uvm_amap_pool;
struct pool uvm_amap_chunk_pool;

int	amap_grow_buckets(struct vm_amap *, int, int);

void
amap_init(void)
{
	pool_init(&uvm_amap_pool, sizeof(struct vm_amap), 0, IPL_NONE, 0,
	    "amappl", NULL);
	pool_init(&uvm_amap_chunk_pool, sizeof(struct vm_amap_chunk), 0,
	    IPL_NONE, 0, "amapchunkpl", NULL);
}

/*
 * Make room for nslot slots in the table of chunks.
 */
int
amap_grow_buckets(struct vm_amap *amap, int nslot, int waitf)
{
	int nbuckets = howmany(nslot, UVM_AMAP_CHUNK);
	struct vm_amap_chunk **buckets;

	if (nbuckets <= amap->am_nbuckets)
		return 0;
	buckets = mallocarray(nbuckets, sizeof(*buckets), M_UVMAMAP,
	    waitf | M_ZERO);
	if (buckets == NULL)
		return ENOMEM;
	if (amap->am_buckets != NULL) {
		memcpy(buckets, amap->am_buckets,
		    amap->am_nbuckets * sizeof(*buckets));
		free(amap->am_buckets, M_UVMAMAP,
		    amap->am_nbuckets * sizeof(*buckets));
	}
	amap->am_buckets = buckets;
	amap->am_nbuckets = nbuckets;
	return 0;
}

/*
 * An empty amap for size bytes, with one reference; NULL without memory.
 */
struct vm_amap *
amap_alloc(vsize_t size, int waitf)
{
	struct vm_amap *amap;

	amap = pool_get(&uvm_amap_pool, waitf == M_WAITOK ? PR_WAITOK :
	    PR_NOWAIT | PR_LIMITFAIL);
	if (amap == NULL)
		return NULL;
	memset(amap, 0, sizeof(*amap));
	amap->am_ref = 1;
	amap->am_nslot = atop(size);
	if (amap_grow_buckets(amap, amap->am_nslot, waitf) != 0) {
		pool_put(&uvm_amap_pool, amap);
		return NULL;
	}
	return amap;
}

/*
 * Free an amap that nobody refers to, and its references on anons.
 */
void
amap_free(struct vm_amap *amap)
{
	amap_wiperange(amap, 0, amap->am_nslot);
	KASSERT(amap->am_nused == 0 && amap->am_ncused == 0);
	free(amap->am_buckets, M_UVMAMAP,
	    amap->am_nbuckets * sizeof(*amap->am_buckets));
	pool_put(&uvm_amap_pool, amap);
}

void
amap_ref(struct vm_amap *amap)
{
	amap->am_ref++;
}

void
amap_unref(struct vm_amap *amap)
{
	KASSERT(amap->am_ref > 0);
	if (--amap->am_ref == 0)
		amap_free(amap);
}

/*
 * The anon in a slot, or NULL.
 */
struct vm_anon *
amap_slot(struct vm_amap *amap, int slot)
{
	struct vm_amap_chunk *chunk;

	if (slot < 0 || slot >= amap->am_nslot)
		panic("amap_slot: slot %d of %d", slot, amap->am_nslot);
	chunk = amap->am_buckets[slot / UVM_AMAP_CHUNK];
	return chunk != NULL ? chunk->ac_anon[slot % UVM_AMAP_CHUNK] : NULL;
}

/*
 * Put an anon into a slot, or with NULL empty it; the references are the
 * caller's.  ENOMEM when a chunk is missing and cannot be had.
 */
int
amap_setslot(struct vm_amap *amap, int slot, struct vm_anon *anon, int waitf)
{
	struct vm_amap_chunk **bucket, *chunk;
	uint32_t bit = 1U << (slot % UVM_AMAP_CHUNK);

	bucket = &amap->am_buckets[slot / UVM_AMAP_CHUNK];
	chunk = *bucket;
	if (chunk == NULL) {
		if (anon == NULL)
			return 0;
		chunk = pool_get(&uvm_amap_chunk_pool,
		    PR_ZERO | (waitf == M_WAITOK ? PR_WAITOK :
		    PR_NOWAIT | PR_LIMITFAIL));
		if (chunk == NULL)
			return ENOMEM;
		chunk->ac_baseslot = slot - slot % UVM_AMAP_CHUNK;
		amap->am_ncused++;
		*bucket = chunk;
	}
	if (anon != NULL && (chunk->ac_usedmap & bit) == 0) {
		chunk->ac_usedmap |= bit;
		amap->am_nused++;
	} else if (anon == NULL && (chunk->ac_usedmap & bit) != 0) {
		chunk->ac_usedmap &= ~bit;
		amap->am_nused--;
	}
	chunk->ac_anon[slot % UVM_AMAP_CHUNK] = anon;
	if (chunk->ac_usedmap == 0) {
		pool_put(&uvm_amap_chunk_pool, chunk);
		amap->am_ncused--;
		*bucket = NULL;
	}
	return 0;
}

/*
 * Empty a range of slots and drop their references.
 */
void
amap_wiperange(struct vm_amap *amap, int slot, int count)
{
	int stop = slot + count;
	struct vm_anon *anon;

	while (slot < stop && amap->am_nused > 0) {
		if (amap->am_buckets[slot / UVM_AMAP_CHUNK] == NULL) {
			slot = roundup(slot + 1, UVM_AMAP_CHUNK);
			continue;
		}
		anon = amap_slot(amap, slot);
		if (anon != NULL) {
			amap_setslot(amap, slot, NULL, M_NOWAIT);
			if (--anon->an_ref == 0)
				uvm_anfree(anon);
		}
		slot++;
	}
}

/*
 * Give a needs-copy entry an amap of its own: a new one if it has none, its
 * own if the other sharers are gone, else a copy of the slots in which the
 * anons are shared.  ENOMEM leaves everything as it was.
 */
int
amap_copy(struct vm_map *map, struct vm_map_entry *entry, int waitf)
{
	struct vm_amap *amap = entry->aref.ar_amap, *copy;
	int slots = atop(entry->end - entry->start), i, off;
	struct vm_anon *anon;

	if (amap != NULL && amap->am_ref == 1) {
		entry->etype &= ~UVM_ET_NEEDSCOPY;
		return 0;
	}
	copy = amap_alloc(ptoa(slots), waitf);
	if (copy == NULL)
		return ENOMEM;
	off = entry->aref.ar_pageoff;
	for (i = 0; amap != NULL && i < slots; i++) {
		if (amap->am_buckets[(off + i) / UVM_AMAP_CHUNK] == NULL)
			continue;
		anon = amap_slot(amap, off + i);
		if (anon == NULL)
			continue;
		if (amap_setslot(copy, i, anon, waitf) != 0) {
			amap_unref(copy);
			return ENOMEM;
		}
		anon->an_ref++;
	}
	if (amap != NULL)
		amap_unref(amap);
	entry->aref.ar_amap = copy;
	entry->aref.ar_pageoff = 0;
	entry->etype &= ~UVM_ET_NEEDSCOPY;
	return 0;
}

/*
 * Copy not only the slots but the pages too: for wired entries, which must
 * not fault, and for shared ones.  What was mapped of a page that is copied
 * is mapped no longer.
 */
int
amap_cow_now(struct vm_map *map, struct vm_map_entry *entry)
{
	struct vm_amap *amap;
	struct vm_anon *anon, *nanon;
	struct vm_page *pg;
	int i, slots = atop(entry->end - entry->start), off, error;
	vaddr_t va;

	error = amap_copy(map, entry, M_NOWAIT);
	if (error != 0)
		return error;
	amap = entry->aref.ar_amap;
	off = entry->aref.ar_pageoff;
	for (i = 0; i < slots; i++) {
		anon = amap_slot(amap, off + i);
		if (anon == NULL || anon->an_ref == 1)
			continue;
		nanon = uvm_analloc();
		pg = nanon != NULL ? uvm_pagealloc(0) : NULL;
		if (pg == NULL) {
			if (nanon != NULL) {
				nanon->an_ref = 0;
				uvm_anfree(nanon);
			}
			return ENOMEM;
		}
		uvm_pagecopy(anon->an_page, pg);
		pg->pg_flags |= PQ_ANON;
		pg->uanon = nanon;
		uvmexp.active++;
		nanon->an_page = pg;
		va = entry->start + ptoa(i);
		pmap_remove(map->pmap, va, va + PAGE_SIZE);
		amap_setslot(amap, off + i, nanon, M_NOWAIT);
		anon->an_ref--;
	}
	return 0;
}

/*
 * The entry grows by size bytes at its end.
 */
int
amap_extend(struct vm_map_entry *entry, vsize_t size)
{
	struct vm_amap *amap = entry->aref.ar_amap;
	int slots = entry->aref.ar_pageoff +
	    atop(entry->end - entry->start + size);

	if (amap_grow_buckets(amap, slots, M_NOWAIT) != 0)
		return ENOMEM;
	if (slots > amap->am_nslot)
		amap->am_nslot = slots;
	return 0;
}

/*
 * An entry is cut at leftlen bytes: the right part gets an amap of its own
 * if the amap is not shared, else a window on the same.
 */
void
amap_splitref(struct vm_aref *left, struct vm_aref *right, vaddr_t leftlen)
{
	struct vm_amap *amap = left->ar_amap, *namap = NULL;
	int cut = left->ar_pageoff + atop(leftlen), i;
	struct vm_anon *anon;

	right->ar_amap = amap;
	right->ar_pageoff = cut;
	if (amap->am_ref == 1)
		namap = amap_alloc(ptoa(amap->am_nslot - cut), M_NOWAIT);
	if (namap == NULL) {
		amap_ref(amap);
		return;
	}
	for (i = cut; i < amap->am_nslot; i++) {
		anon = amap_slot(amap, i);
		if (anon == NULL)
			continue;
		if (amap_setslot(namap, i - cut, anon, M_NOWAIT) != 0) {
			/* Give it back: share after all. */
			while (--i >= cut)
				amap_setslot(namap, i - cut, NULL, M_NOWAIT);
			amap_unref(namap);
			amap_ref(amap);
			return;
		}
	}
	for (i = cut; i < amap->am_nslot; i++)
		amap_setslot(amap, i, NULL, M_NOWAIT);
	amap->am_nslot = cut;
	right->ar_amap = namap;
	right->ar_pageoff = 0;
}

/*
 * The anon that is offset bytes into the window.
 */
struct vm_anon *
amap_lookup(struct vm_aref *aref, vaddr_t offset)
{
	return amap_slot(aref->ar_amap, aref->ar_pageoff + atop(offset));
}

/*
 * Store an anon; with replace there was another, whose reference is the
 * caller's to drop.
 */
int
amap_add(struct vm_aref *aref, vaddr_t offset, struct vm_anon *anon,
    int replace)
{
	int slot = aref->ar_pageoff + atop(offset);

	KASSERT((amap_slot(aref->ar_amap, slot) != NULL) == replace);
	return amap_setslot(aref->ar_amap, slot, anon, M_NOWAIT);
}
