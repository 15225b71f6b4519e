/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <string.h>

/* Length, comparison and copying of strings. */

size_t
strlen(const char *s)
{
	const char *p = s;

	while (*p != '\0') {
		p++;
		__asm volatile("" : : "r" (p));	/* gcc would call strlen */
	}
	return p - s;
}

size_t
strnlen(const char *s, size_t max)
{
	size_t len = 0;

	while (len < max && s[len] != '\0')
		len++;
	return len;
}

int
strcmp(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b)
		a++, b++;
	return (unsigned char)*a - (unsigned char)*b;
}

int
strncmp(const char *a, const char *b, size_t len)
{
	for (; len > 0; len--, a++, b++)
		if (*a != *b || *a == '\0')
			return (unsigned char)*a - (unsigned char)*b;
	return 0;
}

int
strcasecmp(const char *a, const char *b)
{
	while (*a != '\0' &&
	    tolower((unsigned char)*a) == tolower((unsigned char)*b))
		a++, b++;
	return tolower((unsigned char)*a) - tolower((unsigned char)*b);
}

int
strncasecmp(const char *a, const char *b, size_t len)
{
	int diff;

	for (; len > 0; len--, a++, b++) {
		diff = tolower((unsigned char)*a) - tolower((unsigned char)*b);
		if (diff != 0 || *a == '\0')
			return diff;
	}
	return 0;
}

char *
strcpy(char *dst, const char *src)
{
	memcpy(dst, src, strlen(src) + 1);
	return dst;
}

char *
strncpy(char *dst, const char *src, size_t len)
{
	size_t copied = strnlen(src, len);

	memcpy(dst, src, copied);
	memset(dst + copied, 0, len - copied);
	return dst;
}

char *
strcat(char *dst, const char *src)
{
	strcpy(dst + strlen(dst), src);
	return dst;
}

char *
strncat(char *dst, const char *src, size_t len)
{
	char *end = dst + strlen(dst);
	size_t copied = strnlen(src, len);

	memcpy(end, src, copied);
	end[copied] = '\0';
	return dst;
}

/* Both return the length that was wanted; cut off if that is >= size. */
size_t
strlcpy(char *dst, const char *src, size_t size)
{
	size_t len = strlen(src), copied;

	if (size > 0) {
		copied = len < size ? len : size - 1;
		memcpy(dst, src, copied);
		dst[copied] = '\0';
	}
	return len;
}

size_t
strlcat(char *dst, const char *src, size_t size)
{
	size_t used = strnlen(dst, size);

	return used + strlcpy(dst + used, src, size - used);
}
