/* SPDX-License-Identifier: ISC */
#ifndef _REGRESS_KSTAT_H_
#define _REGRESS_KSTAT_H_

/*
 * The kernel's counters, as sysctl(2) shows them: what must be as before
 * after all children are gone.
 */

#include <sys/types.h>
#include <sys/sysctl.h>
#include <sys/wait.h>
#include <uvm/uvm_extern.h>
#include <unistd.h>

static inline int
kern_int(int what)
{
	int name[2] = { CTL_KERN, what }, value = -1;
	size_t size = sizeof(value);

	if (sysctl(name, 2, &value, &size, NULL, 0) == -1)
		return -1;
	return value;
}

static inline int
set_kern_int(int what, int value)
{
	int name[2] = { CTL_KERN, what };

	return sysctl(name, 2, NULL, NULL, &value, sizeof(value));
}

static inline struct uvmexp
uvm_counters(void)
{
	int name[2] = { CTL_VM, VM_UVMEXP };
	struct uvmexp u;
	size_t size = sizeof(u);

	if (sysctl(name, 2, &u, &size, NULL, 0) == -1)
		u.npages = -1;
	return u;
}

/* Wait for a child: its status, or -1. */
static inline int
wait_status(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid ? status : -1;
}

static inline int
exited(int status, int code)
{
	return status != -1 && WIFEXITED(status) &&
	    WEXITSTATUS(status) == code;
}

static inline int
killed(int status, int sig)
{
	return status != -1 && WIFSIGNALED(status) && WTERMSIG(status) == sig;
}

#endif /* _REGRESS_KSTAT_H_ */
