/* SPDX-License-Identifier: ISC */
#ifndef _DDB_DB_LEX_H_
#define _DDB_DB_LEX_H_

#include <machine/db_machdep.h>

#define DB_LINE_MAXLEN	120	/* bytes of a command line */
#define TOK_STRING_SIZE	120	/* bytes of an identifier */

extern db_expr_t db_tok_number;			/* value of a tNUMBER */
extern char db_tok_string[TOK_STRING_SIZE];	/* text of a tIDENT */

/* Tokens. */
#define tEOF		(-1)	/* no more input */
#define tEOL		1	/* end of the line */
#define tNUMBER		2	/* number */
#define tIDENT		3	/* name of a command or symbol */
#define tPLUS		4	/* + */
#define tMINUS		5	/* - */
#define tDOT		6	/* . */
#define tSTAR		7	/* * */
#define tSLASH		8	/* / */
#define tEQ		9	/* = */
#define tLPAREN		10	/* ( */
#define tRPAREN		11	/* ) */
#define tPCT		12	/* % */
#define tHASH		13	/* # */
#define tCOMMA		14	/* , */
#define tDITTO		15	/* " */
#define tDOLLAR		16	/* $ */
#define tEXCL		17	/* ! */
#define tSHIFT_L	18	/* << */
#define tSHIFT_R	19	/* >> */

int	db_read_line(void);
void	db_flush_line(void);
int	db_read_char(void);
void	db_unread_char(int);
int	db_read_token(void);
void	db_unread_token(int);
void	db_flush_lex(void);
void	db_skip_to_eol(void);

/* db_expr.c */
int	db_expression(db_expr_t *);

/* db_input.c */
int	db_readline(char *, int);

#endif /* _DDB_DB_LEX_H_ */
