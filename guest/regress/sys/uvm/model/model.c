/* SPDX-License-Identifier: ISC */
/*
 * A window of memory is mapped, unmapped, protected, written and inherited
 * at random, and a table says what must be there: every page is compared
 * with it, in the parent and in children.
 */

#include <sys/mman.h>
#include <unistd.h>
#include "../../kern/kstat.h"
#include "../../kern/regress.h"

#define PAGE		4096UL
#define PAGES		48		/* three chunks of an amap */
#define ROUNDS		600
#define ROUNDS_OF_CHILD	12
#define NONE		(-1)		/* protection: nothing is mapped */
#define RW		(PROT_READ | PROT_WRITE)

/* What a page must be like. */
struct page {
	int		prot;		/* PROT_*, or NONE */
	int		inherit;	/* MAP_INHERIT_* */
	u_char		value;		/* its byte */
};

static struct page model[PAGES];
static char *window;
static int fds[2];			/* a pipe to test memory with */
static unsigned int state;

static unsigned int
below(unsigned int limit)
{
	state = state * 1103515245 + 12345;
	return (state >> 16) % limit;
}

/* Where a page keeps its byte: elsewhere in each. */
static char *
byte_of(int page)
{
	return window + page * PAGE + page * 61 % PAGE;
}

/* Is the page as the table says?  The kernel itself tries to touch it. */
static int
page_is_right(int page)
{
	struct page *mp = &model[page];
	char *at = byte_of(page), c;
	ssize_t n;

	n = write(fds[1], at, 1);
	if (mp->prot == NONE || (mp->prot & PROT_READ) == 0)
		return n == -1 && errno == EFAULT;
	if (n != 1 || read(fds[0], &c, 1) != 1 || (u_char)c != mp->value)
		return 0;
	/* its neighbours in the page were never written */
	if (at[page % 2 == 0 ? 1 : -1] != 0)
		return 0;
	c = mp->value;
	if (write(fds[1], &c, 1) != 1)
		return 0;
	n = read(fds[0], at, 1);
	if (mp->prot & PROT_WRITE)
		return n == 1;
	if (n != -1 || errno != EFAULT)
		return 0;
	return read(fds[0], &c, 1) == 1;
}

static int
all_is_right(void)
{
	int page;

	for (page = 0; page < PAGES; page++)
		if (!page_is_right(page))
			return 0;
	return 1;
}

static void
some_range(int *first, int *count)
{
	*first = below(PAGES);
	*count = 1 + below(PAGES - *first < 12 ? PAGES - *first : 12);
}

static int
holes_in(int first, int count)
{
	int i, holes = 0;

	for (i = first; i < first + count; i++)
		if (model[i].prot == NONE)
			holes++;
	return holes;
}

static int
map_some(void)
{
	static const int prots[] = { RW, RW, PROT_READ, PROT_NONE };
	int first, count, i, prot = prots[below(4)], shared = below(6) == 0;

	some_range(&first, &count);
	if (mmap(window + first * PAGE, count * PAGE, prot, MAP_ANON |
	    MAP_FIXED | (shared ? MAP_SHARED : MAP_PRIVATE), -1, 0) !=
	    window + first * PAGE)
		return 0;
	for (i = first; i < first + count; i++) {
		model[i].prot = prot;
		model[i].value = 0;
		model[i].inherit = shared ? MAP_INHERIT_SHARE :
		    MAP_INHERIT_COPY;
	}
	return 1;
}

static int
unmap_some(void)
{
	int first, count, i, holes, answer;

	some_range(&first, &count);
	holes = holes_in(first, count);
	errno = 0;
	answer = munmap(window + first * PAGE, count * PAGE);
	if (holes > 0)
		return answer == -1 && errno == EINVAL;
	for (i = first; i < first + count; i++)
		model[i].prot = NONE;
	return answer == 0;
}

static int
protect_some(void)
{
	static const int prots[] = { RW, RW, PROT_READ, PROT_NONE,
	    PROT_READ | PROT_EXEC };
	int first, count, i, prot = prots[below(5)], holes, answer;

	some_range(&first, &count);
	holes = holes_in(first, count);
	errno = 0;
	answer = mprotect(window + first * PAGE, count * PAGE, prot);
	if (holes > 0)
		return answer == -1 && errno == ENOMEM;
	for (i = first; i < first + count; i++)
		model[i].prot = prot;
	return answer == 0;
}

