/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <limits.h>
#include <paths.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
execv(const char *path, char *const *argv)
{
	return execve(path, argv, environ);
}

/* Run a file that is no program as a script of the shell. */
static void
exec_script(const char *path, char *const *argv)
{
	size_t argc = 0;
	char **args;

	while (argv[argc] != NULL)
		argc++;
	if ((args = calloc(argc + 3, sizeof(*args))) == NULL)
		return;
	args[0] = (char *)"ksh";
	args[1] = (char *)path;
	if (argc > 1)
		memcpy(args + 2, argv + 1, (argc - 1) * sizeof(*args));
	execve(_PATH_BSHELL, args, environ);
	free(args);
}

int
execvp(const char *file, char *const *argv)
{
	const char *path = getenv("PATH"), *end;
	char name[PATH_MAX];
	int denied = 0;

	if (strchr(file, '/') != NULL)
		path = "";
	else if (path == NULL)
		path = _PATH_DEFPATH;
	if (*file == '\0') {
		errno = ENOENT;
		return -1;
	}
	for (;; path = end + 1) {
		end = path + strcspn(path, ":");
		if (snprintf(name, sizeof(name), "%.*s%s%s", (int)(end - path),
		    path, end > path ? "/" : "", file) < (int)sizeof(name)) {
			execve(name, argv, environ);
			if (errno == ENOEXEC) {
				exec_script(name, argv);
				return -1;
			}
			if (errno == EACCES)
				denied = 1;
			else if (errno != ENOENT && errno != ENOTDIR)
				return -1;
		}
		if (*end == '\0')
			break;
	}
	errno = denied ? EACCES : ENOENT;
	return -1;
}

/* The forms that take the arguments one by one, NULL at the end. */
static int
exec_list(const char *path, const char *first, va_list ap,
    int (*exec)(const char *, char *const *))
{
	va_list count;
	size_t argc = 1, i;
	char **argv;

	va_copy(count, ap);
	while (va_arg(count, char *) != NULL)
		argc++;
	va_end(count);
	if ((argv = calloc(argc + 1, sizeof(*argv))) == NULL)
		return -1;
	argv[0] = (char *)first;
	for (i = 1; i < argc; i++)
		argv[i] = va_arg(ap, char *);
	exec(path, argv);
	free(argv);
	return -1;
}

int
execl(const char *path, const char *arg, ...)
{
	va_list ap;
	int result;

	va_start(ap, arg);
	result = exec_list(path, arg, ap, execv);
	va_end(ap);
	return result;
}

int
execlp(const char *file, const char *arg, ...)
{
	va_list ap;
	int result;

	va_start(ap, arg);
	result = exec_list(file, arg, ap, execvp);
	va_end(ap);
	return result;
}
