/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"

/*
 * Characters to tokens.  A word is kept as it was written, quotes and
 * substitutions included; its expansion reads it again.  To find the end of
 * a $( ) the parser is called: what it reads is captured on the way.
 */
#define READ_SIZE	512		/* bytes of one read of a file */

#define UNGET_MAX	4		/* characters that can be given back */

struct lex_state lexer;
int token;
char *token_text;

/* Read from s until lex_pop(). */
void
lex_push(struct source *s, struct lex_state *saved)
{
	*saved = lexer;
	memset(&lexer, 0, sizeof(lexer));
	lexer.source = s;
}

void
lex_pop(const struct lex_state *saved)
{
	xfree(&lexer.capture);
	lexer = *saved;
}

/* After an error: what was being read is forgotten. */
void
lex_reset(void)
{
	xfree(&lexer.capture);
	memset(&lexer, 0, sizeof(lexer));
}

static void
show_prompt(void)
{
	const char *prompt = var_get(lexer.started ? "PS2" : "PS1");

	shf_flush();
	if (prompt != NULL)
		dprintf(STDERR_FILENO, "%s", eval_heredoc(prompt));
}

/* Read the next piece of a file, or line of a terminal. */
static int
refill(struct source *s)
{
	char buf[READ_SIZE];
	ssize_t n;
	char tail[UNGET_MAX];
	size_t len = 0, kept, size;

	if (s->eof)
		return 0;
	if (s->type == STTY)
		show_prompt();
	/* The last characters stay, so that they can be given back. */
	kept = s->text.len < UNGET_MAX ? s->text.len : UNGET_MAX;
	if (kept > 0)
		memcpy(tail, s->text.buf + s->text.len - kept, kept);
	xfree(&s->text);
	xnputs(&s->text, tail, kept);
	size = s->bytewise && s->type != STTY ? 1 : sizeof(buf);
	for (;;) {
		n = read_interruptible(s->fd, buf, size);
		if (n == -1 && errno == EINTR) {
			trap_check();
			continue;
		}
		if (n <= 0)
			break;
		xnputs(&s->text, buf, n);
		len += n;
		if (!s->bytewise || buf[n - 1] == '\n')
			break;
	}
	/* At the end, too, the last characters can be given back. */
	if (s->text.buf != NULL) {
		s->str = s->text.buf + kept;
		s->end = s->text.buf + s->text.len;
	}
	if (len == 0) {
		s->eof = 1;
		return 0;
	}
	lexer.started = 1;
	return 1;
}

int
getsc(void)
{
	struct source *s = lexer.source;
	int c;

	for (;;) {
		if (s->type == SSTRING && *s->str == '\0')
			return 0;
		if (s->type != SSTRING && s->str == s->end) {
			if (!refill(s))
				return 0;
			continue;
		}
		/* A NUL in a file is skipped. */
		if ((c = (unsigned char)*s->str++) != '\0')
			break;
	}
	if (c == '\n')
		s->line++;
	if (lexer.capturing)
		xputc(&lexer.capture, c);
	return c;
}

void
ungetsc(int c)
{
	if (c == 0)
		return;
	lexer.source->str--;
	if (c == '\n')
		lexer.source->line--;
	if (lexer.capturing)
		lexer.capture.buf[--lexer.capture.len] = '\0';
}

/* A character, with backslash-newline taken away. */
static int
getsc_joined(void)
{
	int c;

	while ((c = getsc()) == '\\') {
		if ((c = getsc()) != '\n') {
			ungetsc(c);
			return '\\';
		}
	}
	return c;
}

static __dead void
unclosed(void)
{
	errorf("no closing quote");
}

static void	lex_double_quoted(struct xstring *);
static void	lex_dollar(struct xstring *);

static void
lex_single_quoted(struct xstring *w)
{
	int c;

	while ((c = getsc()) != '\'') {
		if (c == 0)
			unclosed();
		xputc(w, c);
	}
	xputc(w, c);
}

static void
lex_backquoted(struct xstring *w)
{
	int c;

	while ((c = getsc()) != '`') {
		if (c == 0)
			unclosed();
		xputc(w, c);
		if (c == '\\' && (c = getsc()) != 0)
			xputc(w, c);
	}
	xputc(w, c);
}

/* What follows $( up to its parenthesis: let the parser find it. */
static void
lex_command_substitution(struct xstring *w)
{
	struct ioword *saved = lexer.heredocs;
	size_t start;

	lexer.heredocs = NULL;
	if (lexer.capturing++ == 0)
		xfree(&lexer.capture);
	start = lexer.capture.len;
	compile_paren();
	xnputs(w, lexer.capture.buf + start, lexer.capture.len - start);
	lexer.capturing--;
	lexer.heredocs = saved;
}

/* ${...} or $((...)), to the brackets that close it. */
static void
lex_nested(struct xstring *w, int open, int close)
{
	int depth = 1, c;

	while (depth > 0) {
		c = getsc();
		if (c == 0)
			unclosed();
		xputc(w, c);
		if (c == close)
			depth--;
		else if (c == open && open == '(')
			depth++;
		else if (c == '\\' && (c = getsc()) != 0)
			xputc(w, c);
		else if (c == '\'' && open != '(')
			lex_single_quoted(w);
		else if (c == '"')
			lex_double_quoted(w);
		else if (c == '`')
			lex_backquoted(w);
		else if (c == '$')
			lex_dollar(w);
	}
}

