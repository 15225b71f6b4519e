/* SPDX-License-Identifier: ISC */
#ifndef _UVM_UVM_ANON_H_
#define _UVM_UVM_ANON_H_

#ifdef _KERNEL
struct vm_page;

/* One page of anonymous memory. */
struct vm_anon {
	struct vm_page	*an_page;	/* the page */
	int		an_ref;		/* amaps that hold it */
};

extern struct pool uvm_anon_pool;

void	uvm_anon_init(void);
struct vm_anon *uvm_analloc(void);
void	uvm_anfree(struct vm_anon *);
#endif /* _KERNEL */

#endif /* _UVM_UVM_ANON_H_ */
