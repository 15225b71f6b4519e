/* SPDX-License-Identifier: ISC */
#include <fnmatch.h>
#include <stddef.h>

/*
 * Match c against the set that begins behind '['.  Returns the place behind
 * its ']' and sets *matched; NULL if the set is never closed, and then the
 * bracket is an ordinary character.
 */
static const char *
match_set(const char *p, unsigned char c, int flags, int *matched)
{
	unsigned char low, high;
	int negate = *p == '!' || *p == '^', found = 0;
	const char *first;

	if (negate)
		p++;
	for (first = p; *p != ']' || p == first;) {
		if (*p == '\\' && (flags & FNM_NOESCAPE) == 0)
			p++;
		if (*p == '\0')
			return NULL;
		low = high = *p++;
		if (p[0] == '-' && p[1] != ']' && p[1] != '\0') {
			p++;
			if (*p == '\\' && (flags & FNM_NOESCAPE) == 0 &&
			    p[1] != '\0')
				p++;
			high = *p++;
		}
		if (low <= c && c <= high)
			found = 1;
	}
	*matched = found != negate;
	return p + 1;
}

/*
 * Shell patterns.  Only the last star can need to take one character more,
 * so two saved places are all the memory that going back takes.
 */
int
fnmatch(const char *pattern, const char *string, int flags)
{
	const char *p = pattern, *s = string, *next;
	const char *star = NULL, *retry = NULL;
	int matched, leading;

	for (;;) {
		leading = (flags & FNM_PERIOD) && *s == '.' && (s == string ||
		    ((flags & FNM_PATHNAME) && s[-1] == '/'));
		matched = 0;
		switch (*p) {
		case '\0':
			if (*s == '\0')
				return 0;
			break;
		case '*':
			if (leading)
				return FNM_NOMATCH;
			star = ++p;
			retry = s;
			continue;
		case '?':
			matched = *s != '\0' && !leading &&
			    !((flags & FNM_PATHNAME) && *s == '/');
			next = p + 1;
			break;
		case '[':
			next = *s == '\0' ? NULL :
			    match_set(p + 1, *s, flags, &matched);
			if (next == NULL) {
				next = p + 1;
				matched = *s == '[';
			} else if (leading ||
			    ((flags & FNM_PATHNAME) && *s == '/'))
				matched = 0;
			break;
		case '\\':
			if ((flags & FNM_NOESCAPE) == 0 && p[1] != '\0')
				p++;
			/* FALLTHROUGH */
		default:
			matched = *s != '\0' && *p == *s;
			next = p + 1;
			break;
		}
		if (matched) {
			p = next;
			s++;
			continue;
		}
		/* Let the last star take one more, unless it may not. */
		if (star == NULL || *retry == '\0' ||
		    ((flags & FNM_PATHNAME) && *retry == '/'))
			return FNM_NOMATCH;
		p = star;
		s = ++retry;
	}
}
