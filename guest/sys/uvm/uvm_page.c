/* SPDX-License-Identifier: ISC */
/*
 * Physical pages: one struct vm_page each, and a list of the free ones.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/pool.h>
#include <machine/machdep.h>
#include <machine/pmap.h>
#include <uvm/uvm_extern.h>
#include <uvm/uvm_page.h>

#define RESERVE_KERNEL	64	/* pages that only the kernel may take */

struct uvmexp uvmexp;
struct vm_page *vm_pages;
u_long vm_page_first;
u_long vm_page_count;
struct pglist uvm_free_pages = TAILQ_HEAD_INITIALIZER(uvm_free_pages);
int uvm_page_waiters;		/* threads asleep in uvm_wait() */

int	uvm_page_inuse(paddr_t, paddr_t);

/*
 * Is the page part of the kernel, of what boot took, or of the initrd?
 */
int
uvm_page_inuse(paddr_t pa, paddr_t first)
{
	if (pa >= (paddr_t)kernel_text - KERNBASE && pa < first)
		return 1;
	return pa + PAGE_SIZE > initrd_range.start && pa < initrd_range.end;
}

/*
 * Build vm_pages behind what pmap_bootstrap() took and free all memory that
 * is not in use, lowest address first.
 */
void
uvm_page_init(void)
{
	struct vm_page *pg;
	paddr_t pa, first;
	int i;

	vm_page_first = atop(mem_clusters[0].start);
	vm_page_count = atop(avail_end) - vm_page_first;
	vm_pages = (struct vm_page *)PMAP_DIRECT_MAP(avail_start);
	first = roundup(avail_start + vm_page_count * sizeof(*vm_pages),
	    PAGE_SIZE);

	pa = ptoa(vm_page_first);
	for (pg = vm_pages; pg < vm_pages + vm_page_count; pg++) {
		pg->phys_addr = pa;
		pg->uanon = NULL;
		pg->wire_count = 0;
		pg->pg_flags = 0;
		pg->pg_private = 0;
		pa += PAGE_SIZE;
	}
	for (i = 0; i < mem_cluster_cnt; i++) {
		pa = mem_clusters[i].start;
		pg = PHYS_TO_VM_PAGE(pa);
		for (; pa < mem_clusters[i].end; pa += PAGE_SIZE, pg++) {
			if (uvm_page_inuse(pa, first))
				continue;
			pg->pg_flags = PQ_FREE;
			TAILQ_INSERT_TAIL(&uvm_free_pages, pg, pageq);
			uvmexp.free++;
		}
	}
	uvmexp.pagesize = PAGE_SIZE;
	uvmexp.npages = uvmexp.free;
	uvmexp.reserve_kernel = RESERVE_KERNEL;
}

struct vm_page *
PHYS_TO_VM_PAGE(paddr_t pa)
{
	u_long index = atop(pa) - vm_page_first;

	KASSERT(index < vm_page_count);
	return &vm_pages[index];
}

/*
 * Take a free page.  Without UVM_PGA_USERESERVE the last few are left for
 * the kernel.  Returns NULL if there is none.
 */
struct vm_page *
uvm_pagealloc(int flags)
{
	struct vm_page *pg;
	int s;

	s = splvm();
	if (uvmexp.free <= ((flags & UVM_PGA_USERESERVE) ? 0 :
	    uvmexp.reserve_kernel)) {
		splx(s);
		return NULL;
	}
	pg = TAILQ_FIRST(&uvm_free_pages);
	KASSERT(pg != NULL && (pg->pg_flags & PQ_FREE));
	TAILQ_REMOVE(&uvm_free_pages, pg, pageq);
	uvmexp.free--;
	pg->pg_flags = 0;
	pg->wire_count = 0;
	pg->uanon = NULL;
	splx(s);
	if (flags & UVM_PGA_ZERO)
		pmap_zero_page(pg);
	return pg;
}

/*
 * The page that was used last is handed out next.
 */
void
uvm_pagefree(struct vm_page *pg)
{
	int s;

	s = splvm();
	if (pg->pg_flags & PQ_FREE)
		panic("uvm_pagefree: page is free already");
	pg->pg_flags = PQ_FREE;
	pg->pg_private = 0;
	pg->uanon = NULL;
	TAILQ_INSERT_HEAD(&uvm_free_pages, pg, pageq);
	uvmexp.free++;
	splx(s);
	if (uvm_page_waiters != 0)
		wakeup(&uvmexp.free);
}

void
uvm_pagezero(struct vm_page *pg)
{
	pmap_zero_page(pg);
}

void
uvm_pagecopy(struct vm_page *src, struct vm_page *dst)
{
	pmap_copy_page(src, dst);
}

/*
 * There was no page for one who takes none of the last so many: let the
 * pools give back what they cache, or sleep until somebody frees a page.
 * There is no paging out.
 */
void
uvm_wait_above(int last, const char *wmsg)
{
	pool_reclaim_all();
	if (uvmexp.free > last)
		return;
	if (cold)
		panic("uvm_wait: out of memory at boot (%s)", wmsg);
	uvm_page_waiters++;
	tsleep(&uvmexp.free, PVM, wmsg, 0);
	uvm_page_waiters--;
}

/*
 * The same for the kernel, which may take the last one.
 */
void
uvm_wait(const char *wmsg)
{
	uvm_wait_above(0, wmsg);
}
