/* SPDX-License-Identifier: ISC */
#ifndef _MATCH_H_
#define _MATCH_H_

extern int	ignore_case;		/* -i */

int	find_fixed(const char *, const char *);
int	find_basic(const char *, const char *);

#endif /* _MATCH_H_ */
