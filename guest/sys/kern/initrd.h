/* SPDX-License-Identifier: ISC */
#ifndef _KERN_INITRD_H_
#define _KERN_INITRD_H_

#ifdef _KERNEL
#include <sys/types.h>

struct tmpfs_mount;

/*
 * The header of a file in a cpio archive of format newc: a magic number and
 * thirteen numbers of eight hexadecimal digits.  The name follows, then the
 * data, each padded to a multiple of four bytes from the header's start.
 */
struct cpio_newc_header {
	char	c_magic[6];	/* "070701" */
	char	c_ino[8];	/* file serial number */
	char	c_mode[8];	/* type and permissions, as in st_mode */
	char	c_uid[8];	/* owner */
	char	c_gid[8];	/* group */
	char	c_nlink[8];	/* names in the archive */
	char	c_mtime[8];	/* last change, seconds since 1970 */
	char	c_filesize[8];	/* bytes of data */
	char	c_devmajor[8];	/* device it was on */
	char	c_devminor[8];
	char	c_rdevmajor[8];	/* device it is */
	char	c_rdevminor[8];
	char	c_namesize[8];	/* bytes of the name, with its NUL */
	char	c_check[8];	/* unused in this format */
};

#define CPIO_NEWC_MAGIC		"070701"
#define CPIO_NEWC_TRAILER	"TRAILER!!!"	/* name of the last entry */
#define CPIO_NEWC_ALIGN		4

/* Panics, naming the place, if the archive is damaged or does not fit. */
void	initrd_unpack(struct tmpfs_mount *, const void *, size_t);
#endif /* _KERNEL */

#endif /* _KERN_INITRD_H_ */
