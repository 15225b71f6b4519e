/* SPDX-License-Identifier: ISC */
/* Names and permissions: directories, links, rename, chmod, chown. */

#include <sys/fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <stdlib.h>
#include <unistd.h>
#include "../regress.h"

#define TESTDIR		"/tmp/regress.tmpfs"
#define USER		1000	/* an ordinary user's id */

struct stat st;

/* Make or replace a file whose contents are text. */
int
make_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd == -1)
		return -1;
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		return -1;
	return close(fd);
}

/* Is the file's contents text? */
int
has_text(const char *path, const char *text)
{
	char buf[64];
	ssize_t n;
	int fd = open(path, O_RDONLY);

	n = read(fd, buf, sizeof(buf));
	close(fd);
	return n == (ssize_t)strlen(text) && memcmp(buf, text, n) == 0;
}

const char *
directories(void)
{
	CHECK(mkdir("d", 0777) == 0);
	CHECK(stat("d", &st) == 0);
	CHECK(st.st_mode == (S_IFDIR | 0755) && st.st_nlink == 2);
	CHECK(mkdir("d/e/", 0700) == 0);
	CHECK(stat("d", &st) == 0 && st.st_nlink == 3);
	CHECK_ERRNO(mkdir("d", 0777), EEXIST);
	CHECK_ERRNO(mkdir("/", 0777), EEXIST);
	CHECK_ERRNO(mkdir("no/where", 0777), ENOENT);
	CHECK_ERRNO(rmdir("d"), ENOTEMPTY);
	CHECK_ERRNO(rmdir("d/."), EINVAL);
	CHECK_ERRNO(rmdir("d/e/.."), ENOTEMPTY);
	CHECK_ERRNO(rmdir("/"), EBUSY);
	CHECK_ERRNO(rmdir("nothing"), ENOENT);
	CHECK_ERRNO(unlink("d"), EPERM);
	CHECK(rmdir("d/e") == 0 && rmdir("d") == 0);
	return NULL;
}

const char *
hard_links(void)
{
	CHECK(make_file("f", "text") == 0);
	CHECK(link("f", "g") == 0);
	CHECK(stat("g", &st) == 0 && st.st_nlink == 2);
	CHECK_ERRNO(link("f", "g"), EEXIST);
	CHECK_ERRNO(link("nothing", "h"), ENOENT);
	CHECK_ERRNO(link(".", "h"), EPERM);
	CHECK(unlink("f") == 0);
	CHECK(has_text("g", "text"));
	CHECK(stat("g", &st) == 0 && st.st_nlink == 1);
	CHECK(unlink("g") == 0);
	CHECK_ERRNO(unlink("g"), ENOENT);
	return NULL;
}

const char *
symbolic_links(void)
{
	char buf[64];

	CHECK(make_file("f", "text") == 0);
	CHECK(symlink("f", "s") == 0);
	CHECK(has_text("s", "text"));
	CHECK(lstat("s", &st) == 0 && S_ISLNK(st.st_mode));
	CHECK(st.st_size == 1);
	CHECK(stat("s", &st) == 0 && S_ISREG(st.st_mode));
	CHECK(readlink("s", buf, sizeof(buf)) == 1 && buf[0] == 'f');
	CHECK_ERRNO(readlink("f", buf, sizeof(buf)), EINVAL);
	CHECK_ERRNO(open("s", O_RDONLY | O_NOFOLLOW), ELOOP);
	CHECK(unlink("s") == 0 && stat("f", &st) == 0);
	CHECK(symlink("loop", "loop") == 0);
	CHECK_ERRNO(open("loop", O_RDONLY), ELOOP);
	CHECK_ERRNO(stat("loop/x", &st), ELOOP);
	CHECK(unlink("loop") == 0);
	CHECK(symlink(TESTDIR, "dir") == 0);
	CHECK(has_text("dir/f", "text"));
	CHECK(lstat("dir/", &st) == 0 && S_ISDIR(st.st_mode));
	CHECK(unlink("dir") == 0);
	CHECK(symlink("made", "dangling") == 0);
	CHECK_ERRNO(stat("dangling", &st), ENOENT);
	CHECK_ERRNO(open("dangling", O_RDWR | O_CREAT | O_EXCL, 0600),
	    EEXIST);
	CHECK(make_file("dangling", "new") == 0 && has_text("made", "new"));
	CHECK(unlink("dangling") == 0 && unlink("made") == 0);
	CHECK(unlink("f") == 0);
	return NULL;
}

