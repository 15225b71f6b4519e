/* SPDX-License-Identifier: ISC */
#include <err.h>
#include <stdio.h>
#include <unistd.h>

int
main(int argc, char *argv[])
{
	char *path;

	if (argc > 1) {
		fprintf(stderr, "usage: pwd\n");
		return 1;
	}
	if ((path = getcwd(NULL, 0)) == NULL)
		err(1, "getcwd");
	puts(path);
	return fflush(stdout) == EOF;
}
