/* SPDX-License-Identifier: ISC */
#ifndef _DDB_DB_COMMAND_H_
#define _DDB_DB_COMMAND_H_

#include <sys/cdefs.h>
#include <machine/db_machdep.h>

/* A command's arguments: address, was one given, count or -1, modifier. */
typedef void db_fcn_t(db_expr_t, int, db_expr_t, char *);

/* A command, or the name of a table of more. */
struct db_command {
	const char *name;		/* may be abbreviated */
	db_fcn_t *fcn;			/* what it does */
	int	flag;			/* CS_* */
	const struct db_command *more;	/* the next word's table */
};

#define CS_OWN		0x1	/* reads its own arguments */
#define CS_SET_DOT	0x4	/* leaves its address in db_dot */

extern vaddr_t db_dot;		/* the current address, "." */
extern vaddr_t db_last_addr;	/* the last one that was typed */
extern vaddr_t db_next;		/* what comes after the last one shown */
extern int db_cmd_loop_done;	/* the machine shall go on */

void	db_command_loop(void);
void	db_error(const char *) __dead;

/* db_examine.c, db_trace.c, db_interface.c, kern_proc.c */
db_fcn_t db_examine_cmd, db_print_cmd, db_stack_trace_cmd, db_show_regs;
db_fcn_t db_show_all_procs;

#endif /* _DDB_DB_COMMAND_H_ */
