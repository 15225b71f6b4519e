/* SPDX-License-Identifier: ISC */
#include <sys/param.h>
#include <sys/ioctl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ls.h"

#define DEFAULT_WIDTH	80		/* of a terminal that does not say */
#define TAB_WIDTH	8		/* columns begin at tab stops */
#define HALF_YEAR	(365 / 2 * 24 * 60 * 60)
#define MODE_LENGTH	10		/* "drwxr-xr-x" */

/* The widths of the fields of a list's lines. */
struct widths {
	int	inode;
	int	links;
	int	user;
	int	group;
	int	size;
};

static char
type_letter(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return 'd';
	case S_IFCHR:
		return 'c';
	case S_IFBLK:
		return 'b';
	case S_IFLNK:
		return 'l';
	case S_IFIFO:
		return 'p';
	case S_IFSOCK:
		return 's';
	case S_IFREG:
		return '-';
	default:
		return '?';
	}
}

/* The letter of -F, or 0 if the type has none. */
static char
type_mark(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return '/';
	case S_IFLNK:
		return '@';
	case S_IFIFO:
		return '|';
	case S_IFSOCK:
		return '=';
	default:
		return mode & (S_IXUSR | S_IXGRP | S_IXOTH) ? '*' : 0;
	}
}

static void
mode_string(mode_t mode, char *s)
{
	static const char letters[] = "rwxrwxrwx";
	int i;

	s[0] = type_letter(mode);
	for (i = 0; i < 9; i++)
		s[i + 1] = mode & (S_IRUSR >> i) ? letters[i] : '-';
	if (mode & S_ISUID)
		s[3] = mode & S_IXUSR ? 's' : 'S';
	if (mode & S_ISGID)
		s[6] = mode & S_IXGRP ? 's' : 'S';
	if (mode & S_ISTXT)
		s[9] = mode & S_IXOTH ? 't' : 'T';
	s[MODE_LENGTH] = '\0';
}

static const char *
user_name(uid_t uid)
{
	static char number[16];
	static struct passwd *pw;
	static uid_t last;

	if (!f_numeric && (pw == NULL || last != uid)) {
		pw = getpwuid(uid);
		last = uid;
	}
	if (!f_numeric && pw != NULL)
		return pw->pw_name;
	snprintf(number, sizeof(number), "%u", uid);
	return number;
}

static const char *
group_name(gid_t gid)
{
	static char number[16];
	static struct group *gr;
	static gid_t last;

	if (!f_numeric && (gr == NULL || last != gid)) {
		gr = getgrgid(gid);
		last = gid;
	}
	if (!f_numeric && gr != NULL)
		return gr->gr_name;
	snprintf(number, sizeof(number), "%u", gid);
	return number;
}

static int
is_device(const struct item *item)
{
	return S_ISCHR(item->st.st_mode) || S_ISBLK(item->st.st_mode);
}

/* The size, or a device's numbers. */
static void
size_string(const struct item *item, char *s, size_t size)
{
	if (is_device(item))
		snprintf(s, size, "%3u, %3u", major(item->st.st_rdev),
		    minor(item->st.st_rdev));
	else
		snprintf(s, size, "%lld", item->st.st_size);
}

static void
widen(int *width, int used)
{
	if (used > *width)
		*width = used;
}

static struct widths
measure(const struct list *list)
{
	struct widths w = { 0, 0, 0, 0, 0 };
	const struct item *item;
	char text[32];

	for (item = list->items; item < list->items + list->count; item++) {
		widen(&w.inode, snprintf(text, sizeof(text), "%llu",
		    item->st.st_ino));
		if (!f_long)
			continue;
		widen(&w.links, snprintf(text, sizeof(text), "%u",
		    item->st.st_nlink));
		widen(&w.user, strlen(user_name(item->st.st_uid)));
		widen(&w.group, strlen(group_name(item->st.st_gid)));
		size_string(item, text, sizeof(text));
		widen(&w.size, strlen(text));
	}
	return w;
}

static void
show_time(time_t when)
{
	time_t now = time(NULL);
	int recent = when + HALF_YEAR > now && when < now + HALF_YEAR;
	char text[32];

	strftime(text, sizeof(text), recent ? "%b %e %H:%M" : "%b %e  %Y",
	    gmtime(&when));
	printf("%s ", text);
}

/* The name with what stands before and behind it; its length. */
static int
show_name(const struct item *item, const struct widths *w)
{
	char mark = f_type ? type_mark(item->st.st_mode) : 0;
	int length = 0;

	if (f_inode)
		length += printf("%*llu ", w->inode, item->st.st_ino);
	length += printf("%s", item->name);
	if (mark != 0) {
		putchar(mark);
		length++;
	}
	return length;
}

static void
show_long(const struct item *item, const struct widths *w)
{
	char mode[MODE_LENGTH + 1], size[32], target[PATH_MAX];
	char mark = f_type ? type_mark(item->st.st_mode) : 0;
	ssize_t n;

	mode_string(item->st.st_mode, mode);
	size_string(item, size, sizeof(size));
	if (f_inode)
		printf("%*llu ", w->inode, item->st.st_ino);
	printf("%s  %*u ", mode, w->links, item->st.st_nlink);
	printf("%-*s  ", w->user, user_name(item->st.st_uid));
	printf("%-*s  %*s ", w->group, group_name(item->st.st_gid), w->size,
	    size);
	show_time(item->st.st_mtim.tv_sec);
	printf("%s", item->name);
	if (mark != 0)
		putchar(mark);
	if (S_ISLNK(item->st.st_mode) && (n = readlink(item->path, target,
	    sizeof(target) - 1)) != -1) {
		target[n] = '\0';
		printf(" -> %s", target);
	}
	putchar('\n');
}

static int
terminal_width(void)
{
	struct winsize ws;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == -1 || ws.ws_col == 0)
		return DEFAULT_WIDTH;
	return ws.ws_col;
}

/* Sorted down the columns, each as wide as the longest name. */
static void
show_columns(const struct list *list, const struct widths *w)
{
	size_t columns, rows, row, i;
	int longest = 0, width, used;

	for (i = 0; i < list->count; i++)
		widen(&longest, strlen(list->items[i].name));
	if (f_inode)
		longest += w->inode + 1;
	if (f_type)
		longest++;
	width = (longest + TAB_WIDTH) / TAB_WIDTH * TAB_WIDTH;
	columns = MAX(terminal_width() / width, 1);
	rows = howmany(list->count, columns);
	for (row = 0; row < rows; row++) {
		for (i = row; i < list->count; i += rows) {
			used = show_name(&list->items[i], w);
			if (i + rows < list->count)
				printf("%*s", width - used, "");
		}
		putchar('\n');
	}
}

/* Show a list in the form that was asked for. */
void
show_items(const struct list *list, int with_total)
{
	struct widths w = measure(list);
	blkcnt_t blocks = 0;
	size_t i;

	if (f_long && with_total) {
		for (i = 0; i < list->count; i++)
			blocks += list->items[i].st.st_blocks;
		printf("total %lld\n", blocks);
	}
	if (f_columns && list->count > 0) {
		show_columns(list, &w);
		return;
	}
	for (i = 0; i < list->count; i++)
		if (f_long)
			show_long(&list->items[i], &w);
		else {
			show_name(&list->items[i], &w);
			putchar('\n');
		}
}