const char *
renames(void)
{
	CHECK(make_file("a", "A") == 0 && make_file("b", "B") == 0);
	CHECK(rename("a", "b") == 0);
	CHECK(has_text("b", "A") && stat("a", &st) == -1);
	CHECK_ERRNO(rename("a", "c"), ENOENT);
	CHECK(rename("b", "b") == 0 && has_text("b", "A"));
	CHECK(mkdir("d", 0755) == 0 && mkdir("d/sub", 0755) == 0);
	CHECK(mkdir("e", 0755) == 0);
	CHECK_ERRNO(rename("d", "d/sub/x"), EINVAL);
	CHECK_ERRNO(rename("e", "d"), ENOTEMPTY);
	CHECK_ERRNO(rename("b", "d"), EISDIR);
	CHECK_ERRNO(rename("d", "b"), ENOTDIR);
	CHECK_ERRNO(rename("d/.", "x"), EINVAL);
	CHECK(rename("d/sub", "e/sub") == 0);
	CHECK(stat("d", &st) == 0 && st.st_nlink == 2);
	CHECK(stat("e", &st) == 0 && st.st_nlink == 3);
	CHECK(rename("e", "d") == 0 && stat("d/sub", &st) == 0);
	CHECK(rmdir("d/sub") == 0 && rmdir("d") == 0 && unlink("b") == 0);
	return NULL;
}

/* Run a case as an ordinary user in a child and hand on what it says. */
const char *
as_user(const char *(*function)(void))
{
	static char reason[200];
	ssize_t n;
	int fds[2], status;
	pid_t pid;
	const char *why;

	CHECK(pipe(fds) == 0);
	if ((pid = fork()) == 0) {
		if (setgid(USER) != 0 || setuid(USER) != 0)
			why = "cannot become a user";
		else
			why = (*function)();
		if (why != NULL)
			write(fds[1], why, strlen(why));
		_exit(why != NULL);
	}
	close(fds[1]);
	n = read(fds[0], reason, sizeof(reason) - 1);
	close(fds[0]);
	CHECK(waitpid(pid, &status, 0) == pid);
	if (status == 0)
		return NULL;
	reason[n > 0 ? n : 0] = '\0';
	return n > 0 ? reason : "the child died";
}

const char *
user_part(void)
{
	CHECK_ERRNO(open("secret", O_RDONLY), EACCES);
	CHECK_ERRNO(open("closed/x", O_RDONLY), EACCES);
	CHECK_ERRNO(chdir("closed"), EACCES);
	CHECK_ERRNO(open("new", O_RDWR | O_CREAT, 0600), EACCES);
	CHECK_ERRNO(mkdir("new", 0700), EACCES);
	CHECK_ERRNO(unlink("public"), EACCES);
	CHECK_ERRNO(open("public", O_RDWR), EACCES);
	CHECK_ERRNO(truncate("public", 0), EACCES);
	CHECK_ERRNO(chmod("public", 0777), EPERM);
	CHECK_ERRNO(chown("public", USER, USER), EPERM);
	CHECK(access("public", R_OK) == 0);
	CHECK_ERRNO(access("public", W_OK), EACCES);
	CHECK(has_text("public", "x"));
	/* In a sticky directory only one's own files can be removed. */
	CHECK_ERRNO(unlink("sticky/root"), EPERM);
	CHECK_ERRNO(rename("sticky/root", "sticky/r"), EPERM);
	CHECK(make_file("sticky/mine", "") == 0);
	CHECK(stat("sticky/mine", &st) == 0 && st.st_uid == USER);
	CHECK(chmod("sticky/mine", 0400) == 0);
	CHECK_ERRNO(open("sticky/mine", O_RDWR), EACCES);
	CHECK_ERRNO(chown("sticky/mine", 0, -1), EPERM);
	CHECK(unlink("sticky/mine") == 0);
	return NULL;
}

