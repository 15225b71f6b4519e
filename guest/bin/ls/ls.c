/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ls.h"

int f_all, f_almost, f_columns, f_directory, f_recursive, f_type, f_inode,
    f_long, f_numeric, f_reverse, f_size, f_time, f_unsorted;

static int status;
static int shown_any;		/* something was printed before */

static int
compare_items(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	int order = 0;

	if (f_size && x->st.st_size != y->st.st_size)
		order = x->st.st_size > y->st.st_size ? -1 : 1;
	else if (f_time && x->st.st_mtim.tv_sec != y->st.st_mtim.tv_sec)
		order = x->st.st_mtim.tv_sec > y->st.st_mtim.tv_sec ? -1 : 1;
	else if (f_time && x->st.st_mtim.tv_nsec != y->st.st_mtim.tv_nsec)
		order = x->st.st_mtim.tv_nsec > y->st.st_mtim.tv_nsec ? -1 : 1;
	if (order == 0)
		order = strcmp(x->name, y->name);
	return f_reverse ? -order : order;
}

static void
sort_list(struct list *list)
{
	if (!f_unsorted)
		qsort(list->items, list->count, sizeof(*list->items),
		    compare_items);
}

static char *
copy_string(const char *s)
{
	char *copy = strdup(s);

	if (copy == NULL)
		err(1, NULL);
	return copy;
}

/* Add a name; one that cannot be looked at is reported instead. */
static void
add_item(struct list *list, const char *name, const char *path, int follow)
{
	struct item *item;

	if (list->count == list->room) {
		list->room = list->room == 0 ? 32 : list->room * 2;
		list->items = reallocarray(list->items, list->room,
		    sizeof(*list->items));
		if (list->items == NULL)
			err(1, NULL);
	}
	item = &list->items[list->count];
	if ((!follow || stat(path, &item->st) == -1) &&
	    lstat(path, &item->st) == -1) {
		warn("%s", path);
		status = 1;
		return;
	}
	item->name = copy_string(name);
	item->path = copy_string(path);
	list->count++;
}

static void
free_list(struct list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		free(list->items[i].name);
		free(list->items[i].path);
	}
	free(list->items);
}

static int
is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static int
is_hidden(const char *name)
{
	if (f_all || name[0] != '.')
		return 0;
	return !f_almost || is_dot(name);
}

static void
show_directory(const char *path, int with_name)
{
	struct list list = { NULL, 0, 0 };
	const char *slash;
	struct dirent *entry;
	char *full;
	size_t i;
	DIR *dir;

	if (shown_any)
		putchar('\n');
	if (with_name) {
		printf("%s:\n", path);
		shown_any = 1;
	}
	fflush(stdout);
	if ((dir = opendir(path)) == NULL) {
		warn("%s", path);
		status = 1;
		return;
	}
	slash = path[strlen(path) - 1] == '/' ? "" : "/";
	while ((entry = readdir(dir)) != NULL) {
		if (is_hidden(entry->d_name))
			continue;
		if (asprintf(&full, "%s%s%s", path, slash,
		    entry->d_name) == -1)
			err(1, NULL);
		add_item(&list, entry->d_name, full, 0);
		free(full);
	}
	closedir(dir);
	sort_list(&list);
	show_items(&list, 1);
	shown_any = 1;
	for (i = 0; f_recursive && i < list.count; i++)
		if (S_ISDIR(list.items[i].st.st_mode) &&
		    !is_dot(list.items[i].name))
			show_directory(list.items[i].path, 1);
	free_list(&list);
}

/* The operands: first the files, then what each directory holds. */
static void
show_operands(char **names, int count)
{
	struct list all = { NULL, 0, 0 }, files = { NULL, 0, 0 };
	size_t i;

	for (; *names != NULL; names++)
		add_item(&all, *names, *names, !f_long);
	sort_list(&all);
	for (i = 0; i < all.count; i++)
		if (f_directory || !S_ISDIR(all.items[i].st.st_mode))
			add_item(&files, all.items[i].name, all.items[i].path,
			    !f_long);
	if (files.count > 0) {
		show_items(&files, 0);
		shown_any = 1;
	}
	for (i = 0; i < all.count; i++)
		if (!f_directory && S_ISDIR(all.items[i].st.st_mode))
			show_directory(all.items[i].path, count > 1);
	free_list(&files);
	free_list(&all);
}

static void
usage(void)
{
	fprintf(stderr, "usage: ls [-1ACadFfilnRrSt] [file ...]\n");
	exit(1);
}

static void
parse_options(int argc, char *argv[])
{
	int ch;

	f_columns = isatty(STDOUT_FILENO);
	f_almost = getuid() == 0;
	while ((ch = getopt(argc, argv, "1ACadFfilnRrSt")) != -1)
		switch (ch) {
		case '1':
			f_columns = f_long = f_numeric = 0;
			break;
		case 'A':
			f_almost = 1;
			break;
		case 'C':
			f_columns = 1;
			f_long = f_numeric = 0;
			break;
		case 'a':
			f_all = 1;
			break;
		case 'd':
			f_directory = 1;
			break;
		case 'F':
			f_type = 1;
			break;
		case 'f':
			f_unsorted = f_all = 1;
			break;
		case 'i':
			f_inode = 1;
			break;
		case 'n':
			f_numeric = 1;
			/* FALLTHROUGH */
		case 'l':
			f_long = 1;
			f_columns = 0;
			break;
		case 'R':
			f_recursive = 1;
			break;
		case 'r':
			f_reverse = 1;
			break;
		case 'S':
			f_size = 1;
			break;
		case 't':
			f_time = 1;
			break;
		default:
			usage();
		}
	if (f_directory)
		f_recursive = 0;
}

int
main(int argc, char *argv[])
{
	static char *here[] = { (char *)".", NULL };

	parse_options(argc, argv);
	argc -= optind;
	argv += optind;
	show_operands(argc > 0 ? argv : here, argc);
	return fflush(stdout) == EOF ? 1 : status;
}
