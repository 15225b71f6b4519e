/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "sh.h"

/*
 * Tokens to a tree, by recursive descent.  Each function begins with the
 * token in question unread and reads what belongs to its part.
 */

static struct op	*and_or(void);
static struct op	*compound_list(void);

__dead void
syntax_error(const char *unmatched)
{
	if (unmatched != NULL)
		errorf("syntax error: `%s' unmatched", unmatched);
	errorf("syntax error: `%s' unexpected", token_text);
}

static int
peek_token(void)
{
	next_token();
	unread_token();
	return token;
}

static void
skip_newlines(void)
{
	while (next_token() == '\n')
		continue;
	unread_token();
}

static struct op *
new_op(enum op_type type, struct op *left, struct op *right)
{
	struct op *t = alloc(sizeof(*t));

	memset(t, 0, sizeof(*t));
	t->type = type;
	t->left = left;
	t->right = right;
	t->line = lexer.source->line;
	return t;
}

/* Whether the token at hand is this word, unquoted. */
static int
is_word(const char *word)
{
	return token == WORD && strcmp(token_text, word) == 0;
}

/* The words that end a list of commands. */
static int
ends_list(void)
{
	static const char *const closers[] = {
		"then", "else", "elif", "fi", "do", "done", "esac", "}",
	};
	size_t i;

	if (token == END || token == ')' || token == BREAK)
		return 1;
	for (i = 0; i < sizeof(closers) / sizeof(closers[0]); i++)
		if (is_word(closers[i]))
			return 1;
	return 0;
}

/* Read a word that must come now; opener is what it belongs to. */
static void
expect_word(const char *word, const char *opener)
{
	next_token();
	if (!is_word(word))
		syntax_error(token == END ? opener : NULL);
}

/* A word without its quotes; nothing is expanded. */
static char *
strip_quotes(const char *word)
{
	struct xstring plain = { NULL, 0, 0 };

	for (; *word != '\0'; word++) {
		if (*word == '\'' || *word == '"')
			continue;
		if (*word == '\\' && word[1] != '\0')
			word++;
		xputc(&plain, *word);
	}
	return xdone(&plain);
}

static struct ioword *
redirection(void)
{
	static const struct {
		int		 token;
		enum io_type	 type;
		int		 unit;
	} kinds[] = {
		{ '<', IOREAD, 0 }, { '>', IOWRITE, 1 }, { DGREAT, IOCAT, 1 },
		{ CLOBBER, IOWRITE, 1 }, { LESSGREAT, IORDWR, 0 },
		{ LESSAND, IODUP, 0 }, { GREATAND, IODUP, 1 },
		{ DLESS, IOHERE, 0 }, { DLESSDASH, IOHERE, 0 },
	};
	struct ioword *io = alloc(sizeof(*io));
	int unit = -1;
	size_t i;

	memset(io, 0, sizeof(*io));
	if (token == REDIR_NUMBER) {
		unit = atoi(token_text);
		next_token();
	}
	for (i = 0; kinds[i].token != token; i++)
		continue;
	io->type = kinds[i].type;
	io->unit = unit == -1 ? kinds[i].unit : unit;
	io->clobber = token == CLOBBER;
	io->strip_tabs = token == DLESSDASH;
	if (next_token() != WORD && token != REDIR_NUMBER)
		syntax_error(NULL);
	io->name = token_text;
	if (io->type == IOHERE) {
		io->quoted = strpbrk(io->name, "'\"\\") != NULL;
		io->name = strip_quotes(io->name);
		queue_heredoc(io);
	}
	return io;
}

static int
starts_redirection(void)
{
	return token == REDIR_NUMBER || token == '<' || token == '>' ||
	    token == DLESS || token == DLESSDASH || token == DGREAT ||
	    token == CLOBBER || token == LESSAND || token == GREATAND ||
	    token == LESSGREAT;
}

static struct op *	function_body(char *);

