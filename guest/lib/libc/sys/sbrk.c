/* SPDX-License-Identifier: ISC */
#include <sys/param.h>
#include <errno.h>
#include <stdint.h>
#include <unistd.h>

int	__break(void *);

extern char _end[];		/* end of bss, from the linker */
static char *curbrk = _end;

int
brk(void *end)
{
	if ((char *)end < _end)
		end = _end;
	if (__break(end) == -1)
		return -1;
	curbrk = end;
	return 0;
}

void *
sbrk(long increment)
{
	char *old = curbrk;

	if (increment > 0 ?
	    (uintptr_t)old + increment < (uintptr_t)old :
	    (uintptr_t)(old - _end) < -(uintptr_t)increment) {
		errno = ENOMEM;
		return (void *)-1;
	}
	if (increment != 0 && brk(old + increment) == -1)
		return (void *)-1;
	return old;
}
