/* SPDX-License-Identifier: ISC */
/* open(2), openat(2), lseek(2), read(2) and write(2) on files. */

#include <sys/fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <stdlib.h>
#include <unistd.h>
#include "../regress.h"

#define TESTDIR		"/tmp/regress.open"
#define TESTFILE	TESTDIR "/file"

char buffer[9000], longname[2000];

const char *
creates(void)
{
	struct stat st;
	int fd;

	CHECK_ERRNO(open(TESTFILE, O_RDWR), ENOENT);
	CHECK((fd = open(TESTFILE, O_RDWR | O_CREAT, 0666)) != -1);
	CHECK(fstat(fd, &st) == 0);
	CHECK(st.st_mode == (S_IFREG | 0644));	/* umask 022 */
	CHECK(st.st_size == 0 && st.st_nlink == 1);
	CHECK_ERRNO(open(TESTFILE, O_RDWR | O_CREAT | O_EXCL, 0666), EEXIST);
	CHECK(close(fd) == 0);
	return NULL;
}

const char *
holes(void)
{
	struct stat st;
	int fd, i;

	CHECK((fd = open(TESTFILE, O_RDWR | O_TRUNC)) != -1);
	CHECK(write(fd, "head", 4) == 4);
	CHECK(lseek(fd, 8192, SEEK_SET) == 8192);
	CHECK(write(fd, "tail", 4) == 4);
	CHECK(fstat(fd, &st) == 0 && st.st_size == 8196);
	CHECK(lseek(fd, 0, SEEK_SET) == 0);
	memset(buffer, 'x', sizeof(buffer));
	CHECK(read(fd, buffer, sizeof(buffer)) == 8196);
	CHECK(memcmp(buffer, "head", 4) == 0);
	for (i = 4; i < 8192; i++)
		CHECK(buffer[i] == 0);
	CHECK(memcmp(buffer + 8192, "tail", 4) == 0);
	CHECK(read(fd, buffer, 1) == 0);
	CHECK(close(fd) == 0);
	return NULL;
}

const char *
truncates(void)
{
	struct stat st;
	int fd;

	CHECK((fd = open(TESTFILE, O_RDWR | O_TRUNC)) != -1);
	CHECK(write(fd, "abcdef", 6) == 6);
	CHECK(ftruncate(fd, 3) == 0 && ftruncate(fd, 6) == 0);
	CHECK(lseek(fd, 0, SEEK_SET) == 0);
	CHECK(read(fd, buffer, 10) == 6);
	CHECK(memcmp(buffer, "abc\0\0\0", 6) == 0);
	CHECK_ERRNO(ftruncate(fd, -1), EINVAL);
	CHECK(truncate(TESTFILE, 1) == 0);
	CHECK(fstat(fd, &st) == 0 && st.st_size == 1);
	CHECK(close(fd) == 0);
	CHECK_ERRNO(truncate(TESTDIR, 0), EISDIR);
	CHECK_ERRNO(open(TESTFILE, O_RDONLY | O_TRUNC), EINVAL);
	return NULL;
}

const char *
appends(void)
{
	int fd, other;

	CHECK((fd = open(TESTFILE, O_WRONLY | O_TRUNC | O_APPEND)) != -1);
	CHECK((other = open(TESTFILE, O_RDWR)) != -1);
	CHECK(write(fd, "one", 3) == 3);
	CHECK(lseek(fd, 0, SEEK_SET) == 0);
	CHECK(write(fd, "two", 3) == 3);
	CHECK(read(other, buffer, 10) == 6);
	CHECK(memcmp(buffer, "onetwo", 6) == 0);
	CHECK(close(fd) == 0 && close(other) == 0);
	return NULL;
}

const char *
seeks(void)
{
	int fd;

	CHECK((fd = open(TESTFILE, O_RDWR | O_TRUNC)) != -1);
	CHECK(write(fd, "0123456789", 10) == 10);
	CHECK(lseek(fd, -3, SEEK_END) == 7);
	CHECK(read(fd, buffer, 10) == 3 && buffer[0] == '7');
	CHECK(lseek(fd, -10, SEEK_CUR) == 0);
	CHECK_ERRNO(lseek(fd, -1, SEEK_SET), EINVAL);
	CHECK_ERRNO(lseek(fd, 0, 3), EINVAL);
	CHECK(lseek(fd, 100, SEEK_SET) == 100);
	CHECK(read(fd, buffer, 10) == 0);
	CHECK(close(fd) == 0);
	return NULL;
}

const char *
access_modes(void)
{
	int fd;

	CHECK((fd = open(TESTFILE, O_RDONLY)) != -1);
	CHECK_ERRNO(write(fd, "x", 1), EBADF);
	CHECK_ERRNO(ftruncate(fd, 0), EINVAL);
	CHECK(close(fd) == 0);
	CHECK((fd = open(TESTFILE, O_WRONLY)) != -1);
	CHECK_ERRNO(read(fd, buffer, 1), EBADF);
	CHECK(close(fd) == 0);
	CHECK_ERRNO(open(TESTFILE, O_ACCMODE), EINVAL);
	return NULL;
}

