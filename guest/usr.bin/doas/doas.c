/* SPDX-License-Identifier: ISC */
#include <err.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/*
 * doas [-u user] command [arg ...]: run a command as another user.  There is
 * no set-id program and no password here, so only root can become somebody.
 */
int
main(int argc, char *argv[])
{
	const char *name = "root";
	struct passwd *pw;
	gid_t group;
	int ch;

	while ((ch = getopt(argc, argv, "u:")) != -1)
		switch (ch) {
		case 'u':
			name = optarg;
			break;
		default:
			argc = optind;
			break;
		}
	if (optind >= argc) {
		fprintf(stderr, "usage: doas [-u user] command [arg ...]\n");
		return 1;
	}
	if ((pw = getpwnam(name)) == NULL)
		errx(1, "unknown user: %s", name);
	if (geteuid() != 0)
		errx(1, "Operation not permitted");
	group = pw->pw_gid;
	if (setgroups(1, &group) == -1 || setgid(pw->pw_gid) == -1 ||
	    setuid(pw->pw_uid) == -1)
		err(1, "%s", name);
	if (setenv("USER", name, 1) == -1 || setenv("LOGNAME", name, 1) == -1 ||
	    setenv("HOME", pw->pw_dir, 1) == -1)
		err(1, "setenv");
	execvp(argv[optind], argv + optind);
	if (errno == ENOENT)
		errx(1, "%s: command not found", argv[optind]);
	err(1, "%s", argv[optind]);
}
