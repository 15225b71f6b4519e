/* SPDX-License-Identifier: ISC */
#include <sys/param.h>
#include <sys/systm.h>
#include <ddb/db_access.h>

/*
 * Read memory for the debugger.  What is not mapped faults, and the fault
 * ends the command.
 */
void
db_read_bytes(vaddr_t addr, size_t size, char *data)
{
	const volatile char *src = (const volatile char *)addr;

	while (size-- > 0)
		*data++ = *src++;
}
