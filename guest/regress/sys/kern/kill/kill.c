/* SPDX-License-Identifier: ISC */
/* kill(2) and thrkill(2): who gets a signal, who must not, and who is told. */

#include <sys/mman.h>
#include <sys/syscall.h>
#include <signal.h>
#include <unistd.h>
#include "../kstat.h"
#include "../regress.h"

#define AN_ID		1000	/* a user's */
#define OTHER_ID	1001	/* another's */
#define CROWD		6
#define NO_PID		99998
#define THREAD_OFFSET	100000
#define A_WHILE		20000	/* microseconds: all others have run */

/* How often each of the crowd has got the signal; seen by all. */
static volatile int *heard;
static int myself;
static pid_t crowd[CROWD];

static void
hear(int sig)
{
	heard[myself]++;
}

/*
 * Somebody who listens: with that user id, in that group (0: its own, -1:
 * the parent's) and until it is killed.
 */
static pid_t
listener(int number, uid_t uid, pid_t group)
{
	pid_t pid;
	int ready = heard[CROWD];

	if ((pid = fork()) == 0) {
		myself = number;
		signal(SIGUSR1, hear);
		signal(SIGCONT, hear);
		if (group != -1)
			setpgid(0, group);
		if (uid != 0)
			setuid(uid);
		heard[CROWD]++;
		for (;;)
			pause();
	}
	while (heard[CROWD] == ready)
		usleep(1000);
	crowd[number] = pid;
	return pid;
}

/* Have they heard it as often as the digits say?  Then forget it. */
static int
all_heard(const char *times)
{
	int i, same = 1;

	usleep(A_WHILE);
	for (i = 0; i < CROWD; i++) {
		if (heard[i] != times[i] - '0')
			same = 0;
		heard[i] = 0;
	}
	return same;
}

long	set_effective(uid_t);
__asm__(
"set_effective:	movl	$183, %eax\n"	/* SYS_seteuid */
"	syscall\n"
"	ret\n");

/*
 * The answer to a kill(2) by that user, really root or not, from a group of
 * its own: errno or 0.
 */
