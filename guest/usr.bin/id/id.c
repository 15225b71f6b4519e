/* SPDX-License-Identifier: ISC */
#include <sys/param.h>
#include <err.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void
show_user(const char *label, uid_t uid)
{
	struct passwd *pw = getpwuid(uid);

	printf("%s%u", label, uid);
	if (pw != NULL)
		printf("(%s)", pw->pw_name);
}

static void
show_group(const char *label, gid_t gid)
{
	struct group *gr = getgrgid(gid);

	printf("%s%u", label, gid);
	if (gr != NULL)
		printf("(%s)", gr->gr_name);
}

/* uid=0(root) gid=0(wheel) groups=0(wheel) */
static void
show_all(void)
{
	gid_t groups[NGROUPS_MAX];
	int n, i;

	show_user("uid=", getuid());
	if (geteuid() != getuid())
		show_user(" euid=", geteuid());
	show_group(" gid=", getgid());
	if (getegid() != getgid())
		show_group(" egid=", getegid());
	if ((n = getgroups(NGROUPS_MAX, groups)) == -1)
		err(1, "getgroups");
	for (i = 0; i < n; i++)
		show_group(i == 0 ? " groups=" : ", ", groups[i]);
	putchar('\n');
}

/* A single id, as a number or by its name. */
static void
show_one(int user, int real, int by_name)
{
	unsigned int id = user ? (real ? getuid() : geteuid()) :
	    (real ? getgid() : getegid());
	struct passwd *pw;
	struct group *gr;

	if (by_name && user && (pw = getpwuid(id)) != NULL)
		puts(pw->pw_name);
	else if (by_name && !user && (gr = getgrgid(id)) != NULL)
		puts(gr->gr_name);
	else
		printf("%u\n", id);
}

int
main(int argc, char *argv[])
{
	int ch, user = 0, group = 0, by_name = 0, real = 0;

	while ((ch = getopt(argc, argv, "gnru")) != -1)
		switch (ch) {
		case 'g':
			group = 1;
			break;
		case 'n':
			by_name = 1;
			break;
		case 'r':
			real = 1;
			break;
		case 'u':
			user = 1;
			break;
		default:
			user = group = 1;
			break;
		}
	if (optind != argc || (user && group) ||
	    ((by_name || real) && !user && !group)) {
		fprintf(stderr, "usage: id\n       id -g [-nr]\n"
		    "       id -u [-nr]\n");
		return 1;
	}
	if (user || group)
		show_one(user, real, by_name);
	else
		show_all();
	return fflush(stdout) == EOF;
}
