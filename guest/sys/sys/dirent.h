/* SPDX-License-Identifier: ISC */
#ifndef _SYS_DIRENT_H_
#define _SYS_DIRENT_H_

#include <sys/types.h>

#define MAXNAMLEN	255	/* longest name in a directory */

/*
 * A directory entry as getdents(2) returns it.  Entries follow each other
 * at d_reclen bytes, a multiple of eight; d_off is the offset to lseek(2)
 * to in order to continue behind the entry.
 */
struct dirent {
	ino_t		d_fileno;		/* file serial number */
	off_t		d_off;			/* cookie of the next entry */
	u_int16_t	d_reclen;		/* bytes to the next entry */
	u_int8_t	d_type;			/* DT_* */
	u_int8_t	d_namlen;		/* length of d_name */
	u_int8_t	__d_padding[4];		/* zero */
	char		d_name[MAXNAMLEN + 1];	/* name, NUL terminated */
};

#define d_ino		d_fileno

/* Size of an entry whose name has namlen bytes. */
#define DIRENT_RECSIZE(namlen) \
	((__builtin_offsetof(struct dirent, d_name) + (namlen) + 1 + 7) & ~7UL)

#define DT_UNKNOWN	0
#define DT_FIFO		1
#define DT_CHR		2
#define DT_DIR		4
#define DT_BLK		6
#define DT_REG		8
#define DT_LNK		10
#define DT_SOCK		12

/* Between file modes and directory entry types. */
#define IFTODT(mode)	(((mode) & 0170000) >> 12)
#define DTTOIF(dirtype)	((dirtype) << 12)

#ifndef _KERNEL
int	getdents(int, void *, size_t);
#endif

#endif /* _SYS_DIRENT_H_ */
