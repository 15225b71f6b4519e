/* SPDX-License-Identifier: ISC */
#ifndef _SYS_SYSLIMITS_H_
#define _SYS_SYSLIMITS_H_

#define ARG_MAX		(256 * 1024)	/* bytes of argument and environment */
#define CHILD_MAX	80		/* soft limit of processes per user */
#define LINK_MAX	32767		/* links to one file */
#define NAME_MAX	255		/* bytes in a file name */
#define NGROUPS_MAX	16		/* supplementary groups */
#define OPEN_MAX	64		/* soft limit of open files */
#define PATH_MAX	1024		/* bytes in a path, with its NUL */
#define PIPE_BUF	512		/* atomic pipe write, bytes */
#define IOV_MAX		1024		/* elements of an iovec */
#define HOST_NAME_MAX	255		/* bytes in a host name */
#define LOGIN_NAME_MAX	32		/* bytes in a login name */

#endif /* _SYS_SYSLIMITS_H_ */
