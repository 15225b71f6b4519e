/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"

/* The builtins that steer the shell itself, and the table of all of them. */

static int
c_colon(char **args)
{
	return 0;
}

/* A count that may be left out; -1 after a message if it is no number. */
static int
optional_number(const char *arg, int otherwise)
{
	char *end;
	long n;

	if (arg == NULL)
		return otherwise;
	n = strtol(arg, &end, 10);
	if (end == arg || *end != '\0' || n < 0) {
		bi_errorf("%s: bad number", arg);
		return -1;
	}
	return n;
}

static int
leave_loops(const char *arg, enum unwind how)
{
	int levels = optional_number(arg, 1);

	if (levels == -1)
		return 1;
	if (levels == 0) {
		bi_errorf("%s: bad value", arg);
		return 1;
	}
	if (loop_depth == 0) {
		warningf("%s: not in a loop", builtin_name);
		return 0;
	}
	unwinding = how;
	unwind_levels = levels < loop_depth ? levels : loop_depth;
	return 0;
}

static int
c_break(char **args)
{
	return leave_loops(args[1], UNWIND_BREAK);
}

static int
c_continue(char **args)
{
	return leave_loops(args[1], UNWIND_CONTINUE);
}

static int
c_return(char **args)
{
	int status = optional_number(args[1], exstat);

	if (status == -1)
		return 1;
	unwinding = UNWIND_RETURN;
	exstat = status & 0xff;
	return exstat;
}

static int
c_exit(char **args)
{
	int status = optional_number(args[1], exstat);

	quit(status == -1 ? 1 : status & 0xff);
}

static int
c_eval(char **args)
{
	struct xstring text = { NULL, 0, 0 };

	for (args++; *args != NULL; args++) {
		xputs(&text, *args);
		xputc(&text, ' ');
	}
	return run_string(xdone(&text), NULL);
}

/* . file [parameter ...] */
static int
c_dot(char **args)
{
	struct params saved = params;
	struct source s;
	char *path;
	int rv, error = ENOENT;

	if (args[1] == NULL) {
		bi_errorf("missing argument");
		return 1;
	}
	path = strchr(args[1], '/') == NULL &&
	    access(args[1], R_OK) == -1 ? find_command(args[1], &error) :
	    args[1];
	memset(&s, 0, sizeof(s));
	s.type = SFILE;
	s.line = 1;
	s.name = args[1];
	if (path == NULL ||
	    (s.fd = move_high(open(path, O_RDONLY | O_CLOEXEC))) == -1) {
		bi_errorf("%s: %s", args[1], strerror(path == NULL ? error :
		    errno));
		return 1;
	}
	if (args[2] != NULL) {
		params.argv = args + 2;
		for (params.argc = 0; params.argv[params.argc] != NULL;)
			params.argc++;
	}
	rv = run_source(&s);
	close(s.fd);
	xfree(&s.text);
	params = saved;
	if (unwinding == UNWIND_RETURN && function_depth == 0) {
		unwinding = UNWIND_NONE;
		rv = exstat;
	}
	return rv;
}

/* exec [command [arg ...]]: redirections alone have been done already. */
int
c_exec(char **args)
{
	char *path;
	int error;

	if (*++args == NULL)
		return 0;
	if ((path = find_command(*args, &error)) == NULL) {
		builtin_name = NULL;
		if (error == ENOENT || error == ENOTDIR)
			warningf("%s: not found", *args);
		else
			warningf("%s: cannot execute - %s", *args,
			    strerror(error));
		if (!f_interactive)
			quit(error == ENOENT || error == ENOTDIR ? 127 : 126);
		return error == ENOENT || error == ENOTDIR ? 127 : 126;
	}
	trap_child();
	exec_program(path, args, *args);
}

static int
export_or_readonly(char **args, int flag)
{
	int rv = 0;
	size_t len;

	args++;
	if (*args != NULL && strcmp(*args, "-p") == 0)
		args++;
	if (*args == NULL)
		var_print(flag);
	for (; *args != NULL; args++) {
		len = assignment_name(*args);
		if (len > 0)
			var_assign(*args, flag);
		else if (is_name(*args, strlen(*args)))
			var_set(*args, NULL, flag);
		else {
			bi_errorf("%s: is not an identifier", *args);
			rv = 1;
		}
	}
	return rv;
}

static int
c_export(char **args)
{
	return export_or_readonly(args, EXPORT);
}

static int
c_readonly(char **args)
{
	return export_or_readonly(args, READONLY);
}

