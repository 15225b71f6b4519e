/* SPDX-License-Identifier: ISC */
#include <pwd.h>
#include <string.h>

#include "sh.h"

/*
 * Words as they were written to words as a command gets them.  While a field
 * is being made, quoted characters that mean something in a pattern have a
 * backslash in front; it goes when the field is done.
 */

/* Add a character that was quoted, or was not. */
void
emit(struct expansion *x, int c, int quoted)
{
	if ((quoted && strchr("*?[]\\-!^", c) != NULL) || c == '\\')
		xputc(&x->field, '\\');
	xputc(&x->field, c);
}

void
end_field(struct expansion *x)
{
	char *field;

	if (x->field.len == 0 && !x->have_field)
		return;
	x->have_field = 0;
	field = xdone(&x->field);
	if ((x->flags & DOGLOB) && !f_noglob && has_glob(field))
		glob(&x->fields, field);
	else
		xpput(&x->fields, x->flags & DOPATTERN ? field :
		    unescape(field));
}

static int
is_ifs_space(const char *ifs, int c)
{
	return (c == ' ' || c == '\t' || c == '\n') && strchr(ifs, c) != NULL;
}

/*
 * Add the result of a substitution.  Outside of quotes it is split where IFS
 * says: blanks only separate, any other character ends a field each time.
 */
void
emit_value(struct expansion *x, const char *value, int quoted)
{
	const char *ifs = var_get("IFS");

	if (ifs == NULL)
		ifs = " \t\n";
	if (quoted || (x->flags & DOSPLIT) == 0) {
		for (; *value != '\0'; value++)
			emit(x, (unsigned char)*value, quoted);
		return;
	}
	while (*value != '\0') {
		if (strchr(ifs, *value) == NULL) {
			emit(x, (unsigned char)*value++, 0);
			continue;
		}
		while (is_ifs_space(ifs, *value))
			value++;
		if (*value != '\0' && strchr(ifs, *value) != NULL) {
			x->have_field = 1;
			value++;
			while (is_ifs_space(ifs, *value))
				value++;
		}
		end_field(x);
	}
}

static const char *
expand_single_quoted(struct expansion *x, const char *p)
{
	x->have_field = 1;
	for (; *p != '\'' && *p != '\0'; p++)
		emit(x, (unsigned char)*p, 1);
	return *p == '\0' ? p : p + 1;
}

static const char *
expand_double_quoted(struct expansion *x, const char *p)
{
	/* "$@" without parameters is no field at all. */
	if (strncmp(p, "$@\"", 3) == 0 && params.argc == 0)
		return p + 3;
	x->have_field = 1;
	p = expand_until(x, p, '"', 1);
	return *p == '\0' ? p : p + 1;
}

/*
 * Expand up to an unquoted end character or the end.  Between double quotes
 * only $, ` and some backslashes have a meaning.
 */
const char *
expand_until(struct expansion *x, const char *p, int end, int quoted)
{
	while (*p != '\0' && *p != end) {
		switch (*p) {
		case '\\':
			if (quoted && (p[1] == '\0' ||
			    strchr("$`\"\\\n", p[1]) == NULL)) {
				emit(x, *p++, 1);
				break;
			}
			if (*++p == '\0')
				break;
			if (*p != '\n')
				emit(x, (unsigned char)*p, 1);
			p++;
			break;
		case '\'':
			if (quoted)
				emit(x, *p++, 1);
			else
				p = expand_single_quoted(x, p + 1);
			break;
		case '"':
			if (quoted)
				emit(x, *p++, 1);
			else
				p = expand_double_quoted(x, p + 1);
			break;
		case '$':
			p = expand_dollar(x, p + 1, quoted);
			break;
		case '`':
			p = expand_backquote(x, p + 1, quoted);
			break;
		default:
			if (x->split_text && !quoted)
				emit_value(x, str_nsave(p, 1), 0);
			else
				emit(x, (unsigned char)*p, quoted);
			p++;
			break;
		}
	}
	return p;
}

/* ~ or ~name in front of a word, up to a slash: a home directory. */
static const char *
expand_tilde(struct expansion *x, const char *word)
{
	size_t len = strcspn(word, "/");
	const char *home;
	struct passwd *pw;

	if (word[0] != '~' || strcspn(word, "'\"\\$`") < len)
		return word;
	if (len == 1)
		home = var_get("HOME");
	else {
		pw = getpwnam(str_nsave(word + 1, len - 1));
		home = pw != NULL ? pw->pw_dir : NULL;
	}
	if (home == NULL)
		return word;
	for (; *home != '\0'; home++)
		emit(x, (unsigned char)*home, 1);
	return word + len;
}

static void
expand_word(struct expansion *x, const char *word)
{
	if (x->flags & DOTILDE)
		word = expand_tilde(x, word);
	expand_until(x, word, '\0', 0);
}

/* The fields that a list of words becomes. */
char **
eval(char *const *words, int flags)
{
	struct expansion x;
	char **none;

	memset(&x, 0, sizeof(x));
	x.flags = flags;
	for (; words != NULL && *words != NULL; words++) {
		expand_word(&x, *words);
		end_field(&x);
	}
	if (x.fields.n > 0)
		return x.fields.v;
	none = alloc(sizeof(*none));
	none[0] = NULL;
	return none;
}

/* A word that becomes one string, whatever is in it. */
char *
eval_string(const char *word, int flags)
{
	struct expansion x;
	char *s;

	memset(&x, 0, sizeof(x));
	x.flags = flags;
	expand_word(&x, word);
	s = xdone(&x.field);
	return flags & DOPATTERN ? s : unescape(s);
}

/* A text in which only what works between double quotes is expanded. */
char *
eval_heredoc(const char *text)
{
	struct expansion x;

	memset(&x, 0, sizeof(x));
	expand_until(&x, text, '\0', 1);
	return unescape(xdone(&x.field));
}
