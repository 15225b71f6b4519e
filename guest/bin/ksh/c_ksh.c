/* SPDX-License-Identifier: ISC */
#include <sys/resource.h>
#include <sys/stat.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"

/* The builtins that are about a process's surroundings. */

/* cd [directory | -] */
int
c_cd(char **args)
{
	const char *dir = args[1], *old = var_get("PWD");
	char here[PATH_MAX];
	int show = 0;

	if (dir != NULL && args[2] != NULL) {
		bi_errorf("too many arguments");
		return 1;
	}
	if (dir == NULL && (dir = var_get("HOME")) == NULL) {
		bi_errorf("no home directory (HOME not set)");
		return 1;
	}
	if (strcmp(dir, "-") == 0) {
		if ((dir = var_get("OLDPWD")) == NULL) {
			bi_errorf("no previous directory (OLDPWD not set)");
			return 1;
		}
		show = 1;
	}
	dir = str_save(dir);
	if (chdir(dir) == -1) {
		bi_errorf("%s - %s", dir, strerror(errno));
		return 1;
	}
	if (old != NULL)
		var_set("OLDPWD", old, 0);
	if (getcwd(here, sizeof(here)) != NULL)
		var_set("PWD", here, 0);
	else
		var_unset("PWD");
	if (show)
		printf("%s\n", here);
	return 0;
}

int
c_pwd(char **args)
{
	char here[PATH_MAX];

	if (getcwd(here, sizeof(here)) == NULL) {
		bi_errorf("can't get current directory - %s", strerror(errno));
		return 1;
	}
	printf("%s\n", here);
	return 0;
}

/* umask [-S | mask] */
int
c_umask(char **args)
{
	mode_t mask;
	char *end;
	long value;

	if (args[1] == NULL) {
		mask = umask(0);
		umask(mask);
		printf("%#3.3o\n", (unsigned int)mask);
		return 0;
	}
	value = strtol(args[1], &end, 8);
	if (end == args[1] || *end != '\0' || value < 0 || value > 0777) {
		bi_errorf("bad number");
		return 1;
	}
	umask(value);
	return 0;
}

static const struct limit {
	char		 option;
	int		 resource;
	rlim_t		 unit;		/* bytes and the like of one step */
	const char	*name;
} limits[] = {
	{ 't', RLIMIT_CPU, 1, "time(cpu-seconds)" },
	{ 'f', RLIMIT_FSIZE, 512, "file(blocks)" },
	{ 'c', RLIMIT_CORE, 512, "coredump(blocks)" },
	{ 'd', RLIMIT_DATA, 1024, "data(kbytes)" },
	{ 's', RLIMIT_STACK, 1024, "stack(kbytes)" },
	{ 'l', RLIMIT_MEMLOCK, 1024, "lockedmem(kbytes)" },
	{ 'm', RLIMIT_RSS, 1024, "memory(kbytes)" },
	{ 'n', RLIMIT_NOFILE, 1, "nofiles(descriptors)" },
	{ 'p', RLIMIT_NPROC, 1, "processes" },
};

#define NLIMITS		(sizeof(limits) / sizeof(limits[0]))

static int
show_limit(const struct limit *l, int hard)
{
	struct rlimit rl;
	rlim_t value;

	if (getrlimit(l->resource, &rl) == -1) {
		bi_errorf("%s - %s", l->name, strerror(errno));
		return 1;
	}
	value = hard ? rl.rlim_max : rl.rlim_cur;
	if (value == RLIM_INFINITY)
		printf("unlimited\n");
	else
		printf("%llu\n", (unsigned long long)(value / l->unit));
	return 0;
}

static int
set_limit(const struct limit *l, int hard, int soft, const char *text)
{
	unsigned long long n;
	struct rlimit rl;
	rlim_t value;
	char *end;

	if (strcmp(text, "unlimited") == 0)
		value = RLIM_INFINITY;
	else {
		n = strtoull(text, &end, 10);
		if (end == text || *end != '\0') {
			bi_errorf("%s: bad limit", text);
			return 1;
		}
		value = n * l->unit;
	}
	if (getrlimit(l->resource, &rl) == -1) {
		bi_errorf("%s - %s", l->name, strerror(errno));
		return 1;
	}
	if (hard)
		rl.rlim_max = value;
	if (soft)
		rl.rlim_cur = value;
	if (setrlimit(l->resource, &rl) == -1) {
		bi_errorf("bad %s limit: %s", l->name, strerror(errno));
		return 1;
	}
	return 0;
}

