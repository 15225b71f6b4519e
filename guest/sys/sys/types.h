/* SPDX-License-Identifier: ISC */
#ifndef _SYS_TYPES_H_
#define _SYS_TYPES_H_

#include <sys/cdefs.h>
#include <machine/_types.h>

typedef unsigned char	u_char;
typedef unsigned short	u_short;
typedef unsigned int	u_int;
typedef unsigned long	u_long;

typedef __int8_t	int8_t;
typedef __uint8_t	uint8_t;
typedef __int16_t	int16_t;
typedef __uint16_t	uint16_t;
typedef __int32_t	int32_t;
typedef __uint32_t	uint32_t;
typedef __int64_t	int64_t;
typedef __uint64_t	uint64_t;

typedef __uint8_t	u_int8_t;
typedef __uint16_t	u_int16_t;
typedef __uint32_t	u_int32_t;
typedef __uint64_t	u_int64_t;

typedef __intptr_t	intptr_t;
typedef __uintptr_t	uintptr_t;
typedef __size_t	size_t;
typedef __ssize_t	ssize_t;
typedef __ptrdiff_t	ptrdiff_t;
typedef __register_t	register_t;

typedef __vaddr_t	vaddr_t;	/* virtual address */
typedef __paddr_t	paddr_t;	/* physical address */
typedef __vsize_t	vsize_t;	/* size of a virtual range */
typedef __psize_t	psize_t;	/* size of a physical range */

typedef char		*caddr_t;	/* core address */
typedef __int64_t	off_t;		/* file offset */
typedef __int32_t	pid_t;		/* process or thread id */
typedef __uint32_t	uid_t;		/* user id */
typedef __uint32_t	gid_t;		/* group id */
typedef __uint32_t	id_t;		/* pid, pgid, uid or gid */
typedef __uint32_t	mode_t;		/* file permissions and type */
typedef __uint32_t	nlink_t;	/* link count */
typedef __uint64_t	ino_t;		/* inode number */
typedef __int32_t	dev_t;		/* device number */
typedef __int32_t	blksize_t;	/* preferred block size */
typedef __int64_t	blkcnt_t;	/* 512-byte blocks */
typedef __int64_t	time_t;		/* seconds since 1970 */
typedef __int64_t	clock_t;	/* ticks */
typedef __int32_t	clockid_t;	/* clock_gettime(2) clock */
typedef __int64_t	suseconds_t;	/* microseconds, signed */
typedef __uint32_t	fixpt_t;	/* fixed point number */
typedef __int32_t	segsz_t;	/* segment size in pages */
typedef __uint64_t	rlim_t;		/* resource limit */
typedef unsigned int	sigset_t;	/* one bit per signal, bit n - 1 */

#define major(x)	(((unsigned)(x) >> 8) & 0xff)
#define minor(x)	((unsigned)((x) & 0xff))
#define makedev(x, y)	((dev_t)((((x) & 0xff) << 8) | ((y) & 0xff)))

#ifndef NULL
#define NULL	((void *)0)
#endif

#endif /* _SYS_TYPES_H_ */
