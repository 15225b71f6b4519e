/* SPDX-License-Identifier: ISC */
/* What a handler is told about a trap: signal, cause, trap number, address. */

#include <sys/mman.h>
#include <setjmp.h>
#include <signal.h>
#include <unistd.h>
#include <machine/trap.h>
#include "../kstat.h"
#include "../regress.h"

#define PAGE		4096
#define NOBODYS_PAGE	0x2000UL
#define NONCANONICAL	0x8000000000000000UL
#define KERNEL		0xffffffff81000000UL	/* not ours to touch */

static siginfo_t told;
static int times;
static jmp_buf back;

static void
handler(int sig, siginfo_t *si, void *context)
{
	told = *si;
	times++;
	longjmp(back, sig);
}

static void
listen_to(int sig)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_sigaction = handler;
	sa.sa_flags = SA_SIGINFO | SA_NODEFER;	/* no return */
	sigaction(sig, &sa, NULL);
}

/* What traps: each with a label at the instruction. */
void	privileged(void *);
void	undefined(void *);
void	divided(void *);
void	overflown(void *);
void	breakpoint(void *);
void	jumped(void *);
void	readable(void *);
void	written(void *);
extern char privileged_at[], undefined_at[], divided_at[], overflown_at[],
    breakpoint_at[], readable_at[];
__asm__(
"privileged:\n"
"privileged_at:	cli\n"
"	ret\n"
"undefined:\n"
"undefined_at:	ud2\n"
"divided:	xorl	%ecx, %ecx\n"
"	xorl	%edx, %edx\n"
"	movl	$1, %eax\n"
"divided_at:	idivl	%ecx\n"
"	ret\n"
"overflown:	movl	$0x80000000, %eax\n"
"	cltd\n"
"	movl	$-1, %ecx\n"
"overflown_at:	idivl	%ecx\n"
"	ret\n"
"breakpoint:	int3\n"
"breakpoint_at:	ret\n"
"jumped:	jmp	*%rdi\n"
"readable:\n"
"readable_at:	movb	(%rdi), %al\n"
"	ret\n"
"written:	movb	$1, (%rdi)\n"
"	ret\n");

struct trap {
	void	(*run)(void *);		/* traps */
	u_long	argument;		/* with this in rdi */
	int	sig;			/* which gives this signal */
	int	code;			/* si_code */
	int	trapno;			/* si_trapno */
	u_long	address;		/* si_addr */
};

/* The one that is tried: longjmp(3) leaves it as it is. */
static const struct trap *volatile now;

/* Does it come back from the handler? */
static int
trapped(void)
{
	listen_to(now->sig);
	memset(&told, 0xff, sizeof(told));
	times = 0;
	if (setjmp(back) == 0) {
		(*now->run)((void *)now->argument);
		return 0;
	}
	signal(now->sig, SIG_DFL);
	return 1;
}

static const char *
all_are_told(const struct trap *traps, size_t n)
{
	const struct trap *t;

	for (t = traps; t < traps + n; t++) {
		now = t;
		CHECK(trapped() && times == 1);
		CHECK(told.si_signo == t->sig);
		CHECK(told.si_code == t->code);
		CHECK(told.si_trapno == t->trapno);
		CHECK((u_long)told.si_addr == t->address);
	}
	return NULL;
}

#define ALL_ARE_TOLD(traps)						\
	all_are_told(traps, sizeof(traps) / sizeof((traps)[0]))

static const char *
instructions(void)
{
	const struct trap traps[] = {
		{ privileged, 0, SIGSEGV, SEGV_MAPERR, T_PROTFLT,
		    (u_long)privileged_at },
		{ undefined, 0, SIGILL, ILL_PRVOPC, T_PRIVINFLT,
		    (u_long)undefined_at },
		{ divided, 0, SIGFPE, FPE_INTDIV, T_DIVIDE,
		    (u_long)divided_at },
		{ overflown, 0, SIGFPE, FPE_INTDIV, T_DIVIDE,
		    (u_long)overflown_at },
		{ breakpoint, 0, SIGTRAP, TRAP_BRKPT, T_BPTFLT,
		    (u_long)breakpoint_at },
		{ readable, NONCANONICAL, SIGSEGV, SEGV_MAPERR, T_PROTFLT,
		    (u_long)readable_at },
	};

	return ALL_ARE_TOLD(traps);
}

static const char *
faults(void)
{
	char *page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANON, -1,
	    0), *closed = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANON,
	    -1, 0);
	const struct trap traps[] = {
		{ readable, NOBODYS_PAGE + 5, SIGSEGV, SEGV_MAPERR, T_PAGEFLT,
		    NOBODYS_PAGE + 5 },
		{ written, NOBODYS_PAGE + 6, SIGSEGV, SEGV_MAPERR, T_PAGEFLT,
		    NOBODYS_PAGE + 6 },
		{ jumped, NOBODYS_PAGE + 7, SIGSEGV, SEGV_MAPERR, T_PAGEFLT,
		    NOBODYS_PAGE + 7 },
		{ readable, KERNEL, SIGSEGV, SEGV_MAPERR, T_PAGEFLT, KERNEL },
		{ written, KERNEL, SIGSEGV, SEGV_MAPERR, T_PAGEFLT, KERNEL },
		{ written, (u_long)page + 8, SIGSEGV, SEGV_ACCERR, T_PAGEFLT,
		    (u_long)page + 8 },
		{ jumped, (u_long)page + 9, SIGSEGV, SEGV_ACCERR, T_PAGEFLT,
		    (u_long)page + 9 },
		{ readable, (u_long)closed + 10, SIGSEGV, SEGV_ACCERR,
		    T_PAGEFLT, (u_long)closed + 10 },
	};

	CHECK(page != MAP_FAILED && closed != MAP_FAILED);
	return ALL_ARE_TOLD(traps);
}

/* What comes from a process says so, also after a trap of the same kind. */
static const char *
sent(void)
{
	static const int sigs[] = { SIGSEGV, SIGILL, SIGUSR1 };
	static volatile size_t i;

	for (i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++) {
		listen_to(sigs[i]);
		memset(&told, 0xff, sizeof(told));
		times = 0;
		if (setjmp(back) == 0)
			kill(getpid(), sigs[i]);
		signal(sigs[i], SIG_DFL);
		CHECK(times == 1);
		CHECK(told.si_signo == sigs[i] && told.si_code == SI_USER);
		CHECK(told.si_trapno == 0 && told.si_addr == NULL);
	}
	return NULL;
}

const struct regress cases[] = {
	{ instructions, "instructions that trap" },
	{ faults, "page faults" },
	{ sent, "signals that were sent" },
};

REGRESS_MAIN(cases)
