/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <string.h>

/*
 * The functions on counted bytes.  Copying and filling leave the work to the
 * string instructions, which the processor does in one go.
 */

void *
memcpy(void *dst, const void *src, size_t len)
{
	void *d = dst;

	__asm volatile("rep movsb" : "+D" (d), "+S" (src), "+c" (len) :
	    : "memory");
	return dst;
}

void *
memmove(void *dst, const void *src, size_t len)
{
	unsigned char *d = dst;
	const unsigned char *s = src;

	if ((uintptr_t)d - (uintptr_t)s >= len)
		return memcpy(dst, src, len);
	/* The destination begins inside the source: from the end. */
	while (len-- > 0) {
		d[len] = s[len];
		__asm volatile("" : : : "memory");	/* stay a loop */
	}
	return dst;
}

void *
memset(void *dst, int c, size_t len)
{
	void *d = dst;

	__asm volatile("rep stosb" : "+D" (d), "+c" (len) : "a" (c)
	    : "memory");
	return dst;
}

void
bzero(void *dst, size_t len)
{
	memset(dst, 0, len);
}

int
memcmp(const void *a, const void *b, size_t len)
{
	const unsigned char *p = a, *q = b;

	for (; len > 0; len--, p++, q++)
		if (*p != *q)
			return *p - *q;
	return 0;
}

void *
memchr(const void *s, int c, size_t len)
{
	const unsigned char *p = s;

	for (; len > 0; len--, p++)
		if (*p == (unsigned char)c)
			return (void *)p;
	return NULL;
}
