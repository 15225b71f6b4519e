/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define DIR_BUFSIZE	4096

/* A directory being read: a window of entries as getdents(2) gave them. */
struct _dirdesc {
	int	fd;		/* descriptor */
	size_t	pos;		/* next entry in buf */
	size_t	len;		/* valid bytes in buf */
	char	buf[DIR_BUFSIZE] __aligned(16);
};

DIR *
fdopendir(int fd)
{
	DIR *dir = malloc(sizeof(*dir));

	if (dir != NULL) {
		dir->fd = fd;
		dir->pos = dir->len = 0;
	}
	return dir;
}

DIR *
opendir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir;

	if (fd == -1)
		return NULL;
	if ((dir = fdopendir(fd)) == NULL)
		close(fd);
	return dir;
}

/* The next entry, good until the next call; NULL at the end. */
struct dirent *
readdir(DIR *dir)
{
	struct dirent *entry;
	int n;

	for (;;) {
		if (dir->pos >= dir->len) {
			n = getdents(dir->fd, dir->buf, sizeof(dir->buf));
			if (n <= 0)
				return NULL;
			dir->pos = 0;
			dir->len = n;
		}
		entry = (struct dirent *)(dir->buf + dir->pos);
		if (entry->d_reclen == 0) {
			errno = EINVAL;
			return NULL;
		}
		dir->pos += entry->d_reclen;
		if (entry->d_fileno != 0)
			return entry;
	}
}

void
rewinddir(DIR *dir)
{
	lseek(dir->fd, 0, SEEK_SET);
	dir->pos = dir->len = 0;
}

int
closedir(DIR *dir)
{
	int fd = dir->fd;

	free(dir);
	return close(fd);
}

int
dirfd(DIR *dir)
{
	return dir->fd;
}