const char *
bad_paths(void)
{
	CHECK_ERRNO(open("", O_RDONLY), ENOENT);
	CHECK_ERRNO(open((char *)8, O_RDONLY), EFAULT);
	CHECK_ERRNO(open("/nowhere/file", O_RDONLY), ENOENT);
	CHECK_ERRNO(open(TESTFILE "/below", O_RDONLY), ENOTDIR);
	CHECK_ERRNO(open(TESTFILE "/", O_RDONLY), ENOTDIR);
	CHECK_ERRNO(open(TESTFILE, O_RDONLY | O_DIRECTORY), ENOTDIR);
	CHECK_ERRNO(open(TESTDIR, O_RDWR), EISDIR);
	CHECK_ERRNO(open(TESTDIR "/new/", O_RDWR | O_CREAT, 0666), ENOENT);
	memset(longname, 'n', 256);
	longname[256] = '\0';
	CHECK_ERRNO(open(longname, O_RDONLY), ENAMETOOLONG);
	memset(longname, '/', 1500);
	longname[1500] = '\0';
	CHECK_ERRNO(open(longname, O_RDONLY), ENAMETOOLONG);
	return NULL;
}

const char *
relative_to_a_directory(void)
{
	int dir, fd;

	CHECK((dir = open(TESTDIR, O_RDONLY | O_DIRECTORY)) != -1);
	CHECK_ERRNO(read(dir, buffer, 10), EISDIR);
	CHECK((fd = openat(dir, "file", O_RDONLY)) != -1);
	CHECK_ERRNO(openat(fd, "file", O_RDONLY), ENOTDIR);
	CHECK(close(fd) == 0);
	CHECK((fd = openat(dir, "../../dev/null", O_RDONLY)) != -1);
	CHECK(close(fd) == 0);
	CHECK(close(dir) == 0);
	CHECK_ERRNO(openat(dir, "file", O_RDONLY), EBADF);
	CHECK((fd = openat(dir, TESTFILE, O_RDONLY)) != -1);
	CHECK(close(fd) == 0);
	return NULL;
}

const char *
scattered(void)
{
	struct iovec iov[3] = { { "ab", 2 }, { NULL, 0 }, { "cde", 3 } };
	int fd;

	CHECK((fd = open(TESTFILE, O_RDWR | O_TRUNC)) != -1);
	CHECK(writev(fd, iov, 3) == 5);
	CHECK(lseek(fd, 0, SEEK_SET) == 0);
	iov[0].iov_base = buffer;
	iov[2].iov_base = buffer + 100;
	CHECK(readv(fd, iov, 3) == 5);
	CHECK(memcmp(buffer, "ab", 2) == 0);
	CHECK(memcmp(buffer + 100, "cde", 3) == 0);
	CHECK_ERRNO(readv(fd, iov, 0), EINVAL);
	CHECK_ERRNO(readv(fd, (struct iovec *)8, 1), EFAULT);
	CHECK(close(fd) == 0);
	return NULL;
}

const char *
bad_buffers(void)
{
	int fd;

	CHECK((fd = open(TESTFILE, O_RDWR)) != -1);
	CHECK_ERRNO(read(fd, (void *)8, 4), EFAULT);
	CHECK_ERRNO(write(fd, (void *)8, 4), EFAULT);
	CHECK_ERRNO(fstat(fd, (struct stat *)8), EFAULT);
	CHECK(read(fd, (void *)8, 0) == 0);
	CHECK(close(fd) == 0);
	return NULL;
}

const char *
unlinked_but_open(void)
{
	struct stat st;
	int fd;

	CHECK((fd = open(TESTFILE, O_RDWR | O_TRUNC)) != -1);
	CHECK(unlink(TESTFILE) == 0);
	CHECK(fstat(fd, &st) == 0 && st.st_nlink == 0);
	CHECK(write(fd, "still", 5) == 5);
	CHECK(lseek(fd, 0, SEEK_SET) == 0 && read(fd, buffer, 9) == 5);
	CHECK(close(fd) == 0);
	CHECK_ERRNO(open(TESTFILE, O_RDONLY), ENOENT);
	return NULL;
}

const char *
devices(void)
{
	struct stat st;
	int fd, i;

	CHECK((fd = open("/dev/null", O_RDWR)) != -1);
	CHECK(read(fd, buffer, 10) == 0 && write(fd, buffer, 10) == 10);
	CHECK(fstat(fd, &st) == 0 && S_ISCHR(st.st_mode));
	CHECK(close(fd) == 0);
	CHECK((fd = open("/dev/zero", O_RDONLY)) != -1);
	memset(buffer, 'x', sizeof(buffer));
	CHECK(read(fd, buffer, 5000) == 5000);
	for (i = 0; i < 5000; i++)
		CHECK(buffer[i] == 0);
	CHECK(close(fd) == 0);
	return NULL;
}

const struct regress cases[] = {
	{ creates, "O_CREAT makes a file, O_EXCL insists" },
	{ holes, "a gap reads as zeros" },
	{ truncates, "files are cut and extended" },
	{ appends, "O_APPEND writes at the end" },
	{ seeks, "lseek" },
	{ access_modes, "the access mode is kept" },
	{ bad_paths, "bad paths" },
	{ relative_to_a_directory, "openat" },
	{ scattered, "readv and writev" },
	{ bad_buffers, "bad buffers are EFAULT" },
	{ unlinked_but_open, "an open file outlives its name" },
	{ devices, "/dev/null and /dev/zero" },
};

int
main(void)
{
	int failed;

	umask(022);
	unlink(TESTFILE);
	rmdir(TESTDIR);
	if (mkdir(TESTDIR, 0755) != 0) {
		printf("FAIL " TESTDIR ": %s\n", strerror(errno));
		return 1;
	}
	failed = regress_run(cases, sizeof(cases) / sizeof(cases[0]));
	unlink(TESTFILE);
	rmdir(TESTDIR);
	return failed;
}