static int
inherit_some(void)
{
	static const int how[] = { MAP_INHERIT_COPY, MAP_INHERIT_COPY,
	    MAP_INHERIT_SHARE, MAP_INHERIT_NONE, MAP_INHERIT_ZERO };
	int first, count, i, inherit = how[below(5)];

	some_range(&first, &count);
	if (minherit(window + first * PAGE, count * PAGE, inherit) != 0)
		return 0;
	for (i = first; i < first + count; i++)
		model[i].inherit = inherit;
	return 1;
}

static int
write_some(void)
{
	int first, count, i;
	u_char value = 1 + below(255);

	some_range(&first, &count);
	for (i = first; i < first + count; i++) {
		if (model[i].prot != RW)
			continue;
		*byte_of(i) = value;
		model[i].value = value;
	}
	return 1;
}

/* One change of any kind. */
static int
change(void)
{
	switch (below(10)) {
	case 0:
	case 1:
		return map_some();
	case 2:
		return unmap_some();
	case 3:
	case 4:
		return protect_some();
	case 5:
		return inherit_some();
	default:
		return write_some();
	}
}

/*
 * A child has what it inherits, and changes that without harm to us; what
 * it shares it leaves alone.
 */
static int
child_is_right(void)
{
	pid_t pid;
	int i;

	if ((pid = fork()) == 0) {
		for (i = 0; i < PAGES; i++) {
			if (model[i].inherit == MAP_INHERIT_NONE)
				model[i].prot = NONE;
			if (model[i].inherit == MAP_INHERIT_ZERO)
				model[i].value = 0;
		}
		if (!all_is_right())
			_exit(1);
		for (i = 0; i < PAGES; i++)
			if (model[i].inherit == MAP_INHERIT_SHARE &&
			    model[i].prot != NONE) {
				munmap(window + i * PAGE, PAGE);
				model[i].prot = NONE;
			}
		for (i = 0; i < ROUNDS_OF_CHILD; i++)
			if (!change())
				_exit(2);
		_exit(all_is_right() ? 0 : 3);
	}
	return exited(wait_status(pid), 0);
}

/* What a child writes to shared pages is seen, all else is not. */
static int
sharing_is_right(void)
{
	u_char value = 1 + below(255);
	pid_t pid;
	int i;

	if ((pid = fork()) == 0) {
		for (i = 0; i < PAGES; i++)
			if (model[i].prot == RW &&
			    model[i].inherit != MAP_INHERIT_NONE)
				*byte_of(i) = value;
		_exit(0);
	}
	for (i = 0; i < PAGES; i++)
		if (model[i].prot == RW &&
		    model[i].inherit == MAP_INHERIT_SHARE)
			model[i].value = value;
	return exited(wait_status(pid), 0);
}

static const char *
play(unsigned int seed)
{
	int i;

	state = seed;
	window = mmap(NULL, PAGES * PAGE, RW, MAP_PRIVATE | MAP_ANON, -1, 0);
	CHECK(window != MAP_FAILED);
	for (i = 0; i < PAGES; i++) {
		model[i].prot = RW;
		model[i].inherit = MAP_INHERIT_COPY;
		model[i].value = 0;
	}
	CHECK(pipe(fds) == 0);
	for (i = 0; i < ROUNDS; i++) {
		CHECK(change());
		CHECK(page_is_right(below(PAGES)));
		if (i % 30 == 29)
			CHECK(child_is_right());
		if (i % 30 == 14)
			CHECK(sharing_is_right());
		if (i % 15 == 14)
			CHECK(all_is_right());
	}
	CHECK(close(fds[0]) == 0 && close(fds[1]) == 0);
	for (i = 0; i < PAGES; i++)
		CHECK(munmap(window + i * PAGE, PAGE) ==
		    (model[i].prot == NONE ? -1 : 0));
	return NULL;
}

static const char *
first_course(void)
{
	return play(1);
}

static const char *
second_course(void)
{
	return play(20000);
}

const struct regress cases[] = {
	{ first_course, "pages are as a table says" },
	{ second_course, "in another order too" },
};

REGRESS_MAIN(cases)
