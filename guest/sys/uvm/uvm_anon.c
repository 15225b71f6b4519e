/* SPDX-License-Identifier: ISC */
/*
 * Anons: single pages of anonymous memory.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/pool.h>
#include <uvm/uvm_extern.h>
#include <uvm/uvm_page.h>

struct pool uvm_anon_pool;

void
uvm_anon_init(void)
{
	pool_init(&uvm_anon_pool, sizeof(struct vm_anon), 0, IPL_NONE, 0,
	    "anonpl", NULL);
}

/*
 * A new anon with one reference and no page; NULL when memory is short.
 */
struct vm_anon *
uvm_analloc(void)
{
	struct vm_anon *anon;

	anon = pool_get(&uvm_anon_pool, PR_NOWAIT | PR_LIMITFAIL);
	if (anon != NULL) {
		anon->an_page = NULL;
		anon->an_ref = 1;
		uvmexp.anonpages++;
	}
	return anon;
}

/*
 * Free an anon nobody refers to.  Its page is not mapped any more: every
 * caller removes mappings before it drops references.
 */
void
uvm_anfree(struct vm_anon *anon)
{
	KASSERT(anon->an_ref == 0);
	if (anon->an_page != NULL) {
		uvmexp.active--;
		uvm_pagefree(anon->an_page);
	}
	uvmexp.anonpages--;
	pool_put(&uvm_anon_pool, anon);
}
