/* SPDX-License-Identifier: ISC */
/*
 * execve(2) of what cannot be executed: tells each errno.
 */
#include <sys/fcntl.h>
#include <sys/stat.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define GARBAGE	"/tmp/garbage"
#define DAMAGED	"/tmp/damaged"

void
make_file(const char *path, const void *bytes, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);

	if (fd == -1 || write(fd, bytes, size) != (ssize_t)size ||
	    close(fd) == -1)
		err(1, "%s", path);
}

void
try(const char *path)
{
	char *args[] = { (char *)"argument", NULL };

	execve(path, args, environ);
	printf("%s: %d\n", path == NULL ? "NULL" : path, errno);
}

int
main(void)
{
	/* the beginning of an ELF header, and then nothing */
	static const char damaged[64] = "\177ELF\2\1\1";

	make_file(GARBAGE, "no program at all, no program at all", 36);
	make_file(DAMAGED, damaged, sizeof(damaged));
	try("/nosuch");
	try("/etc/passwd");
	try("/etc/passwd/x");
	try("/tmp");
	try(GARBAGE);
	try(DAMAGED);
	try(NULL);
	return 0;
}
