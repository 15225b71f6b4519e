/* SPDX-License-Identifier: ISC */
/*
 * pool(9).  A page holds a header and as many items as fit; it comes from
 * the direct map, so that a pool needs no map entries of its own.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/limits.h>
#include <sys/pool.h>
#include <machine/pmap.h>
#include <uvm/uvm_extern.h>
#include <uvm/uvm_page.h>
#include <ddb/db_interface.h>
#include <ddb/db_output.h>

#define POOL_HEADER	roundup(sizeof(struct pool_page_header), 16)
#define POOL_ALIGN	16	/* least alignment of an item */
#define POOL_MAXEMPTY	1	/* empty pages a pool keeps */

struct pool_head pool_head = TAILQ_HEAD_INITIALIZER(pool_head);

struct pool_page_header *pool_grow(struct pool *, int);
void	pool_freepage(struct pool *, struct pool_page_header *);

void
pool_init(struct pool *pp, size_t size, u_int align, int ipl, int flags,
    const char *wchan, void *allocator)
{
	memset(pp, 0, sizeof(*pp));
	TAILQ_INIT(&pp->pr_emptypages);
	TAILQ_INIT(&pp->pr_partpages);
	TAILQ_INIT(&pp->pr_fullpages);
	pp->pr_wchan = wchan;
	pp->pr_origsize = size;
	pp->pr_align = align > POOL_ALIGN ? align : POOL_ALIGN;
	pp->pr_size = roundup(size, pp->pr_align);
	pp->pr_itemsperpage = (PAGE_SIZE -
	    roundup(POOL_HEADER, pp->pr_align)) / pp->pr_size;
	if (pp->pr_itemsperpage == 0)
		panic("pool_init: %s: item of %zu bytes", wchan, size);
	pp->pr_hardlimit = UINT_MAX;
	pp->pr_ipl = ipl;
	TAILQ_INSERT_TAIL(&pool_head, pp, pr_poollist);
}

/*
 * One more page of free items, or NULL.
 */
struct pool_page_header *
pool_grow(struct pool *pp, int flags)
{
	struct pool_page_header *ph;
	struct pool_item *pi;
	struct vm_page *pg;
	caddr_t cp;
	u_int i;

	pg = uvm_pagealloc(flags & PR_LIMITFAIL ? 0 : UVM_PGA_USERESERVE);
	if (pg == NULL)
		return NULL;
	pg->pg_flags |= PG_POOL;
	ph = (struct pool_page_header *)PMAP_DIRECT_MAP(VM_PAGE_TO_PHYS(pg));
	ph->ph_pool = pp;
	ph->ph_items = NULL;
	ph->ph_nmissing = 0;
	cp = (caddr_t)ph + roundup(POOL_HEADER, pp->pr_align) +
	    pp->pr_itemsperpage * pp->pr_size;
	for (i = 0; i < pp->pr_itemsperpage; i++) {
		cp -= pp->pr_size;
		pi = (struct pool_item *)cp;
		pi->pi_next = ph->ph_items;
		pi->pi_magic = POOL_MAGIC;
		ph->ph_items = pi;
	}
	TAILQ_INSERT_HEAD(&pp->pr_emptypages, ph, ph_entry);
	pp->pr_npages++;
	pp->pr_nitems += pp->pr_itemsperpage;
	return ph;
}

void
pool_freepage(struct pool *pp, struct pool_page_header *ph)
{
	TAILQ_REMOVE(&pp->pr_emptypages, ph, ph_entry);
	pp->pr_npages--;
	pp->pr_nitems -= pp->pr_itemsperpage;
	uvm_pagefree(PHYS_TO_VM_PAGE(PMAP_DIRECT_UNMAP(ph)));
}

/*
 * An item; its contents are undefined without PR_ZERO.  PR_WAITOK sleeps
 * rather than fail, PR_NOWAIT returns NULL; with PR_LIMITFAIL the kernel's
 * reserve of pages is left alone.
 */
