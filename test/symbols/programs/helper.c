#include "shapes.h"

struct unit_private {
	int	 secret[4];
	char	 letter;
};

static struct unit_private hidden = { { 1, 2, 3, 4 }, 'x' };
static volatile int counter = 77;

static int
plain_handler(int a, const char *b)
{
	return (a + b[0]);
}

static void
nothing(void)
{
}

struct everything everything = {
	.name = "puffer",
	.text = "text",
	.counter = -42,
	.state = SSLEEP,
	.sign = BELOW,
	.matrix = { { 1, 2, 3 }, { 4, 5, 0xffffffff81000000UL } },
	.handler = plain_handler,
	.cleanup = nothing,
	.flags = { 1, 5, -7, 0xabcde, 0x1234567890UL, 1, SZOMB, 9 },
	.packed = { 'p', -9000000000L, -200, 4000000 },
	.low = 11, .high = -12,
	.point = { { 1, 2 }, { 3, 4 }, { -5, -6 } },
	.number = { .d = 1.5 },
	.hidden = &hidden,
	.extended = -2.75L,
	.real = 0.5f,
	.yes = 1,
	.huge = ((__int128)-5 << 64) + 3,
};

int
helper(struct everything *e, int argument)
{
	int local = e->handler(argument, e->text) + counter;

	/* Where a debugger stops: the program never gets past it without one. */
	e->counter = local;
	__asm__ volatile("" : : : "memory");
	hidden.secret[local & 3] = argument;
	e->cleanup();
	return (local);
}

/* Dropped by a linker that collects garbage. */
int
never_called(int x)
{
	return (x + counter);
}
