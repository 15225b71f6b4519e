/* SPDX-License-Identifier: ISC */
/*
 * Virtual memory: what the rest of the kernel may see of it.
 */
#ifndef _UVM_UVM_EXTERN_H_
#define _UVM_UVM_EXTERN_H_

#include <sys/types.h>
#include <sys/param.h>

typedef off_t		voff_t;		/* offset in an object */
typedef int		vm_prot_t;	/* PROT_* */
typedef int		vm_inherit_t;	/* MAP_INHERIT_* */
typedef int		vm_fault_t;	/* VM_FAULT_* */
typedef u_int		uvm_flag_t;	/* packed mapping flags */

/* Statistics of the virtual memory system, VM_UVMEXP. */
struct uvmexp {
	int pagesize;		/* bytes in a page */
	int npages;		/* pages managed */
	int free;		/* free pages */
	int active;		/* pages in anonymous memory */
	int inactive;		/* always 0, nothing is paged out */
	int wired;		/* pages wired by the kernel */
	int reserve_kernel;	/* free pages only the kernel may take */
	int anonpages;		/* anons in use */

	int faults;		/* page faults */
	int traps;		/* traps */
	int intrs;		/* device interrupts */
	int swtch;		/* context switches */
	int softs;		/* soft interrupts and ASTs */
	int syscalls;		/* system calls */

	int forks;		/* fork1() and thread_fork() successes */
	int forks_ppwait;	/* of these, with FORK_PPWAIT */
	int forks_sharevm;	/* of these, with FORK_SHAREVM */

	int fltnoram;		/* faults that found no free page */
	int fltnoanon;		/* faults that found no anon */
	int fltnoamap;		/* faults that found no amap */
	int fltamcopy;		/* amap copies made by faults */
	int flt_anon;		/* case 1A: page of an anon */
	int flt_acow;		/* case 1B: anon copied on write */
	int flt_obj;		/* case 2A: page of an object */
	int flt_prcopy;		/* case 2B: object page promoted */
	int flt_przero;		/* case 2B: zero fill promoted */
};

#define VM_FAULT_INVALID	((vm_fault_t)0)	/* not mapped by pmap */
#define VM_FAULT_PROTECT	((vm_fault_t)1)	/* mapped, not permitted */

#ifdef _KERNEL
#include <sys/mman.h>
#include <machine/vmparam.h>
#include <uvm/uvm_map.h>

struct proc;
struct process;
struct vm_map;
struct vm_page;
struct plimit;
struct p_inentry;
struct pmap;

/* An address space. */
struct vmspace {
	struct	vm_map vm_map;		/* the map */
	int	vm_refcnt;		/* processes that use it */
	caddr_t	vm_shm;			/* SysV shared memory, unused */
/* We copy from vm_startcopy on fork. */
#define vm_startcopy vm_rssize
	segsz_t vm_rssize;		/* resident pages, last seen */
	segsz_t vm_swrss;		/* resident pages before a swap */
	segsz_t vm_tsize;		/* text pages */
	segsz_t vm_dsize;		/* data pages */
	segsz_t vm_dused;		/* data pages mapped: uvmspace_count() */
	segsz_t vm_ssize;		/* stack pages */
	caddr_t	vm_taddr;		/* text address */
	caddr_t	vm_daddr;		/* data address */
	caddr_t	vm_maxsaddr;		/* lowest stack address */
	caddr_t	vm_minsaddr;		/* highest stack address */
};

extern struct uvmexp uvmexp;
extern struct vm_map *kernel_map;	/* the kernel's address space */
extern struct vmspace vmspace0;		/* of kernel threads */
extern struct pool vmspace_pool;	/* struct vmspace */

/* uvm_map flags: protection, maximum, inheritance, advice and F_* in one. */
#define UVM_FLAG_FIXED		0x0010000	/* exactly there */
#define UVM_FLAG_UNMAP		0x0020000	/* replace what is there */
#define UVM_FLAG_COPYONW	0x0080000	/* copy on write */
#define UVM_FLAG_STACK		0x2000000	/* may hold a stack */
#define UVM_FLAG_WIRED		0x4000000	/* backed at once by the caller */
#define UVM_MAPFLAG(prot, maxprot, inh, adv, flags)			\
	((uvm_flag_t)((prot) | ((maxprot) << 4) | ((inh) << 8) |	\
	    ((adv) << 12) | (flags)))
#define UVM_PROTECTION(x)	((x) & PROT_MASK)
#define UVM_MAXPROTECTION(x)	(((x) >> 4) & PROT_MASK)
#define UVM_INHERIT(x)		(((x) >> 8) & 0x3)
#define UVM_ADVICE(x)		(((x) >> 12) & 0x3)

#define UVM_KMF_NOWAIT	0x1	/* fail rather than sleep */
#define UVM_KMF_ZERO	0x2	/* fill with zeros */
#define UVM_KMF_CANFAIL	0x4	/* leave the reserve alone */

#define UVM_PGA_USERESERVE	0x0001	/* may take the reserve */
#define UVM_PGA_ZERO		0x0002	/* fill with zeros */

/* uvm_glue.c */
vaddr_t	uvm_uarea_alloc(void);
void	uvm_uarea_free(struct proc *);
void	uvm_exit(struct process *);
void	uvm_init_limits(struct plimit *);

/* uvm_km.c */
void	uvm_km_init(vaddr_t, vaddr_t);
vaddr_t	uvm_km_alloc1(struct vm_map *, vsize_t, vsize_t, int);
vaddr_t	uvm_km_zalloc(struct vm_map *, vsize_t);
void	uvm_km_free(struct vm_map *, vaddr_t, vsize_t);

/* uvm_map.c */
vaddr_t	uvm_map_hint(struct vmspace *);
vaddr_t	uvm_map_pie(vsize_t);
struct vmspace *uvmspace_alloc(vaddr_t, vaddr_t);
void	uvmspace_count(struct vm_map *, vaddr_t, vaddr_t, vm_prot_t, int);
void	uvmspace_init(struct vmspace *, struct pmap *, vaddr_t, vaddr_t);
void	uvmspace_exec(struct proc *, vaddr_t, vaddr_t);
struct vmspace *uvmspace_fork(struct process *);
struct vmspace *uvmspace_share(struct process *);
void	uvmspace_free(struct vmspace *);
int	uvm_map_inentry(struct proc *, struct p_inentry *, vaddr_t,
	    const char *, int (*)(struct vm_map_entry *), u_long);
int	uvm_map_remap_as_stack(struct proc *, vaddr_t, vsize_t);
int	uvm_map_inentry_sp(struct vm_map_entry *);
int	uvm_map_inentry_pc(struct vm_map_entry *);

/* uvm_io.c */
#define UVM_IO_FIXPROT	0x01	/* write even where it is not permitted */
struct uio;
int	uvm_io(struct vm_map *, struct uio *, int);

/* uvm_fault.c, uvm_unix.c, uvm_init.c, uvm_meter.c */
int	uvm_fault(struct vm_map *, vaddr_t, vm_fault_t, vm_prot_t);
void	uvm_grow(struct proc *, vaddr_t);
void	uvm_init(void);
void	uvm_page_init(void);
struct vm_page *uvm_pagealloc(int);
void	uvm_pagefree(struct vm_page *);
void	uvm_wait(const char *);
void	uvm_wait_above(int, const char *);
void	uvm_pagezero(struct vm_page *);
void	uvm_pagecopy(struct vm_page *, struct vm_page *);
#endif /* _KERNEL */

#endif /* _UVM_UVM_EXTERN_H_ */
