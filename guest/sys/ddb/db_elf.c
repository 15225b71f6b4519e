/* SPDX-License-Identifier: ISC */
/*
 * The kernel's own ELF symbol table: the second link of the kernel puts the
 * first one's between ksyms and eksyms, so that every loader brings it.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <ddb/db_sym.h>

/* What stands at ksyms: sizes in bytes, then the symbols, then the names. */
struct ksyms_header {
	u_int64_t kh_symsize;		/* bytes of symbols */
	u_int64_t kh_strsize;		/* bytes of names */
};

extern const char ksyms[], eksyms[];

const Elf64_Sym *db_symtab;	/* the symbols */
const Elf64_Sym *db_symtab_end;	/* behind the last one */
const char *db_strtab;			/* their names */

/*
 * Find the table; returns 0 if the kernel was linked without one.
 */
int
db_elf_sym_init(void)
{
	const struct ksyms_header *kh = (const void *)ksyms;
	size_t size = eksyms - ksyms;

	if (size < sizeof(*kh) ||
	    kh->kh_symsize + kh->kh_strsize > size - sizeof(*kh))
		return 0;
	db_symtab = (const void *)(kh + 1);
	db_strtab = (const char *)db_symtab + kh->kh_symsize;
	db_symtab_end = (const void *)db_strtab;
	return 1;
}

db_sym_t
db_elf_sym_lookup(const char *name)
{
	const Elf64_Sym *sym;

	if (db_symtab == NULL && !db_elf_sym_init())
		return NULL;
	for (sym = db_symtab; sym < db_symtab_end; sym++)
		if (strcmp(db_strtab + sym->st_name, name) == 0)
			return sym;
	return NULL;
}

/*
 * Of several symbols at one address a global one is preferred, for that is
 * what a person would call it.
 */
db_sym_t
db_elf_sym_search(vaddr_t off, db_strategy_t strategy, db_expr_t *diffp)
{
	const Elf64_Sym *sym, *best = NULL;

	if (db_symtab == NULL && !db_elf_sym_init())
		return NULL;
	for (sym = db_symtab; sym < db_symtab_end; sym++) {
		if (strategy == DB_STGY_PROC &&
		    ELF_ST_TYPE(sym->st_info) != STT_FUNC)
			continue;
		if (sym->st_value > off || off - sym->st_value >= DB_MAXOFF)
			continue;
		if (best == NULL || sym->st_value > best->st_value ||
		    (sym->st_value == best->st_value &&
		    ELF_ST_BIND(best->st_info) == STB_LOCAL))
			best = sym;
	}
	*diffp = best == NULL ? 0 : off - best->st_value;
	return best;
}

void
db_elf_sym_values(db_sym_t sym, const char **namep, db_expr_t *valuep)
{
	if (namep != NULL)
		*namep = db_strtab + sym->st_name;
	if (valuep != NULL)
		*valuep = sym->st_value;
}