static struct op *
simple_command(void)
{
	struct op *t = new_op(TCOM, NULL, NULL);
	struct ioword **io = &t->ioact;
	struct xptrv args = { NULL, 0, 0 }, vars = { NULL, 0, 0 };

	for (;; next_token()) {
		if (starts_redirection()) {
			*io = redirection();
			io = &(*io)->next;
		} else if (token == WORD && args.n == 0 &&
		    assignment_name(token_text) > 0)
			xpput(&vars, token_text);
		else if (token == WORD || token == REDIR_NUMBER)
			xpput(&args, token_text);
		else if (token == '(' && args.n == 1 && vars.n == 0 &&
		    t->ioact == NULL) {
			if (next_token() != ')')
				syntax_error(NULL);
			return function_body(args.v[0]);
		} else
			break;
	}
	unread_token();
	if (args.n == 0 && vars.n == 0 && t->ioact == NULL)
		syntax_error(NULL);
	t->args = args.v;
	t->vars = vars.v;
	return t;
}

static struct op *
do_group(const char *opener)
{
	struct op *t;

	skip_newlines();
	expect_word("do", opener);
	t = compound_list();
	expect_word("done", opener);
	return t;
}

static struct op *
for_command(void)
{
	struct op *t = new_op(TFOR, NULL, NULL);
	struct xptrv words = { NULL, 0, 0 };

	if (next_token() != WORD)
		syntax_error(token == END ? "for" : NULL);
	if (!is_name(token_text, strlen(token_text)))
		errorf("%s: bad identifier", token_text);
	t->str = token_text;
	skip_newlines();
	next_token();
	if (is_word("in")) {
		while (next_token() == WORD || token == REDIR_NUMBER)
			xpput(&words, token_text);
		if (token != ';' && token != '\n')
			syntax_error(token == END ? "for" : NULL);
		t->args = words.n > 0 ? words.v : alloc(sizeof(char *));
		t->args[words.n] = NULL;
	} else if (token != ';')
		unread_token();
	t->left = do_group("for");
	return t;
}

static struct op *
if_command(const char *opener)
{
	struct op *t = new_op(TIF, NULL, NULL);

	t->cond = compound_list();
	expect_word("then", opener);
	t->left = compound_list();
	next_token();
	if (is_word("elif"))
		t->right = if_command(opener);
	else if (is_word("else")) {
		t->right = compound_list();
		expect_word("fi", opener);
	} else if (!is_word("fi"))
		syntax_error(token == END ? opener : NULL);
	return t;
}

static struct caseitem *
case_item(void)
{
	struct caseitem *item = alloc(sizeof(*item));
	struct xptrv patterns = { NULL, 0, 0 };

	if (token == '(')
		next_token();
	for (;; next_token()) {
		if (token != WORD && token != REDIR_NUMBER)
			syntax_error(token == END ? "case" : NULL);
		xpput(&patterns, token_text);
		if (next_token() != '|')
			break;
	}
	if (token != ')')
		syntax_error(token == END ? "case" : NULL);
	item->patterns = patterns.v;
	item->next = NULL;
	skip_newlines();
	peek_token();
	item->body = ends_list() ? NULL : compound_list();
	return item;
}

static struct op *
case_command(void)
{
	struct op *t = new_op(TCASE, NULL, NULL);
	struct caseitem **item = &t->cases;

	if (next_token() != WORD && token != REDIR_NUMBER)
		syntax_error(token == END ? "case" : NULL);
	t->str = token_text;
	skip_newlines();
	expect_word("in", "case");
	for (;;) {
		skip_newlines();
		next_token();
		if (is_word("esac"))
			return t;
		*item = case_item();
		item = &(*item)->next;
		next_token();
		if (is_word("esac"))
			return t;
		if (token != BREAK)
			syntax_error(token == END ? "case" : NULL);
	}
}

static struct op *
grouped(enum op_type type, struct op *body, struct op *cond)
{
	struct op *t = new_op(type, body, NULL);

	if (type == TWHILE || type == TUNTIL) {
		t->left = cond;
		t->right = body;
	}
	return t;
}

/* A command that begins with a reserved word or ( ; NULL if none does. */
static struct op *
compound_command(void)
{
	struct op *t;

	if (token == '(') {
		t = compound_list();
		if (next_token() != ')')
			syntax_error(token == END ? "(" : NULL);
		return grouped(TPAREN, t, NULL);
	}
	if (is_word("{")) {
		t = compound_list();
		expect_word("}", "{");
		return grouped(TBRACE, t, NULL);
	}
	if (is_word("if"))
		return if_command("if");
	if (is_word("for"))
		return for_command();
	if (is_word("case"))
		return case_command();
	if (is_word("while")) {
		t = compound_list();
		return grouped(TWHILE, do_group("while"), t);
	}
	if (is_word("until")) {
		t = compound_list();
		return grouped(TUNTIL, do_group("until"), t);
	}
	return NULL;
}

