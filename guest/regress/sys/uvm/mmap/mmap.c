/* SPDX-License-Identifier: ISC */
/* mmap(2) and relatives: what is refused, which addresses, what counts. */

#include <sys/mman.h>
#include <sys/resource.h>
#include <signal.h>
#include <stdlib.h>
#include "../../kern/kstat.h"
#include "../../kern/regress.h"

#define PAGE		4096UL
#define PAGES		8
#define USER_END	0x7ffffffff000UL	/* nothing is mapped from here */
#define UNKNOWN		0x08			/* no protection, no flag */
#define RW		(PROT_READ | PROT_WRITE)
#define OWN		(MAP_PRIVATE | MAP_ANON)
#define LIMIT		16384UL		/* pages of RLIMIT_DATA: 64 MiB */

/* Some memory; MAP_FAILED without any. */
static char *
take(size_t size)
{
	return mmap(NULL, size, RW, OWN, -1, 0);
}

/* How a child fares that looks (or writes) there. */
static int
look_status(volatile char *where, int writing)
{
	pid_t pid = fork();
	char c;

	if (pid == 0) {
		c = *where;
		if (writing)
			*where = c;
		_exit(0);
	}
	return wait_status(pid);
}

#define MMAP_FAILS(addr, len, prot, flags, fd, error)			\
	CHECK_ERRNO((long)mmap((void *)(addr), len, prot, flags, fd, 0), error)

static const char *
refused_mappings(void)
{
	MMAP_FAILS(0, PAGE, UNKNOWN, OWN, -1, EINVAL);
	MMAP_FAILS(0, PAGE, RW, OWN | UNKNOWN, -1, EINVAL);
	MMAP_FAILS(0, PAGE, RW, MAP_ANON, -1, EINVAL);
	MMAP_FAILS(0, PAGE, RW, OWN | MAP_SHARED, -1, EINVAL);
	MMAP_FAILS(0, 0, RW, OWN, -1, EINVAL);
	MMAP_FAILS(0, PAGE, RW, MAP_PRIVATE, -1, ENODEV);
	MMAP_FAILS(0, PAGE, RW, OWN, 0, EINVAL);
	MMAP_FAILS(USER_END, PAGE, RW, OWN, -1, EINVAL);
	MMAP_FAILS(PAGE, -PAGE, RW, OWN, -1, EINVAL);
	MMAP_FAILS(PAGE, -2 * PAGE, RW, OWN, -1, EINVAL);
	MMAP_FAILS(0x100000001, PAGE, RW, OWN | MAP_FIXED, -1, EINVAL);
	MMAP_FAILS(0, PAGE, PROT_WRITE | PROT_EXEC, OWN, -1, ENOTSUP);
	MMAP_FAILS(0, PAGE, RW, MAP_SHARED | MAP_ANON | MAP_STACK, -1, EINVAL);
	MMAP_FAILS(0, PAGE, PROT_EXEC, OWN | MAP_STACK, -1, EINVAL);
	return NULL;
}

static const char *
addresses(void)
{
	char *first = take(PAGES * PAGE), *second = take(PAGES * PAGE), *third;

	CHECK(first != MAP_FAILED && second != MAP_FAILED);
	CHECK(((u_long)first & (PAGE - 1)) == 0);
	CHECK(second >= first + PAGES * PAGE || first >= second + PAGES * PAGE);
	first[0] = second[0] = 'a';

	/* there, and nowhere else */
	CHECK(mmap(first + PAGE, PAGE, RW, OWN | MAP_FIXED, -1, 0) ==
	    first + PAGE);
	CHECK(first[0] == 'a' && first[PAGE] == 0);
	MMAP_FAILS(first, PAGE, RW, OWN | MAP_FIXED | __MAP_NOREPLACE, -1,
	    ENOMEM);
	CHECK(first[0] == 'a');

	/* what is free is taken, what is not is only a wish */
	CHECK(munmap(second, PAGES * PAGE) == 0);
	CHECK(mmap(second, PAGE, RW, OWN | MAP_FIXED | __MAP_NOREPLACE, -1,
	    0) == second);
	CHECK(second[0] == 0);
	third = mmap(first, PAGE, RW, OWN, -1, 0);
	CHECK(third != MAP_FAILED && third != first && first[0] == 'a');
	CHECK(munmap(third, PAGE) == 0);
	CHECK(mmap(third, 10, RW, OWN, -1, 0) == third);
	CHECK(munmap(third, 10) == 0 && munmap(second, PAGE) == 0);
	CHECK(munmap(first, PAGES * PAGE) == 0);
	return NULL;
}

static const char *
protections(void)
{
	char *memory = mmap(NULL, 2 * PAGE, PROT_READ, OWN, -1, 0);

	CHECK(memory != MAP_FAILED && memory[0] == 0);
	CHECK(exited(look_status(memory, 0), 0));
	CHECK(killed(look_status(memory, 1), SIGSEGV));
	CHECK_ERRNO(mprotect(memory, PAGE, UNKNOWN), EINVAL);
	CHECK_ERRNO(mprotect(memory, PAGE, PROT_WRITE | PROT_EXEC), ENOTSUP);
	CHECK_ERRNO(mprotect((void *)USER_END, PAGE, PROT_READ), EINVAL);
	CHECK(mprotect(memory + PAGE, PAGE, RW) == 0);
	memory[PAGE] = 'b';
	CHECK(killed(look_status(memory, 1), SIGSEGV));
	CHECK(mprotect(memory + PAGE, PAGE, PROT_NONE) == 0);
	CHECK(killed(look_status(memory + PAGE, 0), SIGSEGV));
	CHECK(mprotect(memory, 2 * PAGE, PROT_READ) == 0);
	CHECK(memory[PAGE] == 'b');
	CHECK(munmap(memory, 2 * PAGE) == 0);
	CHECK_ERRNO(munmap((void *)USER_END, PAGE), EINVAL);
	CHECK(munmap(memory, 0) == 0);
	return NULL;
}

