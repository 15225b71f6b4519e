/* SPDX-License-Identifier: ISC */
#ifndef _SYS_STAT_H_
#define _SYS_STAT_H_

#include <sys/types.h>
#include <sys/time.h>

/* What stat(2), lstat(2) and fstat(2) tell about a file. */
struct stat {
	mode_t		st_mode;	/* type and permission bits */
	dev_t		st_dev;		/* file system's number */
	ino_t		st_ino;		/* file serial number */
	nlink_t		st_nlink;	/* hard links */
	uid_t		st_uid;		/* owner */
	gid_t		st_gid;		/* group */
	dev_t		st_rdev;	/* device number of a device node */
	struct timespec	st_atim;	/* last access */
	struct timespec	st_mtim;	/* last change of the data */
	struct timespec	st_ctim;	/* last change of this record */
	off_t		st_size;	/* length in bytes */
	blkcnt_t	st_blocks;	/* allocated, in units of 512 bytes */
	blksize_t	st_blksize;	/* best size of one transfer, bytes */
	u_int32_t	st_flags;	/* user flags: always 0 */
	u_int32_t	st_gen;		/* generation number */
	struct timespec	__st_birthtim;	/* creation */
};

#define st_atime	st_atim.tv_sec
#define st_mtime	st_mtim.tv_sec
#define st_ctime	st_ctim.tv_sec

#define S_ISUID		0004000		/* set user id on execution */
#define S_ISGID		0002000		/* set group id on execution */
#define S_ISTXT		0001000		/* sticky: only owners unlink */
#define S_ISVTX		S_ISTXT

#define S_IRWXU		0000700
#define S_IRUSR		0000400
#define S_IWUSR		0000200
#define S_IXUSR		0000100
#define S_IRWXG		0000070
#define S_IRGRP		0000040
#define S_IWGRP		0000020
#define S_IXGRP		0000010
#define S_IRWXO		0000007
#define S_IROTH		0000004
#define S_IWOTH		0000002
#define S_IXOTH		0000001

#define S_IFMT		0170000		/* mask of the file type */
#define S_IFIFO		0010000		/* pipe */
#define S_IFCHR		0020000		/* character device */
#define S_IFDIR		0040000
#define S_IFBLK		0060000
#define S_IFREG		0100000
#define S_IFLNK		0120000
#define S_IFSOCK	0140000

#define S_ISDIR(m)	(((m) & S_IFMT) == S_IFDIR)
#define S_ISCHR(m)	(((m) & S_IFMT) == S_IFCHR)
#define S_ISBLK(m)	(((m) & S_IFMT) == S_IFBLK)
#define S_ISREG(m)	(((m) & S_IFMT) == S_IFREG)
#define S_ISFIFO(m)	(((m) & S_IFMT) == S_IFIFO)
#define S_ISLNK(m)	(((m) & S_IFMT) == S_IFLNK)
#define S_ISSOCK(m)	(((m) & S_IFMT) == S_IFSOCK)

#define ACCESSPERMS	(S_IRWXU|S_IRWXG|S_IRWXO)			/* 0777 */
#define ALLPERMS	(S_ISUID|S_ISGID|S_ISTXT|ACCESSPERMS)		/* 7777 */
#define DEFFILEMODE	(S_IRUSR|S_IWUSR|S_IRGRP|S_IWGRP|S_IROTH|S_IWOTH)

#define UTIME_NOW	(-2)		/* tv_nsec for utimensat: the present */
#define UTIME_OMIT	(-1)		/* leave this time as it is */

#define S_BLKSIZE	512		/* unit of st_blocks */

#ifndef _KERNEL
int	stat(const char *, struct stat *);
int	lstat(const char *, struct stat *);
int	fstat(int, struct stat *);
int	fstatat(int, const char *, struct stat *, int);
int	chmod(const char *, mode_t);
int	fchmod(int, mode_t);
int	mkdir(const char *, mode_t);
int	mknod(const char *, mode_t, dev_t);
mode_t	umask(mode_t);
int	utimensat(int, const char *, const struct timespec *, int);
int	futimens(int, const struct timespec *);
#endif

#endif /* _SYS_STAT_H_ */
