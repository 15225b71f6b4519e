/* SPDX-License-Identifier: ISC */
#ifndef _SYS_FCNTL_H_
#define _SYS_FCNTL_H_

/*
 * Flags of open(2) and commands of fcntl(2).  The three access modes are
 * numbers, not bits; the kernel adds one (FFLAGS) so that reading and
 * writing become the separate bits FREAD and FWRITE.
 */

#include <sys/types.h>

#define O_RDONLY	0x0000	/* open for reading only */
#define O_WRONLY	0x0001	/* open for writing only */
#define O_RDWR		0x0002	/* open for both */
#define O_ACCMODE	0x0003	/* mask of the three above */

#define O_NONBLOCK	0x0004	/* never sleep for data or room */
#define O_APPEND	0x0008	/* every write goes to the end */
#define O_SHLOCK	0x0010	/* unused: no advisory locks here */
#define O_EXLOCK	0x0020	/* unused: no advisory locks here */
#define O_ASYNC		0x0040	/* SIGIO; accepted, never sent */
#define O_SYNC		0x0080	/* synchronous writes: all are, in memory */
#define O_FSYNC		O_SYNC
#define O_NOFOLLOW	0x0100	/* last component may not be a symlink */
#define O_CREAT		0x0200	/* create if missing */
#define O_TRUNC		0x0400	/* cut to length 0 */
#define O_EXCL		0x0800	/* with O_CREAT: must not exist */
#define O_NOCTTY	0x8000	/* never becomes the controlling tty */
#define O_CLOEXEC	0x10000	/* closed by execve */
#define O_DIRECTORY	0x20000	/* must be a directory */

#ifdef _KERNEL
#define FREAD		0x0001	/* f_flag: may read */
#define FWRITE		0x0002	/* f_flag: may write */

/* Between the numbering of open(2) and that of f_flag. */
#define FFLAGS(oflags)	((oflags) + 1)
#define OFLAGS(fflags)	((fflags) - 1)

/* What open leaves in f_flag, and what F_SETFL may change afterwards. */
#define FMASK		(FREAD|FWRITE|FAPPEND|FASYNC|FFSYNC|FNONBLOCK)
#define FCNTLFLAGS	(FAPPEND|FASYNC|FFSYNC|FNONBLOCK)
#endif /* _KERNEL */

#define FAPPEND		O_APPEND
#define FASYNC		O_ASYNC
#define FFSYNC		O_SYNC
#define FNONBLOCK	O_NONBLOCK
#define FNDELAY		O_NONBLOCK
#define O_NDELAY	O_NONBLOCK

#define F_DUPFD		0	/* duplicate, lowest number >= argument */
#define F_GETFD		1	/* descriptor flags */
#define F_SETFD		2
#define F_GETFL		3	/* file status flags */
#define F_SETFL		4
#define F_GETOWN	5	/* SIGIO owner */
#define F_SETOWN	6
#define F_GETLK		7	/* record locks: EOPNOTSUPP here */
#define F_SETLK		8
#define F_SETLKW	9
#define F_DUPFD_CLOEXEC	10	/* F_DUPFD with FD_CLOEXEC set */
#define F_ISATTY	11	/* 1 for a terminal, else ENOTTY */

#define FD_CLOEXEC	1	/* the one descriptor flag */

#define AT_FDCWD		-100	/* relative to the current directory */
#define AT_EACCESS		0x01	/* faccessat: effective ids */
#define AT_SYMLINK_NOFOLLOW	0x02	/* do not follow the last symlink */
#define AT_SYMLINK_FOLLOW	0x04	/* do follow it (linkat) */
#define AT_REMOVEDIR		0x08	/* unlinkat: rmdir */

#ifndef _KERNEL
int	open(const char *, int, ...);
int	openat(int, const char *, int, ...);
int	creat(const char *, mode_t);
int	fcntl(int, int, ...);
#endif

#endif /* _SYS_FCNTL_H_ */
