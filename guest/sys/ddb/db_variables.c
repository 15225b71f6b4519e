/* SPDX-License-Identifier: ISC */
#include <sys/param.h>
#include <sys/systm.h>
#include <ddb/db_command.h>
#include <ddb/db_lex.h>
#include <ddb/db_var.h>
#include <ddb/db_variables.h>

/*
 * The value of the register, or $radix, whose name comes next.
 */
int
db_get_variable(db_expr_t *valuep)
{
	struct db_variable *vp;

	if (db_read_token() == tIDENT) {
		for (vp = db_regs; vp < db_eregs; vp++)
			if (strcmp(vp->name, db_tok_string) == 0) {
				*valuep = *vp->valuep;
				return 1;
			}
		if (strcmp("radix", db_tok_string) == 0) {
			*valuep = db_radix;
			return 1;
		}
	}
	db_error("Unknown variable\n");
}
