/* SPDX-License-Identifier: ISC */
#ifndef _DDB_DB_VARIABLES_H_
#define _DDB_DB_VARIABLES_H_

#include <machine/db_machdep.h>

/* A register by its name. */
struct db_variable {
	const char *name;	/* without the $ */
	long	*valuep;	/* in ddb_regs */
};

extern struct db_variable db_regs[], *db_eregs;	/* db_interface.c */

int	db_get_variable(db_expr_t *);

#endif /* _DDB_DB_VARIABLES_H_ */
