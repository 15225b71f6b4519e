/* SPDX-License-Identifier: ISC */
/* setuid(2) and relatives: whose process it is, and what that allows. */

#include <sys/types.h>
#include <signal.h>
#include <unistd.h>
#include "../kstat.h"
#include "../regress.h"

#define USER	1000
#define GROUP	1000

/* A case's second half, which runs in a child that gave up its rights. */
int
as_user(int (*function)(void))
{
	pid_t pid = fork();

	if (pid == 0) {
		if (setgid(GROUP) == -1 || setuid(USER) == -1)
			_exit(99);
		_exit((*function)());
	}
	return wait_status(pid);
}

int
all_three_ids(void)
{
	if (getuid() != USER || geteuid() != USER || getgid() != GROUP ||
	    getegid() != GROUP)
		return 1;
	/* the saved ones too: there is no way back */
	if (setuid(0) != -1 || errno != EPERM)
		return 2;
	if (setgid(0) != -1 || errno != EPERM)
		return 3;
	/* one's own id is always allowed */
	return setuid(USER) == 0 && setgid(GROUP) == 0 ? 0 : 4;
}

const char *
gives_up_for_good(void)
{
	CHECK(exited(as_user(all_three_ids), 0));
	CHECK(getuid() == 0 && geteuid() == 0);
	return NULL;
}

int
forbidden_things(void)
{
	gid_t group = 0;

	if (kill(getppid(), 0) != -1 || errno != EPERM)
		return 1;
	if (setgroups(1, &group) != -1 || errno != EPERM)
		return 2;
	if (set_kern_int(KERN_MAXPROC, 1310) != -1 || errno != EPERM)
		return 3;
	return 0;
}

const char *
users_may_not(void)
{
	CHECK(exited(as_user(forbidden_things), 0));
	return NULL;
}

/* issetugid(2) tells how the program began, not what it did since. */
int
no_set_id_program(void)
{
	return issetugid();
}

const char *
changed_ids_do_not_taint(void)
{
	CHECK(issetugid() == 0);
	CHECK(exited(as_user(no_set_id_program), 0));
	return NULL;
}

/* The count of processes is that of the real user, who changes with setuid. */
const char *
counts_move_along(void)
{
	int before = kern_int(KERN_NPROCS);

	CHECK(exited(as_user(all_three_ids), 0));
	CHECK(exited(as_user(all_three_ids), 0));
	CHECK(kern_int(KERN_NPROCS) == before);
	return NULL;
}

static const struct regress cases[] = {
	{ gives_up_for_good, "root becomes a user for good" },
	{ users_may_not, "what a user may not do" },
	{ changed_ids_do_not_taint, "issetugid tells of set-id programs alone" },
	{ counts_move_along, "the counts are as before" },
};

REGRESS_MAIN(cases)