/* unset [-f | -v] name ... */
static int
c_unset(char **args)
{
	int function = 0, rv = 0;

	args++;
	if (*args != NULL && (strcmp(*args, "-f") == 0 ||
	    strcmp(*args, "-v") == 0))
		function = (*args++)[1] == 'f';
	for (; *args != NULL; args++) {
		if (!is_name(*args, strlen(*args))) {
			bi_errorf("%s: is not an identifier", *args);
			rv = 1;
		} else if (function)
			function_unset(*args);
		else
			var_unset(*args);
	}
	return rv;
}

static int
c_shift(char **args)
{
	int n = optional_number(args[1], 1);

	if (n == -1)
		return 1;
	if (n > params.argc) {
		bi_errorf("nothing to shift");
		return 1;
	}
	params.argv += n;
	params.argc -= n;
	return 0;
}

/* Make the rest of the arguments the parameters; they must outlive us. */
static void
set_params(char **args)
{
	int n = 0, i;

	while (args[n] != NULL)
		n++;
	params.argv = xmalloc((n + 1) * sizeof(*params.argv));
	for (i = 0; i < n; i++)
		params.argv[i] = xstrdup(args[i]);
	params.argv[n] = NULL;
	params.argc = n;
}

/* set [-abc | +abc] [-o name] [--] [parameter ...] */
int
c_set(char **args)
{
	const char *p;
	int on;

	if (args[1] == NULL) {
		var_print(0);
		return 0;
	}
	for (args++; *args != NULL && (**args == '-' || **args == '+') &&
	    (*args)[1] != '\0'; args++) {
		if (strcmp(*args, "--") == 0) {
			args++;
			set_params(args);
			return 0;
		}
		on = **args == '-';
		for (p = *args + 1; *p != '\0'; p++)
			if (option_set((unsigned char)*p, on) == -1) {
				bi_errorf("%.1s%c: unknown option", *args, *p);
				return 1;
			}
	}
	if (*args != NULL)
		set_params(args);
	return 0;
}

static int
c_jobs(char **args)
{
	j_print_jobs();
	return 0;
}

static int
c_fg(char **args)
{
	return j_resume(args[1], 1);
}

static int
c_bg(char **args)
{
	return j_resume(args[1], 0);
}

static int
c_wait(char **args)
{
	int rv = 0, pid;

	if (args[1] == NULL)
		return j_waitall();
	for (args++; *args != NULL; args++) {
		if ((pid = optional_number(*args, 0)) == -1)
			return 1;
		rv = j_waitpid(pid);
	}
	return rv;
}

/* type name ...: what a command would be. */
static int
c_type(char **args)
{
	char *path;
	int rv = 0, error;

	for (args++; *args != NULL; args++) {
		const struct builtin *b = builtin_get(*args);

		if (function_get(*args) != NULL)
			printf("%s is a function\n", *args);
		else if (b != NULL)
			printf("%s is a%s shell builtin\n", *args,
			    b->special ? " special" : "");
		else if ((path = find_command(*args, &error)) != NULL)
			printf("%s is %s\n", *args, path);
		else {
			printf("%s not found\n", *args);
			rv = 1;
		}
	}
	return rv;
}

static const struct builtin builtins[] = {
	{ ".", c_dot, 1 },
	{ ":", c_colon, 1 },
	{ "[", c_bracket, 0 },
	{ "bg", c_bg, 0 },
	{ "break", c_break, 1 },
	{ "cd", c_cd, 0 },
	{ "continue", c_continue, 1 },
	{ "eval", c_eval, 1 },
	{ "exec", c_exec, 1 },
	{ "exit", c_exit, 1 },
	{ "export", c_export, 1 },
	{ "fg", c_fg, 0 },
	{ "jobs", c_jobs, 0 },
	{ "kill", c_kill, 0 },
	{ "pwd", c_pwd, 0 },
	{ "read", c_read, 0 },
	{ "readonly", c_readonly, 1 },
	{ "return", c_return, 1 },
	{ "set", c_set, 1 },
	{ "shift", c_shift, 1 },
	{ "test", c_test, 0 },
	{ "times", c_times, 1 },
	{ "trap", c_trap, 1 },
	{ "type", c_type, 0 },
	{ "ulimit", c_ulimit, 0 },
	{ "umask", c_umask, 0 },
	{ "unset", c_unset, 1 },
	{ "wait", c_wait, 0 },
};

const struct builtin *
builtin_get(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(builtins) / sizeof(builtins[0]); i++)
		if (strcmp(builtins[i].name, name) == 0)
			return &builtins[i];
	return NULL;
}
