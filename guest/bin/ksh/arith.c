/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "sh.h"

/*
 * Integer expressions, by precedence climbing.  Overflow wraps.  A variable
 * stands for its value, and one that is not set for 0.
 */
static const char *expression;		/* all of it, for messages */
static const char *at;			/* where we are */
static int evaluating;			/* 0 in the part && or || skips */

static long long	assignment(void);

static __dead void
bad_expression(const char *why)
{
	errorf("%s: %s", expression, why);
}

static void
skip_blanks(void)
{
	while (isspace((unsigned char)*at))
		at++;
}

/* Take an operator if it comes next. */
static int
accept(const char *op)
{
	size_t len = strlen(op);

	skip_blanks();
	if (strncmp(at, op, len) != 0)
		return 0;
	at += len;
	return 1;
}

static long long
number_of(const char *s)
{
	unsigned long long n;
	char *end;

	while (isspace((unsigned char)*s))
		s++;
	if (*s == '\0')
		return 0;
	n = strtoull(s, &end, 0);
	while (isspace((unsigned char)*end))
		end++;
	if (end == s || *end != '\0')
		bad_expression("bad number");
	return n;
}

static long long
primary(void)
{
	unsigned long long n;
	long long value;
	const char *start;
	char *end;

	skip_blanks();
	if (accept("(")) {
		value = assignment();
		if (!accept(")"))
			bad_expression("missing )");
		return value;
	}
	if (accept("!"))
		return !primary();
	if (accept("~"))
		return ~primary();
	if (accept("-"))
		return -(unsigned long long)primary();
	if (accept("+"))
		return primary();
	if (isdigit((unsigned char)*at)) {
		n = strtoull(at, &end, 0);
		if (isalnum((unsigned char)*end) || *end == '_')
			bad_expression("bad number");
		at = end;
		return n;
	}
	for (start = at; isalnum((unsigned char)*at) || *at == '_'; at++)
		continue;
	if (at == start)
		bad_expression("unexpected end or operator");
	start = var_get(str_nsave(start, at - start));
	return start == NULL ? 0 : number_of(start);
}

static const struct operator {
	char	text[3];
	int	precedence;		/* the larger, the tighter */
} operators[] = {
	{ "||", 1 }, { "&&", 2 }, { "|", 3 }, { "^", 4 }, { "&", 5 },
	{ "==", 6 }, { "!=", 6 }, { "<=", 7 }, { ">=", 7 }, { "<<", 8 },
	{ ">>", 8 }, { "<", 7 }, { ">", 7 }, { "+", 9 }, { "-", 9 },
	{ "*", 10 }, { "/", 10 }, { "%", 10 },
};

/* The operator that comes next, two characters before one. */
static const struct operator *
peek_operator(void)
{
	const struct operator *found = NULL, *op;
	size_t i;

	skip_blanks();
	for (i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		op = &operators[i];
		if (strncmp(at, op->text, strlen(op->text)) == 0 &&
		    (found == NULL || strlen(op->text) > strlen(found->text)))
			found = op;
	}
	return found;
}

static long long
divide(long long a, long long b, int remainder)
{
	if (!evaluating)
		return 0;
	if (b == 0)
		bad_expression("zero divisor");
	if (b == -1)
		return remainder ? 0 : (long long)-(unsigned long long)a;
	return remainder ? a % b : a / b;
}

static long long
apply(const char *op, long long a, long long b)
{
	unsigned long long ua = a, ub = b;

	switch (op[0] << CHAR_BIT | op[1]) {
	case '|' << CHAR_BIT | '|':
		return a || b;
	case '&' << CHAR_BIT | '&':
		return a && b;
	case '=' << CHAR_BIT | '=':
		return a == b;
	case '!' << CHAR_BIT | '=':
		return a != b;
	case '<' << CHAR_BIT | '=':
		return a <= b;
	case '>' << CHAR_BIT | '=':
		return a >= b;
	case '<' << CHAR_BIT | '<':
		return ua << (ub & 63);
	case '>' << CHAR_BIT | '>':
		return a >> (ub & 63);
	}
	switch (op[0]) {
	case '|':
		return a | b;
	case '^':
		return a ^ b;
	case '&':
		return a & b;
	case '<':
		return a < b;
	case '>':
		return a > b;
	case '+':
		return ua + ub;
	case '-':
		return ua - ub;
	case '*':
		return ua * ub;
	default:
		return divide(a, b, op[0] == '%');
	}
}

static long long
binary(int precedence)
{
	long long left = primary(), right;
	const struct operator *op;
	int saved;

	while ((op = peek_operator()) != NULL &&
	    op->precedence >= precedence) {
		at += strlen(op->text);
		saved = evaluating;
		if ((strcmp(op->text, "&&") == 0 && !left) ||
		    (strcmp(op->text, "||") == 0 && left))
			evaluating = 0;
		right = binary(op->precedence + 1);
		evaluating = saved;
		left = apply(op->text, left, right);
	}
	return left;
}

static long long
conditional(void)
{
	long long value = binary(1), yes, no;
	int saved = evaluating;

	if (!accept("?"))
		return value;
	evaluating = saved && value;
	yes = assignment();
	if (!accept(":"))
		bad_expression("missing :");
	evaluating = saved && !value;
	no = conditional();
	evaluating = saved;
	return value ? yes : no;
}

/* name = expression, or name += expression and the like. */
static long long
assignment(void)
{
	const char *start, *end, *op = "";
	char text[32], *name;
	long long value;

	skip_blanks();
	start = end = at;
	while (isalnum((unsigned char)*end) || *end == '_')
		end++;
	name = str_nsave(start, end - start);
	if (!is_name(name, strlen(name)))
		return conditional();
	at = end;
	skip_blanks();
	if (*at != '\0' && strchr("+-*/%&|^", *at) != NULL && at[1] == '=')
		op = at++;
	if (at[0] != '=' || at[1] == '=') {
		at = start;
		return conditional();
	}
	at++;
	value = assignment();
	if (*op != '\0') {
		const char *old = var_get(name);
		char single[3] = { *op, '\0', '\0' };

		value = apply(single, old != NULL ? number_of(old) : 0, value);
	}
	if (evaluating) {
		snprintf(text, sizeof(text), "%lld", value);
		var_set(name, text, 0);
	}
	return value;
}

long long
arith(const char *text)
{
	long long value;

	expression = at = text;
	evaluating = 1;
	skip_blanks();
	if (*at == '\0')
		return 0;
	value = assignment();
	skip_blanks();
	if (*at != '\0')
		bad_expression("unexpected text behind the expression");
	return value;
}
