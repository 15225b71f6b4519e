/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "stdio/local.h"

/* Putting bytes on a stream. */

size_t
fwrite(const void *data, size_t size, size_t count, FILE *fp)
{
	const unsigned char *p = data;
	size_t left = size * count, room;
	int newline = 0;

	if (left == 0 || __sprepare_write(fp) == EOF)
		return 0;
	if ((fp->flags & S_LINE) != 0)
		newline = memchr(data, '\n', left) != NULL;
	while (left > 0) {
		if (fp->pos == fp->size && __sflush(fp) == EOF)
			return 0;
		room = fp->size - fp->pos;
		if (room > left)
			room = left;
		memcpy(fp->buf + fp->pos, p, room);
		fp->pos += room;
		p += room;
		left -= room;
	}
	if (newline || (fp->flags & S_NONE) != 0)
		if (__sflush(fp) == EOF)
			return 0;
	return count;
}

int
fputc(int c, FILE *fp)
{
	unsigned char byte = c;

	return fwrite(&byte, 1, 1, fp) == 1 ? byte : EOF;
}

int
putc(int c, FILE *fp)
{
	return fputc(c, fp);
}

int
putchar(int c)
{
	return fputc(c, stdout);
}

int
fputs(const char *s, FILE *fp)
{
	size_t len = strlen(s);

	return len == 0 || fwrite(s, len, 1, fp) == 1 ? 0 : EOF;
}

int
puts(const char *s)
{
	return fputs(s, stdout) == EOF ? EOF : putchar('\n');
}
