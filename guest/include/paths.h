/* SPDX-License-Identifier: ISC */
#ifndef _PATHS_H_
#define _PATHS_H_

#define _PATH_STDPATH	"/bin:/sbin:/usr/bin"
#define _PATH_DEFPATH	_PATH_STDPATH
#define _PATH_BSHELL	"/bin/ksh"
#define _PATH_CONSOLE	"/dev/console"
#define _PATH_DEVNULL	"/dev/null"
#define _PATH_TTY	"/dev/tty"
#define _PATH_DEV	"/dev/"
#define _PATH_PASSWD	"/etc/passwd"
#define _PATH_GROUP	"/etc/group"

#endif /* _PATHS_H_ */
