/* SPDX-License-Identifier: ISC */
#include <signal.h>
#include <stddef.h>

/*
 * The kernel takes a signal set by value and returns the old one, so a
 * failure is told from a full set by how, which alone can be wrong.
 */
int	__sigprocmask_set(int, sigset_t);
int	__sigpending_set(void);
int	__sigsuspend_set(sigset_t);

int
sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
	int result;

	/* Only asking: block nothing more. */
	result = __sigprocmask_set(set == NULL ? SIG_BLOCK : how,
	    set == NULL ? 0 : *set);
	if (result == -1 && set != NULL && how != SIG_BLOCK &&
	    how != SIG_UNBLOCK && how != SIG_SETMASK)
		return -1;
	if (old != NULL)
		*old = result;
	return 0;
}

int
sigpending(sigset_t *set)
{
	*set = __sigpending_set();
	return 0;
}

int
sigsuspend(const sigset_t *mask)
{
	return __sigsuspend_set(*mask);
}
