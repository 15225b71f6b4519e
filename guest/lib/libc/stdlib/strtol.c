/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int
digit_value(int c)
{
	if (isdigit(c))
		return c - '0';
	if (isalpha(c))
		return tolower(c) - 'a' + 10;
	return INT_MAX;
}

/*
 * Read a sign, a prefix and digits.  The magnitude is the result; it stops
 * at UINTMAX_MAX, and then *overflow is set.
 */
static uintmax_t
read_number(const char *s, char **end, int base, int *negative, int *overflow)
{
	const char *p = s, *digits;
	uintmax_t value = 0;
	int digit;

	*negative = *overflow = 0;
	if (end != NULL)
		*end = (char *)s;
	if (base < 0 || base == 1 || base > 36) {
		errno = EINVAL;
		return 0;
	}
	while (isspace((unsigned char)*p))
		p++;
	if (*p == '+' || *p == '-')
		*negative = *p++ == '-';
	if ((base == 0 || base == 16) && p[0] == '0' &&
	    (p[1] == 'x' || p[1] == 'X') && isxdigit((unsigned char)p[2])) {
		p += 2;
		base = 16;
	} else if (base == 0)
		base = *p == '0' ? 8 : 10;
	for (digits = p; (digit = digit_value((unsigned char)*p)) < base; p++)
		if (__builtin_mul_overflow(value, (uintmax_t)base, &value) ||
		    __builtin_add_overflow(value, (uintmax_t)digit, &value)) {
			*overflow = 1;
			value = UINTMAX_MAX;
		}
	if (p != digits && end != NULL)
		*end = (char *)p;
	return *overflow ? UINTMAX_MAX : value;
}

long long
strtoll(const char *s, char **end, int base)
{
	int negative, overflow;
	uintmax_t value = read_number(s, end, base, &negative, &overflow);
	uintmax_t limit = (uintmax_t)LLONG_MAX + (negative ? 1 : 0);

	if (overflow || value > limit) {
		errno = ERANGE;
		return negative ? LLONG_MIN : LLONG_MAX;
	}
	return negative ? (long long)-value : (long long)value;
}

unsigned long long
strtoull(const char *s, char **end, int base)
{
	int negative, overflow;
	uintmax_t value = read_number(s, end, base, &negative, &overflow);

	if (overflow) {
		errno = ERANGE;
		return ULLONG_MAX;
	}
	return negative ? -value : value;
}

long
strtol(const char *s, char **end, int base)
{
	return strtoll(s, end, base);
}

unsigned long
strtoul(const char *s, char **end, int base)
{
	return strtoull(s, end, base);
}

long
atol(const char *s)
{
	return strtol(s, NULL, 10);
}

int
atoi(const char *s)
{
	return strtol(s, NULL, 10);
}

/* A decimal number that must be whole and between two bounds. */
long long
strtonum(const char *s, long long min, long long max, const char **errstr)
{
	const char *problem = NULL;
	long long value = 0;
	int saved = errno;
	char *end;

	errno = 0;
	value = strtoll(s, &end, 10);
	if (min > max || end == s || *end != '\0')
		problem = "invalid";
	else if (value < min || (errno == ERANGE && value == LLONG_MIN))
		problem = "too small";
	else if (value > max || errno == ERANGE)
		problem = "too large";
	if (problem != NULL)
		value = 0;
	errno = problem == NULL ? saved :
	    strcmp(problem, "invalid") == 0 ? EINVAL : ERANGE;
	if (errstr != NULL)
		*errstr = problem;
	return value;
}
