/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"

/* Walking the tree. */

#define STATUS_NOEXEC	126		/* found, but cannot be executed */
#define STATUS_NOTFOUND	127

enum unwind unwinding;
int unwind_levels, loop_depth, function_depth;
int exstat, substitution_status;

static int
is_executable(const char *path, int *error)
{
	struct stat st;

	if (stat(path, &st) == -1)
		*error = errno;
	else if (S_ISDIR(st.st_mode))
		*error = EISDIR;
	else if (access(path, X_OK) == -1)
		*error = errno;
	else
		return 1;
	return 0;
}

/*
 * The file that a command's name stands for: the name if there is a slash in
 * it, else the first in PATH.  NULL and an errno if there is none.
 */
char *
find_command(const char *name, int *error)
{
	const char *path = var_get("PATH"), *end;
	int why, seen = ENOENT;

	if (strchr(name, '/') != NULL)
		return is_executable(name, error) ? str_save(name) : NULL;
	for (path = path != NULL ? path : "";; path = end + 1) {
		struct xstring file = { NULL, 0, 0 };
		char *candidate;

		end = path + strcspn(path, ":");
		if (end > path) {
			xnputs(&file, path, end - path);
			xputc(&file, '/');
		}
		xputs(&file, name);
		candidate = xdone(&file);
		if (is_executable(candidate, &why))
			return candidate;
		if (why != ENOENT && why != ENOTDIR && why != EISDIR)
			seen = why;
		if (*end == '\0')
			break;
	}
	*error = seen;
	return NULL;
}

/* Say why there is no such command; its exit status. */
static int
not_found(const char *name, int error)
{
	if (error == ENOENT || error == ENOTDIR) {
		warningf("%s: not found", name);
		return STATUS_NOTFOUND;
	}
	warningf("%s: cannot execute - %s", name, strerror(error));
	return STATUS_NOEXEC;
}

/* Become a program.  A file of an unknown format is a script of ours. */
__dead void
exec_program(char *path, char **args, const char *name)
{
	struct xptrv script = { NULL, 0, 0 };
	char **env = var_environment();

	shf_flush();
	execve(path, args, env);
	if (errno == ENOEXEC) {
		xpput(&script, str_save("ksh"));
		for (xpput(&script, path); *++args != NULL;)
			xpput(&script, *args);
		execve("/bin/ksh", script.v, env);
	}
	quit(not_found(name, errno));
}

static void
trace(char **assignments, char **args)
{
	const char *prompt = var_get("PS4");
	const char *sep = "";

	shf_flush();
	fprintf(stderr, "%s", prompt != NULL ? eval_heredoc(prompt) : "");
	for (; *assignments != NULL; assignments++, sep = " ")
		fprintf(stderr, "%s%s", sep, *assignments);
	for (; *args != NULL; args++, sep = " ")
		fprintf(stderr, "%s%s", sep, *args);
	fputc('\n', stderr);
}

/* The assignments in front of a command, with their values expanded. */
static char **
eval_assignments(char *const *vars)
{
	struct xptrv list = { NULL, 0, 0 };
	struct xstring one = { NULL, 0, 0 };
	size_t len;

	for (; vars != NULL && *vars != NULL; vars++) {
		len = assignment_name(*vars) + 1;
		xnputs(&one, *vars, len);
		xputs(&one, eval_string(*vars + len, DOTILDE));
		xpput(&list, xdone(&one));
	}
	xpput(&list, NULL);
	return list.v;
}

static int
call_function(struct op *body, char **args, int flags)
{
	struct params saved = params;
	int loops = loop_depth, rv;

	params.argv = args + 1;
	for (params.argc = 0; params.argv[params.argc] != NULL;)
		params.argc++;
	loop_depth = 0;
	function_depth++;
	rv = execute(body, flags & XERROK);
	function_depth--;
	loop_depth = loops;
	params = saved;
	if (unwinding == UNWIND_RETURN) {
		unwinding = UNWIND_NONE;
		rv = exstat;
	}
	return rv;
}

static int
call_builtin(const struct builtin *b, char **args)
{
	const char *outer = builtin_name;
	int rv;

	builtin_name = b->name;
	rv = b->func(args);
	shf_flush();
	builtin_name = outer;
	return rv;
}

