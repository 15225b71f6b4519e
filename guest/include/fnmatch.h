/* SPDX-License-Identifier: ISC */
#ifndef _FNMATCH_H_
#define _FNMATCH_H_

#define FNM_NOMATCH	1	/* the string does not match */

#define FNM_NOESCAPE	0x01	/* a backslash is an ordinary character */
#define FNM_PATHNAME	0x02	/* only a slash matches a slash */
#define FNM_PERIOD	0x04	/* only a period matches a leading period */

int	fnmatch(const char *, const char *, int);

#endif /* _FNMATCH_H_ */
