/* SPDX-License-Identifier: ISC */
/*
 * What the debugger shows of other parts of the kernel, which print it
 * themselves.
 */
#ifndef _DDB_DB_INTERFACE_H_
#define _DDB_DB_INTERFACE_H_

#include <sys/types.h>
#include <machine/db_machdep.h>

struct proc;
struct vm_map;

extern label_t *db_recover;	/* where a fault in the debugger goes on */

/* db_trap.c */
void	db_trap(int, int);

/* db_interface.c, db_trace.c */
int	db_ktrap(int, int, db_regs_t *);
void	db_printtrap(int, int, vaddr_t);
void	db_stack_trace_print(db_expr_t, int, db_expr_t, char *,
	    int (*)(const char *, ...));
void	db_stack_dump(void);

/* kern_proc.c, subr_pool.c, uvm_map.c, uvm_meter.c */
void	proc_printit(struct proc *, const char *, int (*)(const char *, ...));
void	db_show_all_pools(db_expr_t, int, db_expr_t, char *);
void	uvm_map_printit(struct vm_map *, int, int (*)(const char *, ...));
void	uvmexp_print(int (*)(const char *, ...));

#endif /* _DDB_DB_INTERFACE_H_ */
