/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <unistd.h>

int	main(int, char **, char **);
__dead void	___start(int, char **, char **);

char **environ;

/* The C half of the entry: set up what main() may rely on, run it, exit. */
__dead void
___start(int argc, char **argv, char **envp)
{
	environ = envp;
	if (argc > 0 && argv[0] != NULL)
		setprogname(argv[0]);
	exit(main(argc, argv, envp));
}
