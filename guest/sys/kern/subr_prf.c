/* SPDX-License-Identifier: ISC */
/*
 * Printing: printf and relatives, log, panic.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/proc.h>
#include <sys/tty.h>
#include <sys/reboot.h>
#include <machine/cpu.h>
#include <machine/machdep.h>
#include <machine/pio.h>
#include <ddb/db_interface.h>
#include <ddb/db_var.h>

const char *panicstr;

/* Where formatted characters go: the console or a buffer. */
struct prf_sink {
	char	*ps_buf;		/* buffer, or NULL for the console */
	size_t	 ps_size;		/* its size */
	size_t	 ps_len;		/* characters made so far */
};

#define NUMBUF	24			/* digits of a 64-bit number, octal */

#define FLAG_LEFT	0x1
#define FLAG_ZERO	0x2
#define FLAG_ALT	0x4
#define FLAG_PLUS	0x8

void	prf_putchar(struct prf_sink *, int);
void	prf_pad(struct prf_sink *, int, int);
void	prf_string(struct prf_sink *, const char *, int, int, int);
void	prf_bits(struct prf_sink *, u_int, const char *);
void	prf_number(struct prf_sink *, u_long, int, int, int, int, int);
int	kprintf(struct prf_sink *, const char *, va_list);

void
prf_putchar(struct prf_sink *sink, int c)
{
	if (sink->ps_buf == NULL) {
		if (c == '\n')
			comcnputc('\r');
		comcnputc(c);
	} else if (sink->ps_len + 1 < sink->ps_size)
		sink->ps_buf[sink->ps_len] = c;
	sink->ps_len++;
}

void
prf_pad(struct prf_sink *sink, int c, int count)
{
	while (count-- > 0)
		prf_putchar(sink, c);
}

void
prf_string(struct prf_sink *sink, const char *s, int width, int prec,
    int flags)
{
	int len, i;

	if (s == NULL)
		s = "(null)";
	len = prec >= 0 ? (int)strnlen(s, prec) : (int)strlen(s);
	if ((flags & FLAG_LEFT) == 0)
		prf_pad(sink, ' ', width - len);
	for (i = 0; i < len; i++)
		prf_putchar(sink, s[i]);
	if (flags & FLAG_LEFT)
		prf_pad(sink, ' ', width - len);
}

