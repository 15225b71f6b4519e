/* SPDX-License-Identifier: ISC */
/* Memory of processes: copy on write, sharing, holes, heap, stack. */

#include <sys/mman.h>
#include <sys/resource.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include "../../kern/kstat.h"
#include "../../kern/regress.h"

#define PAGE		4096
#define PAGES		64
#define SCARCE		16	/* pages that are left to all but the kernel */
#define STEPS		400	/* in which the heap grows */
#define AMAP_PAGES	5	/* what an amap of so many slots may take */

/* PAGES pages of anonymous memory. */
char *
anonymous(int flags)
{
	return mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
	    flags | MAP_ANON, -1, 0);
}

/* How a child fares that writes there. */
int
write_status(volatile char *where)
{
	pid_t pid = fork();

	if (pid == 0) {
		*where = 1;
		_exit(0);
	}
	return wait_status(pid);
}

const char *
private_and_shared(void)
{
	char *own = anonymous(MAP_PRIVATE), *shared = anonymous(MAP_SHARED);
	struct uvmexp before = uvm_counters();
	pid_t pid, grandchild;

	CHECK(own != MAP_FAILED && shared != MAP_FAILED);
	memset(own, 'a', PAGES * PAGE);
	if ((pid = fork()) == 0) {
		own[0] = 'b';
		shared[0] = 5;
		if ((grandchild = fork()) == 0) {
			own[PAGE] = 'c';
			shared[1] = 6;
			munmap(own + 8 * PAGE, 8 * PAGE);
			_exit(own[0] == 'b' ? 1 : 2);
		}
		if (!exited(wait_status(grandchild), 1))
			_exit(3);
		_exit(own[PAGE] == 'a' && shared[1] == 6 ? 1 : 2);
	}
	CHECK(exited(wait_status(pid), 1));
	CHECK(own[0] == 'a' && own[PAGE] == 'a');
	CHECK(shared[0] == 5 && shared[1] == 6);
	CHECK(munmap(own, PAGES * PAGE) == 0);
	CHECK(munmap(shared, PAGES * PAGE) == 0);
	CHECK(uvm_counters().anonpages <= before.anonpages + 4);
	return NULL;
}

const char *
holes_and_protection(void)
{
	char *memory = anonymous(MAP_PRIVATE);

	CHECK(memory != MAP_FAILED);
	memset(memory, 1, PAGES * PAGE);
	CHECK(munmap(memory + PAGE, PAGE) == 0);
	CHECK(mprotect(memory + 4 * PAGE, PAGE, PROT_READ) == 0);
	CHECK(mprotect(memory + 5 * PAGE, PAGE, PROT_NONE) == 0);
	CHECK(exited(write_status(memory), 0));
	CHECK(killed(write_status(memory + PAGE), SIGSEGV));
	CHECK(killed(write_status(memory + 4 * PAGE), SIGSEGV));
	CHECK(killed(write_status(memory + 5 * PAGE), SIGSEGV));
	CHECK(memory[4 * PAGE] == 1);
	CHECK(mprotect(memory + 4 * PAGE, PAGE, PROT_READ | PROT_WRITE) == 0);
	CHECK(exited(write_status(memory + 4 * PAGE), 0));
	CHECK_ERRNO(mprotect(memory, 3 * PAGE, PROT_READ), ENOMEM);
	CHECK_ERRNO(munmap(memory, PAGES * PAGE), EINVAL);
	CHECK(memory[0] == 1);
	CHECK(munmap(memory, PAGE) == 0);
	CHECK(munmap(memory + 2 * PAGE, (PAGES - 2) * PAGE) == 0);
	CHECK(killed(write_status(memory), SIGSEGV));
	return NULL;
}

const char *
not_both_write_and_execute(void)
{
	CHECK_ERRNO((long)mmap(NULL, PAGE, PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANON, -1, 0), ENOTSUP);
	return NULL;
}

const char *
inheritance(void)
{
	char *memory = anonymous(MAP_PRIVATE);
	pid_t pid;

	CHECK(memory != MAP_FAILED);
	memset(memory, 1, 3 * PAGE);
	CHECK(minherit(memory, PAGE, MAP_INHERIT_ZERO) == 0);
	CHECK(minherit(memory + PAGE, PAGE, MAP_INHERIT_NONE) == 0);
	if ((pid = fork()) == 0)
		_exit(memory[0] == 0 && memory[2 * PAGE] == 1 ? 1 : 2);
	CHECK(exited(wait_status(pid), 1));
	CHECK(killed(write_status(memory + PAGE), SIGSEGV));
	CHECK(memory[0] == 1 && munmap(memory, PAGES * PAGE) == 0);
	return NULL;
}

