/* SPDX-License-Identifier: ISC */
#include <err.h>
#include <stdio.h>
#include <unistd.h>

int
main(int argc, char *argv[])
{
	int i, status = 0;

	if (argc < 2) {
		fprintf(stderr, "usage: rmdir directory ...\n");
		return 1;
	}
	for (i = 1; i < argc; i++)
		if (rmdir(argv[i]) == -1) {
			warn("%s", argv[i]);
			status = 1;
		}
	return status;
}
