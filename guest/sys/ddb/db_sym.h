/* SPDX-License-Identifier: ISC */
#ifndef _DDB_DB_SYM_H_
#define _DDB_DB_SYM_H_

#include <sys/exec_elf.h>
#include <machine/db_machdep.h>

/* A symbol of the kernel. */
typedef const Elf64_Sym *db_sym_t;

/* Which symbols a search takes. */
typedef int db_strategy_t;
#define DB_STGY_ANY	0	/* any */
#define DB_STGY_PROC	1	/* functions */

#define DB_MAXOFF	0x10000000	/* farther away is nothing near */

/* db_elf.c */
int	db_elf_sym_init(void);
db_sym_t db_elf_sym_lookup(const char *);
db_sym_t db_elf_sym_search(vaddr_t, db_strategy_t, db_expr_t *);
void	db_elf_sym_values(db_sym_t, const char **, db_expr_t *);

/* db_sym.c */
int	db_value_of_name(const char *, db_expr_t *);
db_sym_t db_search_symbol(vaddr_t, db_strategy_t, db_expr_t *);
void	db_symbol_values(db_sym_t, const char **, db_expr_t *);
void	db_printsym(db_expr_t, db_strategy_t, int (*)(const char *, ...));

#endif /* _DDB_DB_SYM_H_ */
