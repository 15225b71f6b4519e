/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

typedef int (*compare_fn)(const void *, const void *);

static void
swap(char *a, char *b, size_t size)
{
	char byte;

	while (size-- > 0) {
		byte = *a;
		*a++ = *b;
		*b++ = byte;
	}
}

/* Let element root sink until neither of its children is larger. */
static void
sift_down(char *base, size_t root, size_t count, size_t size, compare_fn cmp)
{
	size_t child;

	while ((child = 2 * root + 1) < count) {
		if (child + 1 < count && cmp(base + child * size,
		    base + (child + 1) * size) < 0)
			child++;
		if (cmp(base + root * size, base + child * size) >= 0)
			return;
		swap(base + root * size, base + child * size, size);
		root = child;
	}
}

/*
 * A heap sort: no recursion and no bad case, so that what it costs does not
 * depend on the order of the input.
 */
void
qsort(void *array, size_t count, size_t size, compare_fn cmp)
{
	char *base = array;
	size_t i;

	for (i = count / 2; i-- > 0;)
		sift_down(base, i, count, size, cmp);
	for (i = count; i-- > 1;) {
		swap(base, base + i * size, size);
		sift_down(base, 0, i, size, cmp);
	}
}

void *
bsearch(const void *key, const void *array, size_t count, size_t size,
    compare_fn cmp)
{
	const char *base = array;
	size_t low = 0, high = count, middle;
	int order;

	while (low < high) {
		middle = low + (high - low) / 2;
		order = cmp(key, base + middle * size);
		if (order == 0)
			return (void *)(base + middle * size);
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}
