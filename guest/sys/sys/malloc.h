/* SPDX-License-Identifier: ISC */
/*
 * malloc(9): the kernel's general purpose memory, accounted by type.
 */
#ifndef _SYS_MALLOC_H_
#define _SYS_MALLOC_H_

#include <sys/types.h>

#define M_WAITOK	0x0001	/* sleep until there is memory */
#define M_NOWAIT	0x0002	/* return NULL instead of sleeping */
#define M_CANFAIL	0x0004	/* with M_WAITOK: NULL if never possible */
#define M_ZERO		0x0008	/* fill with zeros */

#define M_FREE		0	/* no type: free memory */
#define M_DEVBUF	2	/* device drivers */
#define M_PCB		4	/* protocol control blocks */
#define M_IOCTLOPS	9	/* ioctl data */
#define M_FILEDESC	20	/* open file tables */
#define M_SUBPROC	26	/* process group, sub-process */
#define M_SYSCTL	33	/* sysctl buffers */
#define M_VNODE		34	/* vnodes */
#define M_UVMAMAP	35	/* anonymous memory maps */
#define M_UVMAOBJ	36	/* anonymous objects */
#define M_PROC		43	/* user information */
#define M_FILE		45	/* open files */
#define M_TTYS		47	/* terminals */
#define M_EXEC		48	/* exec arguments and packages */
#define M_IOV		49	/* large iovecs */
#define M_TEMP		50	/* short lived */
#define M_TMPFS		51	/* tmpfs */
#define M_PIPE		52	/* pipes */
#define M_UVMMAP	53	/* map entries */
#define M_KEVENT	54	/* kqueue timers */
#define M_LAST		64	/* number of types */

/* Statistics of one type. */
struct kmemstats {
	u_long	ks_inuse;	/* allocations in use */
	u_long	ks_calls;	/* allocations ever */
	u_long	ks_memuse;	/* bytes in use */
	u_long	ks_maxused;	/* most bytes ever in use */
	u_long	ks_limit;	/* most bytes allowed */
	u_short	ks_limblocks;	/* allocations that met the limit */
};

#ifdef _KERNEL

extern struct kmemstats kmemstats[M_LAST];

void	 kmeminit(void);
void	*malloc(size_t, int, int);
void	*mallocarray(size_t, size_t, int, int);
void	 free(void *, int, size_t);
void	*hashinit(int, int, int, u_long *);
void	 hashfree(void *, int, int);
#endif /* _KERNEL */

#endif /* _SYS_MALLOC_H_ */