/* A child that tells, when it is asked, what it finds there. */
static pid_t
watcher(volatile char *where, int ask[2], int tell[2])
{
	pid_t pid;
	char c;

	if (pipe(ask) == -1 || pipe(tell) == -1)
		return -1;
	if ((pid = fork()) == 0) {
		close(ask[1]);
		while (read(ask[0], &c, 1) == 1) {
			c = *where;
			write(tell[1], &c, 1);
		}
		_exit(0);
	}
	close(ask[0]);
	return pid;
}

static int
finds(int ask[2], int tell[2])
{
	char c;

	if (write(ask[1], "?", 1) != 1 || read(tell[0], &c, 1) != 1)
		return -1;
	return c;
}

static void
dismiss(pid_t pid, int ask[2], int tell[2])
{
	close(ask[1]);
	close(tell[0]);
	close(tell[1]);
	waitpid(pid, NULL, 0);
}

const char *
shared_then_copied(void)
{
	char *memory = anonymous(MAP_SHARED);
	int ask[2], tell[2], ask2[2], tell2[2];
	pid_t sharer, copier;

	/* one shares it, the next one only gets a copy */
	CHECK(memory != MAP_FAILED);
	memory[0] = 'a';
	CHECK((sharer = watcher(memory, ask, tell)) != -1);
	CHECK(finds(ask, tell) == 'a');
	memory[0] = 'b';
	CHECK(finds(ask, tell) == 'b');
	CHECK(minherit(memory, PAGE, MAP_INHERIT_COPY) == 0);
	CHECK((copier = watcher(memory, ask2, tell2)) != -1);
	memory[0] = 'c';
	CHECK(finds(ask, tell) == 'c');
	CHECK(finds(ask2, tell2) == 'b');
	dismiss(copier, ask2, tell2);
	dismiss(sharer, ask, tell);
	CHECK(munmap(memory, PAGES * PAGE) == 0);
	return NULL;
}

const char *
copied_then_shared(void)
{
	char *memory = anonymous(MAP_PRIVATE), *page = memory + 20 * PAGE;
	int ask[2], tell[2], ask2[2], tell2[2];
	pid_t sharer, copier;

	/* one has a copy, the next one shares it with us, in the middle */
	CHECK(memory != MAP_FAILED);
	memset(memory, 'a', PAGES * PAGE);
	CHECK((copier = watcher(page, ask, tell)) != -1);
	CHECK(finds(ask, tell) == 'a');
	memory[0] = 'x';
	CHECK(minherit(page, 2 * PAGE, MAP_INHERIT_SHARE) == 0);
	CHECK(page[0] == 'a');
	CHECK((sharer = watcher(page, ask2, tell2)) != -1);
	CHECK(finds(ask2, tell2) == 'a');
	page[0] = 'b';
	CHECK(finds(ask2, tell2) == 'b');
	CHECK(finds(ask, tell) == 'a');
	CHECK(page[PAGE] == 'a' && page[2 * PAGE] == 'a' &&
	    page[-PAGE] == 'a');
	dismiss(sharer, ask2, tell2);
	dismiss(copier, ask, tell);
	CHECK(munmap(memory, PAGES * PAGE) == 0);
	return NULL;
}

const char *
heap(void)
{
	char *start = sbrk(0), *old = sbrk(25 * PAGE);

	CHECK(old == start);
	old[24 * PAGE] = 1;
	CHECK(sbrk(-25 * PAGE) != (void *)-1 && sbrk(0) == start);
	CHECK(killed(write_status(start + 12 * PAGE), SIGSEGV));
	return NULL;
}

/*
 * A heap that grows in small steps stays one mapping: the kernel's memory for
 * it is what one amap with more slots takes.
 */
const char *
heap_is_one(void)
{
	char *start = sbrk(0);
	struct uvmexp before;
	int i;

	CHECK(sbrk(PAGE) == start);
	before = uvm_counters();
	for (i = 1; i < STEPS; i++)
		CHECK(sbrk(PAGE) == start + i * PAGE);
	CHECK(uvm_counters().free >= before.free - AMAP_PAGES);
	CHECK(sbrk(-STEPS * PAGE) != (void *)-1 && sbrk(0) == start);
	return NULL;
}

