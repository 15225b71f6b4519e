/* SPDX-License-Identifier: ISC */
#include <paths.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gen/database.h"

#define PASSWD_FIELDS	7	/* name:password:uid:gid:gecos:dir:shell */

static FILE *file;

void
setpwent(void)
{
	endpwent();
	file = fopen(_PATH_PASSWD, "re");
}

void
endpwent(void)
{
	if (file != NULL)
		fclose(file);
	file = NULL;
}

struct passwd *
getpwent(void)
{
	static char line[BUFSIZ];
	static struct passwd pw;
	char *fields[PASSWD_FIELDS];

	if (file == NULL)
		setpwent();
	if (file == NULL || !__next_record(file, line, sizeof(line), fields,
	    PASSWD_FIELDS))
		return NULL;
	pw.pw_name = fields[0];
	pw.pw_passwd = fields[1];
	pw.pw_uid = strtoul(fields[2], NULL, 10);
	pw.pw_gid = strtoul(fields[3], NULL, 10);
	pw.pw_gecos = fields[4];
	pw.pw_dir = fields[5];
	pw.pw_shell = fields[6];
	return &pw;
}

struct passwd *
getpwuid(uid_t uid)
{
	struct passwd *pw;

	setpwent();
	while ((pw = getpwent()) != NULL && pw->pw_uid != uid)
		continue;
	endpwent();
	return pw;
}

struct passwd *
getpwnam(const char *name)
{
	struct passwd *pw;

	setpwent();
	while ((pw = getpwent()) != NULL && strcmp(pw->pw_name, name) != 0)
		continue;
	endpwent();
	return pw;
}
