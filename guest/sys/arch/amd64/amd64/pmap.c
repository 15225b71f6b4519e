/* SPDX-License-Identifier: ISC */
/*
 * Page tables.
 *
 * All tables are reached through the direct map.  Slots 256 and up of the
 * top level are the kernel's and the same in every pmap; the ones in use
 * are filled before the first pmap is made.  A page table page counts its
 * valid entries in wire_count and is freed when there are none.
 *
 * There are no lists of the mappings of a page: whoever frees a page
 * removes its mapping first.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/malloc.h>
#include <sys/pool.h>
#include <sys/proc.h>
#include <sys/user.h>
#include <machine/cpu.h>
#include <machine/cpufunc.h>
#include <machine/machdep.h>
#include <machine/pmap.h>
#include <uvm/uvm_extern.h>

struct pmap kernel_pmap_store;
struct pmap_head pmaps = LIST_HEAD_INITIALIZER(pmaps);
struct pool pmap_pool;

extern pd_entry_t early_l4[], early_l3_direct[], early_l2_kern[];

#define PTE_TABLE(pte)	((pt_entry_t *)PMAP_DIRECT_MAP((pte) & PG_FRAME))

paddr_t	pmap_steal_page(paddr_t *);

/*
 * A zeroed page before the page allocator works.
 */
paddr_t
pmap_steal_page(paddr_t *next)
{
	paddr_t pa = *next;

	*next += PAGE_SIZE;
	memset((void *)PMAP_DIRECT_MAP(pa), 0, PAGE_SIZE);
	return pa;
}

/*
 * Complete the early tables: all of memory in the direct map, the kernel
 * image by pages with the least rights, the kernel_map's slot, and nothing
 * at address 0.  Takes pages from first on; returns where it stopped.
 */
paddr_t
pmap_bootstrap(paddr_t first, paddr_t last)
{
	struct pmap *kpm = pmap_kernel();
	paddr_t next = first, pa;
	pd_entry_t *l2;
	pt_entry_t *l1;
	vaddr_t va;
	u_long i;

	kpm->pm_pdir = (pd_entry_t *)PMAP_DIRECT_MAP((paddr_t)early_l4 -
	    KERNBASE);
	kpm->pm_pdirpa = (paddr_t)early_l4 - KERNBASE;
	kpm->pm_count = 1;
	TAILQ_INIT(&kpm->pm_ptps);
	LIST_INSERT_HEAD(&pmaps, kpm, pm_list);

	/* The first gigabyte of the direct map is there already. */
	for (i = 1; i < NPDPG && (i << L3_SHIFT) < last; i++) {
		pa = pmap_steal_page(&next);
		l2 = (pd_entry_t *)PMAP_DIRECT_MAP(pa);
		for (va = 0; va < NPDPG; va++)
			l2[va] = (i << L3_SHIFT) | (va << L2_SHIFT) |
			    PG_V | PG_RW | PG_PS | PG_NX;
		early_l3_direct[i] = pa | PG_V | PG_RW;
	}
	kpm->pm_pdir[L4_SLOT_DIRECT] |= PG_NX;

	/* kernel_map's four gigabytes hang below one level 3 table. */
	kpm->pm_pdir[L4_SLOT_KERN] = pmap_steal_page(&next) | PG_V | PG_RW;

	for (i = 0; i < NPDPG; i++) {
		if (early_l2_kern[i] == 0)
			continue;
		va = KERNBASE + (i << L2_SHIFT);
		if (va >= (vaddr_t)end) {
			early_l2_kern[i] = 0;
			continue;
		}
		pa = pmap_steal_page(&next);
		l1 = (pt_entry_t *)PMAP_DIRECT_MAP(pa);
		for (; va < KERNBASE + ((i + 1) << L2_SHIFT) &&
		    va < (vaddr_t)end; va += PAGE_SIZE) {
			l1[pl1_i(va)] = (va - KERNBASE) | PG_V | PG_G;
			if (va >= (vaddr_t)__data_start)
				l1[pl1_i(va)] |= PG_RW | PG_NX;
			else if (va >= (vaddr_t)__rodata_start)
				l1[pl1_i(va)] |= PG_NX;
		}
		early_l2_kern[i] = pa | PG_V | PG_RW;
	}
	kpm->pm_pdir[0] = 0;
	lcr3(kpm->pm_pdirpa);

	proc0.p_addr->u_pcb.pcb_cr3 = kpm->pm_pdirpa;
	proc0.p_addr->u_pcb.pcb_pmap = kpm;
	proc0.p_addr->u_pcb.pcb_kstack = (u_int64_t)proc0.p_addr + USPACE - 16;
	return next;
}

