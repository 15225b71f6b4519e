/* SPDX-License-Identifier: ISC */
/*
 * generations [count]: that many children, one after the other, which execute
 * another program and exit.  Says what of the kernel's counts is not as it was
 * before.
 */
#include <sys/types.h>
#include <sys/sysctl.h>
#include <sys/wait.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <uvm/uvm_extern.h>

#define COUNT	10000
#define WARM_UP	20	/* children that fill the caches first */

struct counts {
	int	processes;		/* kern.nprocs */
	int	threads;		/* kern.nthreads */
	struct uvmexp uvm;		/* vm.uvmexp */
};

static void
get(int first, int second, void *value, size_t size)
{
	int name[2] = { first, second };

	if (sysctl(name, 2, value, &size, NULL, 0) == -1)
		err(1, "sysctl %d.%d", first, second);
}

static struct counts
count(void)
{
	struct counts c;

	get(CTL_KERN, KERN_NPROCS, &c.processes, sizeof(c.processes));
	get(CTL_KERN, KERN_NTHREADS, &c.threads, sizeof(c.threads));
	get(CTL_VM, VM_UVMEXP, &c.uvm, sizeof(c.uvm));
	return c;
}

static void
generation(void)
{
	int status;
	pid_t pid = fork();

	if (pid == -1)
		err(1, "fork");
	if (pid == 0) {
		execl("/usr/bin/true", "true", (char *)NULL);
		err(1, "exec");
	}
	if (waitpid(pid, &status, 0) != pid || status != 0)
		errx(1, "status %#x", status);
}

int
main(int argc, char *argv[])
{
	int i, n = argc > 1 ? atoi(argv[1]) : COUNT;
	struct counts before, after;

	for (i = 0; i < WARM_UP; i++)
		generation();
	before = count();
	for (i = 0; i < n; i++)
		generation();
	after = count();
	printf("forks %d, processes %+d, threads %+d, free pages %+d, "
	    "active %+d, anons %+d\n", after.uvm.forks - before.uvm.forks,
	    after.processes - before.processes, after.threads - before.threads,
	    after.uvm.free - before.uvm.free,
	    after.uvm.active - before.uvm.active,
	    after.uvm.anonpages - before.uvm.anonpages);
	return 0;
}