/* ulimit [-HSa] [-cdflmnpst [value]] */
int
c_ulimit(char **args)
{
	const struct limit *l = &limits[1];
	int hard = 0, soft = 0, all = 0, rv = 0;
	const char *p;
	size_t i;

	for (args++; *args != NULL && **args == '-'; args++)
		for (p = *args + 1; *p != '\0'; p++) {
			if (*p == 'H')
				hard = 1;
			else if (*p == 'S')
				soft = 1;
			else if (*p == 'a')
				all = 1;
			else {
				for (i = 0; i < NLIMITS; i++)
					if (limits[i].option == *p)
						break;
				if (i == NLIMITS) {
					bi_errorf("-%c: unknown option", *p);
					return 1;
				}
				l = &limits[i];
			}
		}
	if (all) {
		for (i = 0; i < NLIMITS; i++) {
			printf("%-20s ", limits[i].name);
			rv |= show_limit(&limits[i], hard && !soft);
		}
		return rv;
	}
	if (*args == NULL)
		return show_limit(l, hard && !soft);
	return set_limit(l, hard || !soft, soft || !hard, *args);
}

static void
show_time(const struct timeval *tv, char end)
{
	printf("%lldm%lld.%02lds%c", (long long)tv->tv_sec / 60,
	    (long long)tv->tv_sec % 60, (long)tv->tv_usec / 10000, end);
}

/* times: what the shell and its children have used. */
int
c_times(char **args)
{
	static const int whose[] = { RUSAGE_SELF, RUSAGE_CHILDREN };
	struct rusage ru;
	int i;

	for (i = 0; i < 2; i++) {
		if (getrusage(whose[i], &ru) == -1) {
			bi_errorf("%s", strerror(errno));
			return 1;
		}
		show_time(&ru.ru_utime, ' ');
		show_time(&ru.ru_stime, '\n');
	}
	return 0;
}

/* Read a line byte by byte: what follows it belongs to others. */
static int
read_line(struct xstring *line, int raw)
{
	ssize_t n;
	char c;

	for (;;) {
		n = read_interruptible(STDIN_FILENO, &c, 1);
		if (n == -1 && errno == EINTR) {
			trap_check();
			continue;
		}
		if (n <= 0)
			return 1;
		if (c == '\n')
			return 0;
		if (c == '\\' && !raw) {
			if (read(STDIN_FILENO, &c, 1) != 1)
				return 1;
			if (c == '\n')
				continue;
		}
		xputc(line, c);
	}
}

/* read [-r] [name ...]: fields to variables, the rest to the last one. */
int
c_read(char **args)
{
	static char *reply[] = { (char *)"REPLY", NULL };
	struct xstring line = { NULL, 0, 0 };
	const char *ifs = var_get("IFS");
	int raw = 0, rv;
	char *p, *start, *end;

	args++;
	if (*args != NULL && strcmp(*args, "-r") == 0) {
		raw = 1;
		args++;
	}
	if (*args == NULL)
		args = reply;
	shf_flush();
	rv = read_line(&line, raw);
	p = xdone(&line);
	if (ifs == NULL)
		ifs = " \t\n";
	for (; *args != NULL; args++) {
		if (!is_name(*args, strlen(*args))) {
			bi_errorf("%s: is not an identifier", *args);
			return 1;
		}
		while (*p != '\0' && strchr(" \t", *p) != NULL &&
		    strchr(ifs, *p) != NULL)
			p++;
		start = p;
		if (args[1] == NULL) {
			end = start + strlen(start);
			while (end > start && strchr(" \t", end[-1]) != NULL &&
			    strchr(ifs, end[-1]) != NULL)
				end--;
			*end = '\0';
		} else {
			p += strcspn(p, ifs);
			if (*p != '\0')
				*p++ = '\0';
		}
		var_set(*args, start, 0);
	}
	return rv;
}
