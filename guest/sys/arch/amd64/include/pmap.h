/* SPDX-License-Identifier: ISC */
#ifndef _MACHINE_PMAP_H_
#define _MACHINE_PMAP_H_

#include <sys/types.h>
#include <machine/pte.h>

#ifdef _KERNEL
#include <uvm/uvm_page.h>

/* Top level slots. */
#define L4_SLOT_KERN		256	/* kernel_map */
#define L4_SLOT_DIRECT		507	/* all of memory */
#define L4_SLOT_KERNBASE	511	/* kernel image */
#define L4_FIRST_KERNEL		256	/* slots shared by all pmaps */

#define PMAP_DIRECT_BASE	0xfffffd8000000000UL
#define PMAP_DIRECT_MAP(pa)	((vaddr_t)PMAP_DIRECT_BASE + (pa))
#define PMAP_DIRECT_UNMAP(va)	((paddr_t)(va) - PMAP_DIRECT_BASE)
#define PMAP_IS_DIRECT(va)	((vaddr_t)(va) >= PMAP_DIRECT_BASE && \
				 (vaddr_t)(va) < KERNBASE)

struct pmap_statistics {
	long	resident_count;		/* pages mapped */
	long	wired_count;		/* of these, wired */
};

/* The page tables of an address space. */
struct pmap {
	pd_entry_t	*pm_pdir;	/* top level table, direct map */
	paddr_t		pm_pdirpa;	/* its physical address */
	int		pm_count;	/* references */
	struct pglist	pm_ptps;	/* page table pages below the top */
	struct pmap_statistics pm_stats; /* what is mapped */
	LIST_ENTRY(pmap) pm_list;	/* all pmaps */
};
typedef struct pmap *pmap_t;
LIST_HEAD(pmap_head, pmap);

#define PMAP_WIRED	0x00000010	/* pmap_enter(): keep it mapped */
#define PMAP_CANFAIL	0x00000020	/* pmap_enter(): ENOMEM is fine */

extern struct pmap kernel_pmap_store;
extern struct pmap_head pmaps;
#define pmap_kernel()	(&kernel_pmap_store)

#define pmap_resident_count(pm)	((pm)->pm_stats.resident_count)
#define pmap_wired_count(pm)	((pm)->pm_stats.wired_count)

struct proc;

paddr_t	pmap_bootstrap(paddr_t, paddr_t);
void	pmap_init(void);
struct pmap *pmap_create(void);
void	pmap_destroy(struct pmap *);
void	pmap_reference(struct pmap *);
int	pmap_enter(struct pmap *, vaddr_t, paddr_t, int, int);
void	pmap_remove(struct pmap *, vaddr_t, vaddr_t);
void	pmap_protect(struct pmap *, vaddr_t, vaddr_t, int);
int	pmap_extract(struct pmap *, vaddr_t, paddr_t *);
void	pmap_kenter_pa(vaddr_t, paddr_t, int);
void	pmap_kremove(vaddr_t, vsize_t);
void	pmap_activate(struct proc *);
void	pmap_deactivate(struct proc *);
void	pmap_copy(struct pmap *, struct pmap *, vaddr_t, vsize_t, vaddr_t);
void	pmap_zero_page(struct vm_page *);
void	pmap_copy_page(struct vm_page *, struct vm_page *);
int	pmap_is_referenced(struct pmap *, vaddr_t);
int	pmap_is_modified(struct pmap *, vaddr_t);
pt_entry_t *pmap_find_pte(struct pmap *, vaddr_t, int);
pt_entry_t *pmap_next_pte(struct pmap *, vaddr_t *, vaddr_t);
pt_entry_t *pmap_get_ptp(struct pmap *, vaddr_t);
vaddr_t	pmap_skip(vaddr_t, int);
void	pmap_free_ptps(struct pmap *, vaddr_t);
pt_entry_t pmap_prot_bits(int);
#endif /* _KERNEL */

#endif /* _MACHINE_PMAP_H_ */
