/* SPDX-License-Identifier: ISC */
/*
 * The debugger's printing.  It takes what printf() takes, %b included, which
 * the compiler does not know.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <ddb/db_output.h>

int
db_printf(const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vprintf(fmt, ap);
	va_end(ap);
	return n;
}
