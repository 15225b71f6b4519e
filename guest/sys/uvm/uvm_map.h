/* SPDX-License-Identifier: ISC */
#ifndef _UVM_UVM_MAP_H_
#define _UVM_UVM_MAP_H_

#ifdef _KERNEL
#include <sys/types.h>
#include <sys/queue.h>
#include <sys/rwlock.h>
#include <uvm/uvm_amap.h>

struct pmap;
struct uvm_object;
struct vmspace;

/* A range of addresses with the same backing and protection. */
struct vm_map_entry {
	TAILQ_ENTRY(vm_map_entry) daddrs;	/* map's entries, by address */
	vaddr_t		start;		/* first address */
	vaddr_t		end;		/* end, exclusive */
	vsize_t		guard;		/* bytes of guard behind it */
	vsize_t		fspace;		/* free bytes behind it */
	union {
		struct uvm_object *uvm_obj;	/* object behind it */
		struct vm_map	*sub_map;	/* unused */
	} object;			/* NULL: zero fill */
	voff_t		offset;		/* offset in the object */
	struct vm_aref	aref;		/* anonymous layer */
	int		etype;		/* UVM_ET_* */
	vm_prot_t	protection;	/* access now */
	vm_prot_t	max_protection;	/* most access mprotect may give */
	vm_inherit_t	inheritance;	/* what fork does with it */
	int		wired_count;	/* times wired */
	int		advice;		/* madvise(2) */
	u_int8_t	flags;		/* VM_MAP_ENTRY_* */
};

#define UVM_ET_OBJ		0x0001	/* backed by an object */
#define UVM_ET_COPYONWRITE	0x0004	/* writes make a private copy */
#define UVM_ET_NEEDSCOPY	0x0008	/* amap must be copied first */
#define UVM_ET_HOLE		0x0010	/* no backing */
#define UVM_ET_STACK		0x0040	/* may hold a stack */

#define UVM_ET_ISOBJ(E)		(((E)->etype & UVM_ET_OBJ) != 0)
#define UVM_ET_ISCOPYONWRITE(E)	(((E)->etype & UVM_ET_COPYONWRITE) != 0)
#define UVM_ET_ISNEEDSCOPY(E)	(((E)->etype & UVM_ET_NEEDSCOPY) != 0)
#define UVM_ET_ISSTACK(E)	(((E)->etype & UVM_ET_STACK) != 0)

#define VM_MAPENT_ISWIRED(E)	((E)->wired_count != 0)

TAILQ_HEAD(vm_map_entries, vm_map_entry);

struct vm_map {
	struct pmap	*pmap;		/* hardware mapping */
	u_long		sserial;	/* counts stack entry changes */
	u_long		wserial;	/* counts protection changes */
	struct rwlock	lock;		/* for changes of the entries */
	struct vm_map_entries addr;	/* entries by address */
	struct vm_map_entry *hint;	/* last entry found, or NULL */
	int		nentries;	/* number of entries */
	vsize_t		size;		/* bytes mapped */
	int		ref_count;	/* references */
	int		flags;		/* VM_MAP_* */
	u_int		timestamp;	/* counts changes */
	vaddr_t		min_offset;	/* first address */
	vaddr_t		max_offset;	/* end, exclusive */
};

#define VM_MAP_INTRSAFE		0x0002	/* kernel map */

void	uvm_map_init(void);
void	uvm_map_setup(struct vm_map *, struct pmap *, vaddr_t, vaddr_t, int);
int	uvm_map(struct vm_map *, vaddr_t *, vsize_t, struct uvm_object *,
	    voff_t, vsize_t, uvm_flag_t);
int	uvm_map_checkprot(struct vm_map *, vaddr_t, vaddr_t, vm_prot_t);
void	uvm_unmap(struct vm_map *, vaddr_t, vaddr_t);
int	uvm_map_protect(struct vm_map *, vaddr_t, vaddr_t, vm_prot_t, int);
int	uvm_map_inherit(struct vm_map *, vaddr_t, vaddr_t, vm_inherit_t);
int	uvm_map_isavail(struct vm_map *, vaddr_t, vsize_t);
int	uvm_map_findspace(struct vm_map *, vaddr_t *, vsize_t, vsize_t);
int	uvm_map_lookup_entry(struct vm_map *, vaddr_t,
	    struct vm_map_entry **);
struct vm_map_entry *uvm_mapent_alloc(struct vm_map *);
void	uvm_mapent_free(struct vm_map *, struct vm_map_entry *);
struct vm_map_entry *uvm_map_splitentry(struct vm_map *,
	    struct vm_map_entry *, vaddr_t);
int	uvm_map_clip_range(struct vm_map *, vaddr_t, vaddr_t);
void	uvm_map_teardown(struct vm_map *);
void	uvm_mapent_forkcopy(struct vmspace *, struct vm_map *,
	    struct vm_map *, struct vm_map_entry *);
void	uvm_mapent_forkshared(struct vmspace *, struct vm_map *,
	    struct vm_map *, struct vm_map_entry *);
void	uvm_mapent_forkzero(struct vmspace *, struct vm_map *,
	    struct vm_map *, struct vm_map_entry *);
struct vm_map_entry *uvm_mapent_clone(struct vm_map *, struct vm_map_entry *);
void	vm_map_lock(struct vm_map *);
void	vm_map_unlock(struct vm_map *);
#endif /* _KERNEL */

#endif /* _UVM_UVM_MAP_H_ */
