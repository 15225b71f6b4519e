/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stdio/local.h"

/* Where formatted text goes: a stream, or a buffer that cuts it off. */
struct sink {
	FILE	*fp;		/* or NULL */
	char	*buf;
	size_t	 size;		/* of buf, with its NUL */
	size_t	 total;		/* bytes produced */
	int	 failed;
};

/* One conversion, as its flags say. */
struct spec {
	int	left;		/* - */
	int	zero;		/* 0 */
	int	plus;		/* + */
	int	space;		/* a blank */
	int	alternate;	/* # */
	int	width;
	int	precision;	/* -1 if there is none */
	int	size;		/* bytes of an integer argument */
};

static void
put(struct sink *out, const char *s, size_t len)
{
	size_t room;

	if (out->fp != NULL) {
		if (len > 0 && fwrite(s, len, 1, out->fp) != 1)
			out->failed = 1;
	} else if (out->total + 1 < out->size) {
		room = out->size - 1 - out->total;
		memcpy(out->buf + out->total, s, len < room ? len : room);
	}
	out->total += len;
}

static void
pad(struct sink *out, char c, int count)
{
	while (count-- > 0)
		put(out, &c, 1);
}

/* A body with its prefix (sign or 0x) and zeros in front, in its field. */
static void
put_field(struct sink *out, const struct spec *spec, const char *prefix,
    int zeros, const char *body, size_t len)
{
	int used = (int)(strlen(prefix) + len) + zeros;

	if (!spec->left)
		pad(out, ' ', spec->width - used);
	put(out, prefix, strlen(prefix));
	pad(out, '0', zeros);
	put(out, body, len);
	if (spec->left)
		pad(out, ' ', spec->width - used);
}

static void
put_number(struct sink *out, const struct spec *spec, uintmax_t value,
    const char *prefix, unsigned int base, int upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char buf[3 * sizeof(value)], *p = buf + sizeof(buf);
	int len, zeros;

	for (; value != 0; value /= base)
		*--p = digits[value % base];
	len = (int)(buf + sizeof(buf) - p);
	zeros = (spec->precision == -1 ? 1 : spec->precision) - len;
	if (base == 8 && spec->alternate && zeros < 1)
		zeros = 1;
	if (spec->zero && !spec->left && spec->precision == -1 &&
	    zeros < spec->width - len - (int)strlen(prefix))
		zeros = spec->width - len - (int)strlen(prefix);
	put_field(out, spec, prefix, zeros > 0 ? zeros : 0, p, len);
}

static uintmax_t
truncate_unsigned(uintmax_t value, int size)
{
	return size == sizeof(value) ? value :
	    value & (((uintmax_t)1 << (size * CHAR_BIT)) - 1);
}

static intmax_t
truncate_signed(uintmax_t value, int size)
{
	int shift = (int)(sizeof(value) - size) * CHAR_BIT;

	return (intmax_t)(value << shift) >> shift;
}

static const char *
parse_flags(const char *p, struct spec *spec)
{
	for (;; p++)
		switch (*p) {
		case '-':
			spec->left = 1;
			break;
		case '0':
			spec->zero = 1;
			break;
		case '+':
			spec->plus = 1;
			break;
		case ' ':
			spec->space = 1;
			break;
		case '#':
			spec->alternate = 1;
			break;
		default:
			return p;
		}
}

static const char *
parse_digits(const char *p, int *value)
{
	for (*value = 0; isdigit((unsigned char)*p); p++)
		if (*value < INT_MAX / 10 - 1)
			*value = *value * 10 + (*p - '0');
	return p;
}

static const char *
parse_size(const char *p, struct spec *spec)
{
	spec->size = sizeof(int);
	switch (*p) {
	case 'h':
		spec->size = p[1] == 'h' ? sizeof(char) : sizeof(short);
		return p + (p[1] == 'h' ? 2 : 1);
	case 'l':
		spec->size = sizeof(long);
		return p + (p[1] == 'l' ? 2 : 1);
	case 'j':
	case 'z':
	case 't':
	case 'q':
		spec->size = sizeof(intmax_t);
		return p + 1;
	default:
		return p;
	}
}

/* va_list may be an array: it travels in a structure. */
struct arguments {
	va_list	ap;
};