/* Behind a $ that is already in w. */
static void
lex_dollar(struct xstring *w)
{
	int c = getsc();

	if (c == '{') {
		xputc(w, c);
		lex_nested(w, '{', '}');
		return;
	}
	if (c != '(') {
		ungetsc(c);
		return;
	}
	xputc(w, c);
	if ((c = getsc()) == '(') {
		xputc(w, c);
		lex_nested(w, '(', ')');
		if ((c = getsc()) != ')') {
			ungetsc(c);
			syntax_error("((");
		}
		xputc(w, c);
		return;
	}
	ungetsc(c);
	lex_command_substitution(w);
}

static void
lex_double_quoted(struct xstring *w)
{
	int c;

	while ((c = getsc()) != '"') {
		if (c == 0)
			unclosed();
		xputc(w, c);
		if (c == '\\' && (c = getsc()) != 0)
			xputc(w, c);
		else if (c == '`')
			lex_backquoted(w);
		else if (c == '$')
			lex_dollar(w);
	}
	xputc(w, c);
}

static int
is_metacharacter(int c)
{
	return c == 0 || strchr(" \t\n;&|<>()", c) != NULL;
}

static int
lex_word(int c)
{
	struct xstring w = { NULL, 0, 0 };
	size_t i;

	for (;; c = getsc()) {
		if (c == '\\') {
			if ((c = getsc()) == '\n')
				continue;
			xputc(&w, '\\');
			if (c == 0)
				break;
			xputc(&w, c);
			continue;
		}
		if (is_metacharacter(c))
			break;
		xputc(&w, c);
		if (c == '\'')
			lex_single_quoted(&w);
		else if (c == '"')
			lex_double_quoted(&w);
		else if (c == '`')
			lex_backquoted(&w);
		else if (c == '$')
			lex_dollar(&w);
	}
	ungetsc(c);
	for (i = 0; i < w.len && isdigit((unsigned char)w.buf[i]); i++)
		continue;
	token_text = xdone(&w);
	if ((c == '<' || c == '>') && i > 0 && token_text[i] == '\0')
		return REDIR_NUMBER;
	return WORD;
}

/* Operators, the longer ones first. */
static const struct operator {
	const char	*text;
	int		 token;
} operators[] = {
	{ "<<-", DLESSDASH }, { "<<", DLESS }, { "<&", LESSAND },
	{ "<>", LESSGREAT }, { "<", '<' }, { ">>", DGREAT },
	{ ">|", CLOBBER }, { ">&", GREATAND }, { ">", '>' },
	{ "&&", LOGAND }, { "&", '&' }, { "||", LOGOR }, { "|", '|' },
	{ ";;", BREAK }, { ";", ';' }, { "(", '(' }, { ")", ')' },
	{ "\n", '\n' },
};

static int
lex_operator(int first)
{
	const struct operator *op;
	size_t i, matched;
	int c;

	for (op = operators;; op++) {
		if (op->text[0] != first)
			continue;
		for (i = 1; op->text[i] != '\0'; i++) {
			if ((c = getsc_joined()) == op->text[i])
				continue;
			ungetsc(c);
			break;
		}
		if (op->text[i] == '\0')
			break;
		for (matched = i; matched > 1; matched--)
			ungetsc(op->text[matched - 1]);
	}
	token_text = str_save(first == '\n' ? "newline" : op->text);
	return op->token;
}

void
queue_heredoc(struct ioword *io)
{
	struct ioword **end = &lexer.heredocs;

	while (*end != NULL)
		end = &(*end)->next_heredoc;
	*end = io;
}

/* Read one document: the lines up to its delimiter. */
static char *
read_heredoc(const struct ioword *io)
{
	struct xstring text = { NULL, 0, 0 }, line = { NULL, 0, 0 };
	int c;

	for (;;) {
		xfree(&line);
		while ((c = getsc()) != 0 && c != '\n')
			if (c != '\t' || line.len > 0 || !io->strip_tabs)
				xputc(&line, c);
		if (strcmp(line.len > 0 ? line.buf : "", io->name) == 0)
			break;
		if (c == 0 && line.len == 0)
			errorf("here document `%s' unclosed", io->name);
		xnputs(&text, line.len > 0 ? line.buf : "", line.len);
		xputc(&text, '\n');
	}
	xfree(&line);
	return xdone(&text);
}

/* After a newline come the documents that its line asked for. */
static void
read_heredocs(void)
{
	struct ioword *io, *next;

	for (io = lexer.heredocs; io != NULL; io = next) {
		next = io->next_heredoc;
		io->text = read_heredoc(io);
	}
	lexer.heredocs = NULL;
}

void
unread_token(void)
{
	lexer.unread = 1;
}

int
next_token(void)
{
	int c;

	if (lexer.unread) {
		lexer.unread = 0;
		return token;
	}
	do
		c = getsc_joined();
	while (c == ' ' || c == '\t');
	if (c == '#') {
		while ((c = getsc()) != 0 && c != '\n')
			continue;
	}
	if (c == 0) {
		if (lexer.heredocs != NULL)
			errorf("here document `%s' unclosed",
			    lexer.heredocs->name);
		token_text = (char *)"EOF";
		return token = END;
	}
	if (is_metacharacter(c))
		token = lex_operator(c);
	else
		token = lex_word(c);
	if (token == '\n')
		read_heredocs();
	return token;
}
