/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <unistd.h>

int
isatty(int fd)
{
	return fcntl(fd, F_ISATTY) == 1;
}
