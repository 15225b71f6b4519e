/* SPDX-License-Identifier: ISC */
#ifndef _DDB_DB_ACCESS_H_
#define _DDB_DB_ACCESS_H_

#include <machine/db_machdep.h>

db_expr_t db_get_value(vaddr_t, size_t, int);

/* db_memrw.c */
void	db_read_bytes(vaddr_t, size_t, char *);

#endif /* _DDB_DB_ACCESS_H_ */
