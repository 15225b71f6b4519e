/* SPDX-License-Identifier: ISC */
#ifndef _LS_H_
#define _LS_H_

#include <sys/stat.h>
#include <stddef.h>

/* One name to be shown. */
struct item {
	char		*name;		/* as shown */
	char		*path;		/* to stat and to open */
	struct stat	 st;
};

/* A growing list of them. */
struct list {
	struct item	*items;
	size_t		 count;
	size_t		 room;
};

/* The options. */
extern int	f_all;		/* -a: names that begin with a period */
extern int	f_almost;	/* -A: those but . and .. */
extern int	f_columns;	/* -C, or a terminal without -1 */
extern int	f_directory;	/* -d: a directory itself */
extern int	f_recursive;	/* -R */
extern int	f_type;		/* -F: a mark for the type */
extern int	f_inode;	/* -i */
extern int	f_long;		/* -l */
extern int	f_numeric;	/* -n: ids as numbers */
extern int	f_reverse;	/* -r */
extern int	f_size;		/* -S: by size */
extern int	f_time;		/* -t: by modification time */
extern int	f_unsorted;	/* -f */

void	show_items(const struct list *, int);

#endif /* _LS_H_ */
