/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "sh.h"

/* What a $ or a ` stands for. */

/* Behind a quoted text, whose opening character is at p. */
static const char *
skip_quotes(const char *p)
{
	char quote = *p++;

	for (; *p != '\0' && *p != quote; p++)
		if (*p == '\\' && quote != '\'' && p[1] != '\0')
			p++;
	return *p == '\0' ? p : p + 1;
}

/* To the bracket that closes the one before p, or to the end. */
static const char *
skip_nested(const char *p, char open, char close)
{
	int depth = 1;

	while (*p != '\0') {
		if (*p == close && --depth == 0)
			break;
		if (*p == open && (open == '(' || p[-1] == '$'))
			depth++;
		if (*p == '\'' || *p == '"' || *p == '`')
			p = skip_quotes(p);
		else if (p[0] == '$' && p[1] == '(' && open != '(') {
			p = skip_nested(p + 2, '(', ')');
			if (*p != '\0')
				p++;
		} else if (*p == '\\' && p[1] != '\0')
			p += 2;
		else
			p++;
	}
	return p;
}

/* Run a tree and put what it prints in place of the substitution. */
static void
emit_output(struct expansion *x, struct op *t, int quoted)
{
	struct xstring output = { NULL, 0, 0 };
	char *text;

	substitution_status = t == NULL ? 0 : capture_output(t, &output);
	while (output.len > 0 && output.buf[output.len - 1] == '\n')
		output.buf[--output.len] = '\0';
	text = xdone(&output);
	emit_value(x, text, quoted);
}

/* $( commands ), p behind the parenthesis. */
static const char *
expand_command(struct expansion *x, const char *p, int quoted)
{
	struct lex_state saved;
	struct source s;
	struct op *t;

	memset(&s, 0, sizeof(s));
	s.type = SSTRING;
	s.str = p;
	s.line = lexer.source != NULL ? lexer.source->line : 1;
	lex_push(&s, &saved);
	t = compile_paren();
	lex_pop(&saved);
	emit_output(x, t, quoted);
	return s.str;
}

/* ` commands `, p behind the first one. */
const char *
expand_backquote(struct expansion *x, const char *p, int quoted)
{
	struct xstring text = { NULL, 0, 0 };
	struct op *t, *all = NULL;
	struct source s;
	int eof = 0;

	for (; *p != '`' && *p != '\0'; p++) {
		if (*p == '\\' && (p[1] == '$' || p[1] == '`' ||
		    p[1] == '\\' || (quoted && p[1] == '"')))
			p++;
		xputc(&text, *p);
	}
	memset(&s, 0, sizeof(s));
	s.type = SSTRING;
	s.str = xdone(&text);
	while (!eof) {
		if ((t = compile(&s, &eof)) == NULL)
			continue;
		if (all != NULL) {
			struct op *list = alloc(sizeof(*list));

			memset(list, 0, sizeof(*list));
			list->type = TLIST;
			list->left = all;
			list->right = t;
			t = list;
		}
		all = t;
	}
	emit_output(x, all, quoted);
	return *p == '\0' ? p : p + 1;
}

/* $(( expression )), p behind both parentheses. */
static const char *
expand_arithmetic(struct expansion *x, const char *p, int quoted)
{
	const char *end = skip_nested(p, '(', ')');
	char number[32];

	snprintf(number, sizeof(number), "%lld",
	    arith(eval_heredoc(str_nsave(p, end - p))));
	emit_value(x, number, quoted);
	return end[0] == ')' && end[1] == ')' ? end + 2 : end;
}

/* $@ and $*: all parameters, with or without quotes. */
static void
emit_params(struct expansion *x, int which, int quoted)
{
	const char *ifs = var_get("IFS");
	int i;

	for (i = 0; i < params.argc; i++) {
		if (i > 0 && quoted && (which == '*' ||
		    (x->flags & DOSPLIT) == 0)) {
			if (ifs == NULL || which == '@')
				emit(x, ' ', 1);
			else if (*ifs != '\0')
				emit(x, (unsigned char)*ifs, 1);
		} else if (i > 0 && (x->flags & DOSPLIT)) {
			if (quoted)
				x->have_field = 1;
			end_field(x);
		} else if (i > 0)
			emit(x, ' ', 0);
		if (quoted)
			x->have_field = 1;
		emit_value(x, params.argv[i], quoted);
	}
}

/* The value of the parameter of this name; NULL if it is not set. */
static const char *
param_value(const char *name)
{
	static char joined_none[] = "";
	int n;

	if (isdigit((unsigned char)*name)) {
		for (n = 0; isdigit((unsigned char)*name); name++)
			if (n <= params.argc)
				n = n * 10 + (*name - '0');
		if (n == 0)
			return script_name;
		return n <= params.argc ? params.argv[n - 1] : NULL;
	}
	if (is_name(name, strlen(name)))
		return var_get(name);
	if (*name == '@' || *name == '*')
		return params.argc > 0 ? params.argv[0] : joined_none;
	return special_param((unsigned char)*name);
}

