/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "match.h"

/*
 * Basic regular expressions without groups: ordinary characters, . [set]
 * * ^ and $.  They are matched by going back over what a * has taken.
 */
int ignore_case;

static int	match_here(const char *, const char *);

static int
same(char a, char b)
{
	if (ignore_case)
		return tolower((unsigned char)a) == tolower((unsigned char)b);
	return a == b;
}

/* Behind the item that begins at p. */
static const char *
item_end(const char *p)
{
	const char *q;

	if (*p == '\\' && p[1] != '\0')
		return p + 2;
	if (*p != '[')
		return p + 1;
	q = p + 1;
	if (*q == '^')
		q++;
	if (*q == ']')
		q++;
	while (*q != '\0' && *q != ']')
		q++;
	return *q == ']' ? q + 1 : p + 1;
}

static int
in_set(const char *p, const char *end, char c)
{
	int negate = *p == '^', found = 0;

	for (p += negate; p < end; p++) {
		if (p + 2 < end && p[1] == '-') {
			if ((*p <= c && c <= p[2]) || (ignore_case &&
			    ((*p <= tolower(c) && tolower(c) <= p[2]) ||
			    (*p <= toupper(c) && toupper(c) <= p[2]))))
				found = 1;
			p += 2;
		} else if (same(*p, c))
			found = 1;
	}
	return found != negate;
}

/* Whether the item from p to end matches one character. */
static int
match_item(const char *p, const char *end, char c)
{
	if (c == '\0')
		return 0;
	if (*p == '.')
		return 1;
	if (*p == '\\' && end - p == 2)
		return same(p[1], c);
	if (*p == '[' && end - p > 1)
		return in_set(p + 1, end - 1, c);
	return same(*p, c);
}

static int
match_star(const char *p, const char *end, const char *s)
{
	const char *t = s;

	while (match_item(p, end, *t))
		t++;
	for (;; t--) {
		if (match_here(end + 1, t))
			return 1;
		if (t == s)
			return 0;
	}
}

static int
match_here(const char *p, const char *s)
{
	const char *end;

	for (; *p != '\0'; p = end, s++) {
		if (p[0] == '$' && p[1] == '\0')
			return *s == '\0';
		end = item_end(p);
		if (*end == '*')
			return match_star(p, end, s);
		if (!match_item(p, end, *s))
			return 0;
	}
	return 1;
}

/* Whether an expression matches anywhere in a line. */
int
find_basic(const char *pattern, const char *line)
{
	if (*pattern == '^')
		return match_here(pattern + 1, line);
	/* A star in front stands for itself. */
	do
		if (*pattern == '*' ? *line == '*' && match_here(pattern + 1,
		    line + 1) : match_here(pattern, line))
			return 1;
	while (*line++ != '\0');
	return 0;
}

/* Whether a string occurs in a line. */
int
find_fixed(const char *string, const char *line)
{
	size_t len = strlen(string);

	do
		if ((ignore_case ? strncasecmp(line, string, len) :
		    strncmp(line, string, len)) == 0)
			return 1;
	while (*line++ != '\0');
	return 0;
}