void *
pool_get(struct pool *pp, int flags)
{
	struct pool_page_header *ph;
	struct pool_item *pi;
	int s;

	s = splraise(pp->pr_ipl);
	for (;;) {
		if (pp->pr_nout >= pp->pr_hardlimit) {
			ph = NULL;
		} else {
			ph = TAILQ_FIRST(&pp->pr_partpages);
			if (ph == NULL)
				ph = TAILQ_FIRST(&pp->pr_emptypages);
			if (ph == NULL)
				ph = pool_grow(pp, flags);
		}
		if (ph != NULL)
			break;
		if ((flags & PR_WAITOK) == 0 || (flags & PR_LIMITFAIL)) {
			pp->pr_nfail++;
			splx(s);
			return NULL;
		}
		uvm_wait(pp->pr_wchan);
	}
	pi = ph->ph_items;
	if (pi->pi_magic != POOL_MAGIC)
		panic("pool_get: %s: free item was written to", pp->pr_wchan);
	ph->ph_items = pi->pi_next;
	pi->pi_magic = 0;
	if (ph->ph_nmissing++ == 0) {
		TAILQ_REMOVE(&pp->pr_emptypages, ph, ph_entry);
		TAILQ_INSERT_HEAD(&pp->pr_partpages, ph, ph_entry);
	}
	if (ph->ph_items == NULL) {
		TAILQ_REMOVE(&pp->pr_partpages, ph, ph_entry);
		TAILQ_INSERT_TAIL(&pp->pr_fullpages, ph, ph_entry);
	}
	pp->pr_nitems--;
	pp->pr_nout++;
	pp->pr_nget++;
	splx(s);
	if (flags & PR_ZERO)
		memset(pi, 0, pp->pr_size);
	return pi;
}

void
pool_put(struct pool *pp, void *item)
{
	struct pool_page_header *ph;
	struct pool_item *pi = item;
	int s;

	ph = (struct pool_page_header *)((vaddr_t)item & ~(vaddr_t)PAGE_MASK);
	if (ph->ph_pool != pp)
		panic("pool_put: %s: item of another pool", pp->pr_wchan);
	if (pi->pi_magic == POOL_MAGIC)
		panic("pool_put: %s: item is free already", pp->pr_wchan);
	s = splraise(pp->pr_ipl);
	if (ph->ph_items == NULL) {
		TAILQ_REMOVE(&pp->pr_fullpages, ph, ph_entry);
		TAILQ_INSERT_HEAD(&pp->pr_partpages, ph, ph_entry);
	}
	pi->pi_next = ph->ph_items;
	pi->pi_magic = POOL_MAGIC;
	ph->ph_items = pi;
	pp->pr_nitems++;
	pp->pr_nout--;
	pp->pr_nput++;
	if (--ph->ph_nmissing == 0) {
		TAILQ_REMOVE(&pp->pr_partpages, ph, ph_entry);
		TAILQ_INSERT_HEAD(&pp->pr_emptypages, ph, ph_entry);
		if (pp->pr_nitems > pp->pr_itemsperpage * (POOL_MAXEMPTY + 1))
			pool_freepage(pp, ph);
	}
	splx(s);
}

/*
 * Give back the empty pages; returns how many.
 */
int
pool_reclaim(struct pool *pp)
{
	struct pool_page_header *ph;
	int s, n = 0;

	s = splraise(pp->pr_ipl);
	while ((ph = TAILQ_FIRST(&pp->pr_emptypages)) != NULL) {
		pool_freepage(pp, ph);
		n++;
	}
	splx(s);
	return n;
}

void
pool_reclaim_all(void)
{
	struct pool *pp;

	TAILQ_FOREACH(pp, &pool_head, pr_poollist)
		pool_reclaim(pp);
}

/*
 * ddb: show all pools
 */
void
db_show_all_pools(db_expr_t addr, int have_addr, db_expr_t count, char *modif)
{
	struct pool *pp;

	db_printf("%-12s %5s %9s %5s %9s %6s %6s %6s\n", "Name", "Size",
	    "Requests", "Fail", "Releases", "Out", "Idle", "Npage");
	TAILQ_FOREACH(pp, &pool_head, pr_poollist)
		db_printf("%-12s %5u %9lu %5lu %9lu %6u %6u %6u\n",
		    pp->pr_wchan, pp->pr_size, pp->pr_nget, pp->pr_nfail,
		    pp->pr_nput, pp->pr_nout, pp->pr_nitems, pp->pr_npages);
}