/* Write every page of the stack down to depth bytes. */
__attribute__((__noinline__)) void
use_stack(long depth)
{
	volatile char *sp = __builtin_frame_address(0);
	long i;

	for (i = 0; i < depth; i += PAGE)
		sp[-i - 256] = 1;
}

const char *
stack(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		use_stack(1500000);
		_exit(4);
	}
	CHECK(exited(wait_status(pid), 4));
	if ((pid = fork()) == 0) {
		use_stack(2500000);
		_exit(4);
	}
	CHECK(killed(wait_status(pid), SIGSEGV));
	return NULL;
}

const char *
out_of_memory(void)
{
	size_t size = 100UL << 20;
	struct uvmexp before;
	pid_t pid;

	/* the one who asks too much dies, and all comes back */
	before = uvm_counters();
	if ((pid = fork()) == 0) {
		char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANON, -1, 0);

		if (memory == MAP_FAILED)
			_exit(1);
		memset(memory, 1, size);
		_exit(2);
	}
	CHECK(killed(wait_status(pid), SIGKILL));
	CHECK(uvm_counters().anonpages <= before.anonpages + 2);
	CHECK(uvm_counters().wired == before.wired);
	return NULL;
}

/* Take memory until hardly any is left, tell, and give it back later. */
void
keep_for_a_while(int told)
{
	struct timespec a_while = { 0, 200000000 };
	size_t size = 96UL << 20, used = 0;
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANON, -1, 0);
	int left = uvm_counters().reserve_kernel + SCARCE, n;

	while ((n = uvm_counters().free - left) > 0)
		for (n = (n + 1) / 2; n > 0 && used < size; n--, used += PAGE)
			memory[used] = 1;
	write(told, "x", 1);
	nanosleep(&a_while, NULL);
	_exit(0);
}

/*
 * A fork that has to copy more pages than there are waits until somebody
 * gives some back: pages that were shared and now are not, or the other way
 * round.
 */
const char *
fork_waits(int flags, int inherit)
{
	char *pages = anonymous(flags), c;
	struct timespec begin, end;
	struct rusage before, after;
	pid_t keeper, pid;
	int told[2];

	CHECK(pages != MAP_FAILED && pipe(told) == 0);
	memset(pages, 'a', PAGES * PAGE);
	if ((keeper = fork()) == 0)
		keep_for_a_while(told[1]);
	CHECK(read(told[0], &c, 1) == 1);
	CHECK(minherit(pages, PAGES * PAGE, inherit) == 0);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	getrusage(RUSAGE_SELF, &before);
	if ((pid = fork()) == 0)
		_exit(pages[0] == 'a' && pages[(PAGES - 1) * PAGE] == 'a' ?
		    5 : 6);
	getrusage(RUSAGE_SELF, &after);
	clock_gettime(CLOCK_MONOTONIC, &end);
	/* asleep until then, not looking again and again */
	CHECK(after.ru_nvcsw <= before.ru_nvcsw + 4);
	CHECK(exited(wait_status(pid), 5));
	CHECK(exited(wait_status(keeper), 0));
	CHECK((end.tv_sec - begin.tv_sec) * 1000000000 + end.tv_nsec -
	    begin.tv_nsec > 100000000);
	CHECK(munmap(pages, PAGES * PAGE) == 0);
	CHECK(close(told[0]) == 0 && close(told[1]) == 0);
	return NULL;
}

const char *
copies_wait(void)
{
	return fork_waits(MAP_SHARED, MAP_INHERIT_COPY);
}

const char *
sharing_waits(void)
{
	return fork_waits(MAP_PRIVATE, MAP_INHERIT_SHARE);
}

const struct regress cases[] = {
	{ private_and_shared, "private memory is copied, shared is not" },
	{ holes_and_protection, "holes and protection" },
	{ not_both_write_and_execute, "never writable and executable" },
	{ inheritance, "what fork does can be chosen" },
	{ shared_then_copied, "shared first, then copied" },
	{ copied_then_shared, "copied first, then shared" },
	{ heap, "the heap grows and shrinks" },
	{ heap_is_one, "a heap that grows stays one mapping" },
	{ stack, "the stack has a limit" },
	{ out_of_memory, "out of memory kills one process" },
	{ copies_wait, "a fork waits for pages to copy shared memory" },
	{ sharing_waits, "a fork waits for pages to share memory" },
};

REGRESS_MAIN(cases)
