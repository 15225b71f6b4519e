/* SPDX-License-Identifier: ISC */
/*
 * The debugger's view of this machine.
 */
#ifndef _MACHINE_DB_MACHDEP_H_
#define _MACHINE_DB_MACHDEP_H_

#include <sys/types.h>
#include <machine/frame.h>

typedef long db_expr_t;			/* value of an expression */
typedef struct trapframe db_regs_t;	/* registers of stopped code */

extern db_regs_t ddb_regs;		/* what was stopped */

#define PC_REGS(regs)	((vaddr_t)(regs)->tf_rip)

#endif /* _MACHINE_DB_MACHDEP_H_ */