void
pmap_init(void)
{
	pool_init(&pmap_pool, sizeof(struct pmap), 0, IPL_NONE, 0, "pmappl",
	    NULL);
}

struct pmap *
pmap_create(void)
{
	struct pmap *pm;
	struct vm_page *pg;

	pm = pool_get(&pmap_pool, PR_WAITOK | PR_ZERO);
	while ((pg = uvm_pagealloc(UVM_PGA_USERESERVE | UVM_PGA_ZERO)) == NULL)
		uvm_wait("pmapcr");
	pg->pg_flags |= PG_PTP;
	pm->pm_pdirpa = VM_PAGE_TO_PHYS(pg);
	pm->pm_pdir = (pd_entry_t *)PMAP_DIRECT_MAP(pm->pm_pdirpa);
	memcpy(&pm->pm_pdir[L4_FIRST_KERNEL],
	    &pmap_kernel()->pm_pdir[L4_FIRST_KERNEL],
	    (NPDPG - L4_FIRST_KERNEL) * sizeof(pd_entry_t));
	pm->pm_count = 1;
	TAILQ_INIT(&pm->pm_ptps);
	LIST_INSERT_HEAD(&pmaps, pm, pm_list);
	return pm;
}

void
pmap_reference(struct pmap *pm)
{
	pm->pm_count++;
}

/*
 * The last reference gives back all tables; the pages mapped are their
 * owners'.
 */
void
pmap_destroy(struct pmap *pm)
{
	struct vm_page *pg;

	if (--pm->pm_count > 0)
		return;
	KASSERT(pm != pmap_kernel());
	KASSERT(rcr3() != pm->pm_pdirpa);
	while ((pg = TAILQ_FIRST(&pm->pm_ptps)) != NULL) {
		TAILQ_REMOVE(&pm->pm_ptps, pg, pageq);
		uvm_pagefree(pg);
	}
	uvm_pagefree(PHYS_TO_VM_PAGE(pm->pm_pdirpa));
	LIST_REMOVE(pm, pm_list);
	pool_put(&pmap_pool, pm);
}

/*
 * Load the address space of a thread; if it runs now, into the CPU.
 */
void
pmap_activate(struct proc *p)
{
	struct pcb *pcb = &p->p_addr->u_pcb;

	pcb->pcb_pmap = p->p_vmspace->vm_map.pmap;
	pcb->pcb_cr3 = pcb->pcb_pmap->pm_pdirpa;
	if (p == curproc && rcr3() != pcb->pcb_cr3)
		lcr3(pcb->pcb_cr3);
}

/*
 * The thread leaves its address space, which may soon be freed.
 */
void
pmap_deactivate(struct proc *p)
{
	if (p == curproc)
		lcr3(pmap_kernel()->pm_pdirpa);
}

/*
 * Could carry the parent's mappings over to the child at fork; like the
 * original on this machine it does not: the child's faults do.
 */
void
pmap_copy(struct pmap *dst, struct pmap *src, vaddr_t dstva, vsize_t len,
    vaddr_t srcva)
{
}

/*
 * The level 1 entry of va, valid or not; NULL if there is no table.  level
 * tells the lowest level whose table exists.
 */
pt_entry_t *
pmap_find_pte(struct pmap *pm, vaddr_t va, int level)
{
	pt_entry_t pte;

	pte = pm->pm_pdir[pl4_i(va)];
	if ((pte & PG_V) == 0)
		return NULL;
	pte = PTE_TABLE(pte)[pl3_i(va)];
	if ((pte & PG_V) == 0)
		return NULL;
	if (level == 2)
		return &PTE_TABLE(pte)[pl2_i(va)];
	pte = PTE_TABLE(pte)[pl2_i(va)];
	if ((pte & PG_V) == 0 || (pte & PG_PS) != 0)
		return NULL;
	return &PTE_TABLE(pte)[pl1_i(va)];
}

/*
 * The same, with the tables made that are missing; NULL without memory.
 */
