/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * The heap is the data segment, grown with sbrk(2).  Each chunk begins with
 * a header; the free ones are on a list in the order of their addresses, so
 * that neighbours can be joined.  A request takes the first that is large
 * enough and leaves the rest of it on the list.
 */
struct chunk {
	size_t		 size;		/* bytes, with this header */
	union {
		struct chunk	*next;	/* free: the next free one */
		size_t		 magic;	/* in use: CHUNK_INUSE */
	} u;
};

#define CHUNK_INUSE	((size_t)0x6d616c6c6f633a29)
#define CHUNK_ALIGN	sizeof(struct chunk)	/* 16, as the ABI wants */
#define HEAP_STEP	(16 * 1024)		/* least growth, bytes */

static struct chunk *freelist;

static void
heap_die(const char *function, const char *what)
{
	dprintf(STDERR_FILENO, "%s: %s: %s\n", getprogname(), function, what);
	abort();
}

/* Put a chunk in its place on the list and join it with its neighbours. */
static void
chunk_release(struct chunk *c)
{
	struct chunk *prev = NULL, *next = freelist;

	while (next != NULL && next < c) {
		prev = next;
		next = next->u.next;
	}
	if (next != NULL && (char *)c + c->size == (char *)next) {
		c->size += next->size;
		next = next->u.next;
	}
	c->u.next = next;
	if (prev != NULL && (char *)prev + prev->size == (char *)c) {
		prev->size += c->size;
		prev->u.next = c->u.next;
	} else if (prev != NULL)
		prev->u.next = c;
	else
		freelist = c;
}

/* Take size bytes from the list; NULL if no chunk is large enough. */
static struct chunk *
chunk_take(size_t size)
{
	struct chunk **link, *c, *rest;

	for (link = &freelist; (c = *link) != NULL; link = &c->u.next) {
		if (c->size < size)
			continue;
		if (c->size - size >= 2 * sizeof(struct chunk)) {
			rest = (struct chunk *)((char *)c + size);
			rest->size = c->size - size;
			rest->u.next = c->u.next;
			*link = rest;
			c->size = size;
		} else
			*link = c->u.next;
		c->u.magic = CHUNK_INUSE;
		return c;
	}
	return NULL;
}

static int
heap_grow(size_t size)
{
	size_t step = (size + HEAP_STEP - 1) / HEAP_STEP * HEAP_STEP;
	uintptr_t end = (uintptr_t)sbrk(0);
	size_t pad = -end & (CHUNK_ALIGN - 1);
	char *start;

	if (step < size || (start = sbrk(step + pad)) == (char *)-1) {
		errno = ENOMEM;
		return -1;
	}
	((struct chunk *)(start + pad))->size = step;
	chunk_release((struct chunk *)(start + pad));
	return 0;
}

static struct chunk *
chunk_of(const char *function, void *p)
{
	struct chunk *c = (struct chunk *)p - 1;

	if ((uintptr_t)p % CHUNK_ALIGN != 0 || c->u.magic != CHUNK_INUSE)
		heap_die(function, "bogus pointer (double free?)");
	return c;
}

void *
malloc(size_t size)
{
	size_t total;
	struct chunk *c;

	if (size > SIZE_MAX / 2) {
		errno = ENOMEM;
		return NULL;
	}
	total = (size + sizeof(*c) + CHUNK_ALIGN - 1) & ~(CHUNK_ALIGN - 1);
	if (total < 2 * sizeof(*c))
		total = 2 * sizeof(*c);
	while ((c = chunk_take(total)) == NULL)
		if (heap_grow(total) == -1)
			return NULL;
	return c + 1;
}

void
free(void *p)
{
	if (p != NULL)
		chunk_release(chunk_of("free", p));
}

void *
reallocarray(void *p, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(p, count * size);
}

void *
calloc(size_t count, size_t size)
{
	void *p = reallocarray(NULL, count, size);

	return p != NULL ? memset(p, 0, count * size) : NULL;
}

void *
realloc(void *p, size_t size)
{
	size_t room;
	void *q;

	if (p == NULL)
		return malloc(size);
	room = chunk_of("realloc", p)->size - sizeof(struct chunk);
	if (size <= room && size >= room / 2)
		return p;
	if ((q = malloc(size)) == NULL)
		return NULL;
	memcpy(q, p, size < room ? size : room);
	free(p);
	return q;
}
