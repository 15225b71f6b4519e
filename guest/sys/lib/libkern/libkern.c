/* SPDX-License-Identifier: ISC */
/*
 * The few string functions that the kernel has for itself.
 */
#include <sys/param.h>
#include <lib/libkern/libkern.h>

#define WORD	sizeof(u_long)

void *
memcpy(void *dst, const void *src, size_t len)
{
	void *ret = dst;
	size_t words = len / WORD;

	len %= WORD;
	__asm__ volatile("rep movsq" : "+D" (dst), "+S" (src), "+c" (words) :
	    : "memory");
	__asm__ volatile("rep movsb" : "+D" (dst), "+S" (src), "+c" (len) :
	    : "memory");
	return ret;
}

void *
memmove(void *dst, const void *src, size_t len)
{
	u_char *d = dst;
	const u_char *s = src;

	if (d <= s || d >= s + len)
		return memcpy(dst, src, len);
	while (len-- > 0)
		d[len] = s[len];
	return dst;
}

void *
memset(void *dst, int c, size_t len)
{
	void *ret = dst;
	size_t words = len / WORD;
	u_long pattern = 0x0101010101010101UL * (u_char)c;

	len %= WORD;
	__asm__ volatile("rep stosq" : "+D" (dst), "+c" (words) :
	    "a" (pattern) : "memory");
	__asm__ volatile("rep stosb" : "+D" (dst), "+c" (len) :
	    "a" (pattern) : "memory");
	return ret;
}

int
memcmp(const void *a, const void *b, size_t len)
{
	const u_char *x = a, *y = b;

	for (; len > 0; len--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

void *
memchr(const void *s, int c, size_t len)
{
	const u_char *p = s;

	for (; len > 0; len--, p++)
		if (*p == (u_char)c)
			return (void *)p;
	return NULL;
}

void
bzero(void *dst, size_t len)
{
	memset(dst, 0, len);
}

void
bcopy(const void *src, void *dst, size_t len)
{
	memmove(dst, src, len);
}

int
bcmp(const void *a, const void *b, size_t len)
{
	return memcmp(a, b, len) != 0;
}

size_t
strlen(const char *s)
{
	size_t n = 0;

	while (s[n] != '\0')
		n++;
	return n;
}

size_t
strnlen(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n] != '\0')
		n++;
	return n;
}

int
strcmp(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b)
		a++, b++;
	return (u_char)*a - (u_char)*b;
}

int
strncmp(const char *a, const char *b, size_t len)
{
	for (; len > 0; len--, a++, b++) {
		if (*a != *b)
			return (u_char)*a - (u_char)*b;
		if (*a == '\0')
			break;
	}
	return 0;
}

char *
strchr(const char *s, int c)
{
	for (;; s++) {
		if (*s == (char)c)
			return (char *)s;
		if (*s == '\0')
			return NULL;
	}
}

char *
strrchr(const char *s, int c)
{
	const char *found = NULL;

	for (;; s++) {
		if (*s == (char)c)
			found = s;
		if (*s == '\0')
			return (char *)found;
	}
}

char *
strncpy(char *dst, const char *src, size_t len)
{
	size_t i;

	for (i = 0; i < len && src[i] != '\0'; i++)
		dst[i] = src[i];
	for (; i < len; i++)
		dst[i] = '\0';
	return dst;
}

size_t
strlcpy(char *dst, const char *src, size_t size)
{
	size_t len = strlen(src), n;

	if (size > 0) {
		n = len < size ? len : size - 1;
		memcpy(dst, src, n);
		dst[n] = '\0';
	}
	return len;
}

size_t
strlcat(char *dst, const char *src, size_t size)
{
	size_t have = strnlen(dst, size);

	if (have == size)
		return size + strlen(src);
	return have + strlcpy(dst + have, src, size - have);
}

int
ffs(int mask)
{
	return __builtin_ffs(mask);
}
