/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "stdio/local.h"

/* Taking bytes from a stream. */

int
fgetc(FILE *fp)
{
	int c = fp->pushed;

	if (c != EOF) {
		fp->pushed = EOF;
		return c;
	}
	if ((fp->flags & S_WRITING) != 0 || fp->pos == fp->len)
		if (__srefill(fp) == EOF)
			return EOF;
	return fp->buf[fp->pos++];
}

int
getc(FILE *fp)
{
	return fgetc(fp);
}

int
getchar(void)
{
	return fgetc(stdin);
}

int
ungetc(int c, FILE *fp)
{
	if (c == EOF || fp->pushed != EOF)
		return EOF;
	fp->flags &= ~S_EOF;
	return fp->pushed = (unsigned char)c;
}

char *
fgets(char *s, int size, FILE *fp)
{
	int c, n = 0;

	while (n < size - 1 && (c = fgetc(fp)) != EOF) {
		s[n++] = c;
		if (c == '\n')
			break;
	}
	if (n == 0)
		return NULL;
	s[n] = '\0';
	return s;
}

size_t
fread(void *data, size_t size, size_t count, FILE *fp)
{
	unsigned char *p = data;
	size_t wanted = size * count, done = 0;
	int c;

	while (done < wanted && (c = fgetc(fp)) != EOF)
		p[done++] = c;
	return size == 0 ? 0 : done / size;
}

/* A line of any length, its end included; the buffer grows as needed. */
ssize_t
getdelim(char **line, size_t *size, int delimiter, FILE *fp)
{
	size_t used = 0, grown;
	char *bigger;
	int c;

	if (*line == NULL)
		*size = 0;
	while ((c = fgetc(fp)) != EOF) {
		if (used + 2 > *size) {
			grown = *size == 0 ? 128 : *size * 2;
			if ((bigger = realloc(*line, grown)) == NULL)
				return -1;
			*line = bigger;
			*size = grown;
		}
		(*line)[used++] = c;
		if (c == delimiter)
			break;
	}
	if (used == 0)
		return -1;
	(*line)[used] = '\0';
	return used;
}

ssize_t
getline(char **line, size_t *size, FILE *fp)
{
	return getdelim(line, size, '\n', fp);
}
