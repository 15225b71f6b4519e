/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"

/* Messages, and the redirection of descriptors. */

#define FD_BASE		10		/* the shell's own are from here on */
#define FILE_MODE	0666		/* of new files, before the umask */

const char *builtin_name;
struct saved_fd *saved_fds;

void
shf_flush(void)
{
	fflush(stdout);
}

/* "ksh: " for a terminal and -c; for a file also where in it. */
static void
show_prefix(void)
{
	struct source *s = lexer.source;

	shf_flush();
	if (s != NULL && s->name != NULL && s->type != STTY)
		fprintf(stderr, "ksh: %s[%d]: ", s->name,
		    lexer.running != 0 ? lexer.running : s->line);
	else
		fprintf(stderr, "ksh: ");
}

void
warningf(const char *fmt, ...)
{
	va_list ap;

	show_prefix();
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

/* An error that ends the line of commands, or a shell without a user. */
__dead void
errorf(const char *fmt, ...)
{
	va_list ap;

	show_prefix();
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exstat = 1;
	unwind_to_top();
}

/* An error of the builtin that runs. */
void
bi_errorf(const char *fmt, ...)
{
	va_list ap;

	show_prefix();
	if (builtin_name != NULL)
		fprintf(stderr, "%s: ", builtin_name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

/* Move a descriptor out of the way of those that users name. */
int
move_high(int fd)
{
	int high;

	if (fd == -1 || fd >= FD_BASE)
		return fd;
	high = fcntl(fd, F_DUPFD_CLOEXEC, FD_BASE);
	close(fd);
	return high;
}

/* A document on a descriptor: a file that has lost its name. */
static int
open_heredoc(const struct ioword *io)
{
	const char *text = io->quoted ? io->text : eval_heredoc(io->text);
	size_t len = strlen(text);
	static unsigned int number;
	char name[64];
	int fd;

	do {
		snprintf(name, sizeof(name), "/tmp/sh%d.%u", (int)getpid(),
		    number++);
		fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	} while (fd == -1 && errno == EEXIST);
	if (fd == -1) {
		warningf("cannot create temporary file %s: %s", name,
		    strerror(errno));
		return -1;
	}
	unlink(name);
	if (write(fd, text, len) != (ssize_t)len ||
	    lseek(fd, 0, SEEK_SET) == -1) {
		warningf("cannot write temporary file: %s", strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

static int
open_file(const struct ioword *io, const char *name)
{
	int flags = O_RDONLY, fd;
	struct stat st;

	switch (io->type) {
	case IOWRITE:
		flags = O_WRONLY | O_CREAT | O_TRUNC;
		if (f_noclobber && !io->clobber && stat(name, &st) == 0 &&
		    S_ISREG(st.st_mode)) {
			warningf("cannot create %s: %s", name,
			    strerror(EEXIST));
			return -1;
		}
		break;
	case IOCAT:
		flags = O_WRONLY | O_CREAT | O_APPEND;
		break;
	case IORDWR:
		flags = O_RDWR | O_CREAT;
		break;
	default:
		break;
	}
	if ((fd = open(name, flags | O_CLOEXEC, FILE_MODE)) == -1)
		warningf("cannot %s %s: %s", flags & O_CREAT ? "create" :
		    "open", name, strerror(errno));
	return fd;
}

/* Keep what a descriptor is now, so that it can be put back. */
static void
save_fd(int unit, const struct saved_fd *older)
{
	struct saved_fd *s;

	for (s = saved_fds; s != older; s = s->next)
		if (s->unit == unit)
			return;
	s = alloc(sizeof(*s));
	s->unit = unit;
	s->copy = fcntl(unit, F_DUPFD_CLOEXEC, FD_BASE);
	s->next = saved_fds;
	saved_fds = s;
}

/* N>&M and N>&- */
static int
duplicate(const struct ioword *io, const char *name)
{
	int fd;

	if (strcmp(name, "-") == 0) {
		close(io->unit);
		return 0;
	}
	if (!isdigit((unsigned char)name[0]) || name[1] != '\0') {
		warningf("%s: illegal file descriptor name", name);
		return -1;
	}
	fd = name[0] - '0';
	if (fcntl(fd, F_GETFD) == -1) {
		warningf("%s: %s", name, strerror(errno));
		return -1;
	}
	if (fd != io->unit)
		dup2(fd, io->unit);
	return 0;
}

/*
 * Do a command's redirections from left to right.  With keep, what was there
 * before is put on saved_fds.  -1 after a message if one of them fails.
 */
int
redirect(const struct ioword *io, int keep)
{
	const struct saved_fd *older = saved_fds;
	const char *name;
	int fd;

	if (io != NULL)
		shf_flush();
	for (; io != NULL; io = io->next) {
		name = io->type == IOHERE ? NULL : eval_string(io->name,
		    DOTILDE);
		if (keep)
			save_fd(io->unit, older);
		if (io->type == IODUP) {
			if (duplicate(io, name) == -1)
				return -1;
			continue;
		}
		fd = io->type == IOHERE ? open_heredoc(io) :
		    open_file(io, name);
		if (fd == -1)
			return -1;
		if (fd == io->unit)
			fcntl(fd, F_SETFD, 0);
		else {
			dup2(fd, io->unit);
			close(fd);
		}
	}
	return 0;
}

/* Put back what was saved since older was the newest. */
void
restore_fds(struct saved_fd *older)
{
	struct saved_fd *s;

	if (saved_fds != older)
		shf_flush();
	while ((s = saved_fds) != older) {
		saved_fds = s->next;
		if (s->copy == -1)
			close(s->unit);
		else {
			dup2(s->copy, s->unit);
			close(s->copy);
		}
	}
}
