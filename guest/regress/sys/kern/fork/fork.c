/* SPDX-License-Identifier: ISC */
/* fork(2), vfork(2): registers, memory, limits, nothing lost. */

#include <sys/param.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <stdlib.h>
#include "../kstat.h"
#include "../regress.h"

#define ROUNDS		300	/* children in a row */
#define CROWD		60	/* children at once */
#define USER		1000	/* somebody who is not root */
#define RESERVE		5	/* slots that only root may take */
#define CARRY_ON_ENTRY	0x1234	/* what rdx holds before the call */

int counter = 7;

/* The system call itself: rax, rdx and the carry flag afterwards. */
long
raw_syscall(long number, long arg, long *rdx, int *carry)
{
	register long d __asm__("rdx") = *rdx;
	unsigned char c;
	long rax;

	__asm__ volatile("syscall; setc %1" : "=a" (rax), "=r" (c), "+r" (d) :
	    "0" (number), "D" (arg) : "rcx", "r11", "memory", "cc");
	*rdx = d;
	*carry = c;
	return rax;
}

const char *
registers(void)
{
	long rdx = CARRY_ON_ENTRY, rax;
	int carry;

	rax = raw_syscall(SYS_fork, 0, &rdx, &carry);
	if (rax == 0)
		_exit(rdx == 1 && !carry ? 9 : 8);
	CHECK(rax > 1 && rdx == 0 && carry == 0);
	CHECK(exited(wait_status(rax), 9));
	return NULL;
}

const char *
error_registers(void)
{
	long rdx = CARRY_ON_ENTRY;
	int carry;

	CHECK(raw_syscall(SYS_close, 12345, &rdx, &carry) == EBADF);
	CHECK(carry == 1 && rdx == CARRY_ON_ENTRY);
	return NULL;
}

/* What gives one result leaves rdx as it was. */
const char *
second_register(void)
{
	static const int calls[] = { SYS_getpid, SYS_getuid, SYS_umask,
	    SYS_getthrid, SYS_issetugid, SYS_sigpending, SYS_sched_yield };
	long values[] = { 0, 1, CARRY_ON_ENTRY, -1 }, rdx;
	size_t i, j;
	int carry;

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		for (j = 0; j < sizeof(values) / sizeof(values[0]); j++) {
			rdx = values[j];
			raw_syscall(calls[i], 022, &rdx, &carry);
			CHECK(rdx == values[j] && carry == 0);
		}
	}
	return NULL;
}

const char *
memory_is_copied(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		counter = 8;
		_exit(counter);
	}
	CHECK(exited(wait_status(pid), 8));
	CHECK(counter == 7);
	return NULL;
}

/* Children that execute, one after the other. */
int
rounds(int n)
{
	pid_t pid;
	volatile int i;		/* the child of vfork() has it too */

	for (i = 0; i < n; i++) {
		pid = i & 1 ? vfork() : fork();
		if (pid == 0) {
			execl("/usr/bin/true", "true", (char *)NULL);
			_exit(1);
		}
		if (!exited(wait_status(pid), 0))
			return -1;
	}
	return 0;
}

const char *
nothing_is_lost(void)
{
	struct uvmexp before, after;
	int nprocs, nthreads;

	/* the caches fill up, the ring of pids goes round */
	CHECK(rounds(2 * ROUNDS) == 0);
	nprocs = kern_int(KERN_NPROCS);
	nthreads = kern_int(KERN_NTHREADS);
	before = uvm_counters();
	CHECK(rounds(ROUNDS) == 0);
	after = uvm_counters();
	CHECK(kern_int(KERN_NPROCS) == nprocs);
	CHECK(kern_int(KERN_NTHREADS) == nthreads);
	CHECK(after.anonpages == before.anonpages);
	CHECK(after.active == before.active);
	CHECK(after.wired == before.wired);
	CHECK(after.free == before.free);
	CHECK(after.forks == before.forks + ROUNDS);
	CHECK(after.forks_ppwait == before.forks_ppwait + ROUNDS / 2);
	return NULL;
}