static const char *
parse_spec(const char *p, struct spec *spec, struct arguments *args)
{
	memset(spec, 0, sizeof(*spec));
	spec->precision = -1;
	p = parse_flags(p, spec);
	if (*p == '*') {
		spec->width = va_arg(args->ap, int);
		if (spec->width < 0) {
			spec->left = 1;
			spec->width = -spec->width;
		}
		p++;
	} else
		p = parse_digits(p, &spec->width);
	if (*p == '.') {
		if (*++p == '*') {
			spec->precision = va_arg(args->ap, int);
			if (spec->precision < 0)
				spec->precision = -1;
			p++;
		} else
			p = parse_digits(p, &spec->precision);
	}
	return parse_size(p, spec);
}

static void
convert(struct sink *out, int conversion, const struct spec *spec,
    struct arguments *args)
{
	uintmax_t value = 0;
	intmax_t number;
	const char *s;
	char c;

	if (strchr("diouxX", conversion) != NULL)
		value = spec->size <= (int)sizeof(int) ?
		    va_arg(args->ap, unsigned int) :
		    va_arg(args->ap, uintmax_t);
	switch (conversion) {
	case 'd':
	case 'i':
		number = truncate_signed(value, spec->size);
		value = number < 0 ? -(uintmax_t)number : (uintmax_t)number;
		put_number(out, spec, value, number < 0 ? "-" :
		    spec->plus ? "+" : spec->space ? " " : "", 10, 0);
		break;
	case 'u':
	case 'o':
		put_number(out, spec, truncate_unsigned(value, spec->size), "",
		    conversion == 'u' ? 10 : 8, 0);
		break;
	case 'x':
	case 'X':
		value = truncate_unsigned(value, spec->size);
		put_number(out, spec, value, !spec->alternate || value == 0 ?
		    "" : conversion == 'x' ? "0x" : "0X", 16,
		    conversion == 'X');
		break;
	case 'p':
		put_number(out, spec, (uintptr_t)va_arg(args->ap, void *),
		    "0x", 16, 0);
		break;
	case 'c':
		c = va_arg(args->ap, int);
		put_field(out, spec, "", 0, &c, 1);
		break;
	case 's':
		if ((s = va_arg(args->ap, const char *)) == NULL)
			s = "(null)";
		put_field(out, spec, "", 0, s, spec->precision == -1 ?
		    strlen(s) : strnlen(s, spec->precision));
		break;
	case '%':
		put(out, "%", 1);
		break;
	default:
		/* Unknown: shown as it stands, so that it is seen. */
		c = conversion;
		put(out, "%", 1);
		put(out, &c, 1);
		break;
	}
}

static int
format(struct sink *out, const char *fmt, va_list ap)
{
	struct arguments args;
	struct spec spec;
	size_t plain;

	va_copy(args.ap, ap);
	while (*fmt != '\0') {
		plain = strcspn(fmt, "%");
		put(out, fmt, plain);
		fmt += plain;
		if (*fmt == '\0')
			break;
		fmt = parse_spec(fmt + 1, &spec, &args);
		if (*fmt == '\0')
			break;
		convert(out, (unsigned char)*fmt++, &spec, &args);
	}
	va_end(args.ap);
	if (out->total > INT_MAX) {
		errno = EOVERFLOW;
		return -1;
	}
	return out->failed ? -1 : (int)out->total;
}

int
vfprintf(FILE *fp, const char *fmt, va_list ap)
{
	struct sink out = { .fp = fp };
	int unbuffered = fp->flags & S_NONE, n;

	/* An unbuffered stream gets the text in one piece. */
	fp->flags &= ~S_NONE;
	n = format(&out, fmt, ap);
	if (unbuffered) {
		fp->flags |= S_NONE;
		if (__sflush(fp) == EOF)
			return -1;
	}
	return n;
}

int
vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct sink out = { .buf = buf, .size = size };
	int n = format(&out, fmt, ap);

	if (size > 0)
		buf[out.total < size ? out.total : size - 1] = '\0';
	return n;
}

int
vdprintf(int fd, const char *fmt, va_list ap)
{
	unsigned char buf[BUFSIZ];
	FILE stream = { .fd = fd, .flags = S_WRITE | S_MODESET, .buf = buf,
	    .size = sizeof(buf), .pushed = EOF };
	int n = vfprintf(&stream, fmt, ap);

	return __sflush(&stream) == EOF ? -1 : n;
}

int
vasprintf(char **result, const char *fmt, va_list ap)
{
	int n = vsnprintf(NULL, 0, fmt, ap);

	*result = NULL;
	if (n < 0 || (*result = malloc(n + 1)) == NULL)
		return -1;
	return vsnprintf(*result, n + 1, fmt, ap);
}
