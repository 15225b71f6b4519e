/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sh.h"

/* Trees as text (for jobs), and trees that outlive their line (functions). */

static void
print_words(struct xstring *out, char *const *words)
{
	for (; words != NULL && *words != NULL; words++) {
		xputs(out, *words);
		xputc(out, ' ');
	}
}

static void
print_redirections(struct xstring *out, const struct ioword *io)
{
	static const char *const signs[] = {
		[IOREAD] = "<", [IOWRITE] = ">", [IOCAT] = ">>",
		[IORDWR] = "<>", [IODUP] = ">&", [IOHERE] = "<<",
	};
	char unit[16];

	for (; io != NULL; io = io->next) {
		if (io->unit != (io->type == IOWRITE || io->type == IOCAT)) {
			snprintf(unit, sizeof(unit), "%d", io->unit);
			xputs(out, unit);
		}
		xputs(out, signs[io->type]);
		xputs(out, io->name);
		xputc(out, ' ');
	}
}

static void
print_joined(struct xstring *out, const struct op *t, const char *sign)
{
	tree_print(out, t->left);
	xputs(out, sign);
	tree_print(out, t->right);
}

static void
print_case(struct xstring *out, const struct op *t)
{
	const struct caseitem *item;

	xputs(out, "case ");
	xputs(out, t->str);
	xputs(out, " in ");
	for (item = t->cases; item != NULL; item = item->next) {
		print_words(out, item->patterns);
		xputs(out, ") ");
		if (item->body != NULL)
			tree_print(out, item->body);
		xputs(out, ";; ");
	}
	xputs(out, "esac ");
}

static void
print_if(struct xstring *out, const struct op *t)
{
	xputs(out, "if ");
	tree_print(out, t->cond);
	xputs(out, "; then ");
	tree_print(out, t->left);
	if (t->right != NULL) {
		xputs(out, "; else ");
		tree_print(out, t->right);
	}
	xputs(out, "; fi ");
}

/* The text of a command on one line; each part ends with a blank. */
void
tree_print(struct xstring *out, const struct op *t)
{
	if (t == NULL)
		return;
	switch (t->type) {
	case TCOM:
	case TEXEC:
		print_words(out, t->vars);
		print_words(out, t->args);
		break;
	case TPAREN:
		xputs(out, "( ");
		tree_print(out, t->left);
		xputs(out, ") ");
		break;
	case TBRACE:
		xputs(out, "{ ");
		tree_print(out, t->left);
		xputs(out, "; } ");
		break;
	case TPIPE:
		print_joined(out, t, "| ");
		break;
	case TLIST:
		print_joined(out, t, "; ");
		break;
	case TAND:
		print_joined(out, t, "&& ");
		break;
	case TOR:
		print_joined(out, t, "|| ");
		break;
	case TBANG:
		xputs(out, "! ");
		tree_print(out, t->left);
		break;
	case TASYNC:
		tree_print(out, t->left);
		xputs(out, "& ");
		break;
	case TFOR:
		xputs(out, "for ");
		xputs(out, t->str);
		xputs(out, " in ");
		print_words(out, t->args);
		xputs(out, "; do ");
		tree_print(out, t->left);
		xputs(out, "; done ");
		break;
	case TWHILE:
	case TUNTIL:
		xputs(out, t->type == TWHILE ? "while " : "until ");
		tree_print(out, t->left);
		xputs(out, "; do ");
		tree_print(out, t->right);
		xputs(out, "; done ");
		break;
	case TIF:
		print_if(out, t);
		break;
	case TCASE:
		print_case(out, t);
		break;
	case TFUNCT:
		xputs(out, t->str);
		xputs(out, "() ");
		tree_print(out, t->left);
		break;
	}
	print_redirections(out, t->ioact);
}

static char *
copy_string(const char *s)
{
	return s == NULL ? NULL : xstrdup(s);
}

static char **
copy_words(char *const *words)
{
	size_t n = 0, i;
	char **copy;

	if (words == NULL)
		return NULL;
	while (words[n] != NULL)
		n++;
	copy = xmalloc((n + 1) * sizeof(*copy));
	for (i = 0; i < n; i++)
		copy[i] = xstrdup(words[i]);
	copy[n] = NULL;
	return copy;
}

static void
free_words(char **words)
{
	char **w;

	for (w = words; w != NULL && *w != NULL; w++)
		free(*w);
	free(words);
}

static struct ioword *
copy_redirections(const struct ioword *io)
{
	struct ioword *copy;

	if (io == NULL)
		return NULL;
	copy = xmalloc(sizeof(*copy));
	*copy = *io;
	copy->name = copy_string(io->name);
	copy->text = copy_string(io->text);
	copy->next = copy_redirections(io->next);
	copy->next_heredoc = NULL;
	return copy;
}

static struct caseitem *
copy_cases(const struct caseitem *item)
{
	struct caseitem *copy;

	if (item == NULL)
		return NULL;
	copy = xmalloc(sizeof(*copy));
	copy->patterns = copy_words(item->patterns);
	copy->body = tree_copy(item->body);
	copy->next = copy_cases(item->next);
	return copy;
}

struct op *
tree_copy(const struct op *t)
{
	struct op *copy;

	if (t == NULL)
		return NULL;
	copy = xmalloc(sizeof(*copy));
	*copy = *t;
	copy->args = copy_words(t->args);
	copy->vars = copy_words(t->vars);
	copy->str = copy_string(t->str);
	copy->cond = tree_copy(t->cond);
	copy->left = tree_copy(t->left);
	copy->right = tree_copy(t->right);
	copy->cases = copy_cases(t->cases);
	copy->ioact = copy_redirections(t->ioact);
	return copy;
}

void
tree_free(struct op *t)
{
	struct caseitem *item;
	struct ioword *io;

	if (t == NULL)
		return;
	free_words(t->args);
	free_words(t->vars);
	free(t->str);
	tree_free(t->cond);
	tree_free(t->left);
	tree_free(t->right);
	while ((item = t->cases) != NULL) {
		t->cases = item->next;
		free_words(item->patterns);
		tree_free(item->body);
		free(item);
	}
	while ((io = t->ioact) != NULL) {
		t->ioact = io->next;
		free(io->name);
		free(io->text);
		free(io);
	}
	free(t);
}
