/* SPDX-License-Identifier: ISC */
#ifndef _STDIO_LOCAL_H_
#define _STDIO_LOCAL_H_

#include <stdio.h>

/*
 * A stream.  The buffer holds either bytes read and not yet taken
 * (pos..len), or bytes to be written (0..pos), never both.
 */
struct __sFILE {
	int		 fd;		/* descriptor */
	int		 flags;		/* S_* */
	unsigned char	*buf;		/* NULL until it is needed */
	size_t		 size;		/* of buf */
	size_t		 pos;		/* next byte to take or to fill */
	size_t		 len;		/* reading: valid bytes in buf */
	int		 pushed;	/* ungetc's character, or EOF */
	struct __sFILE	*next;		/* the other open streams */
};

#define S_READ		0x0001		/* may read */
#define S_WRITE		0x0002		/* may write */
#define S_EOF		0x0004		/* read(2) returned 0 */
#define S_ERROR		0x0008		/* a transfer failed */
#define S_LINE		0x0010		/* line buffered */
#define S_NONE		0x0020		/* unbuffered */
#define S_WRITING	0x0040		/* buf holds bytes to be written */
#define S_OURBUF	0x0080		/* buf is from malloc */
#define S_MODESET	0x0100		/* buffering is decided */

extern struct __sFILE *__sopen;		/* list of the open streams */

int	__sneedbuf(FILE *);
int	__sprepare_write(FILE *);
int	__srefill(FILE *);
int	__sflush(FILE *);

#endif /* _STDIO_LOCAL_H_ */