void
prf_number(struct prf_sink *sink, u_long value, int base, int sign, int width,
    int prec, int flags)
{
	char buf[NUMBUF];
	int n = 0, extra = 0, zeros;

	if (value == 0 && base == 16)
		flags &= ~FLAG_ALT;
	do {
		buf[n++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value != 0);
	if (sign)
		extra++;
	if (flags & FLAG_ALT)
		extra += base == 16 ? 2 : 1;
	zeros = prec > n ? prec - n : 0;
	if ((flags & (FLAG_ZERO | FLAG_LEFT)) == FLAG_ZERO && prec < 0 &&
	    width > n + extra)
		zeros = width - n - extra;
	if ((flags & FLAG_LEFT) == 0)
		prf_pad(sink, ' ', width - n - zeros - extra);
	if (sign)
		prf_putchar(sink, sign);
	if (flags & FLAG_ALT) {
		prf_putchar(sink, '0');
		if (base == 16)
			prf_putchar(sink, 'x');
	}
	prf_pad(sink, '0', zeros);
	width -= n + zeros + extra;
	while (n > 0)
		prf_putchar(sink, buf[--n]);
	if (flags & FLAG_LEFT)
		prf_pad(sink, ' ', width);
}

/*
 * %b: a number, and the names of its bits.  The names' first character is
 * the base; then come bit numbers from 1 on, each before its name.
 */
void
prf_bits(struct prf_sink *sink, u_int value, const char *names)
{
	int base = *names++, bit, sep = '<';

	prf_number(sink, value, base, 0, 0, -1, 0);
	while ((bit = *names++) != '\0') {
		if (value & (1U << (bit - 1))) {
			prf_putchar(sink, sep);
			sep = ',';
		}
		for (; *names > ' '; names++)
			if (value & (1U << (bit - 1)))
				prf_putchar(sink, *names);
	}
	if (sep == ',')
		prf_putchar(sink, '>');
}

/*
 * The formatter: flags, width, precision, h l ll z, and d i u x o p s c b %.
 */
int
kprintf(struct prf_sink *sink, const char *fmt, va_list ap)
{
	int c, flags, width, prec, lflag;
	long num;
	char ch[2];
	u_int bits;

	while ((c = *fmt++) != '\0') {
		if (c != '%') {
			prf_putchar(sink, c);
			continue;
		}
		flags = lflag = width = 0;
		prec = -1;
		for (;; fmt++) {
			if (*fmt == '-')
				flags |= FLAG_LEFT;
			else if (*fmt == '0')
				flags |= FLAG_ZERO;
			else if (*fmt == '#')
				flags |= FLAG_ALT;
			else if (*fmt == '+')
				flags |= FLAG_PLUS;
			else
				break;
		}
		if (*fmt == '*') {
			width = va_arg(ap, int);
			fmt++;
		} else
			while (*fmt >= '0' && *fmt <= '9')
				width = width * 10 + *fmt++ - '0';
		if (*fmt == '.') {
			fmt++;
			prec = 0;
			if (*fmt == '*') {
				prec = va_arg(ap, int);
				fmt++;
			} else
				while (*fmt >= '0' && *fmt <= '9')
					prec = prec * 10 + *fmt++ - '0';
		}
		for (; *fmt == 'l' || *fmt == 'z' || *fmt == 'h'; fmt++)
			if (*fmt != 'h')
				lflag = 1;
		switch (c = *fmt++) {
		case 'd':
		case 'i':
			num = lflag ? va_arg(ap, long) : va_arg(ap, int);
			prf_number(sink, num < 0 ? -(u_long)num : (u_long)num,
			    10, num < 0 ? '-' : flags & FLAG_PLUS ? '+' : 0,
			    width, prec, flags & ~FLAG_ALT);
			break;
		case 'u':
		case 'o':
		case 'x':
		case 'X':
			prf_number(sink, lflag ? va_arg(ap, u_long) :
			    va_arg(ap, u_int), c == 'u' ? 10 : c == 'o' ? 8 :
			    16, 0, width, prec, flags);
			break;
		case 'p':
			prf_number(sink, va_arg(ap, u_long), 16, 0, width,
			    prec, flags | FLAG_ALT);
			break;
		case 's':
			prf_string(sink, va_arg(ap, char *), width, prec,
			    flags);
			break;
		case 'c':
			ch[0] = va_arg(ap, int);
			ch[1] = '\0';
			prf_string(sink, ch, width, 1, flags);
			break;
		case 'b':
			bits = va_arg(ap, u_int);
			prf_bits(sink, bits, va_arg(ap, char *));
			break;
		case '%':
			prf_putchar(sink, '%');
			break;
		case '\0':
			return (int)sink->ps_len;
		default:
			prf_putchar(sink, '%');
			prf_putchar(sink, c);
		}
	}
	return (int)sink->ps_len;
}

int
vprintf(const char *fmt, va_list ap)
{
	struct prf_sink sink = { NULL, 0, 0 };

	return kprintf(&sink, fmt, ap);
}

int
printf(const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vprintf(fmt, ap);
	va_end(ap);
	return n;
}

int
vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct prf_sink sink;
	char none;
	int n;

	sink.ps_buf = size > 0 ? buf : &none;
	sink.ps_size = size;
	sink.ps_len = 0;
	n = kprintf(&sink, fmt, ap);
	if (size > 0)
		buf[sink.ps_len < size ? sink.ps_len : size - 1] = '\0';
	return n;
}

int
snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}

/*
 * To the controlling terminal of the current process.
 */
void
uprintf(const char *fmt, ...)
{
	struct process *pr = curproc->p_p;
	char buf[256];
	va_list ap;
	int i, n;

	va_start(ap, fmt);
	n = vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	if ((pr->ps_flags & PS_CONTROLT) == 0 ||
	    pr->ps_session->s_ttyp == NULL)
		return;
	for (i = 0; i < n && i < (int)sizeof(buf) - 1; i++)
		(void)ttyoutput(buf[i], pr->ps_session->s_ttyp);
	ttstart(pr->ps_session->s_ttyp);
}

/*
 * There is no message buffer and no syslogd(8): the log is the console.
 */
void
log(int level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
}

void
addlog(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
}

void
tablefull(const char *tab)
{
	log(LOG_ERR, "%s: table is full\n", tab);
}

/*
 * The kernel cannot go on: say why, where from, and end the machine.
 */
void
panic(const char *fmt, ...)
{
	static char panicbuf[256];
	va_list ap;

	splhigh();
	if (panicstr == NULL) {
		va_start(ap, fmt);
		vsnprintf(panicbuf, sizeof(panicbuf), fmt, ap);
		va_end(ap);
		panicstr = panicbuf;
		printf("panic: %s\n", panicbuf);
		if (db_panic_enters())
			db_enter();
		else
			db_stack_dump();
	} else
		printf("panic while panicking\n");
	outb(DEBUG_EXIT_PORT, DEBUG_EXIT_PANIC);
	powerdown();
}

void
__assert(const char *kind, const char *file, int line, const char *expr)
{
	panic("kernel %sassertion \"%s\" failed: file \"%s\", line %d", kind,
	    expr, file, line);
}
