/* SPDX-License-Identifier: ISC */
#include <sys/wait.h>
#include <stddef.h>

pid_t
waitpid(pid_t pid, int *status, int options)
{
	return wait4(pid, status, options, NULL);
}

pid_t
wait(int *status)
{
	return wait4(WAIT_ANY, status, 0, NULL);
}