const char *
a_crowd_comes_and_goes(void)
{
	int nprocs = kern_int(KERN_NPROCS), i;
	struct uvmexp before = uvm_counters(), after;

	for (i = 0; i < CROWD; i++) {
		pid_t pid = fork();

		CHECK(pid != -1);
		if (pid == 0) {
			usleep(10000);
			_exit(0);
		}
	}
	CHECK(kern_int(KERN_NPROCS) == nprocs + CROWD);
	for (i = 0; i < CROWD; i++)
		CHECK(wait(NULL) > 0);
	CHECK_ERRNO(wait(NULL), ECHILD);
	after = uvm_counters();
	CHECK(kern_int(KERN_NPROCS) == nprocs);
	CHECK(after.anonpages == before.anonpages);
	CHECK(after.wired == before.wired);
	return NULL;
}

const char *
process_table_full(void)
{
	int max = kern_int(KERN_MAXPROC), nprocs = kern_int(KERN_NPROCS);
	int nthreads = kern_int(KERN_NTHREADS), error;
	pid_t pid;

	CHECK(set_kern_int(KERN_MAXPROC, nprocs) == 0);
	pid = fork();
	error = errno;
	if (pid == 0)
		_exit(0);
	CHECK(set_kern_int(KERN_MAXPROC, max) == 0);
	CHECK(pid == -1 && error == EAGAIN);
	CHECK(kern_int(KERN_NPROCS) == nprocs);
	CHECK(kern_int(KERN_NTHREADS) == nthreads);
	return NULL;
}

const char *
thread_table_full(void)
{
	int max = kern_int(KERN_MAXTHREAD), nthreads = kern_int(KERN_NTHREADS);
	int error;
	pid_t pid;

	CHECK(set_kern_int(KERN_MAXTHREAD, nthreads) == 0);
	pid = fork();
	error = errno;
	if (pid == 0)
		_exit(0);
	CHECK(set_kern_int(KERN_MAXTHREAD, max) == 0);
	CHECK(pid == -1 && error == EAGAIN);
	CHECK(kern_int(KERN_NTHREADS) == nthreads);
	return NULL;
}

