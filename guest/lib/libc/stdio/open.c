/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stdio/local.h"

#define FILE_MODE	0666	/* before the umask */

/* Stream flags and open(2) flags of a mode such as "r+" or "we". */
static int
mode_flags(const char *mode, int *oflags)
{
	int update = strchr(mode, '+') != NULL, flags;

	switch (*mode) {
	case 'r':
		flags = S_READ;
		*oflags = 0;
		break;
	case 'w':
		flags = S_WRITE;
		*oflags = O_CREAT | O_TRUNC;
		break;
	case 'a':
		flags = S_WRITE;
		*oflags = O_CREAT | O_APPEND;
		break;
	default:
		errno = EINVAL;
		return 0;
	}
	if (strchr(mode, 'x') != NULL)
		*oflags |= O_EXCL;
	if (strchr(mode, 'e') != NULL)
		*oflags |= O_CLOEXEC;
	*oflags |= update ? O_RDWR : flags == S_READ ? O_RDONLY : O_WRONLY;
	return update ? S_READ | S_WRITE : flags;
}

static FILE *
stream_new(int fd, int flags)
{
	FILE *fp = calloc(1, sizeof(*fp));

	if (fp == NULL)
		return NULL;
	fp->fd = fd;
	fp->flags = flags;
	fp->pushed = EOF;
	fp->next = __sopen;
	__sopen = fp;
	return fp;
}

FILE *
fdopen(int fd, const char *mode)
{
	int oflags, flags = mode_flags(mode, &oflags);

	return flags == 0 ? NULL : stream_new(fd, flags);
}

FILE *
fopen(const char *path, const char *mode)
{
	int oflags, flags = mode_flags(mode, &oflags), fd;
	FILE *fp;

	if (flags == 0 || (fd = open(path, oflags, FILE_MODE)) == -1)
		return NULL;
	if ((fp = stream_new(fd, flags)) == NULL)
		close(fd);
	return fp;
}

int
fclose(FILE *fp)
{
	FILE **link;
	int error = __sflush(fp);

	if (close(fp->fd) == -1)
		error = EOF;
	for (link = &__sopen; *link != NULL; link = &(*link)->next)
		if (*link == fp) {
			*link = fp->next;
			break;
		}
	if ((fp->flags & S_OURBUF) != 0)
		free(fp->buf);
	if (fp == stdin || fp == stdout || fp == stderr) {
		fp->buf = NULL;
		fp->flags = 0;
	} else
		free(fp);
	return error;
}

int
fileno(FILE *fp)
{
	return fp->fd;
}

int
feof(FILE *fp)
{
	return (fp->flags & S_EOF) != 0;
}

int
ferror(FILE *fp)
{
	return (fp->flags & S_ERROR) != 0;
}

void
clearerr(FILE *fp)
{
	fp->flags &= ~(S_EOF | S_ERROR);
}

int
fseek(FILE *fp, long offset, int whence)
{
	if (__sflush(fp) == EOF)
		return -1;
	/* The file is ahead of the reader by what is still in the buffer. */
	if (whence == SEEK_CUR && (fp->flags & S_WRITING) == 0)
		offset -= (long)(fp->len - fp->pos) + (fp->pushed != EOF);
	if (lseek(fp->fd, offset, whence) == -1)
		return -1;
	fp->pos = fp->len = 0;
	fp->pushed = EOF;
	fp->flags &= ~(S_EOF | S_WRITING);
	return 0;
}

long
ftell(FILE *fp)
{
	off_t offset = lseek(fp->fd, 0, SEEK_CUR);

	if (offset == -1)
		return -1;
	if ((fp->flags & S_WRITING) != 0)
		return offset + fp->pos;
	return offset - (fp->len - fp->pos) - (fp->pushed != EOF);
}

void
rewind(FILE *fp)
{
	fseek(fp, 0, SEEK_SET);
	clearerr(fp);
}

int
remove(const char *path)
{
	return unlink(path) == 0 ? 0 : rmdir(path);
}

void
perror(const char *text)
{
	const char *message = strerror(errno);

	if (text != NULL && *text != '\0')
		fprintf(stderr, "%s: %s\n", text, message);
	else
		fprintf(stderr, "%s\n", message);
}
