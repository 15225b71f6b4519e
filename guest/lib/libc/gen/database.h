/* SPDX-License-Identifier: ISC */
#ifndef _GEN_DATABASE_H_
#define _GEN_DATABASE_H_

#include <stdio.h>

/*
 * Read the next line that has exactly count fields with colons between them
 * and is no comment; 0 at the end of the file.  The fields lie in line.
 */
int	__next_record(FILE *, char *, size_t, char **, int);

#endif /* _GEN_DATABASE_H_ */
