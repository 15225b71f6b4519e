/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"

/*
 * test and [: -o binds less than -a, which binds less than !.  With up to
 * four arguments their number decides what is an operator, as POSIX has it.
 */
static char **at;			/* the argument at hand */
static char **end;			/* behind the last one */
static int failed;			/* a message has been given */

static int	or_expression(void);

static int
complain(const char *arg, const char *why)
{
	if (!failed)
		bi_errorf("%s: %s", arg, why);
	failed = 1;
	return 0;
}

static long long
number_of(const char *s)
{
	char *stop;
	long long n = strtoll(s, &stop, 10);

	while (*stop == ' ')
		stop++;
	if (stop == s || *stop != '\0')
		complain(s, "bad number");
	return n;
}

static int
is_unary(const char *s)
{
	return s[0] == '-' && s[1] != '\0' && s[2] == '\0' &&
	    strchr("bcdefghkLnprsStuwxz", s[1]) != NULL;
}

static const char *const binary_operators[] = {
	"=", "==", "!=", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt",
	"-ot", "-ef", "<", ">",
};

static int
is_binary(const char *s)
{
	size_t i;

	for (i = 0; i < sizeof(binary_operators) /
	    sizeof(binary_operators[0]); i++)
		if (strcmp(s, binary_operators[i]) == 0)
			return 1;
	return 0;
}

static int
unary(int op, const char *arg)
{
	struct stat st;

	switch (op) {
	case 'n':
		return *arg != '\0';
	case 'z':
		return *arg == '\0';
	case 't':
		return isatty(number_of(arg));
	case 'r':
		return access(arg, R_OK) == 0;
	case 'w':
		return access(arg, W_OK) == 0;
	case 'x':
		return access(arg, X_OK) == 0;
	case 'L':
	case 'h':
		return lstat(arg, &st) == 0 && S_ISLNK(st.st_mode);
	}
	if (stat(arg, &st) == -1)
		return 0;
	switch (op) {
	case 'b':
		return S_ISBLK(st.st_mode);
	case 'c':
		return S_ISCHR(st.st_mode);
	case 'd':
		return S_ISDIR(st.st_mode);
	case 'f':
		return S_ISREG(st.st_mode);
	case 'g':
		return (st.st_mode & S_ISGID) != 0;
	case 'k':
		return (st.st_mode & S_ISVTX) != 0;
	case 'p':
		return S_ISFIFO(st.st_mode);
	case 's':
		return st.st_size > 0;
	case 'S':
		return S_ISSOCK(st.st_mode);
	case 'u':
		return (st.st_mode & S_ISUID) != 0;
	default:
		return 1;		/* -e */
	}
}

static int
compare_files(const char *a, const char *op, const char *b)
{
	struct stat x, y;
	int have_x = stat(a, &x) == 0, have_y = stat(b, &y) == 0;

	if (op[1] == 'e')
		return have_x && have_y && x.st_dev == y.st_dev &&
		    x.st_ino == y.st_ino;
	if (op[1] == 'n')
		return have_x && (!have_y || x.st_mtime > y.st_mtime);
	return have_y && (!have_x || x.st_mtime < y.st_mtime);
}

static int
binary(const char *a, const char *op, const char *b)
{
	long long x, y;

	if (op[0] != '-') {
		int order = strcmp(a, b);

		return op[0] == '=' ? order == 0 : op[0] == '!' ? order != 0 :
		    op[0] == '<' ? order < 0 : order > 0;
	}
	if (strcmp(op, "-nt") == 0 || strcmp(op, "-ot") == 0 ||
	    strcmp(op, "-ef") == 0)
		return compare_files(a, op, b);
	x = number_of(a);
	y = number_of(b);
	if (strcmp(op, "-eq") == 0)
		return x == y;
	if (strcmp(op, "-ne") == 0)
		return x != y;
	if (strcmp(op, "-lt") == 0)
		return x < y;
	if (strcmp(op, "-le") == 0)
		return x <= y;
	return strcmp(op, "-gt") == 0 ? x > y : x >= y;
}

static int
primary(void)
{
	int value;

	if (at >= end)
		return complain(end[-1], "missing argument");
	if (end - at >= 3 && is_binary(at[1])) {
		value = binary(at[0], at[1], at[2]);
		at += 3;
		return value;
	}
	if (strcmp(*at, "!") == 0 && end - at >= 2) {
		at++;
		return !primary();
	}
	if (strcmp(*at, "(") == 0 && end - at >= 3) {
		at++;
		value = or_expression();
		if (at >= end || strcmp(*at, ")") != 0)
			return complain("(", "missing )");
		at++;
		return value;
	}
	if (is_unary(*at) && end - at >= 2) {
		value = unary((*at)[1], at[1]);
		at += 2;
		return value;
	}
	return **at++ != '\0';
}

static int
and_expression(void)
{
	int value = primary();

	while (at < end && strcmp(*at, "-a") == 0) {
		at++;
		value &= primary();
	}
	return value;
}

static int
or_expression(void)
{
	int value = and_expression();

	while (at < end && strcmp(*at, "-o") == 0) {
		at++;
		value |= and_expression();
	}
	return value;
}

/* 0 true, 1 false, 2 no expression. */
static int
evaluate(char **first, char **last)
{
	int value;

	at = first;
	end = last;
	failed = 0;
	if (at == end)
		return 1;
	value = or_expression();
	if (at < end)
		complain(*at, "unexpected operator/operand");
	return failed ? 2 : !value;
}

int
c_test(char **args)
{
	char **last = args;

	while (*last != NULL)
		last++;
	return evaluate(args + 1, last);
}

int
c_bracket(char **args)
{
	char **last = args;

	while (last[1] != NULL)
		last++;
	if (last == args || strcmp(*last, "]") != 0) {
		bi_errorf("missing ]");
		return 2;
	}
	return evaluate(args + 1, last);
}
