/* SPDX-License-Identifier: ISC */
/*
 * Fork until that is refused, and tell how often it was not.
 *
 *	refused [-m] [-l limit] [-n most] [-p processes] [-t threads]
 *	    [-u user] [-w seconds] ...
 *
 *	-t, -p	leave room for so many threads or processes more (as root)
 *	-u	become this user
 *	-l	soft limit of processes
 *	-m	use up memory first
 *	-n	stop after so many children
 *	-w	after the refusal wait so long and try once more
 */
#include <sys/param.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sysctl.h>
#include <sys/wait.h>
#include <uvm/uvm_extern.h>
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MOSTCHILDREN	128
#define MOSTWAITS	8
#define UAREA_PAGES	6	/* what fork(2) needs at once */
#define COARSE		64	/* pages from the goal on, look at each */

pid_t	children[MOSTCHILDREN];
int	nchildren;

int
kern_int(int what, const int *new)
{
	int name[2] = { CTL_KERN, what }, value;
	size_t size = sizeof(value);

	if (sysctl(name, 2, &value, &size, (void *)new,
	    new != NULL ? sizeof(*new) : 0) == -1)
		err(1, "sysctl kern.%d", what);
	return value;
}

/* The most there may be: what there is, and room. */
void
leave_room(int most, int now, const char *room)
{
	int value = kern_int(now, NULL) + atoi(room);

	kern_int(most, &value);
}

void
limit_processes(const char *number)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NPROC, &limit) == -1)
		err(1, "getrlimit");
	limit.rlim_cur = atoi(number);
	if (setrlimit(RLIMIT_NPROC, &limit) == -1)
		err(1, "setrlimit");
}

/* Free pages beyond what the kernel keeps for itself. */
int
spare_pages(void)
{
	int name[2] = { CTL_VM, VM_UVMEXP };
	struct uvmexp now;
	size_t size = sizeof(now);

	if (sysctl(name, 2, &now, &size, NULL, 0) == -1)
		err(1, "sysctl vm.uvmexp");
	return now.free - now.reserve_kernel;
}

/* Touch pages until a uarea would need the kernel's own. */
void
use_memory(char **memory, size_t *size)
{
	int spare = spare_pages();
	char *page;

	*size = (size_t)spare * PAGE_SIZE;
	*memory = mmap(NULL, *size, PROT_READ | PROT_WRITE,
	    MAP_ANON | MAP_PRIVATE, -1, 0);
	if (*memory == MAP_FAILED)
		err(1, "mmap");
	page = *memory;
	for (spare -= COARSE; spare > 0; spare--, page += PAGE_SIZE)
		*page = 1;
	for (; spare_pages() >= UAREA_PAGES; page += PAGE_SIZE)
		*page = 1;
}

/* One child, which waits for a signal; 0 or an errno. */
int
make_child(void)
{
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	if (pid == -1)
		return errno;
	children[nchildren++] = pid;
	return 0;
}

void
end_children(void)
{
	int status;

	for (; nchildren > 0; nchildren--)
		if (kill(children[nchildren - 1], SIGTERM) == -1 ||
		    waitpid(children[nchildren - 1], &status, 0) == -1)
			err(1, "child");
}

int
main(int argc, char *argv[])
{
	unsigned int waits[MOSTWAITS];
	int ch, error, i, memory = 0, most = MOSTCHILDREN, nwaits = 0;
	size_t size = 0;
	char *used = NULL;

	/* Output has its memory before there is none. */
	setvbuf(stdout, NULL, _IONBF, 0);
	printf("begin\n");
	while ((ch = getopt(argc, argv, "l:mn:p:t:u:w:")) != -1)
		switch (ch) {
		case 'l':
			limit_processes(optarg);
			break;
		case 'm':
			memory = 1;
			break;
		case 'n':
			most = atoi(optarg);
			break;
		case 'p':
			leave_room(KERN_MAXPROC, KERN_NPROCS, optarg);
			break;
		case 't':
			leave_room(KERN_MAXTHREAD, KERN_NTHREADS, optarg);
			break;
		case 'u':
			if (setuid(atoi(optarg)) == -1)
				err(1, "setuid");
			break;
		case 'w':
			if (nwaits == MOSTWAITS)
				errx(1, "too many waits");
			waits[nwaits++] = atoi(optarg);
			break;
		default:
			return 1;
		}
	if (memory)
		use_memory(&used, &size);
	for (error = 0; error == 0 && nchildren < most;)
		error = make_child();
	printf("made %d, errno %d\n", nchildren, error);
	for (i = 0; i < nwaits; i++) {
		sleep(waits[i]);
		printf("again errno %d\n", make_child());
	}
	if (memory && munmap(used, size) == -1)
		err(1, "munmap");
	end_children();
	printf("after errno %d\n", make_child());
	end_children();
	return 0;
}
