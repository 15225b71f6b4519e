/* SPDX-License-Identifier: ISC */
/* getdents(2), and the current directory. */

#include <sys/dirent.h>
#include <sys/fcntl.h>
#include <sys/stat.h>
#include <stdlib.h>
#include <unistd.h>
#include "../regress.h"

#define TESTDIR		"/tmp/regress.getdents"
#define FILES		60

char entries[4096];

/* The name of file number n in TESTDIR. */
char *
file_name(int n)
{
	static char name[64];

	snprintf(name, sizeof(name), TESTDIR "/file%02d", n);
	return name;
}

/*
 * Read directory fd to its end with a buffer of size bytes and count the
 * files of file_name in seen; -1 for anything that should not be there.
 */
int
count_entries(int fd, size_t size, int seen[FILES], int remove)
{
	struct dirent *dp;
	ssize_t n;
	char *cp;
	int total = 0, number;

	memset(seen, 0, FILES * sizeof(int));
	while ((n = getdents(fd, entries, size)) > 0) {
		for (cp = entries; cp < entries + n; cp += dp->d_reclen) {
			dp = (struct dirent *)cp;
			total++;
			if (dp->d_reclen % 8 != 0 || dp->d_fileno == 0 ||
			    strlen(dp->d_name) != dp->d_namlen)
				return -1;
			if (strncmp(dp->d_name, "file", 4) != 0) {
				if (dp->d_type != DT_DIR)
					return -1;
				continue;
			}
			number = atoi(dp->d_name + 4);
			if (dp->d_type != DT_REG || number < 0 ||
			    number >= FILES)
				return -1;
			seen[number]++;
			if (remove && unlink(file_name(number)) != 0)
				return -1;
		}
	}
	return n == 0 ? total : -1;
}

const char *
empty_directory(void)
{
	int fd, seen[FILES];

	CHECK((fd = open(TESTDIR, O_RDONLY)) != -1);
	CHECK(count_entries(fd, sizeof(entries), seen, 0) == 2);
	CHECK(getdents(fd, entries, sizeof(entries)) == 0);
	CHECK(close(fd) == 0);
	return NULL;
}

const char *
each_entry_once(void)
{
	int fd, i, seen[FILES];
	size_t size;

	for (i = 0; i < FILES; i++) {
		fd = open(file_name(i), O_WRONLY | O_CREAT, 0600);
		CHECK(fd != -1);
		CHECK(close(fd) == 0);
	}
	for (size = 40; size < 1000; size += 97) {
		CHECK((fd = open(TESTDIR, O_RDONLY)) != -1);
		CHECK(count_entries(fd, size, seen, 0) == FILES + 2);
		for (i = 0; i < FILES; i++)
			CHECK(seen[i] == 1);
		CHECK(lseek(fd, 0, SEEK_SET) == 0);
		CHECK(count_entries(fd, size, seen, 0) == FILES + 2);
		CHECK(close(fd) == 0);
	}
	return NULL;
}

const char *
cookies(void)
{
	struct dirent *dp, *second;
	static char again[4096];
	ssize_t n;
	int fd;

	CHECK((fd = open(TESTDIR, O_RDONLY)) != -1);
	CHECK((n = getdents(fd, entries, sizeof(entries))) > 0);
	dp = (struct dirent *)entries;
	CHECK(strcmp(dp->d_name, ".") == 0);
	second = (struct dirent *)(entries + dp->d_reclen);
	CHECK(strcmp(second->d_name, "..") == 0);
	CHECK(lseek(fd, dp->d_off, SEEK_SET) == dp->d_off);
	CHECK(getdents(fd, again, sizeof(again)) > 0);
	CHECK(strcmp(((struct dirent *)again)->d_name, "..") == 0);
	CHECK(close(fd) == 0);
	return NULL;
}

const char *
removal_while_reading(void)
{
	int fd, i, seen[FILES];

	CHECK((fd = open(TESTDIR, O_RDONLY)) != -1);
	CHECK(count_entries(fd, 200, seen, 1) == FILES + 2);
	for (i = 0; i < FILES; i++)
		CHECK(seen[i] == 1);
	CHECK(lseek(fd, 0, SEEK_SET) == 0);
	CHECK(count_entries(fd, 200, seen, 0) == 2);
	CHECK(close(fd) == 0);
	return NULL;
}

const char *
errors(void)
{
	int fd;

	CHECK_ERRNO(getdents(99, entries, sizeof(entries)), EBADF);
	CHECK((fd = open("/dev/null", O_RDONLY)) != -1);
	CHECK_ERRNO(getdents(fd, entries, sizeof(entries)), EINVAL);
	CHECK(close(fd) == 0);
	CHECK((fd = open(TESTDIR, O_RDONLY)) != -1);
	CHECK_ERRNO(getdents(fd, entries, 8), EINVAL);
	CHECK_ERRNO(getdents(fd, (void *)8, 1000), EFAULT);
	CHECK(close(fd) == 0);
	return NULL;
}

const char *
current_directory(void)
{
	char path[100];
	int fd;

	CHECK((fd = open(".", O_RDONLY)) != -1);
	CHECK(chdir(TESTDIR) == 0);
	CHECK(mkdir("sub", 0700) == 0 && chdir("sub") == 0);
	CHECK(getcwd(path, sizeof(path)) == path);
	CHECK(strcmp(path, TESTDIR "/sub") == 0);
	errno = 0;
	CHECK(getcwd(path, 5) == NULL && errno == ERANGE);
	CHECK(chdir("../../..") == 0 && getcwd(path, 2) == path);
	CHECK(strcmp(path, "/") == 0);
	CHECK_ERRNO(chdir("/dev/null"), ENOTDIR);
	CHECK_ERRNO(chdir("/nowhere"), ENOENT);
	CHECK(fchdir(fd) == 0);
	CHECK(close(fd) == 0);
	CHECK(rmdir(TESTDIR "/sub") == 0);
	return NULL;
}

const char *
removed_directory(void)
{
	char path[100];
	int fd, gone, seen[FILES];

	CHECK((fd = open(".", O_RDONLY)) != -1);
	CHECK(mkdir(TESTDIR "/gone", 0700) == 0);
	CHECK(chdir(TESTDIR "/gone") == 0);
	CHECK((gone = open(".", O_RDONLY)) != -1);
	CHECK(rmdir(TESTDIR "/gone") == 0);
	CHECK(count_entries(gone, sizeof(entries), seen, 0) == 0);
	CHECK(close(gone) == 0);
	errno = 0;
	CHECK(getcwd(path, sizeof(path)) == NULL && errno == ENOENT);
	CHECK_ERRNO(open("file", O_RDWR | O_CREAT, 0600), ENOENT);
	CHECK_ERRNO(chdir(".."), ENOENT);
	CHECK(fchdir(fd) == 0 && close(fd) == 0);
	return NULL;
}

const struct regress cases[] = {
	{ empty_directory, "an empty directory has . and .." },
	{ each_entry_once, "each entry is seen once" },
	{ cookies, "d_off leads to the next entry" },
	{ removal_while_reading, "entries may be removed while reading" },
	{ errors, "errors" },
	{ current_directory, "chdir, fchdir and getcwd" },
	{ removed_directory, "a removed directory is empty" },
};

int
main(void)
{
	int failed;

	rmdir(TESTDIR);
	if (mkdir(TESTDIR, 0755) != 0) {
		printf("FAIL " TESTDIR ": %s\n", strerror(errno));
		return 1;
	}
	failed = regress_run(cases, sizeof(cases) / sizeof(cases[0]));
	rmdir(TESTDIR);
	return failed;
}
