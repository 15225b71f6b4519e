/* SPDX-License-Identifier: ISC */
/*
 * The machine has stopped: say where, and take commands.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/proc.h>
#include <ddb/db_command.h>
#include <ddb/db_interface.h>
#include <ddb/db_output.h>
#include <ddb/db_sym.h>

#define PANIC_TRACE	14	/* frames shown when a panic stops here */

void
db_trap(int type, int code)
{
	char modif[] = "o";

	db_dot = PC_REGS(&ddb_regs);
	db_printf("Stopped at      ");
	db_printsym(db_dot, DB_STGY_PROC, db_printf);
	db_printf("\n");
	if (panicstr != NULL) {
		/* what is asked for first, while there is a screen to ask */
		db_show_all_procs(0, 0, -1, modif);
		db_stack_trace_print((db_expr_t)ddb_regs.tf_rbp, 0,
		    PANIC_TRACE, "", db_printf);
	}
	db_command_loop();
}
