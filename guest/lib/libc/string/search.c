/* SPDX-License-Identifier: ISC */
#include <string.h>

/* Looking for characters and strings in strings. */

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

size_t
strspn(const char *s, const char *set)
{
	size_t len = 0;

	while (s[len] != '\0' && strchr(set, s[len]) != NULL)
		len++;
	return len;
}

size_t
strcspn(const char *s, const char *set)
{
	size_t len = 0;

	while (s[len] != '\0' && strchr(set, s[len]) == NULL)
		len++;
	return len;
}

char *
strpbrk(const char *s, const char *set)
{
	s += strcspn(s, set);
	return *s != '\0' ? (char *)s : NULL;
}

char *
strstr(const char *s, const char *find)
{
	size_t len = strlen(find);

	for (;; s++) {
		if (strncmp(s, find, len) == 0)
			return (char *)s;
		if (*s == '\0')
			return NULL;
	}
}

char *
strsep(char **stringp, const char *delimiters)
{
	char *start = *stringp, *end;

	if (start == NULL)
		return NULL;
	end = start + strcspn(start, delimiters);
	if (*end != '\0')
		*end++ = '\0';
	else
		end = NULL;
	*stringp = end;
	return start;
}

char *
strtok_r(char *s, const char *delimiters, char **last)
{
	if (s == NULL && (s = *last) == NULL)
		return NULL;
	s += strspn(s, delimiters);
	if (*s == '\0') {
		*last = NULL;
		return NULL;
	}
	*last = s;
	return strsep(last, delimiters);
}

char *
strtok(char *s, const char *delimiters)
{
	static char *last;

	return strtok_r(s, delimiters, &last);
}
