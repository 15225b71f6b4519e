/* SPDX-License-Identifier: ISC */
#include <sys/mman.h>
#include <unistd.h>

/*
 * These calls have a slot of padding before their offset, from the days when
 * a 64-bit argument had to begin at an even one.
 */
off_t	 __lseek_pad(int, int, off_t, int);
int	 __truncate_pad(const char *, int, off_t);
int	 __ftruncate_pad(int, int, off_t);
void	*__mmap_pad(void *, size_t, int, int, int, long, off_t);

off_t
lseek(int fd, off_t offset, int whence)
{
	return __lseek_pad(fd, 0, offset, whence);
}

int
truncate(const char *path, off_t length)
{
	return __truncate_pad(path, 0, length);
}

int
ftruncate(int fd, off_t length)
{
	return __ftruncate_pad(fd, 0, length);
}

void *
mmap(void *addr, size_t len, int prot, int flags, int fd, off_t pos)
{
	return __mmap_pad(addr, len, prot, flags, fd, 0, pos);
}
