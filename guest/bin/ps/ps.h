/* SPDX-License-Identifier: ISC */
#ifndef _PS_H_
#define _PS_H_

#include <sys/param.h>
#include <sys/sysctl.h>

#define CELL_MAX	64	/* bytes of a cell's text, with its NUL */

/* A column that can be asked for. */
struct column {
	const char	*name;		/* for -o */
	const char	*header;
	int		 left;		/* aligned to the left */
	int		 width;		/* at least */
	void		(*format)(const struct kinfo_proc *, char *, size_t);
};

extern const struct column columns[];

const struct column	*find_column(const char *);

#endif /* _PS_H_ */