/* Run something of the shell itself with assignments in front of it. */
static int
run_inside(const struct builtin *b, struct op *function, char **assignments,
    char **args, int flags)
{
	struct saved_var *saved = NULL;
	int keep = b != NULL && b->special, rv;
	char **a;

	for (a = assignments; *a != NULL; a++) {
		if (!keep)
			saved = var_save(str_nsave(*a, assignment_name(*a)),
			    saved);
		var_assign(*a, keep ? 0 : EXPORT);
	}
	rv = b != NULL ? call_builtin(b, args) :
	    call_function(function, args, flags);
	var_restore(saved);
	return rv;
}

/* A simple command. */
static int
comexec(struct op *t, int flags)
{
	const struct builtin *b = NULL;
	struct op *function = NULL, program;
	char **assignments, **args, *path;
	int error;

	substitution_status = 0;
	args = eval(t->args, DOSPLIT | DOGLOB | DOTILDE);
	assignments = eval_assignments(t->vars);
	if (f_xtrace)
		trace(assignments, args);
	if (args[0] == NULL) {
		for (; *assignments != NULL; assignments++)
			var_assign(*assignments, 0);
		return substitution_status;
	}
	if ((b = builtin_get(args[0])) == NULL || !b->special)
		function = function_get(args[0]);
	if (function != NULL)
		b = NULL;
	if (b != NULL || function != NULL)
		return run_inside(b, function, assignments, args, flags);
	if ((path = find_command(args[0], &error)) == NULL)
		return not_found(args[0], error);
	memset(&program, 0, sizeof(program));
	program.type = TEXEC;
	program.str = path;
	program.args = args;
	program.vars = assignments;
	program.line = t->line;
	if (flags & XEXEC)
		return execute(&program, flags);
	return exchild(&program, flags, -1, -1, -1);
}

/* In a child: nothing comes back from here. */
static __dead void
run_program(struct op *t)
{
	char **a;

	for (a = t->vars; *a != NULL; a++)
		var_assign(*a, EXPORT);
	exec_program(t->str, t->args, t->args[0]);
}

static int
run_pipeline(struct op *t, int flags)
{
	int in = -1, fds[2], how = flags & (XBGND | XERROK);

	for (; t->type == TPIPE; t = t->right) {
		if (pipe(fds) == -1)
			errorf("cannot create pipe - %s", strerror(errno));
		fds[0] = move_high(fds[0]);
		fds[1] = move_high(fds[1]);
		exchild(t->left, how | XPIPEO | (in == -1 ? 0 : XPIPEI), in,
		    fds[1], fds[0]);
		in = fds[0];
	}
	return exchild(t, how | XPIPEI, in, -1, -1);
}

/*
 * After a round of a loop: whether the loop goes on.  break N and continue N
 * leave N - 1 loops on their way.
 */
static int
loop_continues(void)
{
	trap_check();
	if (unwinding == UNWIND_NONE)
		return 1;
	if (unwinding == UNWIND_RETURN)
		return 0;
	if (--unwind_levels > 0)
		return 0;
	if (unwinding == UNWIND_CONTINUE) {
		unwinding = UNWIND_NONE;
		return 1;
	}
	unwinding = UNWIND_NONE;
	return 0;
}

static int
run_while(struct op *t, int flags)
{
	struct area_mark mark;
	int rv = 0, status;

	loop_depth++;
	for (;;) {
		mark = area_mark();
		status = execute(t->left, XERROK);
		if (unwinding != UNWIND_NONE || (status == 0) !=
		    (t->type == TWHILE)) {
			area_release(mark);
			if (unwinding == UNWIND_NONE || !loop_continues())
				break;
			continue;
		}
		rv = execute(t->right, flags & XERROK);
		area_release(mark);
		if (!loop_continues())
			break;
	}
	loop_depth--;
	return rv;
}

static int
run_for(struct op *t, int flags)
{
	struct area_mark mark;
	char **words;
	int rv = 0;

	words = t->args != NULL ? eval(t->args, DOSPLIT | DOGLOB | DOTILDE) :
	    params.argv;
	loop_depth++;
	for (; words != NULL && *words != NULL; words++) {
		mark = area_mark();
		var_set(t->str, *words, 0);
		rv = execute(t->left, flags & XERROK);
		area_release(mark);
		if (!loop_continues())
			break;
	}
	loop_depth--;
	return rv;
}

