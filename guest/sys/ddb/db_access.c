/* SPDX-License-Identifier: ISC */
/*
 * Numbers in memory.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <ddb/db_access.h>

/*
 * The number of 1, 2, 4 or 8 bytes at an address.
 */
db_expr_t
db_get_value(vaddr_t addr, size_t size, int is_signed)
{
	u_char data[sizeof(db_expr_t)];
	u_long value = 0;
	int unused = 8 * (sizeof(value) - size);
	size_t i;

	db_read_bytes(addr, size, (char *)data);
	for (i = size; i > 0; i--)
		value = (value << 8) | data[i - 1];
	if (is_signed)
		return (db_expr_t)(value << unused) >> unused;
	return value;
}
