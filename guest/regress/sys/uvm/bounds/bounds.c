/* SPDX-License-Identifier: ISC */
/* The first and the last that is allowed, and the one behind it. */

#include <sys/mman.h>
#include <sys/resource.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include "../../kern/kstat.h"
#include "../../kern/regress.h"

#define PAGE		4096UL
#define USER_BEGIN	0x1000UL		/* VM_MIN_ADDRESS */
#define USER_END	0x7f7fffffc000UL	/* VM_MAXUSER_ADDRESS */
#define STACK		(32UL << 20)		/* MAXSSIZ */
#define RW		(PROT_READ | PROT_WRITE)
#define OWN		(MAP_PRIVATE | MAP_ANON)
#define FIXED		(OWN | MAP_FIXED)
#define HALF_WAY	(1UL << 40)		/* where nothing is */

#define MAP(addr, len, flags)	mmap((void *)(addr), len, RW, flags, -1, 0)
#define FAILS(addr, len, flags, error)					\
	CHECK_ERRNO((long)MAP(addr, len, flags), error)

/* A mapping there: it can be written from end to end, and nothing else. */
static const char *
works(u_long addr, size_t len, int flags)
{
	char *memory = MAP(addr, len, flags);

	CHECK(memory == (char *)addr);
	memory[0] = memory[len - 1] = 1;
	CHECK(munmap(memory, len) == 0);
	return NULL;
}

#define WORKS(addr, len, flags) do {					\
	const char *reason = works(addr, len, flags);			\
									\
	if (reason != NULL)						\
		return "line " REGRESS_LINE(__LINE__);			\
} while (0)

static const char *
addresses(void)
{
	WORKS(USER_BEGIN, PAGE, FIXED);
	WORKS(USER_BEGIN, PAGE, OWN);
	FAILS(0, PAGE, FIXED, EINVAL);
	FAILS(0, 2 * PAGE, FIXED, EINVAL);
	FAILS(USER_END, PAGE, FIXED, EINVAL);
	FAILS(USER_END - PAGE, 2 * PAGE, FIXED, EINVAL);
	FAILS(USER_END - PAGE, PAGE + 1, FIXED, EINVAL);
	FAILS(USER_END - PAGE, 2 * PAGE, OWN, EINVAL);
	FAILS(-PAGE, PAGE, FIXED, EINVAL);
	FAILS(-PAGE, 2 * PAGE, FIXED, EINVAL);
	FAILS(HALF_WAY, -HALF_WAY, FIXED, EINVAL);
	FAILS(HALF_WAY + 1, PAGE, FIXED, EINVAL);
	WORKS(USER_END - STACK - PAGE, PAGE, FIXED);
	/* the stack is there up to the end, and behind it nothing */
	FAILS(USER_END - PAGE, PAGE, FIXED | __MAP_NOREPLACE, ENOMEM);
	FAILS(USER_END - PAGE, PAGE, OWN, ENOMEM);
	FAILS(USER_END - STACK - PAGE, 2 * PAGE, OWN, ENOMEM);
	FAILS(USER_END - STACK - PAGE, 2 * PAGE, FIXED | __MAP_NOREPLACE,
	    ENOMEM);
	return NULL;
}

/* A wish is granted when there is room, else the next gap is taken. */
static const char *
gaps(void)
{
	char *base = (char *)HALF_WAY;

	CHECK(MAP(base + 2 * PAGE, PAGE, FIXED) == base + 2 * PAGE);
	CHECK(MAP(base + 5 * PAGE, PAGE, FIXED) == base + 5 * PAGE);
	CHECK(MAP(base + 7 * PAGE, PAGE, FIXED) == base + 7 * PAGE);
	/* two pages fit before, one more does not, and not between */
	WORKS(HALF_WAY, 2 * PAGE, OWN);
	CHECK(MAP(base, 3 * PAGE, OWN) == base + 8 * PAGE);
	CHECK(munmap(base + 8 * PAGE, 3 * PAGE) == 0);
	CHECK(MAP(base + 2 * PAGE, 2 * PAGE, OWN) == base + 3 * PAGE);
	CHECK(munmap(base + 3 * PAGE, 2 * PAGE) == 0);
	CHECK(MAP(base + PAGE, 2 * PAGE, OWN) == base + 3 * PAGE);
	CHECK(munmap(base + 3 * PAGE, 2 * PAGE) == 0);
	CHECK(MAP(base + 5 * PAGE, PAGE, OWN) == base + 6 * PAGE);
	CHECK(munmap(base + 6 * PAGE, PAGE) == 0);
	CHECK(MAP(base + 5 * PAGE, 2 * PAGE, OWN) == base + 8 * PAGE);
	CHECK(munmap(base + 8 * PAGE, 2 * PAGE) == 0);
	/* a wish within a page means that page, and the next for the rest */
	CHECK(MAP(base + 3 * PAGE + 5, PAGE, OWN) == base + 3 * PAGE);
	CHECK(munmap(base + 3 * PAGE + 5, PAGE) == 0);
	/* one that must not replace fits exactly or not at all */
	WORKS(HALF_WAY + 3 * PAGE, 2 * PAGE, FIXED | __MAP_NOREPLACE);
	FAILS(base + 3 * PAGE, 3 * PAGE, FIXED | __MAP_NOREPLACE, ENOMEM);
	FAILS(base + 2 * PAGE, PAGE, FIXED | __MAP_NOREPLACE, ENOMEM);
	FAILS(base + PAGE, 2 * PAGE, FIXED | __MAP_NOREPLACE, ENOMEM);
	CHECK_ERRNO(munmap(base + 2 * PAGE, 4 * PAGE), EINVAL);
	CHECK(munmap(base + 2 * PAGE, PAGE) == 0);
	CHECK(munmap(base + 5 * PAGE, PAGE) == 0);
	CHECK(munmap(base + 7 * PAGE, PAGE) == 0);
	return NULL;
}