/* Redirections may follow a compound command as well. */
static struct op *
with_redirections(struct op *t)
{
	struct ioword **io = &t->ioact;

	while (next_token(), starts_redirection()) {
		*io = redirection();
		io = &(*io)->next;
	}
	unread_token();
	return t;
}

static struct op *
function_body(char *name)
{
	struct op *t = new_op(TFUNCT, NULL, NULL);

	if (!is_name(name, strlen(name)))
		errorf("%s: invalid function name", name);
	t->str = name;
	skip_newlines();
	next_token();
	if ((t->left = compound_command()) == NULL)
		syntax_error(NULL);
	with_redirections(t->left);
	return t;
}

static struct op *
command(void)
{
	struct op *t;

	next_token();
	if ((t = compound_command()) != NULL)
		return with_redirections(t);
	if (is_word("function")) {
		char *name;

		if (next_token() != WORD)
			syntax_error(NULL);
		name = token_text;
		if (next_token() != '(')
			unread_token();
		else if (next_token() != ')')
			syntax_error(NULL);
		return function_body(name);
	}
	if (ends_list())
		syntax_error(NULL);
	return simple_command();
}

static struct op *
pipeline(void)
{
	struct op *t;
	int negate = 0;

	while (next_token(), is_word("!"))
		negate = !negate;
	unread_token();
	t = command();
	if (next_token() == '|') {
		struct op *last;

		skip_newlines();
		t = last = new_op(TPIPE, t, NULL);
		while ((last->right = command()), next_token() == '|') {
			skip_newlines();
			last->right = new_op(TPIPE, last->right, NULL);
			last = last->right;
		}
	}
	unread_token();
	return negate ? new_op(TBANG, t, NULL) : t;
}

static struct op *
and_or(void)
{
	struct op *t = pipeline();

	while (next_token() == LOGAND || token == LOGOR) {
		enum op_type type = token == LOGAND ? TAND : TOR;

		skip_newlines();
		t = new_op(type, t, NULL);
		t->right = pipeline();
	}
	unread_token();
	return t;
}

static struct op *
append(struct op *list, struct op *t)
{
	return list == NULL ? t : new_op(TLIST, list, t);
}

/* Commands over any number of lines, up to a word that ends them. */
static struct op *
compound_list(void)
{
	struct op *list = NULL, *t;

	for (;;) {
		skip_newlines();
		peek_token();
		if (ends_list())
			break;
		t = and_or();
		next_token();
		list = append(list, token == '&' ? new_op(TASYNC, t, NULL) : t);
		if (token != ';' && token != '&' && token != '\n') {
			unread_token();
			break;
		}
	}
	if (list == NULL && token != END) {
		next_token();
		syntax_error(NULL);
	}
	return list;
}

/* The commands of one line; NULL if there is none, *eof if no line is. */
static struct op *
command_line(int *eof)
{
	struct op *list = NULL, *t;

	while (next_token() != '\n' && token != END) {
		unread_token();
		t = and_or();
		next_token();
		list = append(list, token == '&' ? new_op(TASYNC, t, NULL) : t);
		if (token == '\n' || token == END)
			break;
		if (token != ';' && token != '&')
			syntax_error(NULL);
	}
	*eof = token == END && list == NULL;
	return list;
}

/*
 * Read the next line of commands of a source.  The tree lives until the
 * caller's mark of the area is released.
 */
struct op *
compile(struct source *s, int *eof)
{
	struct lex_state saved;
	struct op *t;

	lex_push(s, &saved);
	t = command_line(eof);
	lex_pop(&saved);
	return t;
}

/* The commands of $( ), its ) included. */
struct op *
compile_paren(void)
{
	struct op *t;

	skip_newlines();
	peek_token();
	t = token == ')' ? NULL : compound_list();
	if (next_token() != ')')
		syntax_error(token == END ? "$(" : NULL);
	return t;
}
