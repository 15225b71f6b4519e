/* SPDX-License-Identifier: ISC */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/malloc.h>
#include <sys/pool.h>
#include <machine/pmap.h>
#include <uvm/uvm_extern.h>

struct pool vmspace_pool;

/*
 * Start virtual memory: pages, then what is made of pages.
 */
void
uvm_init(void)
{
	uvm_page_init();
	kmeminit();
	uvm_map_init();
	uvm_km_init(VM_MIN_KERNEL_ADDRESS, VM_MAX_KERNEL_ADDRESS);
	pmap_init();
	amap_init();
	uvm_anon_init();
	pool_init(&vmspace_pool, sizeof(struct vmspace), 0, IPL_NONE, 0,
	    "vmsppl", NULL);
}