static const char *
ranges(void)
{
	char *base = (char *)HALF_WAY, *end = (char *)USER_END;

	CHECK_ERRNO(munmap(base, PAGE), EINVAL);
	CHECK_ERRNO(munmap(end, PAGE), EINVAL);
	CHECK_ERRNO(munmap(end - PAGE, PAGE + 1), EINVAL);
	CHECK_ERRNO(munmap((char *)-PAGE, 2 * PAGE), EINVAL);
	CHECK_ERRNO(mprotect(end, PAGE, PROT_READ), EINVAL);
	CHECK_ERRNO(mprotect(end - PAGE, PAGE + 1, PROT_READ), EINVAL);
	CHECK_ERRNO(mprotect(base, PAGE, PROT_READ), ENOMEM);
	CHECK(mprotect(base, 0, PROT_READ) == 0);
	CHECK(mprotect(end - PAGE, PAGE, RW) == 0);
	CHECK_ERRNO(minherit(end, PAGE, MAP_INHERIT_COPY), EINVAL);
	CHECK_ERRNO(minherit(base, PAGE, MAP_INHERIT_SHARE - 1), EINVAL);
	CHECK_ERRNO(minherit(base, PAGE, MAP_INHERIT_ZERO + 1), EINVAL);
	CHECK(minherit(base, PAGE, MAP_INHERIT_SHARE) == 0);
	CHECK(minherit(base, PAGE, MAP_INHERIT_ZERO) == 0);

	/* gaps at the beginning, in the middle, at the end */
	CHECK(MAP(base + PAGE, 3 * PAGE, FIXED) == base + PAGE);
	CHECK(munmap(base + 2 * PAGE, PAGE) == 0);
	CHECK_ERRNO(mprotect(base, 2 * PAGE, PROT_READ), ENOMEM);
	CHECK_ERRNO(mprotect(base + PAGE, 3 * PAGE, PROT_READ), ENOMEM);
	CHECK_ERRNO(mprotect(base + 3 * PAGE, 2 * PAGE, PROT_READ), ENOMEM);
	base[PAGE] = base[3 * PAGE] = 1;
	CHECK_ERRNO(munmap(base, 2 * PAGE), EINVAL);
	CHECK_ERRNO(munmap(base + PAGE, 3 * PAGE), EINVAL);
	CHECK_ERRNO(munmap(base + 3 * PAGE, 2 * PAGE), EINVAL);
	base[PAGE] = base[3 * PAGE] = 2;
	CHECK(munmap(base + PAGE, PAGE) == 0);
	CHECK(munmap(base + 3 * PAGE, PAGE) == 0);
	return NULL;
}

/* The heap begins, ends and is refused at exact places. */
static const char *
heap(void)
{
	char *start = sbrk(0);
	u_long left = PAGE - ((u_long)start & (PAGE - 1));
	struct uvmexp before = uvm_counters();

	CHECK_ERRNO((long)brk((char *)USER_END), ENOMEM);
	CHECK_ERRNO((long)brk((char *)-1), ENOMEM);
	CHECK(sbrk(0) == start);
	/* in the way of the heap */
	CHECK(MAP(start + left + 4 * PAGE, PAGE, FIXED) != MAP_FAILED);
	CHECK(sbrk(left + 4 * PAGE) == start);
	start[left + 4 * PAGE - 1] = 1;
	CHECK_ERRNO((long)sbrk(1), ENOMEM);
	CHECK(sbrk(-(long)(left + 4 * PAGE)) != (void *)-1);
	CHECK(munmap(start + left + 4 * PAGE, PAGE) == 0);
	CHECK(sbrk(0) == start);
	CHECK(uvm_counters().anonpages <= before.anonpages + 1);
	return NULL;
}

/* RLIMIT_STACK says where the stack ends; a page below is its end. */
static const char *
touch_stack(u_long below)
{
	pid_t pid;

	if ((pid = fork()) == 0) {
		*(volatile char *)(USER_END - below) = 1;
		_exit(0);
	}
	if (exited(wait_status(pid), 0))
		return "there";
	return NULL;
}

static const char *
stack(void)
{
	struct rlimit rl;

	CHECK(getrlimit(RLIMIT_STACK, &rl) == 0);
	CHECK(touch_stack(rl.rlim_cur) != NULL);
	CHECK(touch_stack(rl.rlim_cur + 1) == NULL);
	CHECK(touch_stack(STACK) == NULL);
	CHECK(touch_stack(STACK + 1) == NULL);
	return NULL;
}

const struct regress cases[] = {
	{ addresses, "addresses" },
	{ gaps, "gaps" },
	{ ranges, "ranges" },
	{ heap, "the heap" },
	{ stack, "the stack" },
};

REGRESS_MAIN(cases)