static int
run_case(struct op *t, int flags)
{
	const char *word = eval_string(t->str, DOTILDE);
	struct caseitem *item;
	char **p;

	for (item = t->cases; item != NULL; item = item->next)
		for (p = item->patterns; *p != NULL; p++)
			if (fnmatch(eval_string(*p, DOPATTERN | DOTILDE), word,
			    0) == 0)
				return item->body == NULL ? 0 :
				    execute(item->body, flags & XERROK);
	return 0;
}

static int
run_op(struct op *t, int flags)
{
	int errok = flags & XERROK, rv;

	switch (t->type) {
	case TCOM:
		return comexec(t, flags);
	case TEXEC:
		run_program(t);
	case TPAREN:
		if (flags & XEXEC)
			return execute(t->left, flags);
		return exchild(t->left, errok, -1, -1, -1);
	case TBRACE:
		return execute(t->left, flags);
	case TPIPE:
		return run_pipeline(t, flags);
	case TLIST:
		rv = execute(t->left, errok);
		return unwinding != UNWIND_NONE ? rv :
		    execute(t->right, flags);
	case TAND:
	case TOR:
		rv = execute(t->left, XERROK);
		if (unwinding != UNWIND_NONE ||
		    (rv == 0) != (t->type == TAND))
			return rv;
		return execute(t->right, flags);
	case TBANG:
		rv = execute(t->left, XERROK);
		return unwinding != UNWIND_NONE ? rv : !rv;
	case TASYNC:
		return execute(t->left, XBGND | XFORK);
	case TFOR:
		return run_for(t, flags);
	case TWHILE:
	case TUNTIL:
		return run_while(t, flags);
	case TIF:
		rv = execute(t->cond, XERROK);
		if (unwinding != UNWIND_NONE)
			return rv;
		if (rv == 0)
			return execute(t->left, flags);
		return t->right != NULL ? execute(t->right, flags) : 0;
	case TCASE:
		return run_case(t, flags);
	case TFUNCT:
		function_set(t->str, t->left);
		return 0;
	}
	return 1;
}

/* Whether the failure of such a command ends a shell with -e. */
static int
counts_for_errexit(const struct op *t)
{
	return t->type == TCOM || t->type == TPIPE || t->type == TPAREN;
}

/*
 * Execute a tree; its status becomes $?.  With XEXEC the shell has nothing
 * else to do and may become the program itself.
 */
int
execute(struct op *t, int flags)
{
	struct area_mark mark;
	struct saved_fd *older = saved_fds;
	int rv;

	if (t == NULL || f_noexec)
		return 0;
	if ((flags & XFORK) && t->type != TPIPE)
		return exchild(t, flags & (XBGND | XERROK), -1, -1, -1);
	flags &= ~XFORK;
	trap_check();
	if (t->type == TCOM)
		lexer.running = t->line;
	mark = area_mark();
	/* exec without a command leaves its redirections in place. */
	if (redirect(t->ioact, t->type != TCOM || t->args == NULL ||
	    strcmp(t->args[0], "exec") != 0) == -1)
		rv = 1;
	else
		rv = run_op(t, flags);
	restore_fds(older);
	area_release(mark);
	exstat = rv;
	trap_check();
	if (f_errexit && rv != 0 && (flags & XERROK) == 0 &&
	    unwinding == UNWIND_NONE && counts_for_errexit(t))
		quit(rv);
	return rv;
}

/* Run all commands of a source; the status of the last one. */
int
run_source(struct source *s)
{
	struct lex_state saved;
	struct area_mark mark;
	struct op *t;
	int eof = 0, rv = 0;

	while (!eof && unwinding == UNWIND_NONE) {
		mark = area_mark();
		t = compile(s, &eof);
		lex_push(s, &saved);
		if (t != NULL)
			rv = execute(t, 0);
		lex_pop(&saved);
		area_release(mark);
	}
	return rv;
}

/* The same for a string; name is for messages and may be NULL. */
int
run_string(const char *text, const char *name)
{
	struct source s;

	memset(&s, 0, sizeof(s));
	s.type = SSTRING;
	s.str = text;
	s.line = 1;
	s.name = name;
	return run_source(&s);
}
