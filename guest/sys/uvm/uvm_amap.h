/* SPDX-License-Identifier: ISC */
#ifndef _UVM_UVM_AMAP_H_
#define _UVM_UVM_AMAP_H_

#ifdef _KERNEL
#include <sys/types.h>
#include <uvm/uvm_anon.h>

#define UVM_AMAP_CHUNK	16	/* slots of one chunk */

/* Sixteen neighbouring slots; made when the first of them is filled. */
struct vm_amap_chunk {
	int		ac_baseslot;	/* first slot */
	uint32_t	ac_usedmap;	/* bit n: ac_anon[n] is filled */
	struct vm_anon	*ac_anon[UVM_AMAP_CHUNK];	/* the anons */
};

/* Anonymous map: which anon is behind each page of a map entry. */
struct vm_amap {
	int		am_ref;		/* map entries that use it */
	int		am_flags;	/* AMAP_* */
	int		am_nslot;	/* slots, one per page */
	int		am_nused;	/* slots filled */
	int		am_ncused;	/* chunks made */
	int		am_nbuckets;	/* length of am_buckets */
	struct vm_amap_chunk **am_buckets;	/* chunks by slot / 16 */
};

#define AMAP_SHARED	0x1	/* shared on purpose, not copy on write */

/* A map entry's window on an amap. */
struct vm_aref {
	int		ar_pageoff;	/* first slot of the entry */
	struct vm_amap	*ar_amap;	/* the amap, or NULL */
};

struct vm_map;
struct vm_map_entry;

void	amap_init(void);
struct vm_amap *amap_alloc(vsize_t, int);
void	amap_free(struct vm_amap *);
int	amap_copy(struct vm_map *, struct vm_map_entry *, int);
int	amap_cow_now(struct vm_map *, struct vm_map_entry *);
int	amap_extend(struct vm_map_entry *, vsize_t);
void	amap_ref(struct vm_amap *);
void	amap_unref(struct vm_amap *);
void	amap_splitref(struct vm_aref *, struct vm_aref *, vaddr_t);
void	amap_wiperange(struct vm_amap *, int, int);
struct vm_anon *amap_lookup(struct vm_aref *, vaddr_t);
int	amap_add(struct vm_aref *, vaddr_t, struct vm_anon *, int);
struct vm_anon *amap_slot(struct vm_amap *, int);
int	amap_setslot(struct vm_amap *, int, struct vm_anon *, int);
#endif /* _KERNEL */

#endif /* _UVM_UVM_AMAP_H_ */
