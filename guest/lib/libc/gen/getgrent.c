/* SPDX-License-Identifier: ISC */
#include <grp.h>
#include <paths.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gen/database.h"

#define GROUP_FIELDS	4	/* name:password:gid:member,member... */
#define MEMBERS_MAX	32

static FILE *file;

void
setgrent(void)
{
	endgrent();
	file = fopen(_PATH_GROUP, "re");
}

void
endgrent(void)
{
	if (file != NULL)
		fclose(file);
	file = NULL;
}

struct group *
getgrent(void)
{
	static char line[BUFSIZ], *members[MEMBERS_MAX + 1];
	static struct group gr;
	char *fields[GROUP_FIELDS], *list, *member;
	int n = 0;

	if (file == NULL)
		setgrent();
	if (file == NULL || !__next_record(file, line, sizeof(line), fields,
	    GROUP_FIELDS))
		return NULL;
	gr.gr_name = fields[0];
	gr.gr_passwd = fields[1];
	gr.gr_gid = strtoul(fields[2], NULL, 10);
	list = fields[3];
	while (n < MEMBERS_MAX && (member = strsep(&list, ",")) != NULL)
		if (*member != '\0')
			members[n++] = member;
	members[n] = NULL;
	gr.gr_mem = members;
	return &gr;
}

struct group *
getgrgid(gid_t gid)
{
	struct group *gr;

	setgrent();
	while ((gr = getgrent()) != NULL && gr->gr_gid != gid)
		continue;
	endgrent();
	return gr;
}

struct group *
getgrnam(const char *name)
{
	struct group *gr;

	setgrent();
	while ((gr = getgrent()) != NULL && strcmp(gr->gr_name, name) != 0)
		continue;
	endgrent();
	return gr;
}
