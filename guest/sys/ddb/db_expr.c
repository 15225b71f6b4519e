/* SPDX-License-Identifier: ISC */
/*
 * Expressions: numbers, symbols, registers, "." and C's operators for them.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <ddb/db_access.h>
#include <ddb/db_command.h>
#include <ddb/db_lex.h>
#include <ddb/db_sym.h>
#include <ddb/db_variables.h>

int	db_term(db_expr_t *);
int	db_unary(db_expr_t *);
int	db_mult_expr(db_expr_t *);
int	db_add_expr(db_expr_t *);
int	db_shift_expr(db_expr_t *);

int
db_term(db_expr_t *valuep)
{
	int t = db_read_token();

	switch (t) {
	case tIDENT:
		if (!db_value_of_name(db_tok_string, valuep))
			db_error("Symbol not found\n");
		return 1;
	case tNUMBER:
		*valuep = db_tok_number;
		return 1;
	case tDOT:
		*valuep = (db_expr_t)db_dot;
		return 1;
	case tPLUS:
		*valuep = (db_expr_t)db_next;
		return 1;
	case tDITTO:
		*valuep = (db_expr_t)db_last_addr;
		return 1;
	case tDOLLAR:
		return db_get_variable(valuep);
	case tLPAREN:
		if (!db_expression(valuep) || db_read_token() != tRPAREN)
			db_error("Syntax error\n");
		return 1;
	default:
		db_unread_token(t);
		return 0;
	}
}

int
db_unary(db_expr_t *valuep)
{
	int t = db_read_token();

	if (t != tMINUS && t != tSTAR) {
		db_unread_token(t);
		return db_term(valuep);
	}
	if (!db_unary(valuep))
		db_error("Expression syntax error\n");
	if (t == tMINUS)
		*valuep = -*valuep;
	else
		*valuep = db_get_value((vaddr_t)*valuep, sizeof(vaddr_t), 0);
	return 1;
}

int
db_mult_expr(db_expr_t *valuep)
{
	db_expr_t lhs, rhs;
	int t;

	if (!db_unary(&lhs))
		return 0;
	while ((t = db_read_token()) == tSTAR || t == tSLASH || t == tPCT ||
	    t == tHASH) {
		if (!db_term(&rhs))
			db_error("Expression syntax error\n");
		if (t == tSTAR) {
			lhs *= rhs;
			continue;
		}
		if (rhs == 0)
			db_error("Divide by 0\n");
		if (t == tSLASH)
			lhs /= rhs;
		else if (t == tPCT)
			lhs %= rhs;
		else			/* up to the next multiple */
			lhs = (lhs + rhs - 1) / rhs * rhs;
	}
	db_unread_token(t);
	*valuep = lhs;
	return 1;
}

int
db_add_expr(db_expr_t *valuep)
{
	db_expr_t lhs, rhs;
	int t;

	if (!db_mult_expr(&lhs))
		return 0;
	while ((t = db_read_token()) == tPLUS || t == tMINUS) {
		if (!db_mult_expr(&rhs))
			db_error("Expression syntax error\n");
		lhs = t == tPLUS ? lhs + rhs : lhs - rhs;
	}
	db_unread_token(t);
	*valuep = lhs;
	return 1;
}

int
db_shift_expr(db_expr_t *valuep)
{
	db_expr_t lhs, rhs;
	int t;

	if (!db_add_expr(&lhs))
		return 0;
	while ((t = db_read_token()) == tSHIFT_L || t == tSHIFT_R) {
		if (!db_add_expr(&rhs))
			db_error("Syntax error\n");
		if (rhs < 0 || rhs >= 64)
			db_error("Negative or too large shift amount\n");
		lhs = t == tSHIFT_L ? lhs << rhs : (long)((u_long)lhs >> rhs);
	}
	db_unread_token(t);
	*valuep = lhs;
	return 1;
}

/*
 * Read an expression; returns 0 if none begins here.
 */
int
db_expression(db_expr_t *valuep)
{
	return db_shift_expr(valuep);
}
