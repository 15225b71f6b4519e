/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "gen/database.h"

int
__next_record(FILE *file, char *line, size_t size, char **fields, int count)
{
	char *rest, *field;
	int n;

	while (fgets(line, size, file) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (*line == '#')
			continue;
		rest = line;
		for (n = 0; (field = strsep(&rest, ":")) != NULL; n++)
			if (n < count)
				fields[n] = field;
		if (n == count)
			return 1;
	}
	return 0;
}
