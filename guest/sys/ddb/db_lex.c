/* SPDX-License-Identifier: ISC */
/*
 * Command lines as characters and tokens.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <ddb/db_command.h>
#include <ddb/db_lex.h>
#include <ddb/db_output.h>
#include <ddb/db_var.h>

db_expr_t db_tok_number;
char db_tok_string[TOK_STRING_SIZE];
int db_radix = 16;

char	db_line[DB_LINE_MAXLEN];	/* the line */
int	db_line_at;			/* next character of it */
int	db_line_len;			/* its length, '\n' included */
int	db_look_char;			/* character pushed back, or 0 */
int	db_look_token;			/* token pushed back, or 0 */

int	db_isalpha(int);
int	db_digit(int);
int	db_read_number(int);
int	db_read_ident(int);

/*
 * Read a line from the console; returns its length.
 */
int
db_read_line(void)
{
	db_line_len = db_readline(db_line, sizeof(db_line));
	db_line_at = 0;
	db_flush_lex();
	return db_line_len;
}

void
db_flush_line(void)
{
	db_line_at = db_line_len;
}

int
db_read_char(void)
{
	int c;

	if (db_look_char != 0) {
		c = db_look_char;
		db_look_char = 0;
		return c;
	}
	if (db_line_at >= db_line_len)
		return -1;
	return (u_char)db_line[db_line_at++];
}

void
db_unread_char(int c)
{
	db_look_char = c;
}

void
db_unread_token(int t)
{
	db_look_token = t;
}

void
db_flush_lex(void)
{
	db_look_char = 0;
	db_look_token = 0;
}

/*
 * Nothing more of this line is of interest.
 */
void
db_skip_to_eol(void)
{
	int t;

	do
		t = db_read_token();
	while (t != tEOL && t != tEOF);
}

int
db_isalpha(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/*
 * The value of a digit, in any radix we know; a large one for others.
 */
int
db_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 255;
}

/*
 * A number: 0x hexadecimal, 0t decimal, 0o octal, otherwise in db_radix.
 */
int
db_read_number(int c)
{
	db_expr_t value = 0;
	int radix = db_radix;

	if (c == '0') {
		c = db_read_char();
		if (c == 'x' || c == 'X')
			radix = 16;
		else if (c == 't' || c == 'T')
			radix = 10;
		else if (c == 'o' || c == 'O')
			radix = 8;
		else {
			db_unread_char(c);
			c = '0';
		}
		if (c != '0')
			c = db_read_char();
	}
	for (; db_digit(c) < radix; c = db_read_char())
		value = value * radix + db_digit(c);
	if (db_isalpha(c) || (c >= '0' && c <= '9'))
		db_error("Bad character in number\n");
	db_unread_char(c);
	db_tok_number = value;
	return tNUMBER;
}

int
db_read_ident(int c)
{
	size_t n = 0;

	for (; db_isalpha(c) || (c >= '0' && c <= '9') || c == '.';
	    c = db_read_char()) {
		if (n == sizeof(db_tok_string) - 1)
			db_error("String too long\n");
		db_tok_string[n++] = c;
	}
	db_tok_string[n] = '\0';
	db_unread_char(c);
	return tIDENT;
}

int
db_read_token(void)
{
	static const char single[] = "+-.*/=()%#,\"$!";
	static const int tokens[] = {
		tPLUS, tMINUS, tDOT, tSTAR, tSLASH, tEQ, tLPAREN, tRPAREN,
		tPCT, tHASH, tCOMMA, tDITTO, tDOLLAR, tEXCL
	};
	const char *cp;
	int c, c2;

	if (db_look_token != 0) {
		c = db_look_token;
		db_look_token = 0;
		return c;
	}
	do
		c = db_read_char();
	while (c == ' ' || c == '\t');
	if (c == -1)
		return tEOF;
	if (c == '\n' || c == ';')
		return tEOL;
	if (c >= '0' && c <= '9')
		return db_read_number(c);
	if (db_isalpha(c))
		return db_read_ident(c);
	if ((cp = strchr(single, c)) != NULL)
		return tokens[cp - single];
	if (c == '<' || c == '>') {
		c2 = db_read_char();
		if (c2 == c)
			return c == '<' ? tSHIFT_L : tSHIFT_R;
		db_unread_char(c2);
	}
	db_printf("Bad character\n");
	db_flush_line();
	return tEOF;
}
