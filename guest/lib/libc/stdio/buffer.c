/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "stdio/local.h"

/* What happens between a stream's buffer and its descriptor. */

FILE __stdin = { .fd = STDIN_FILENO, .flags = S_READ, .pushed = EOF,
    .next = &__stdout };
FILE __stdout = { .fd = STDOUT_FILENO, .flags = S_WRITE, .pushed = EOF,
    .next = &__stderr };
FILE __stderr = { .fd = STDERR_FILENO, .flags = S_WRITE | S_NONE | S_MODESET,
    .pushed = EOF };
FILE *__sopen = &__stdin;

/* Get a buffer, and see whether a terminal wants its lines at once. */
int
__sneedbuf(FILE *fp)
{
	int saved = errno;

	if ((fp->flags & S_MODESET) == 0) {
		if (isatty(fp->fd))
			fp->flags |= S_LINE;
		fp->flags |= S_MODESET;
		errno = saved;
	}
	if (fp->buf != NULL)
		return 0;
	if ((fp->buf = malloc(BUFSIZ)) == NULL) {
		fp->flags |= S_ERROR;
		return EOF;
	}
	fp->size = BUFSIZ;
	fp->flags |= S_OURBUF;
	return 0;
}

/* Write out what the buffer holds. */
int
__sflush(FILE *fp)
{
	size_t done = 0;
	ssize_t n;

	if ((fp->flags & S_WRITING) == 0)
		return 0;
	while (done < fp->pos) {
		n = write(fp->fd, fp->buf + done, fp->pos - done);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1) {
			fp->flags |= S_ERROR;
			fp->pos = 0;
			return EOF;
		}
		done += n;
	}
	fp->pos = 0;
	return 0;
}

/* Make sure that bytes can be put in the buffer. */
int
__sprepare_write(FILE *fp)
{
	if ((fp->flags & S_WRITE) == 0) {
		errno = EBADF;
		fp->flags |= S_ERROR;
		return EOF;
	}
	if (__sneedbuf(fp) == EOF)
		return EOF;
	if ((fp->flags & S_WRITING) == 0) {
		/* What was read ahead is given back to the file. */
		if (fp->pos < fp->len)
			lseek(fp->fd, -(off_t)(fp->len - fp->pos), SEEK_CUR);
		fp->pos = fp->len = 0;
		fp->pushed = EOF;
		fp->flags |= S_WRITING;
	}
	return 0;
}

/* Read the next bufferful. */
int
__srefill(FILE *fp)
{
	ssize_t n;

	if ((fp->flags & S_READ) == 0) {
		errno = EBADF;
		fp->flags |= S_ERROR;
		return EOF;
	}
	if ((fp->flags & S_WRITING) != 0) {
		if (__sflush(fp) == EOF)
			return EOF;
		fp->flags &= ~S_WRITING;
	}
	if (__sneedbuf(fp) == EOF)
		return EOF;
	/* Somebody about to type should see what was asked. */
	if (fp == stdin && (stdout->flags & S_LINE) != 0)
		__sflush(stdout);
	fp->pos = fp->len = 0;
	n = read(fp->fd, fp->buf, fp->size);
	if (n <= 0) {
		fp->flags |= n == 0 ? S_EOF : S_ERROR;
		return EOF;
	}
	fp->len = n;
	return 0;
}

int
fflush(FILE *fp)
{
	int error = 0;

	if (fp != NULL)
		return __sflush(fp);
	for (fp = __sopen; fp != NULL; fp = fp->next)
		if (__sflush(fp) == EOF)
			error = EOF;
	return error;
}

int
setvbuf(FILE *fp, char *buf, int mode, size_t size)
{
	if (mode != _IOFBF && mode != _IOLBF && mode != _IONBF)
		return EOF;
	__sflush(fp);
	fp->flags &= ~(S_LINE | S_NONE);
	fp->flags |= S_MODESET;
	if (mode == _IOLBF)
		fp->flags |= S_LINE;
	else if (mode == _IONBF)
		fp->flags |= S_NONE;
	if (buf != NULL && size > 0 && mode != _IONBF) {
		if ((fp->flags & S_OURBUF) != 0)
			free(fp->buf);
		fp->flags &= ~S_OURBUF;
		fp->buf = (unsigned char *)buf;
		fp->size = size;
		fp->pos = fp->len = 0;
	}
	return 0;
}

void
setlinebuf(FILE *fp)
{
	setvbuf(fp, NULL, _IOLBF, 0);
}
