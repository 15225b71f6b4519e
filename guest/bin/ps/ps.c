/* SPDX-License-Identifier: ISC */
#include <sys/param.h>
#include <sys/proc.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ps.h"

#define SHOWN_MAX	32		/* columns on one line */

static const struct column *shown[SHOWN_MAX];
static int nshown;

static int f_all;			/* -a: everybody's */
static int f_noterminal;		/* -x: those without a terminal */
static int f_kernel;			/* -k: kernel threads */
static int f_pid;			/* -p: only this one; 0 for all */

/* Take the columns of a list with commas or blanks between them. */
static void
add_columns(const char *list)
{
	char *copy = strdup(list), *rest = copy, *name;

	if (copy == NULL)
		err(1, NULL);
	while ((name = strsep(&rest, ", ")) != NULL) {
		if (*name == '\0')
			continue;
		if (nshown == SHOWN_MAX)
			errx(1, "too many columns");
		if ((shown[nshown++] = find_column(name)) == NULL)
			errx(1, "%s: keyword not found", name);
	}
	free(copy);
}

/* The kernel's table; it may grow between asking for its size and it. */
static struct kinfo_proc *
get_processes(size_t *count)
{
	int mib[6] = { CTL_KERN, KERN_PROC, KERN_PROC_ALL, 0,
	    sizeof(struct kinfo_proc), 0 };
	struct kinfo_proc *table = NULL;
	size_t size;

	if (f_pid != 0) {
		mib[2] = KERN_PROC_PID;
		mib[3] = f_pid;
	} else if (f_kernel)
		mib[2] = KERN_PROC_KTHREAD;
	for (;;) {
		if (sysctl(mib, 6, NULL, &size, NULL, 0) == -1)
			err(1, "sysctl");
		size += size / 8 + sizeof(struct kinfo_proc);
		if ((table = realloc(table, size)) == NULL)
			err(1, NULL);
		mib[5] = size / sizeof(struct kinfo_proc);
		if (sysctl(mib, 6, table, &size, NULL, 0) == 0)
			break;
		if (errno != ENOMEM)
			err(1, "sysctl");
	}
	*count = size / sizeof(struct kinfo_proc);
	return table;
}

static int
compare_processes(const void *a, const void *b)
{
	const struct kinfo_proc *x = a, *y = b;

	if (x->p_tdev != y->p_tdev)
		return x->p_tdev < y->p_tdev ? -1 : 1;
	return x->p_pid - y->p_pid;
}

static int
is_wanted(const struct kinfo_proc *kp)
{
	if (f_pid != 0)
		return kp->p_pid == f_pid;
	if (!f_all && kp->p_uid != getuid())
		return 0;
	return f_noterminal || (kp->p_psflags & PS_CONTROLT) != 0;
}

/* Print the lines, each column as wide as its widest cell. */
static void
show_table(const struct kinfo_proc *table, size_t count)
{
	char cell[CELL_MAX];
	int width[SHOWN_MAX], c, len;
	size_t i;

	for (c = 0; c < nshown; c++) {
		width[c] = shown[c]->width;
		if ((len = strlen(shown[c]->header)) > width[c])
			width[c] = len;
		for (i = 0; i < count; i++) {
			shown[c]->format(&table[i], cell, sizeof(cell));
			len = strlen(cell);
			if (len > width[c])
				width[c] = len;
		}
	}
	for (i = 0; i <= count; i++)
		for (c = 0; c < nshown; c++) {
			if (i == 0)
				strlcpy(cell, shown[c]->header, sizeof(cell));
			else
				shown[c]->format(&table[i - 1], cell,
				    sizeof(cell));
			if (c == nshown - 1 && shown[c]->left)
				printf("%s\n", cell);
			else
				printf("%*s%c", shown[c]->left ? -width[c] :
				    width[c], cell, c < nshown - 1 ? ' ' :
				    '\n');
		}
}

static void
usage(void)
{
	fprintf(stderr, "usage: ps [-Aaklux] [-o columns] [-p pid]\n");
	exit(1);
}

int
main(int argc, char *argv[])
{
	const char *layout = "pid tt stat time command", *errstr;
	struct kinfo_proc *table;
	size_t count, kept = 0, i;
	int ch;

	while ((ch = getopt(argc, argv, "Aaeklo:p:ux")) != -1)
		switch (ch) {
		case 'a':
			f_all = 1;
			break;
		case 'A':
		case 'e':
			f_all = f_noterminal = 1;
			break;
		case 'k':
			f_all = f_noterminal = f_kernel = 1;
			break;
		case 'l':
			layout = "uid pid ppid pri nice vsz rss wchan stat "
			    "tt time command";
			break;
		case 'o':
			add_columns(optarg);
			break;
		case 'p':
			f_pid = strtonum(optarg, 1, 99999, &errstr);
			if (errstr != NULL)
				errx(1, "%s: pid is %s", optarg, errstr);
			break;
		case 'u':
			layout = "user pid vsz rss tt stat time command";
			break;
		case 'x':
			f_noterminal = 1;
			break;
		default:
			usage();
		}
	if (optind != argc)
		usage();
	if (nshown == 0)
		add_columns(layout);
	table = get_processes(&count);
	for (i = 0; i < count; i++)
		if (is_wanted(&table[i]))
			table[kept++] = table[i];
	qsort(table, kept, sizeof(*table), compare_processes);
	show_table(table, kept);
	return fflush(stdout) == EOF ? 1 : kept == 0;
}
