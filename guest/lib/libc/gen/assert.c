/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

__dead void
__assert2(const char *file, int line, const char *function, const char *what)
{
	fprintf(stderr, "assertion \"%s\" failed: file \"%s\", line %d, "
	    "function \"%s\"\n", what, file, line, function);
	abort();
}
