#include "shapes.h"

/* Every type is used, so that the compiler describes it. */
struct zero_length zero_length;
struct qualified qualified;
static volatile int counter = 5;
volatile int sink;

static inline __attribute__((always_inline)) int
twice(int value)
{
	int doubled = value * 2;

	sink = doubled;
	return (doubled);
}

static inline __attribute__((always_inline)) int
four_times(int value)
{
	int half = twice(value);

	return (twice(half));
}

__attribute__((noinline)) int
leaf(int depth, const char *text, struct everything *e)
{
	long sum = 0;
	char buffer[16];
	struct list pair;
	int i;

	pair.next = &e->link;
	pair.prev = 0;
	for (i = 0; i < depth; i++) {
		buffer[i & 15] = text[0] + i;
		sum += four_times(i) + buffer[i & 15];
	}
	__asm__ volatile("" : : "r"(buffer), "r"(&pair) : "memory");
	sink = (int)sum;
	return (int)(sum + (pair.next == 0));
}

__attribute__((noinline)) int
middle(int depth, char **argv)
{
	int before = depth + counter;
	int result = leaf(before, argv[0], &everything);

	sink = result + before;
	return (result * before);
}

int
chain(int depth)
{
	static int calls;

	calls++;
	if (depth > 0)
		return (chain(depth - 1) + calls);
	return (helper(&everything, depth));
}

int
main(int argc, char **argv)
{
	if (middle(argc + 3, argv) == 0)
		return (1);
	return (chain(argc + 2) == 12345);
}
