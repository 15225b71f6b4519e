/* SPDX-License-Identifier: ISC */
/*
 * Addresses and names.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <ddb/db_sym.h>

/*
 * The value of a symbol; returns 0 if there is none of this name.
 */
int
db_value_of_name(const char *name, db_expr_t *valuep)
{
	db_sym_t sym = db_elf_sym_lookup(name);

	if (sym == NULL)
		return 0;
	db_elf_sym_values(sym, NULL, valuep);
	return 1;
}

/*
 * The nearest symbol at or below an address and how far the address is
 * from it, or NULL.
 */
db_sym_t
db_search_symbol(vaddr_t val, db_strategy_t strategy, db_expr_t *offp)
{
	return db_elf_sym_search(val, strategy, offp);
}

void
db_symbol_values(db_sym_t sym, const char **namep, db_expr_t *valuep)
{
	db_elf_sym_values(sym, namep, valuep);
}

/*
 * Print an address as name+0xoffset, or as a number when nothing is near.
 */
void
db_printsym(db_expr_t addr, db_strategy_t strategy,
    int (*pr)(const char *, ...))
{
	const char *name;
	db_expr_t off, value;
	db_sym_t sym = db_search_symbol(addr, strategy, &off);

	if (sym == NULL) {
		(*pr)("0x%lx", addr);
		return;
	}
	db_symbol_values(sym, &name, &value);
	if (off == 0)
		(*pr)("%s", name);
	else
		(*pr)("%s+0x%lx", name, off);
}