static const char *
inheritance(void)
{
	char *memory = take(3 * PAGE);
	pid_t pid;

	CHECK(memory != MAP_FAILED);
	memset(memory, 'a', 3 * PAGE);
	CHECK_ERRNO(minherit(memory, PAGE, MAP_INHERIT_ZERO + 1), EINVAL);
	CHECK_ERRNO(minherit((void *)USER_END, PAGE, MAP_INHERIT_COPY),
	    EINVAL);
	CHECK(minherit(memory + PAGE, PAGE, MAP_INHERIT_SHARE) == 0);
	if ((pid = fork()) == 0) {
		memset(memory, 'b', 3 * PAGE);
		_exit(0);
	}
	CHECK(exited(wait_status(pid), 0));
	CHECK(memory[0] == 'a' && memory[PAGE] == 'b' &&
	    memory[2 * PAGE] == 'a');
	CHECK(munmap(memory, 3 * PAGE) == 0);
	return NULL;
}

/* The most pages that RLIMIT_DATA lets one map now. */
static u_long
room(void)
{
	u_long low = 0, high = LIMIT + 1, middle;
	char *memory;

	while (high - low > 1) {
		middle = (low + high) / 2;
		memory = take(middle * PAGE);
		if (memory == MAP_FAILED)
			high = middle;
		else {
			munmap(memory, middle * PAGE);
			low = middle;
		}
	}
	return low;
}

/*
 * RLIMIT_DATA holds back mappings and the heap together: runs in a child,
 * which may be limited.
 */
static const char *
counted(void)
{
	struct rlimit rl;
	char *memory, *other, *start;
	u_long all;

	CHECK(getrlimit(RLIMIT_DATA, &rl) == 0);
	rl.rlim_cur = LIMIT * PAGE;
	CHECK(setrlimit(RLIMIT_DATA, &rl) == 0);
	all = room();
	CHECK(all > 1000 && all < LIMIT && room() == all);

	/* a mapping counts until it is gone, wherever one cuts it */
	memory = take(100 * PAGE);
	CHECK(memory != MAP_FAILED && room() == all - 100);
	CHECK(munmap(memory + 20 * PAGE, 40 * PAGE) == 0);
	CHECK(room() == all - 60);
	CHECK_ERRNO(munmap(memory, 100 * PAGE), EINVAL);
	CHECK(room() == all - 60);
	CHECK(munmap(memory, 20 * PAGE) == 0 && room() == all - 40);
	CHECK(munmap(memory + 60 * PAGE, 40 * PAGE) == 0 && room() == all);
	CHECK_ERRNO(munmap(memory, 100 * PAGE), EINVAL);
	CHECK(room() == all);
	memory = take(10 * PAGE + 1);
	CHECK(memory != MAP_FAILED && room() == all - 11);
	CHECK(munmap(memory, 10 * PAGE + 1) == 0 && room() == all);

	/* what nobody may touch does not, and may be larger than all */
	other = mmap(NULL, 2 * LIMIT * PAGE, PROT_NONE, OWN, -1, 0);
	CHECK(other != MAP_FAILED && room() == all);
	CHECK(munmap(other, 2 * LIMIT * PAGE) == 0 && room() == all);

	/* the heap counts too */
	start = sbrk(0);
	CHECK(sbrk(100 * PAGE) == start && room() == all - 100);
	start[100 * PAGE - 1] = 1;
	CHECK(sbrk(-60 * (long)PAGE) != (void *)-1 && room() == all - 40);
	CHECK(sbrk(-40 * (long)PAGE) != (void *)-1 && room() == all);
	CHECK_ERRNO((long)sbrk((LIMIT + 1) * PAGE), ENOMEM);
	CHECK(sbrk(0) == start && room() == all);
	return NULL;
}

static const char *
limits(void)
{
	const char *reason;
	pid_t pid = fork();

	if (pid == 0) {
		reason = counted();
		if (reason != NULL)
			printf("%s\n", reason);
		fflush(stdout);
		_exit(reason == NULL ? 0 : 1);
	}
	CHECK(exited(wait_status(pid), 0));
	return NULL;
}

/* Nothing of a heap that was given back is there when it grows again. */
static const char *
heap(void)
{
	char *start = sbrk(3 * PAGE);
	u_long end = ((u_long)start + PAGE - 1) & ~(PAGE - 1);

	memset(start, 'a', 3 * PAGE);
	CHECK(sbrk(-2 * (long)PAGE) != (void *)-1);
	CHECK(start[0] == 'a');
	CHECK(killed(look_status((char *)end + 2 * PAGE, 0), SIGSEGV));
	CHECK(sbrk(2 * PAGE) != (void *)-1);
	CHECK(((char *)end)[PAGE] == 0 && start[0] == 'a');
	CHECK(sbrk(-3 * (long)PAGE) != (void *)-1 && sbrk(0) == start);
	return NULL;
}

const struct regress cases[] = {
	{ refused_mappings, "mappings that are refused" },
	{ addresses, "addresses: wished, fixed, not to be replaced" },
	{ protections, "protections" },
	{ inheritance, "a range is shared with the child" },
	{ limits, "RLIMIT_DATA counts mappings and the heap" },
	{ heap, "the heap is empty when it grows again" },
};

REGRESS_MAIN(cases)
