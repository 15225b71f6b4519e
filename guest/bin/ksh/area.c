/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sh.h"

/*
 * Trees and expanded words live as long as the command they belong to, so
 * they are taken from a stack of chunks.  Who is done goes back to the mark
 * that was made before.
 */
#define CHUNK_SIZE	4096		/* least size of a chunk, bytes */
#define ALIGNMENT	16

struct chunk {
	struct chunk	*below;
	size_t		 used;
	size_t		 size;
	char		 data[] __attribute__((__aligned__(ALIGNMENT)));
};

static struct chunk *top;

void *
xmalloc(size_t size)
{
	void *p = malloc(size == 0 ? 1 : size);

	if (p == NULL) {
		fprintf(stderr, "ksh: out of memory\n");
		quit(1);
	}
	return p;
}

char *
xstrdup(const char *s)
{
	return strcpy(xmalloc(strlen(s) + 1), s);
}

void *
alloc(size_t size)
{
	struct chunk *c;
	void *p;

	size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
	if (top == NULL || top->size - top->used < size) {
		size_t room = size > CHUNK_SIZE ? size : CHUNK_SIZE;

		c = xmalloc(sizeof(*c) + room);
		c->below = top;
		c->used = 0;
		c->size = room;
		top = c;
	}
	p = top->data + top->used;
	top->used += size;
	return p;
}

struct area_mark
area_mark(void)
{
	struct area_mark mark;

	mark.chunk = top;
	mark.used = top == NULL ? 0 : top->used;
	return mark;
}

void
area_release(struct area_mark mark)
{
	struct chunk *c;

	while (top != mark.chunk) {
		c = top;
		top = c->below;
		free(c);
	}
	if (top != NULL)
		top->used = mark.used;
}

char *
str_nsave(const char *s, size_t len)
{
	char *copy = alloc(len + 1);

	memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

char *
str_save(const char *s)
{
	return str_nsave(s, strlen(s));
}

void
xnputs(struct xstring *xs, const char *s, size_t len)
{
	char *bigger;

	if (xs->len + len + 1 > xs->room) {
		xs->room = (xs->len + len + 1) * 2;
		bigger = xmalloc(xs->room);
		if (xs->len > 0)
			memcpy(bigger, xs->buf, xs->len);
		free(xs->buf);
		xs->buf = bigger;
	}
	memcpy(xs->buf + xs->len, s, len);
	xs->len += len;
	xs->buf[xs->len] = '\0';
}

void
xputs(struct xstring *xs, const char *s)
{
	xnputs(xs, s, strlen(s));
}

void
xputc(struct xstring *xs, int c)
{
	char byte = c;

	xnputs(xs, &byte, 1);
}

char *
xdone(struct xstring *xs)
{
	char *copy = str_nsave(xs->len > 0 ? xs->buf : "", xs->len);

	xfree(xs);
	return copy;
}

void
xfree(struct xstring *xs)
{
	free(xs->buf);
	memset(xs, 0, sizeof(*xs));
}

void
xpput(struct xptrv *list, char *p)
{
	char **bigger;

	if (list->n + 2 > list->room) {
		list->room = list->room == 0 ? 8 : list->room * 2;
		bigger = alloc(list->room * sizeof(*bigger));
		if (list->n > 0)
			memcpy(bigger, list->v, list->n * sizeof(*bigger));
		list->v = bigger;
	}
	list->v[list->n++] = p;
	list->v[list->n] = NULL;
}
