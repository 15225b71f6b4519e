/* SPDX-License-Identifier: ISC */
/* execve(2): arguments, errors that leave the image alone, scripts. */

#include <sys/fcntl.h>
#include <sys/stat.h>
#include <stdlib.h>
#include "../kstat.h"
#include "../regress.h"

#define LONG_ARGUMENT	20000			/* bytes */
#define NONCANONICAL	0x8000000000000000UL	/* an address nobody has */

char *const no_strings[] = { NULL };
char *const some_strings[] = { "x", NULL };
char long_string[LONG_ARGUMENT];

/* A file with a text, executable. */
int
make_program(const char *path, const char *text)
{
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0755);
	ssize_t n = strlen(text);

	if (fd == -1 || write(fd, text, n) != n || close(fd) == -1)
		return -1;
	return 0;
}

/* What a program printed, at most size - 1 bytes. */
int
output_of(const char *path, char *const argv[], char *const envp[],
    char *buf, size_t size)
{
	size_t done = 0;
	int fds[2];
	ssize_t n;
	pid_t pid;

	if (pipe(fds) == -1)
		return -1;
	if ((pid = fork()) == 0) {
		dup2(fds[1], 1);
		close(fds[0]);
		close(fds[1]);
		execve(path, argv, envp);
		_exit(111);
	}
	close(fds[1]);
	while ((n = read(fds[0], buf + done, size - 1 - done)) > 0)
		done += n;
	buf[done] = '\0';
	close(fds[0]);
	return wait_status(pid);
}

const char *
arguments_arrive(void)
{
	char *const argv[] = { "echo", "one two", "", "three", NULL };
	char buf[100];

	CHECK(exited(output_of("/bin/echo", argv, no_strings, buf,
	    sizeof(buf)), 0));
	CHECK(strcmp(buf, "one two  three\n") == 0);
	return NULL;
}

const char *
environment_arrives(void)
{
	char *const argv[] = { "ksh", "-c", "echo $GREETING", NULL };
	char *const envp[] = { "PATH=/bin", "GREETING=hello", NULL };
	char buf[100];

	CHECK(exited(output_of("/bin/ksh", argv, envp, buf, sizeof(buf)), 0));
	CHECK(strcmp(buf, "hello\n") == 0);
	return NULL;
}

const char *
bad_files(void)
{
	CHECK_ERRNO(execve("/bin/nothing", some_strings, NULL), ENOENT);
	CHECK_ERRNO(execve("/etc/passwd", some_strings, NULL), EACCES);
	CHECK_ERRNO(execve("/bin", some_strings, NULL), EACCES);
	CHECK(make_program("/tmp/junk", "neither one nor the other") == 0);
	CHECK_ERRNO(execve("/tmp/junk", some_strings, NULL), ENOEXEC);
	return NULL;
}

const char *
bad_addresses(void)
{
	CHECK_ERRNO(execve((char *)NONCANONICAL, some_strings, NULL), EFAULT);
	CHECK_ERRNO(execve("/bin/ls", NULL, NULL), EFAULT);
	CHECK_ERRNO(execve("/bin/ls", (char *const *)0x1000, NULL), EFAULT);
	CHECK_ERRNO(execve("/bin/ls", some_strings, (char *const *)0x1000),
	    EFAULT);
	return NULL;
}

const char *
too_many_arguments(void)
{
	char *argv[21];
	char buf[16];
	int i;

	memset(long_string, 'a', sizeof(long_string) - 1);
	for (i = 0; i < 20; i++)
		argv[i] = long_string;
	argv[20] = NULL;
	CHECK_ERRNO(execve("/usr/bin/true", argv, NULL), E2BIG);
	argv[10] = NULL;
	CHECK(exited(output_of("/usr/bin/true", argv, no_strings, buf,
	    sizeof(buf)), 0));
	return NULL;
}

const char *
scripts(void)
{
	char *const argv[] = { "script", "last", NULL };
	char buf[100];

	CHECK(make_program("/tmp/script", "#! /bin/echo first \n") == 0);
	CHECK(exited(output_of("/tmp/script", argv, no_strings, buf,
	    sizeof(buf)), 0));
	CHECK(strcmp(buf, "first /tmp/script last\n") == 0);
	CHECK(make_program("/tmp/script2", "#!/bin/nothing\n") == 0);
	CHECK_ERRNO(execve("/tmp/script2", some_strings, NULL), ENOENT);
	CHECK(make_program("/tmp/script3", "#!/tmp/script\n") == 0);
	CHECK_ERRNO(execve("/tmp/script3", some_strings, NULL), ENOEXEC);
	return NULL;
}

const char *
failures_cost_nothing(void)
{
	struct uvmexp before, after;
	int i;

	for (i = 0; i < 20; i++)
		execve("/tmp/junk", some_strings, NULL);
	before = uvm_counters();
	for (i = 0; i < 200; i++) {
		execve("/tmp/junk", some_strings, NULL);
		execve("/tmp/script2", some_strings, NULL);
		execve("/bin/ls", (char *const *)0x1000, NULL);
	}
	after = uvm_counters();
	CHECK(after.free == before.free && after.wired == before.wired);
	return NULL;
}

const struct regress cases[] = {
	{ arguments_arrive, "arguments arrive" },
	{ environment_arrives, "the environment arrives" },
	{ bad_files, "files that are no programs" },
	{ bad_addresses, "EFAULT for bad addresses" },
	{ too_many_arguments, "E2BIG for too many arguments" },
	{ scripts, "scripts" },
	{ failures_cost_nothing, "failed calls lose no memory" },
};

REGRESS_MAIN(cases)
