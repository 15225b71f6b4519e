/* SPDX-License-Identifier: ISC */
#ifndef _KDUMP_KDUMP_H_
#define _KDUMP_KDUMP_H_

#include <stddef.h>

extern const char *const call_names[];	/* names by number, or NULL */
extern const int call_count;		/* entries of it */
extern int decimal;			/* -d: numbers are decimal */

void	show_data(const char *, size_t);
void	show_number(long);
void	show_struct(const char *, size_t);

#endif /* _KDUMP_KDUMP_H_ */
