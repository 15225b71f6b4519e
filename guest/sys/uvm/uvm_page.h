/* SPDX-License-Identifier: ISC */
#ifndef _UVM_UVM_PAGE_H_
#define _UVM_UVM_PAGE_H_

#ifdef _KERNEL
#include <sys/types.h>
#include <sys/queue.h>

struct vm_anon;

/* One page of memory. */
struct vm_page {
	TAILQ_ENTRY(vm_page) pageq;	/* free list, or a pmap's tables */
	struct vm_anon	*uanon;		/* anon it belongs to, or NULL */
	paddr_t		phys_addr;	/* physical address */
	u_int		wire_count;	/* page tables: entries in use */
	u_int		pg_flags;	/* PG_* or PQ_* */
	u_long		pg_private;	/* malloc(9): bucket or pages */
};
TAILQ_HEAD(pglist, vm_page);

#define PQ_FREE		0x00010000	/* on the free list */
#define PQ_ANON		0x00080000	/* anonymous memory */
#define PG_PTP		0x00000001	/* a page table */
#define PG_KMEM		0x00000002	/* malloc(9) bucket */
#define PG_POOL		0x00000004	/* pool(9) page */
#define PG_KMAP		0x00000008	/* behind kernel_map */

#define VM_PAGE_TO_PHYS(pg)	((pg)->phys_addr)

struct vm_page *PHYS_TO_VM_PAGE(paddr_t);

extern struct vm_page *vm_pages;	/* all pages, by frame number */
extern u_long vm_page_first;		/* frame number of vm_pages[0] */
extern u_long vm_page_count;		/* length of vm_pages */
extern struct pglist uvm_free_pages;	/* the free list */
#endif /* _KERNEL */

#endif /* _UVM_UVM_PAGE_H_ */