/* Length of the name of a parameter; 0 if there is none. */
static size_t
param_name_length(const char *p, int braces)
{
	size_t len = 0;

	if (isdigit((unsigned char)*p)) {
		do
			len++;
		while (braces && isdigit((unsigned char)p[len]));
		return len;
	}
	if (*p != '\0' && strchr("@*#?-$!", *p) != NULL)
		return 1;
	while (is_name(p, len + 1) && p[len] != '\0')
		len++;
	return len;
}

static void
emit_param(struct expansion *x, const char *name, int quoted)
{
	const char *value;

	if (*name == '@' || *name == '*') {
		emit_params(x, *name, quoted);
		return;
	}
	if ((value = param_value(name)) != NULL)
		emit_value(x, value, quoted);
	else if (f_nounset)
		errorf("%s: parameter not set", name);
}

/* Cut the shortest or longest match off the front or the back. */
static char *
trim(const char *value, const char *pattern, int front, int longest)
{
	size_t len = strlen(value), i, cut;

	for (i = 0; i <= len; i++) {
		cut = longest ? len - i : i;
		if (front && fnmatch(pattern, str_nsave(value, cut), 0) == 0)
			return str_save(value + cut);
		if (!front && fnmatch(pattern, value + len - cut, 0) == 0)
			return str_nsave(value, len - cut);
	}
	return str_save(value);
}

/* The word of an operator, which is split like any substitution. */
static void
emit_word(struct expansion *x, const char *word, int quoted)
{
	int saved = x->split_text;

	x->split_text = 1;
	expand_until(x, word, '\0', quoted);
	x->split_text = saved;
}

/* ${name op word}: p is at the operator. */
static void
apply_operator(struct expansion *x, const char *name, const char *p,
    const char *word, int quoted)
{
	const char *value = param_value(name);
	int colon = *p == ':', set;
	char op = p[colon];

	if (op == '#' || op == '%') {
		const char *pattern = eval_string(word, DOPATTERN);

		if (value != NULL)
			emit_value(x, trim(value, pattern, op == '#',
			    p[1] == op), quoted);
		return;
	}
	set = value != NULL && !(colon && *value == '\0');
	if ((*name == '@' || *name == '*') && params.argc == 0)
		set = 0;
	switch (op) {
	case '-':
	case '=':
	case '?':
		if (set)
			emit_param(x, name, quoted);
		else if (op == '-')
			emit_word(x, word, quoted);
		else if (op == '=') {
			if (!is_name(name, strlen(name)))
				errorf("${%s%s: bad substitution", name, p);
			var_set(name, eval_string(word, DOTILDE), 0);
			emit_param(x, name, quoted);
		} else
			errorf("%s: %s", name, *word != '\0' ?
			    eval_string(word, 0) : "parameter null or not set");
		break;
	case '+':
		if (set)
			emit_word(x, word, quoted);
		break;
	}
}

/* ${...}, p behind the brace. */
static const char *
expand_braces(struct expansion *x, const char *p, int quoted)
{
	const char *end = skip_nested(p, '{', '}'), *op;
	int length = p[0] == '#' && p[1] != '}';
	char number[32], *name;
	size_t len;

	if (length)
		p++;
	len = param_name_length(p, 1);
	name = str_nsave(p, len);
	op = p + len;
	if (len == 0 || *end == '\0' || op > end)
		errorf("${%s: bad substitution", p);
	if (length && op == end) {
		const char *value = param_value(name);

		snprintf(number, sizeof(number), "%zu", *name == '@' ||
		    *name == '*' ? (size_t)params.argc :
		    value != NULL ? strlen(value) : 0);
		emit_value(x, number, quoted);
	} else if (op == end)
		emit_param(x, name, quoted);
	else {
		const char *word = op + (*op == ':');

		if (length || *word == '\0' || strchr("-=?+#%", *word) ==
		    NULL || (*op == ':' && strchr("#%", *word) != NULL))
			errorf("${%s}: bad substitution", str_nsave(p, end - p));
		word += (*word == '#' || *word == '%') && word[1] == *word ?
		    2 : 1;
		apply_operator(x, name, op, str_nsave(word, end - word),
		    quoted);
	}
	return end + 1;
}

/* Anything that begins with a $, p behind it. */
const char *
expand_dollar(struct expansion *x, const char *p, int quoted)
{
	size_t len;

	if (p[0] == '(' && p[1] == '(')
		return expand_arithmetic(x, p + 2, quoted);
	if (*p == '(')
		return expand_command(x, p + 1, quoted);
	if (*p == '{')
		return expand_braces(x, p + 1, quoted);
	if ((len = param_name_length(p, 0)) == 0) {
		emit(x, '$', 1);
		return p;
	}
	emit_param(x, str_nsave(p, len), quoted);
	return p + len;
}
