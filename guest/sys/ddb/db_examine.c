/* SPDX-License-Identifier: ISC */
/*
 * Showing memory and values.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <ddb/db_access.h>
#include <ddb/db_command.h>
#include <ddb/db_output.h>
#include <ddb/db_sym.h>
#include <ddb/db_var.h>

#define LINE_WIDTH	16	/* bytes shown in a line */
#define NONPRINTABLE	'.'	/* stands for what is no character */

size_t	db_examine_size(const char **);
int	db_putchar_of(int);
vaddr_t	db_examine_string(vaddr_t);
void	db_print_number(db_expr_t, int, size_t);
vaddr_t	db_examine_line(vaddr_t, int, size_t, db_expr_t *);

/*
 * The size letters at the start of a format: b 1, h 2, l 4, q 8 bytes; 0
 * without one.
 */
size_t
db_examine_size(const char **fmtp)
{
	size_t size = 0;

	for (;; (*fmtp)++)
		switch (**fmtp) {
		case 'b':
			size = 1;
			break;
		case 'h':
			size = 2;
			break;
		case 'l':
			size = 4;
			break;
		case 'q':
			size = 8;
			break;
		default:
			return size;
		}
}

int
db_putchar_of(int c)
{
	return c >= ' ' && c <= '~' ? c : NONPRINTABLE;
}

/*
 * The string at an address; returns what comes behind it.
 */
vaddr_t
db_examine_string(vaddr_t addr)
{
	int c;

	while ((c = (int)db_get_value(addr++, 1, 0)) != '\0')
		db_printf("%c", db_putchar_of(c));
	db_printf("\n");
	return addr;
}

/*
 * One value by its format letter.
 */
void
db_print_number(db_expr_t value, int format, size_t size)
{
	switch (format) {
	case 'r':		/* in the current radix */
		if (db_radix == 10)
			db_printf("%lu", value);
		else
			db_printf(db_radix == 8 ? "%#lo" : "%#lx", value);
		break;
	case 'x':
		db_printf("%lx", value);
		break;
	case 'z':
		db_printf("%#lx", value);
		break;
	case 'd':
		db_printf("%ld", value);
		break;
	case 'u':
		db_printf("%lu", value);
		break;
	case 'o':
		db_printf("%#lo", value);
		break;
	case 'c':
		db_printf("%c", db_putchar_of((int)(value & 0xff)));
		break;
	case 'a':
		db_printsym(value, DB_STGY_ANY, db_printf);
		break;
	default:
		db_error("Bad format\n");
	}
}

/*
 * A line of numbers, at most *countp of them; returns where it ends.
 */
vaddr_t
db_examine_line(vaddr_t addr, int format, size_t size, db_expr_t *countp)
{
	db_expr_t value;
	size_t width;

	if (format != 'a')
		db_printsym((db_expr_t)addr, DB_STGY_ANY, db_printf);
	else
		db_printf("0x%lx", addr);
	db_printf(":");
	for (width = 0; width < LINE_WIDTH && *countp > 0; width += size) {
		value = db_get_value(addr, size, format == 'd');
		db_printf(format == 'c' && width > 0 ? "" : "\t");
		db_print_number(value, format, size);
		addr += size;
		(*countp)--;
	}
	db_printf("\n");
	return addr;
}

/*
 * x[/format] [addr][,count]: memory in a format of sizes (b h l q) and one
 * of r x z d u o c (numbers, characters), a (addresses), s (strings).
 */
void
db_examine_cmd(db_expr_t addr, int have_addr, db_expr_t count, char *modif)
{
	static char last[16] = "x";
	const char *fmt = last;
	vaddr_t va = (vaddr_t)addr;
	size_t size;
	int format;

	if (modif[0] != '\0')
		strlcpy(last, modif, sizeof(last));
	if (count == -1)
		count = 1;
	size = db_examine_size(&fmt);
	format = *fmt == '\0' ? 'x' : *fmt;
	if (format == 'a')
		size = sizeof(vaddr_t);
	else if (size == 0)
		size = format == 'c' ? 1 : sizeof(int);
	db_last_addr = va;
	while (count > 0) {
		if (format == 's') {
			db_printsym((db_expr_t)va, DB_STGY_ANY, db_printf);
			db_printf(":\t");
			va = db_examine_string(va);
			count--;
		} else
			va = db_examine_line(va, format, size, &count);
		db_next = va;
	}
}

/*
 * print[/format] [addr]: a value, not what is there.
 */
void
db_print_cmd(db_expr_t addr, int have_addr, db_expr_t count, char *modif)
{
	const char *fmt = modif;

	(void)db_examine_size(&fmt);
	db_print_number(addr, *fmt == '\0' ? 'z' : *fmt, sizeof(addr));
	db_printf("\n");
}
