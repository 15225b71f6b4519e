/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "sh.h"

/*
 * Signals.  A handler only takes a note; trap_check() acts on it between two
 * commands.  Signal 0 is the end of the shell.
 */
volatile sig_atomic_t interrupted;

static volatile sig_atomic_t pending[NSIG];
static volatile sig_atomic_t any_pending;
static char *traps[NSIG];		/* commands; "" ignores; NULL: none */
static int ignored_at_start[NSIG];
static volatile sig_atomic_t reading;	/* an interrupt leaves the read */
static jmp_buf read_context;

static void
note_signal(int sig)
{
	sigset_t set;

	pending[sig] = 1;
	any_pending = 1;
	if (sig != SIGINT)
		return;
	interrupted = 1;
	if (reading) {
		reading = 0;
		sigemptyset(&set);
		sigaddset(&set, SIGINT);
		sigprocmask(SIG_UNBLOCK, &set, NULL);
		longjmp(read_context, 1);
	}
}

/*
 * read(2), but SIGINT ends it with EINTR even if it comes just before the
 * system call, which would otherwise sleep until the next key.
 */
ssize_t
read_interruptible(int fd, void *buf, size_t size)
{
	ssize_t n;

	if (setjmp(read_context) != 0) {
		errno = EINTR;
		return -1;
	}
	reading = 1;
	if (interrupted) {
		reading = 0;
		errno = EINTR;
		return -1;
	}
	n = read(fd, buf, size);
	reading = 0;
	return n;
}

static void
set_handler(int sig, void (*handler)(int))
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = handler;
	sigemptyset(&sa.sa_mask);
	sigaction(sig, &sa, NULL);	/* no SA_RESTART: reads return */
}

/* What a signal does without a trap. */
static void
default_handler(int sig)
{
	if (f_interactive && !in_child && sig == SIGINT)
		set_handler(sig, note_signal);
	else if (f_interactive && !in_child && (sig == SIGQUIT ||
	    sig == SIGTERM || (f_monitor && (sig == SIGTSTP ||
	    sig == SIGTTIN || sig == SIGTTOU))))
		set_handler(sig, SIG_IGN);
	else if (ignored_at_start[sig])
		set_handler(sig, SIG_IGN);
	else
		set_handler(sig, SIG_DFL);
}

void
trap_init(void)
{
	struct sigaction sa;
	int sig;

	for (sig = 1; sig < NSIG; sig++)
		if (sigaction(sig, NULL, &sa) == 0)
			ignored_at_start[sig] = sa.sa_handler == SIG_IGN;
	if (f_interactive) {
		default_handler(SIGINT);
		default_handler(SIGQUIT);
		default_handler(SIGTERM);
	}
}

/* In a new child: what the shell catches or ignores for itself is over. */
void
trap_child(void)
{
	int sig, interactive = f_interactive;

	in_child = 1;
	f_interactive = 0;
	for (sig = 1; sig < NSIG; sig++) {
		pending[sig] = 0;
		if (traps[sig] != NULL && *traps[sig] == '\0')
			continue;
		if (traps[sig] != NULL || (interactive && (sig == SIGINT ||
		    sig == SIGQUIT || sig == SIGTERM || sig == SIGTSTP ||
		    sig == SIGTTIN || sig == SIGTTOU)))
			default_handler(sig);
		traps[sig] = NULL;
	}
	traps[0] = NULL;
	any_pending = interrupted = 0;
}

static void
run_trap(int sig)
{
	char *command = str_save(traps[sig]);
	int saved = exstat;

	run_string(command, NULL);
	exstat = saved;
}

/* Run the traps of signals that have come; an interrupt ends the line. */
void
trap_check(void)
{
	int sig;

	while (any_pending) {
		any_pending = 0;
		for (sig = 1; sig < NSIG; sig++) {
			if (!pending[sig])
				continue;
			pending[sig] = 0;
			if (traps[sig] == NULL || *traps[sig] == '\0')
				continue;
			if (sig == SIGINT)
				interrupted = 0;
			run_trap(sig);
		}
	}
	if (interrupted) {
		interrupted = 0;
		exstat = 128 + SIGINT;
		shf_flush();
		if (f_interactive)
			fputc('\n', stderr);
		unwind_to_top();
	}
}

void
trap_exit(void)
{
	char *command = traps[0];

	traps[0] = NULL;
	if (command != NULL && *command != '\0')
		run_string(command, NULL);
}

/* A signal by number or name; -1 if there is none. */
int
signal_number(const char *name)
{
	int sig;

	if (isdigit((unsigned char)*name)) {
		sig = atoi(name);
		return sig < NSIG ? sig : -1;
	}
	if (strcasecmp(name, "EXIT") == 0)
		return 0;
	if (strncasecmp(name, "SIG", 3) == 0)
		name += 3;
	for (sig = 1; sig < NSIG; sig++)
		if (strcasecmp(sys_signame[sig], name) == 0)
			return sig;
	return -1;
}

static int
print_traps(void)
{
	int sig;

	for (sig = 0; sig < NSIG; sig++)
		if (traps[sig] != NULL)
			printf("trap -- '%s' %s\n", traps[sig], sig == 0 ?
			    "EXIT" : sys_signame[sig]);
	return 0;
}

/* trap [action signal ...] */
int
c_trap(char **args)
{
	const char *action = NULL;
	int sig, rv = 0;

	args++;
	if (*args != NULL && strcmp(*args, "--") == 0)
		args++;
	if (*args == NULL)
		return print_traps();
	/* Without an action (a number comes first) the traps are reset. */
	if (args[1] != NULL && !isdigit((unsigned char)**args))
		action = *args++;
	for (; *args != NULL; args++) {
		if ((sig = signal_number(*args)) == -1) {
			bi_errorf("bad signal %s", *args);
			rv = 1;
			continue;
		}
		free(traps[sig]);
		traps[sig] = action == NULL || strcmp(action, "-") == 0 ?
		    NULL : xstrdup(action);
		if (sig == 0 || sig == SIGKILL || sig == SIGSTOP)
			continue;
		if (traps[sig] == NULL)
			default_handler(sig);
		else if (*traps[sig] == '\0')
			set_handler(sig, SIG_IGN);
		else if (!ignored_at_start[sig])
			set_handler(sig, note_signal);
	}
	return rv;
}
