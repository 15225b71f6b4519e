/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"

int f_interactive, f_errexit, f_xtrace, f_nounset, f_noglob, f_noexec,
    f_allexport, f_noclobber, f_monitor;
int in_child;
pid_t shell_pid;

static jmp_buf top;
static int have_top;			/* top can be jumped to */

static const struct option {
	char	 letter;
	int	*flag;
	int	 settable;		/* with set */
} options[] = {
	{ 'a', &f_allexport, 1 }, { 'C', &f_noclobber, 1 },
	{ 'e', &f_errexit, 1 }, { 'f', &f_noglob, 1 },
	{ 'i', &f_interactive, 0 }, { 'm', &f_monitor, 0 },
	{ 'n', &f_noexec, 1 }, { 'u', &f_nounset, 1 },
	{ 'x', &f_xtrace, 1 },
};

#define NOPTIONS	(sizeof(options) / sizeof(options[0]))

/* -1 if there is no such option, or if it cannot be changed now. */
int
option_set(int letter, int on)
{
	size_t i;

	for (i = 0; i < NOPTIONS; i++)
		if (options[i].letter == letter && options[i].settable) {
			*options[i].flag = on;
			return 0;
		}
	return -1;
}

/* $-: the letters of the options that are on. */
void
option_letters(char *text, size_t size)
{
	size_t i, n = 0;

	for (i = 0; i < NOPTIONS && n + 1 < size; i++)
		if (*options[i].flag)
			text[n++] = options[i].letter;
	text[n] = '\0';
}

/* The end of this shell, or of a child of it. */
__dead void
quit(int status)
{
	exstat = status;
	if (!in_child) {
		have_top = 0;
		trap_exit();
	}
	shf_flush();
	_exit(status);
}

/* Give up the line of commands; without a user that is the end. */
__dead void
unwind_to_top(void)
{
	if (!have_top || in_child || !f_interactive)
		quit(exstat);
	longjmp(top, 1);
}

/* After an error: nothing of the line that failed stays. */
static void
recover(struct source *s, struct params outer)
{
	restore_fds(NULL);
	lex_reset();
	unwinding = UNWIND_NONE;
	loop_depth = function_depth = 0;
	builtin_name = NULL;
	params = outer;
	if (s->type != SSTRING)
		s->str = s->end;
}

/* Read and run the commands of the main source until it ends. */
static void
shell(struct source *const s)
{
	struct area_mark mark = area_mark();
	volatile int eof = 0;
	struct params outer = params;
	struct lex_state saved;
	struct op *t;
	int end;

	if (setjmp(top) != 0)
		recover(s, outer);
	have_top = 1;
	while (!eof) {
		area_release(mark);
		trap_check();
		if (s->type == STTY)
			j_notify();
		end = 0;
		t = compile(s, &end);
		eof = end;
		if (t != NULL) {
			lex_push(s, &saved);
			execute(t, 0);
			lex_pop(&saved);
		}
		unwinding = UNWIND_NONE;
		outer = params;
	}
	if (s->type == STTY)
		fputc('\n', stderr);
}

static __dead void
usage(void)
{
	fprintf(stderr, "usage: ksh [-aCefinux] [-c command | file] "
	    "[argument ...]\n");
	exit(1);
}

/* Where the commands come from, by the options and arguments. */
static void
choose_source(struct source *s, const char *command, char **args)
{
	memset(s, 0, sizeof(*s));
	s->line = 1;
	if (command != NULL) {
		s->type = SSTRING;
		s->str = command;
		if (*args != NULL)
			script_name = *args++;
	} else if (*args != NULL) {
		s->type = SFILE;
		s->name = script_name = *args;
		s->fd = move_high(open(*args, O_RDONLY | O_CLOEXEC));
		if (s->fd == -1) {
			warningf("%s: %s", *args, strerror(errno));
			quit(errno == ENOENT ? 127 : 126);
		}
		args++;
	} else {
		s->type = isatty(STDIN_FILENO) ? STTY : SFILE;
		s->fd = STDIN_FILENO;
		s->bytewise = 1;
		s->name = "<stdin>";
		if (s->type == STTY && isatty(STDERR_FILENO))
			f_interactive = 1;
		else if (f_interactive)
			s->type = STTY;
	}
	params.argv = args;
	while (params.argv[params.argc] != NULL)
		params.argc++;
}

static void
start_directory(void)
{
	char here[PATH_MAX];

	if (getcwd(here, sizeof(here)) != NULL)
		var_set("PWD", here, 0);
}

int
main(int argc, char *argv[], char *envp[])
{
	const char *command = NULL;
	static struct source s;
	int ch;

	while ((ch = getopt(argc, argv, "aCc:efinux")) != -1)
		switch (ch) {
		case 'c':
			command = optarg;
			break;
		case 'i':
			f_interactive = 1;
			break;
		default:
			if (option_set(ch, 1) == -1)
				usage();
			break;
		}
	shell_pid = getpid();
	var_init(envp);
	start_directory();
	choose_source(&s, command, argv + optind);
	f_monitor = f_interactive && isatty(STDIN_FILENO);
	trap_init();
	if (f_monitor)
		j_init();
	shell(&s);
	quit(exstat);
}
