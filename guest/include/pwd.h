/* SPDX-License-Identifier: ISC */
#ifndef _PWD_H_
#define _PWD_H_

#include <sys/types.h>

struct passwd {
	char	*pw_name;	/* login name */
	char	*pw_passwd;	/* encrypted password */
	uid_t	 pw_uid;	/* user id */
	gid_t	 pw_gid;	/* login group */
	char	*pw_gecos;	/* full name */
	char	*pw_dir;	/* home directory */
	char	*pw_shell;	/* shell */
};

struct passwd	*getpwuid(uid_t);
struct passwd	*getpwnam(const char *);
struct passwd	*getpwent(void);
void		 setpwent(void);
void		 endpwent(void);

#endif /* _PWD_H_ */