pt_entry_t *
pmap_get_ptp(struct pmap *pm, vaddr_t va)
{
	u_long index[3] = { pl4_i(va), pl3_i(va), pl2_i(va) };
	pd_entry_t *table = pm->pm_pdir, *pde;
	struct vm_page *pg;
	int i;

	for (i = 0; i < 3; i++) {
		pde = &table[index[i]];
		if ((*pde & PG_V) == 0) {
			pg = uvm_pagealloc(UVM_PGA_USERESERVE | UVM_PGA_ZERO);
			if (pg == NULL)
				return NULL;
			pg->pg_flags |= PG_PTP;
			TAILQ_INSERT_TAIL(&pm->pm_ptps, pg, pageq);
			*pde = VM_PAGE_TO_PHYS(pg) | PG_V | PG_RW | PG_U |
			    (va < VM_MAXUSER_ADDRESS ? PG_u : 0);
			if (i > 0)
				PHYS_TO_VM_PAGE(PMAP_DIRECT_UNMAP(table))
				    ->wire_count++;
		}
		table = PTE_TABLE(*pde);
	}
	return &table[pl1_i(va)];
}

/*
 * An entry of va's level 1 table was cleared: free the tables, lowest
 * first, that are now empty.
 */
void
pmap_free_ptps(struct pmap *pm, vaddr_t va)
{
	pd_entry_t *l4 = &pm->pm_pdir[pl4_i(va)];
	pd_entry_t *l3 = &PTE_TABLE(*l4)[pl3_i(va)];
	pd_entry_t *l2 = &PTE_TABLE(*l3)[pl2_i(va)];
	pd_entry_t *up[3] = { l2, l3, l4 };
	struct vm_page *pg;
	int i;

	for (i = 0; i < 3; i++) {
		pg = PHYS_TO_VM_PAGE(*up[i] & PG_FRAME);
		if (--pg->wire_count > 0)
			return;
		*up[i] = 0;
		invlpg(va);
		TAILQ_REMOVE(&pm->pm_ptps, pg, pageq);
		uvm_pagefree(pg);
	}
}

/*
 * The first address behind va that may be mapped, when the table of the
 * given level is missing.
 */
vaddr_t
pmap_skip(vaddr_t va, int level)
{
	vsize_t size = level == 2 ? NBPD_L2 : level == 3 ? NBPD_L3 : NBPD_L4;

	return (va & ~(size - 1)) + size;
}

pt_entry_t
pmap_prot_bits(int prot)
{
	pt_entry_t bits = 0;

	if (prot & PROT_WRITE)
		bits |= PG_RW;
	if ((prot & PROT_EXEC) == 0)
		bits |= PG_NX;
	return bits;
}

/*
 * Map a page in user space; replaces what is there.  flags holds the
 * access that is about to happen.
 */
int
pmap_enter(struct pmap *pm, vaddr_t va, paddr_t pa, int prot, int flags)
{
	pt_entry_t *pte = pmap_get_ptp(pm, va), old, new;

	if (pte == NULL) {
		if (flags & PMAP_CANFAIL)
			return ENOMEM;
		panic("pmap_enter: no page for a page table");
	}
	old = *pte;
	new = pa | PG_V | PG_u | pmap_prot_bits(prot);
	if (flags & PMAP_WIRED)
		new |= PG_W;
	if (flags & PROT_MASK)
		new |= PG_U;
	if (flags & PROT_WRITE)
		new |= PG_M;
	if ((old & PG_V) == 0) {
		pm->pm_stats.resident_count++;
		PHYS_TO_VM_PAGE(PMAP_DIRECT_UNMAP(pte) & PG_FRAME)
		    ->wire_count++;
	}
	if ((new & PG_W) != (old & PG_W))
		pm->pm_stats.wired_count += (new & PG_W) != 0 ? 1 : -1;
	*pte = new;
	invlpg(va);
	return 0;
}

/*
 * The first level 1 entry at or behind *vap that is valid, below eva; NULL
 * if there is none.  What has no table is skipped in one step.
 */
