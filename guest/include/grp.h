/* SPDX-License-Identifier: ISC */
#ifndef _GRP_H_
#define _GRP_H_

#include <sys/types.h>

struct group {
	char	 *gr_name;	/* name */
	char	 *gr_passwd;	/* encrypted password */
	gid_t	  gr_gid;	/* number */
	char	**gr_mem;	/* names of its members, NULL at the end */
};

struct group	*getgrgid(gid_t);
struct group	*getgrnam(const char *);
struct group	*getgrent(void);
void		 setgrent(void);
void		 endgrent(void);

#endif /* _GRP_H_ */
