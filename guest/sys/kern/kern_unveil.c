/* SPDX-License-Identifier: ISC */
/*
 * unveil: no system call hides anything yet, so that no process has unveiled
 * paths.  The calls are where they belong.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/pledge.h>
#include <sys/proc.h>

/*
 * A child sees what its parent sees: nothing is unveiled, all is visible.
 */
void
unveil_copy(struct process *parent, struct process *child)
{
	if (parent->ps_uvpaths == NULL)
		return;
	panic("unveil_copy: nobody can have unveiled anything");
}

void
unveil_destroy(struct process *pr)
{
	KASSERT(pr->ps_uvpaths == NULL);
	pr->ps_uvvcount = 0;
	pr->ps_uvncount = 0;
	pr->ps_uvdone = 0;
}