static int
kill_as(uid_t uid, uid_t real, pid_t pid, int sig)
{
	pid_t child;
	int status;

	if ((child = fork()) == 0) {
		setpgid(0, 0);
		if (real == uid)
			setuid(uid);
		else
			set_effective(uid);
		if (getuid() != real || geteuid() != uid)
			_exit(255);
		_exit(kill(pid, sig) == 0 ? 0 : errno);
	}
	status = wait_status(child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Two of root's, two of each user's; the first three are one group. */
static void
gather(void)
{
	pid_t group = listener(0, 0, 0);

	listener(1, AN_ID, group);
	listener(2, OTHER_ID, group);
	listener(3, 0, 0);
	listener(4, AN_ID, 0);
	listener(5, OTHER_ID, 0);
}

static void
dismiss(void)
{
	int i;

	for (i = 0; i < CROWD; i++) {
		kill(crowd[i], SIGKILL);
		wait_status(crowd[i]);
	}
}

static const char *
one(void)
{
	CHECK(kill_as(AN_ID, AN_ID, crowd[4], SIGUSR1) == 0);
	CHECK(all_heard("000010"));
	CHECK(kill_as(AN_ID, AN_ID, crowd[5], SIGUSR1) == EPERM);
	CHECK(kill_as(AN_ID, AN_ID, crowd[3], SIGUSR1) == EPERM);
	/* one of the two ids is enough */
	CHECK(kill_as(AN_ID, 0, crowd[3], SIGUSR1) == 0);
	CHECK(kill_as(AN_ID, 0, crowd[4], SIGUSR1) == 0);
	CHECK(kill_as(AN_ID, 0, crowd[5], SIGUSR1) == EPERM);
	CHECK(kill_as(0, 0, crowd[5], SIGUSR1) == 0);
	CHECK(all_heard("000111"));
	CHECK(kill_as(AN_ID, AN_ID, crowd[4], 0) == 0);
	CHECK(kill_as(AN_ID, AN_ID, crowd[5], 0) == EPERM);
	/* anybody of the session may be continued, and nothing else */
	CHECK(kill_as(AN_ID, AN_ID, crowd[5], SIGCONT) == 0);
	CHECK(all_heard("000001"));
	CHECK_ERRNO(kill(NO_PID, SIGUSR1), ESRCH);
	return NULL;
}

static const char *
group(void)
{
	CHECK(kill(-crowd[0], SIGUSR1) == 0);
	CHECK(all_heard("111000"));
	CHECK(kill_as(AN_ID, AN_ID, -crowd[0], SIGUSR1) == 0);
	CHECK(all_heard("010000"));
	CHECK(kill(-crowd[0], 0) == 0);
	CHECK(all_heard("000000"));
	/* nobody there that may be told */
	CHECK(kill_as(AN_ID, AN_ID, -crowd[5], SIGUSR1) == ESRCH);
	CHECK(kill_as(AN_ID, AN_ID, -crowd[5], 0) == ESRCH);
	CHECK_ERRNO(kill(-NO_PID, SIGUSR1), ESRCH);
	CHECK(all_heard("000000"));
	return NULL;
}

/* To the own group, the sender included. */
static const char *
own_group(void)
{
	pid_t pid, member;

	if ((pid = fork()) == 0) {
		setpgid(0, 0);
		signal(SIGUSR2, SIG_IGN);
		if ((member = fork()) == 0) {
			signal(SIGUSR2, SIG_DFL);
			for (;;)
				pause();
		}
		usleep(A_WHILE);
		if (kill(0, SIGUSR2) != 0 ||
		    !killed(wait_status(member), SIGUSR2))
			_exit(1);
		signal(SIGUSR2, SIG_DFL);
		kill(0, SIGUSR2);
		_exit(2);
	}
	CHECK(killed(wait_status(pid), SIGUSR2));
	return NULL;
}

/* To all but the sender, init and the kernel's own. */
static const char *
everybody(void)
{
	int i;

	CHECK(kill_as(AN_ID, AN_ID, -1, SIGUSR1) == 0);
	CHECK(all_heard("010010"));
	CHECK(kill_as(AN_ID, AN_ID, -1, 0) == 0);
	CHECK(all_heard("000000"));

	myself = 0;
	kill(crowd[0], SIGKILL);
	CHECK(killed(wait_status(crowd[0]), SIGKILL));
	signal(SIGCONT, hear);
	CHECK(kill(-1, SIGCONT) == 0);
	CHECK(all_heard("011111"));
	signal(SIGCONT, SIG_DFL);
	for (i = 1; i < CROWD; i++)
		CHECK(kill(crowd[i], 0) == 0);
	return NULL;
}

/* With nobody else of that id there is nobody to tell. */
static const char *
nobody(void)
{
	CHECK(kill_as(2000, 2000, -1, SIGUSR1) == ESRCH);
	CHECK(kill_as(2000, 2000, -1, 0) == ESRCH);
	return NULL;
}

static const char *
zombie(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	usleep(A_WHILE);
	/* it cannot get it any more, but it is there */
	CHECK(kill(pid, SIGUSR1) == 0);
	CHECK(exited(wait_status(pid), 0));
	CHECK_ERRNO(kill(pid, SIGUSR1), ESRCH);
	return NULL;
}

long	thrkill(pid_t, int, void *);
__asm__(
"thrkill:	movl	$119, %eax\n"	/* SYS_thrkill */
"	syscall\n"
"	jc	1f\n"
"	xorl	%eax, %eax\n"
"	ret\n"
"1:	negl	%eax\n"
"	movslq	%eax, %rax\n"
"	ret\n");

static const char *
threads(void)
{
	pid_t pid, thread = getthrid();

	signal(SIGUSR1, hear);
	myself = 0;
	heard[0] = 0;
	CHECK(thrkill(0, SIGUSR1, NULL) == 0 && heard[0] == 1);
	CHECK(thrkill(thread, SIGUSR1, NULL) == 0 && heard[0] == 2);
	CHECK(thrkill(0, 0, NULL) == 0 && heard[0] == 2);
	CHECK(thrkill(0, NSIG, NULL) == -EINVAL);
	CHECK(thrkill(0, -1, NULL) == -EINVAL);
	CHECK(thrkill(1, SIGUSR1, NULL) == -ESRCH);
	CHECK(thrkill(THREAD_OFFSET, SIGUSR1, NULL) == -ESRCH);
	CHECK(thrkill(thread - THREAD_OFFSET, SIGUSR1, NULL) == -ESRCH);
	/* not to another process's, not even a child's */
	if ((pid = fork()) == 0)
		_exit(thrkill(thread, SIGUSR1, NULL) == -ESRCH ? 0 : 1);
	CHECK(exited(wait_status(pid), 0) && heard[0] == 2);
	heard[0] = 0;
	signal(SIGUSR1, SIG_DFL);
	return NULL;
}

/* One that waits for the process or for its only thread. */
static int
send(int to_thread, int sig)
{
	return to_thread ? thrkill(0, sig, NULL) : kill(getpid(), sig);
}

/* A stop signal and SIGCONT cancel each other, wherever each waits. */
static const char *
cancelled(void)
{
	static const int stops[] = { SIGTSTP, SIGTTIN, SIGTTOU };
	sigset_t held = 0, none = 0, now;
	int i, first, second;

	signal(SIGCONT, SIG_DFL);
	sigaddset(&held, SIGCONT);
	for (i = 0; i < 3; i++)
		sigaddset(&held, stops[i]);
	CHECK(sigprocmask(SIG_SETMASK, &held, NULL) == 0);
	for (i = 0; i < 12; i++) {
		first = i & 1;
		second = i & 2;
		CHECK(send(first, SIGCONT) == 0);
		CHECK(sigpending(&now) == 0 && now == sigmask(SIGCONT));
		CHECK(send(second, stops[i / 4]) == 0);
		CHECK(sigpending(&now) == 0 && now == sigmask(stops[i / 4]));
		CHECK(send(first, SIGCONT) == 0);
		CHECK(sigpending(&now) == 0 && now == sigmask(SIGCONT));
	}
	return sigprocmask(SIG_SETMASK, &none, NULL) == 0 ? NULL : "mask";
}

/* What waits is forgotten when it comes to be ignored, wherever it waits. */
static const char *
forgotten(void)
{
	sigset_t held = 0, none = 0, now;
	int to_thread;

	sigaddset(&held, SIGUSR2);
	for (to_thread = 0; to_thread < 2; to_thread++) {
		signal(SIGUSR2, hear);
		CHECK(sigprocmask(SIG_SETMASK, &held, NULL) == 0);
		CHECK(send(to_thread, SIGUSR2) == 0);
		CHECK(sigpending(&now) == 0 && now == held);
		signal(SIGUSR2, SIG_IGN);
		CHECK(sigpending(&now) == 0 && now == 0);
		signal(SIGUSR2, hear);
		CHECK(sigprocmask(SIG_SETMASK, &none, NULL) == 0);
		CHECK(heard[0] == 0);
	}
	signal(SIGUSR2, SIG_DFL);
	return NULL;
}

static const char *
setup(void)
{
	heard = mmap(NULL, (CROWD + 1) * sizeof(*heard),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANON, -1, 0);
	CHECK(heard != MAP_FAILED);
	gather();
	CHECK(all_heard("000000"));
	return NULL;
}

static const char *
cleanup(void)
{
	dismiss();
	CHECK(munmap((void *)heard, (CROWD + 1) * sizeof(*heard)) == 0);
	return NULL;
}

const struct regress cases[] = {
	{ setup, "a crowd" },
	{ one, "one process" },
	{ group, "a group" },
	{ own_group, "the own group" },
	{ nobody, "nobody" },
	{ threads, "threads of one's own" },
	{ forgotten, "what comes to be ignored is forgotten" },
	{ cancelled, "a stop and SIGCONT cancel each other" },
	{ everybody, "everybody" },
	{ zombie, "a zombie" },
	{ cleanup, "the crowd is gone" },
};

REGRESS_MAIN(cases)
