/* SPDX-License-Identifier: ISC */
/* execve(2): what the new program has of the one before, and what of its file. */

#include <sys/fcntl.h>
#include <sys/stat.h>
#include <signal.h>
#include <unistd.h>
#include "../kstat.h"
#include "../regress.h"

#define USER	1000	/* who runs set-id programs */
#define OWNER	5	/* whose they are */
#define GROUP	6
#define SET_ID	"/tmp/regress.setid"

char *myself;
char *const no_strings[] = { NULL };

/* seteuid(2): 0 or errno. */
long	set_effective(uid_t);
__asm__(
"set_effective:	movl	$183, %eax\n"	/* SYS_seteuid */
"	syscall\n"
"	jc	1f\n"
"	xorl	%eax, %eax\n"
"1:	ret\n");

void
handler(int sig)
{
}

/* What a program finds of the signals of the one before: its status. */
int
look_at_signals(void)
{
	struct sigaltstack ss;
	struct sigaction sa;
	sigset_t set;
	int sig;

	for (sig = 1; sig < NSIG; sig++) {
		if (sigaction(sig, NULL, &sa) == -1)
			return 100 + sig;
		if (sa.sa_handler != (sig == SIGTERM ? SIG_IGN : SIG_DFL))
			return 100 + sig;
	}
	if (sigprocmask(SIG_BLOCK, NULL, &set) != 0 ||
	    set != (sigmask(SIGHUP) | sigmask(SIGURG)))
		return 1;
	/* what did nothing by default was only waiting for the handler */
	if (sigpending(&set) != 0 || set != sigmask(SIGHUP))
		return 2;
	if (sigaltstack(NULL, &ss) != 0 || ss.ss_flags != SS_DISABLE)
		return 3;
	return 42;
}

const char *
signals(void)
{
	static char stack[SIGSTKSZ] __attribute__((__aligned__(4096)));
	struct sigaltstack ss = { stack, sizeof(stack), 0 };
	char *const argv[] = { myself, "signals", NULL };
	sigset_t set = sigmask(SIGHUP) | sigmask(SIGURG);
	pid_t pid;
	int sig;

	if ((pid = fork()) == 0) {
		for (sig = 1; sig < NSIG; sig++)
			signal(sig, sig == SIGTERM || sig == SIGCHLD ?
			    SIG_IGN : handler);
		sigprocmask(SIG_BLOCK, &set, NULL);
		sigaltstack(&ss, NULL);
		raise(SIGHUP);
		raise(SIGURG);
		execve(myself, argv, no_strings);
		_exit(111);
	}
	CHECK(exited(wait_status(pid), 42));
	return NULL;
}

/* The ids as digits: real and effective user, the same of the group. */
int
look_at_ids(void)
{
	int ids = 0;

	ids |= getuid() == OWNER ? 1 : getuid() == USER ? 0 : 128;
	ids |= geteuid() == OWNER ? 2 : geteuid() == USER ? 0 : 128;
	ids |= getgid() == GROUP ? 4 : getgid() == USER ? 0 : 128;
	ids |= getegid() == GROUP ? 8 : getegid() == USER ? 0 : 128;
	ids |= issetugid() ? 16 : 0;
	/* the saved id is the effective one: it can be had again */
	if (geteuid() == OWNER && (set_effective(USER) != 0 ||
	    geteuid() != USER || set_effective(OWNER) != 0))
		ids |= 64;
	return ids;
}

int
copy_program(const char *from, const char *to)
{
	static char buf[65536];
	int in = open(from, O_RDONLY);
	int out = open(to, O_CREAT | O_TRUNC | O_WRONLY, 0755);
	ssize_t n;

	while ((n = read(in, buf, sizeof(buf))) > 0)
		if (write(out, buf, n) != n)
			return -1;
	return close(in) == 0 && close(out) == 0 && n == 0 ? 0 : -1;
}

const char *
set_ids(void)
{
	static const struct {
		mode_t	mode;
		int	ids;
	} programs[] = {
		{ 0755, 0 },
		{ S_ISUID | 0755, 2 | 16 },
		{ S_ISGID | 0755, 8 | 16 },
		{ S_ISUID | S_ISGID | 0755, 2 | 8 | 16 },
		{ 0755, 0 }
	};
	char *const argv[] = { SET_ID, "ids", NULL };
	pid_t pid;
	size_t i;

	CHECK(copy_program(myself, SET_ID) == 0);
	CHECK(chown(SET_ID, OWNER, GROUP) == 0);
	for (i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		CHECK(chmod(SET_ID, programs[i].mode) == 0);
		if ((pid = fork()) == 0) {
			setgroups(0, NULL);
			setgid(USER);
			setuid(USER);
			execve(SET_ID, argv, no_strings);
			_exit(111);
		}
		CHECK(exited(wait_status(pid), programs[i].ids));
	}
	CHECK(unlink(SET_ID) == 0);
	return NULL;
}

static const struct regress cases[] = {
	{ signals, "what becomes of signals" },
	{ set_ids, "set-id programs" },
};

int
main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "signals") == 0)
		return look_at_signals();
	if (argc == 2 && strcmp(argv[1], "ids") == 0)
		return look_at_ids();
	myself = argv[0];
	return regress_run(cases, sizeof(cases) / sizeof(cases[0]));
}
