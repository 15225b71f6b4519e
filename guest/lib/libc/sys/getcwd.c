/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

int	__getcwd(char *, size_t);

char *
getcwd(char *buf, size_t size)
{
	char *own = NULL;

	if (buf == NULL) {
		size = PATH_MAX;
		if ((buf = own = malloc(size)) == NULL)
			return NULL;
	} else if (size == 0) {
		errno = EINVAL;
		return NULL;
	}
	if (__getcwd(buf, size) == -1) {
		free(own);
		return NULL;
	}
	return buf;
}
