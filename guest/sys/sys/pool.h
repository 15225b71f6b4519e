/* SPDX-License-Identifier: ISC */
/*
 * pool(9): objects of one size, carved from whole pages.
 */
#ifndef _SYS_POOL_H_
#define _SYS_POOL_H_

#include <sys/types.h>
#include <sys/queue.h>

#define PR_WAITOK	0x0001	/* sleep rather than fail */
#define PR_NOWAIT	0x0002	/* fail rather than sleep */
#define PR_LIMITFAIL	0x0004	/* fail when over the limit */
#define PR_ZERO		0x0008	/* fill with zeros */

/* A free item, linked through its own first bytes. */
struct pool_item {
	struct pool_item	*pi_next;	/* next free item in the page */
	u_long			 pi_magic;	/* POOL_MAGIC while free */
};
#define POOL_MAGIC	0xdeadbeefbaadf00dUL

/* One page of items; lies at the start of the page. */
struct pool_page_header {
	TAILQ_ENTRY(pool_page_header) ph_entry;	/* the pool's page list */
	struct pool_item *ph_items;	/* free items of this page */
	struct pool	*ph_pool;	/* owner */
	u_int		 ph_nmissing;	/* items handed out */
};
TAILQ_HEAD(pool_pagelist, pool_page_header);

struct pool {
	TAILQ_ENTRY(pool) pr_poollist;	/* all pools */
	struct pool_pagelist pr_emptypages;	/* all items free */
	struct pool_pagelist pr_partpages;	/* some items out */
	struct pool_pagelist pr_fullpages;	/* all items out */
	const char	*pr_wchan;	/* name, and wait message */
	u_int		 pr_size;	/* bytes of an item, rounded */
	u_int		 pr_origsize;	/* bytes asked for */
	u_int		 pr_align;	/* alignment of an item */
	u_int		 pr_itemsperpage;	/* items in a page */
	u_int		 pr_nout;	/* items handed out */
	u_int		 pr_nitems;	/* items free in pages */
	u_int		 pr_npages;	/* pages held */
	u_int		 pr_hardlimit;	/* most items, UINT_MAX for none */
	int		 pr_ipl;	/* blocked while we work */
	u_long		 pr_nget;	/* successful pool_get() calls */
	u_long		 pr_nput;	/* pool_put() calls */
	u_long		 pr_nfail;	/* failed pool_get() calls */
};

#ifdef _KERNEL
TAILQ_HEAD(pool_head, pool);
extern struct pool_head pool_head;

void	 pool_init(struct pool *, size_t, u_int, int, int, const char *,
	    void *);
void	*pool_get(struct pool *, int);
void	 pool_put(struct pool *, void *);
int	 pool_reclaim(struct pool *);
void	 pool_reclaim_all(void);
#endif /* _KERNEL */

#endif /* _SYS_POOL_H_ */
