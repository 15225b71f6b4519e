/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Index of name in the environment, or of the NULL at its end. */
static size_t
env_find(const char *name, size_t len)
{
	size_t i;

	for (i = 0; environ != NULL && environ[i] != NULL; i++)
		if (strncmp(environ[i], name, len) == 0 &&
		    environ[i][len] == '=')
			break;
	return i;
}

static int
env_badname(const char *name)
{
	if (name == NULL || *name == '\0' || strchr(name, '=') != NULL) {
		errno = EINVAL;
		return 1;
	}
	return 0;
}

char *
getenv(const char *name)
{
	size_t len = strlen(name), i = env_find(name, len);

	if (environ == NULL || environ[i] == NULL)
		return NULL;
	return environ[i] + len + 1;
}

int
setenv(const char *name, const char *value, int overwrite)
{
	static char **mine;	/* the vector, once it is on the heap */
	size_t len, i, total;
	char *entry, **grown;

	if (env_badname(name))
		return -1;
	len = strlen(name);
	i = env_find(name, len);
	if (environ != NULL && environ[i] != NULL && !overwrite)
		return 0;
	total = len + strlen(value) + 2;
	if ((entry = malloc(total)) == NULL)
		return -1;
	memcpy(entry, name, len);
	entry[len] = '=';
	strlcpy(entry + len + 1, value, total - len - 1);
	if (environ != NULL && environ[i] != NULL) {
		environ[i] = entry;
		return 0;
	}
	grown = reallocarray(environ == mine ? mine : NULL, i + 2,
	    sizeof(*grown));
	if (grown == NULL) {
		free(entry);
		return -1;
	}
	if (environ != mine && environ != NULL)
		memcpy(grown, environ, i * sizeof(*grown));
	grown[i] = entry;
	grown[i + 1] = NULL;
	environ = mine = grown;
	return 0;
}

int
unsetenv(const char *name)
{
	size_t i;

	if (env_badname(name))
		return -1;
	i = env_find(name, strlen(name));
	for (; environ != NULL && environ[i] != NULL; i++)
		environ[i] = environ[i + 1];
	return 0;
}
