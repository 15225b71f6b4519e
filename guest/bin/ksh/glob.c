/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>
#include <dirent.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "sh.h"

/* Patterns to the names of files that match them. */

int
has_glob(const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '\\' && s[1] != '\0')
			s++;
		else if (*s == '*' || *s == '?' ||
		    (*s == '[' && strchr(s, ']') != NULL))
			return 1;
	}
	return 0;
}

/* Take the backslashes of quoting away, in place. */
char *
unescape(char *s)
{
	char *from = s, *to = s;

	while (*from != '\0') {
		if (*from == '\\' && from[1] != '\0')
			from++;
		*to++ = *from++;
	}
	*to = '\0';
	return s;
}

static char *
join(const char *prefix, const char *name, size_t len)
{
	struct xstring path = { NULL, 0, 0 };

	xputs(&path, prefix);
	xnputs(&path, name, len);
	return xdone(&path);
}

/* Add to found what the rest of a pattern matches below prefix. */
static void
glob_below(struct xptrv *found, const char *prefix, const char *pattern)
{
	size_t slashes = strspn(pattern, "/"), len;
	const char *rest;
	struct dirent *entry;
	struct stat st;
	char *component;
	DIR *dir;

	if (slashes > 0)
		prefix = join(prefix, pattern, slashes);
	pattern += slashes;
	len = strcspn(pattern, "/");
	rest = pattern + len;
	component = str_nsave(pattern, len);
	if (!has_glob(component)) {
		component = unescape(component);
		prefix = join(prefix, component, strlen(component));
		if (*rest != '\0')
			glob_below(found, prefix, rest);
		else if (lstat(prefix, &st) == 0)
			xpput(found, str_save(prefix));
		return;
	}
	if ((dir = opendir(*prefix != '\0' ? prefix : ".")) == NULL)
		return;
	while ((entry = readdir(dir)) != NULL) {
		char *path;

		if (fnmatch(component, entry->d_name, FNM_PERIOD) != 0)
			continue;
		path = join(prefix, entry->d_name, strlen(entry->d_name));
		if (*rest == '\0')
			xpput(found, path);
		else if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
			glob_below(found, path, rest);
	}
	closedir(dir);
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Add the files that match, sorted; the pattern itself if there is none. */
void
glob(struct xptrv *fields, const char *pattern)
{
	struct xptrv found = { NULL, 0, 0 };
	size_t i;

	glob_below(&found, "", pattern);
	if (found.n == 0) {
		xpput(fields, unescape(str_save(pattern)));
		return;
	}
	qsort(found.v, found.n, sizeof(*found.v), compare_names);
	for (i = 0; i < found.n; i++)
		xpput(fields, found.v[i]);
}
