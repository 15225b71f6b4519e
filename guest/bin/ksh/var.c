/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"

/* Variables, in the order of their names; functions; parameters. */
static struct var *variables;

struct function {
	char		*name;
	struct op	*body;
	struct function	*next;
};

static struct function *functions;

struct params params;
const char *script_name = "ksh";

int
is_name(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!isalpha((unsigned char)s[i]) && s[i] != '_' &&
		    (i == 0 || !isdigit((unsigned char)s[i])))
			return 0;
	return len > 0;
}

/* Length of the name if a word begins with "name=", else 0. */
size_t
assignment_name(const char *word)
{
	size_t len = strcspn(word, "=");

	return word[len] == '=' && is_name(word, len) ? len : 0;
}

/* Where the variable is linked in, or would be. */
static struct var **
var_link(const char *name)
{
	struct var **link = &variables;

	while (*link != NULL && strcmp((*link)->name, name) < 0)
		link = &(*link)->next;
	return link;
}

static struct var *
var_find(const char *name)
{
	struct var *v = *var_link(name);

	return v != NULL && strcmp(v->name, name) == 0 ? v : NULL;
}

const char *
var_get(const char *name)
{
	struct var *v = var_find(name);

	return v != NULL ? v->value : NULL;
}

/* Set a value (NULL: only flags) and add flags. */
void
var_set(const char *name, const char *value, int flags)
{
	struct var *v = var_find(name), **link;
	char *copy;

	if (v == NULL) {
		link = var_link(name);
		v = xmalloc(sizeof(*v));
		v->name = xstrdup(name);
		v->value = NULL;
		v->flags = 0;
		v->next = *link;
		*link = v;
	}
	if (value != NULL) {
		if (v->flags & READONLY)
			errorf("%s: is read only", name);
		copy = xstrdup(value);
		free(v->value);
		v->value = copy;
	}
	v->flags |= flags | (f_allexport && value != NULL ? EXPORT : 0);
}

void
var_unset(const char *name)
{
	struct var *v = var_find(name);

	if (v == NULL)
		return;
	if (v->flags & READONLY)
		errorf("%s: is read only", name);
	*var_link(name) = v->next;
	free(v->name);
	free(v->value);
	free(v);
}

void
var_assign(const char *assignment, int flags)
{
	size_t len = assignment_name(assignment);

	var_set(str_nsave(assignment, len), assignment + len + 1, flags);
}

/* Print a value so that the shell can read it again. */
static void
print_quoted(const char *s)
{
	if (*s != '\0' && strpbrk(s, " \t\n'\"\\$`;&|<>()*?[]#~!{}") == NULL) {
		printf("%s", s);
		return;
	}
	putchar('\'');
	for (; *s != '\0'; s++)
		if (*s == '\'')
			printf("'\\''");
		else
			putchar(*s);
	putchar('\'');
}

/* All variables, or those that have a flag. */
void
var_print(int flag)
{
	struct var *v;

	for (v = variables; v != NULL; v = v->next) {
		if ((flag != 0 && (v->flags & flag) == 0) ||
		    (flag == 0 && v->value == NULL))
			continue;
		if (flag != 0)
			printf(flag == EXPORT ? "export " : "readonly ");
		printf("%s", v->name);
		if (v->value != NULL) {
			putchar('=');
			print_quoted(v->value);
		}
		putchar('\n');
	}
}

/* What a program gets: the exported variables that are set. */
char **
var_environment(void)
{
	struct xptrv list = { NULL, 0, 0 };
	struct xstring entry = { NULL, 0, 0 };
	struct var *v;

	for (v = variables; v != NULL; v = v->next) {
		if ((v->flags & EXPORT) == 0 || v->value == NULL)
			continue;
		xputs(&entry, v->name);
		xputc(&entry, '=');
		xputs(&entry, v->value);
		xpput(&list, xdone(&entry));
	}
	if (list.n == 0) {
		xpput(&list, NULL);
		list.n = 0;
	}
	return list.v;
}

void
var_init(char **envp)
{
	char number[16];
	size_t len;

	for (; envp != NULL && *envp != NULL; envp++) {
		len = assignment_name(*envp);
		if (len > 0) {
			char *name = str_nsave(*envp, len);

			/* The prompt and IFS are our own. */
			if (strcmp(name, "IFS") != 0 &&
			    strcmp(name, "PS1") != 0)
				var_set(name, *envp + len + 1, EXPORT);
		}
	}
	var_set("IFS", " \t\n", 0);
	var_set("PS1", geteuid() == 0 ? "# " : "$ ", 0);
	var_set("PS2", "> ", 0);
	var_set("PS4", "+ ", 0);
	if (var_get("PATH") == NULL)
		var_set("PATH", "/bin:/sbin:/usr/bin", EXPORT);
	snprintf(number, sizeof(number), "%d", (int)getppid());
	var_set("PPID", number, 0);
}

/* $? $# $$ $! $- as text; NULL if it has no value. */
const char *
special_param(int c)
{
	static char text[32];

	switch (c) {
	case '?':
		snprintf(text, sizeof(text), "%d", exstat);
		return text;
	case '#':
		snprintf(text, sizeof(text), "%d", params.argc);
		return text;
	case '$':
		snprintf(text, sizeof(text), "%d", (int)shell_pid);
		return text;
	case '!':
		if (j_async() == 0)
			return NULL;
		snprintf(text, sizeof(text), "%d", (int)j_async());
		return text;
	case '-':
		option_letters(text, sizeof(text));
		return text;
	default:
		return NULL;
	}
}

/* Put a variable aside, in front of those that already are. */
struct saved_var *
var_save(const char *name, struct saved_var *others)
{
	struct saved_var *saved = alloc(sizeof(*saved));
	struct var *v = var_find(name);

	saved->name = str_save(name);
	saved->value = v != NULL && v->value != NULL ? str_save(v->value) :
	    NULL;
	saved->flags = v != NULL ? v->flags : 0;
	saved->next = others;
	return saved;
}

void
var_restore(struct saved_var *saved)
{
	for (; saved != NULL; saved = saved->next) {
		var_unset(saved->name);
		if (saved->value != NULL || saved->flags != 0)
			var_set(saved->name, saved->value, saved->flags);
	}
}

static struct function **
function_link(const char *name)
{
	struct function **link = &functions;

	while (*link != NULL && strcmp((*link)->name, name) != 0)
		link = &(*link)->next;
	return link;
}

struct op *
function_get(const char *name)
{
	struct function *f = *function_link(name);

	return f != NULL ? f->body : NULL;
}

void
function_unset(const char *name)
{
	struct function **link = function_link(name), *f = *link;

	if (f == NULL)
		return;
	*link = f->next;
	free(f->name);
	/* A function that unsets itself still runs: its tree stays. */
	if (function_depth == 0)
		tree_free(f->body);
	free(f);
}

void
function_set(const char *name, const struct op *body)
{
	struct function *f = xmalloc(sizeof(*f));

	f->body = tree_copy(body);
	function_unset(name);
	f->name = xstrdup(name);
	f->next = functions;
	functions = f;
}