/* What a fork by that user comes to when so many slots are left: errno. */
int
fork_with_left(int limit, int used, int left, uid_t uid)
{
	int max = kern_int(limit), status;
	pid_t pid;

	/* one more is for the child that is to become the user */
	if (set_kern_int(limit, kern_int(used) + 1 + left) == -1)
		return -1;
	if ((pid = fork()) == 0) {
		if (setuid(uid) == -1)
			_exit(100);
		if ((pid = fork()) == 0)
			_exit(0);
		_exit(pid == -1 ? errno : wait_status(pid));
	}
	status = pid == -1 ? -1 : wait_status(pid);
	if (set_kern_int(limit, max) == -1 || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

const char *
last_slots_are_roots(void)
{
	static const struct {
		int	limit;
		int	used;
	} tables[] = {
		{ KERN_MAXPROC, KERN_NPROCS },
		{ KERN_MAXTHREAD, KERN_NTHREADS }
	};
	static const uid_t users[] = { 0, 1, USER };
	size_t t, u;
	int left, wanted;

	for (t = 0; t < sizeof(tables) / sizeof(tables[0]); t++) {
		for (u = 0; u < sizeof(users) / sizeof(users[0]); u++) {
			for (left = 0; left <= RESERVE + 1; left++) {
				wanted = users[u] == 0 ? left > 0 :
				    left > RESERVE;
				CHECK(fork_with_left(tables[t].limit,
				    tables[t].used, left, users[u]) ==
				    (wanted ? 0 : EAGAIN));
			}
		}
	}
	return NULL;
}

/* As USER with a limit of three: two children, no more. */
void
fork_until_refused(void)
{
	struct rlimit limit;
	int children = 0;
	pid_t pid;

	if (setuid(USER) == -1 || getrlimit(RLIMIT_NPROC, &limit) == -1)
		_exit(100);
	limit.rlim_cur = 3;
	if (setrlimit(RLIMIT_NPROC, &limit) == -1)
		_exit(101);
	while ((pid = fork()) > 0)
		children++;
	if (pid == 0) {
		usleep(50000);
		_exit(0);
	}
	if (errno != EAGAIN)
		_exit(102);
	while (wait(NULL) > 0)
		continue;
	_exit(children);
}

const char *
user_limit(void)
{
	int nprocs = kern_int(KERN_NPROCS);
	pid_t pid = fork();

	if (pid == 0)
		fork_until_refused();
	CHECK(exited(wait_status(pid), 2));
	CHECK(kern_int(KERN_NPROCS) == nprocs);
	return NULL;
}

const char *
no_memory(void)
{
	size_t size = 96UL << 20, used = 0;
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANON, -1, 0);
	struct uvmexp before, after;
	int nprocs, error;
	pid_t pid;

	CHECK(memory != MAP_FAILED);
	nprocs = kern_int(KERN_NPROCS);
	before = uvm_counters();
	/* up to a few pages above what only the kernel may take */
	while (used < size &&
	    uvm_counters().free > before.reserve_kernel + 4) {
		memory[used] = 1;
		used += 4096;
	}
	before = uvm_counters();
	pid = fork();
	error = errno;
	if (pid == 0)
		_exit(0);
	after = uvm_counters();
	munmap(memory, size);
	CHECK(pid == -1 && error == ENOMEM);
	CHECK(after.free == before.free && after.wired == before.wired);
	CHECK(kern_int(KERN_NPROCS) == nprocs);
	return NULL;
}

/* Take or give back pages until so many are free. */
int
leave_free(char *memory, size_t *used, int pages)
{
	int n;

	while ((n = uvm_counters().free - pages) > 0) {
		for (n = (n + 1) / 2; n > 0; n--) {
			memory[*used] = 1;
			*used += PAGE_SIZE;
		}
	}
	while (uvm_counters().free < pages && *used > 0) {
		*used -= PAGE_SIZE;
		if (munmap(memory + *used, PAGE_SIZE) == -1)
			return -1;
	}
	return uvm_counters().free;
}

/* A child costs so many pages beyond those that only the kernel may take. */
const char *
barely_enough_memory(void)
{
	size_t size = 96UL << 20, used = 0;
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANON, -1, 0);
	int reserve = uvm_counters().reserve_kernel, spare, left, error;
	pid_t pid;

	CHECK(memory != MAP_FAILED);
	for (spare = 2; spare >= -2; spare--) {
		left = leave_free(memory, &used, reserve + UPAGES + spare);
		errno = 0;
		/* it needs no page for itself: it has its parent's */
		pid = vfork();
		if (pid == 0)
			_exit(0);
		error = errno;
		if (pid != -1)
			waitpid(pid, NULL, 0);
		CHECK(left == reserve + UPAGES + spare);
		CHECK(spare >= 0 ? pid > 0 : pid == -1 && error == ENOMEM);
		/* the reaper gives back the stack */
		usleep(20000);
	}
	CHECK(munmap(memory, size) == 0 || errno == EINVAL);
	return NULL;
}

const char *
vfork_parent_waits(void)
{
	struct uvmexp before = uvm_counters();
	pid_t pid = vfork();

	if (pid == 0)
		_exit(3);
	CHECK(exited(wait_status(pid), 3));
	CHECK(uvm_counters().forks_ppwait == before.forks_ppwait + 1);
	return NULL;
}

const struct regress cases[] = {
	{ registers, "fork's registers in parent and child" },
	{ error_registers, "an error sets carry and leaves rdx" },
	{ second_register, "one result leaves rdx" },
	{ memory_is_copied, "the child has its own memory" },
	{ nothing_is_lost, "pages and counts are as before" },
	{ a_crowd_comes_and_goes, "many children at once" },
	{ process_table_full, "EAGAIN when the process table is full" },
	{ thread_table_full, "EAGAIN when the thread table is full" },
	{ last_slots_are_roots, "the last five slots are root's" },
	{ user_limit, "EAGAIN over RLIMIT_NPROC" },
	{ no_memory, "ENOMEM without a uarea" },
	{ barely_enough_memory, "a uarea, to the page" },
	{ vfork_parent_waits, "vfork" },
};

REGRESS_MAIN(cases)