pt_entry_t *
pmap_next_pte(struct pmap *pm, vaddr_t *vap, vaddr_t eva)
{
	vaddr_t va = *vap, stop;
	pt_entry_t *pte;

	while (va < eva) {
		if ((pm->pm_pdir[pl4_i(va)] & PG_V) == 0) {
			va = pmap_skip(va, 4);
			continue;
		}
		pte = pmap_find_pte(pm, va, 2);
		if (pte == NULL) {
			va = pmap_skip(va, 3);
			continue;
		}
		stop = pmap_skip(va, 2);
		if ((*pte & PG_V) == 0) {
			va = stop;
			continue;
		}
		if (stop > eva)
			stop = eva;
		pte = &PTE_TABLE(*pte)[pl1_i(va)];
		for (; va < stop; va += PAGE_SIZE, pte++)
			if (*pte & PG_V) {
				*vap = va;
				return pte;
			}
	}
	return NULL;
}

void
pmap_remove(struct pmap *pm, vaddr_t sva, vaddr_t eva)
{
	pt_entry_t *pte;
	vaddr_t va = sva;

	for (; (pte = pmap_next_pte(pm, &va, eva)) != NULL; va += PAGE_SIZE) {
		pm->pm_stats.resident_count--;
		if (*pte & PG_W)
			pm->pm_stats.wired_count--;
		*pte = 0;
		invlpg(va);
		pmap_free_ptps(pm, va);
	}
}

/*
 * Take rights away; rights are only given by faults.
 */
void
pmap_protect(struct pmap *pm, vaddr_t sva, vaddr_t eva, int prot)
{
	pt_entry_t *pte;
	vaddr_t va = sva;

	if ((prot & PROT_READ) == 0) {
		pmap_remove(pm, sva, eva);
		return;
	}
	for (; (pte = pmap_next_pte(pm, &va, eva)) != NULL; va += PAGE_SIZE) {
		if ((prot & PROT_WRITE) == 0)
			*pte &= ~PG_RW;
		if ((prot & PROT_EXEC) == 0)
			*pte |= PG_NX;
		invlpg(va);
	}
}

/*
 * The physical address behind va; 0 if there is none.
 */
int
pmap_extract(struct pmap *pm, vaddr_t va, paddr_t *pap)
{
	pt_entry_t *pte;

	if (PMAP_IS_DIRECT(va)) {
		*pap = PMAP_DIRECT_UNMAP(va);
		return 1;
	}
	pte = pmap_find_pte(pm, va, 1);
	if (pte == NULL || (*pte & PG_V) == 0)
		return 0;
	*pap = (*pte & PG_FRAME) | (va & PAGE_MASK);
	return 1;
}

int
pmap_is_referenced(struct pmap *pm, vaddr_t va)
{
	pt_entry_t *pte = pmap_find_pte(pm, va, 1);

	return pte != NULL && (*pte & PG_V) != 0 && (*pte & PG_U) != 0;
}

int
pmap_is_modified(struct pmap *pm, vaddr_t va)
{
	pt_entry_t *pte = pmap_find_pte(pm, va, 1);

	return pte != NULL && (*pte & PG_V) != 0 && (*pte & PG_M) != 0;
}

/*
 * Map a page of the kernel; the tables below slot 256 are never freed.
 */
void
pmap_kenter_pa(vaddr_t va, paddr_t pa, int prot)
{
	pt_entry_t *pte = pmap_get_ptp(pmap_kernel(), va);

	if (pte == NULL)
		panic("pmap_kenter_pa: no page for a page table");
	*pte = pa | PG_V | PG_G | PG_U | PG_M | pmap_prot_bits(prot);
	invlpg(va);
}

void
pmap_kremove(vaddr_t sva, vsize_t len)
{
	pt_entry_t *pte;
	vaddr_t va;

	for (va = sva; va < sva + len; va += PAGE_SIZE) {
		pte = pmap_find_pte(pmap_kernel(), va, 1);
		if (pte != NULL && *pte != 0) {
			*pte = 0;
			invlpg(va);
		}
	}
}

void
pmap_zero_page(struct vm_page *pg)
{
	memset((void *)PMAP_DIRECT_MAP(VM_PAGE_TO_PHYS(pg)), 0, PAGE_SIZE);
}

void
pmap_copy_page(struct vm_page *src, struct vm_page *dst)
{
	memcpy((void *)PMAP_DIRECT_MAP(VM_PAGE_TO_PHYS(dst)),
	    (void *)PMAP_DIRECT_MAP(VM_PAGE_TO_PHYS(src)), PAGE_SIZE);
}