const char *
permissions(void)
{
	const char *why;

	CHECK(make_file("secret", "s") == 0 && chmod("secret", 0600) == 0);
	CHECK(make_file("public", "x") == 0);
	CHECK(mkdir("closed", 0700) == 0 && mkdir("sticky", 0777) == 0);
	CHECK(chmod("sticky", 01777) == 0);
	CHECK(make_file("sticky/root", "") == 0);
	why = as_user(user_part);
	CHECK(unlink("secret") == 0 && unlink("public") == 0);
	CHECK(rmdir("closed") == 0 && unlink("sticky/root") == 0);
	unlink("sticky/mine");
	CHECK(rmdir("sticky") == 0);
	return why;
}

const char *
modes(void)
{
	mode_t old;
	int fd;

	old = umask(077);
	CHECK((fd = open("m", O_RDWR | O_CREAT, 0666)) != -1);
	CHECK(umask(old) == 077);
	CHECK(fstat(fd, &st) == 0 && (st.st_mode & ALLPERMS) == 0600);
	CHECK(fchmod(fd, 0754) == 0);
	CHECK(stat("m", &st) == 0 && (st.st_mode & ALLPERMS) == 0754);
	CHECK(chown("m", USER, USER) == 0);
	CHECK(stat("m", &st) == 0 && st.st_uid == USER && st.st_gid == USER);
	CHECK(access("m", X_OK) == 0);
	CHECK(chmod("m", 0644) == 0);
	/* Even root cannot execute what nobody can. */
	CHECK_ERRNO(access("m", X_OK), EACCES);
	CHECK(close(fd) == 0 && unlink("m") == 0);
	return NULL;
}

const char *
times(void)
{
	struct timespec ts[2] = { { 1000, 5 }, { 2000, 7 } };

	CHECK(make_file("t", "") == 0);
	CHECK(utimensat(AT_FDCWD, "t", ts, 0) == 0);
	CHECK(stat("t", &st) == 0);
	CHECK(st.st_atim.tv_sec == 1000 && st.st_mtim.tv_sec == 2000);
	CHECK(st.st_mtim.tv_nsec == 7);
	ts[0].tv_nsec = UTIME_OMIT;
	ts[1].tv_sec = 3000;
	CHECK(utimensat(AT_FDCWD, "t", ts, 0) == 0);
	CHECK(stat("t", &st) == 0);
	CHECK(st.st_atim.tv_sec == 1000 && st.st_mtim.tv_sec == 3000);
	ts[0].tv_nsec = -5;
	CHECK_ERRNO(utimensat(AT_FDCWD, "t", ts, 0), EINVAL);
	CHECK(make_file("t", "x") == 0);
	CHECK(stat("t", &st) == 0 && st.st_mtim.tv_sec > 3000);
	CHECK(unlink("t") == 0);
	return NULL;
}

const struct regress cases[] = {
	{ directories, "mkdir and rmdir" },
	{ hard_links, "hard links" },
	{ symbolic_links, "symbolic links" },
	{ renames, "rename" },
	{ permissions, "users get what the modes allow" },
	{ modes, "umask, chmod and chown" },
	{ times, "the times of a file" },
};

int
main(void)
{
	int failed;

	umask(022);
	if (mkdir(TESTDIR, 0755) != 0 || chdir(TESTDIR) != 0) {
		printf("FAIL " TESTDIR ": %s\n", strerror(errno));
		return 1;
	}
	failed = regress_run(cases, sizeof(cases) / sizeof(cases[0]));
	if (chdir("/") != 0 || rmdir(TESTDIR) != 0) {
		printf("FAIL something was left in " TESTDIR "\n");
		failed = 1;
	}
	return failed;
}
