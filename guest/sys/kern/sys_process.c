/* SPDX-License-Identifier: ISC */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/malloc.h>
#include <sys/proc.h>
#include <sys/ptrace.h>

/*
 * The process is not traced any more.
 */
void
process_untrace(struct process *pr)
{
	atomic_clearbits_int(&pr->ps_flags, PS_TRACED);
	pr->ps_oppid = 0;
	pr->ps_ptmask = 0;
	if (pr->ps_ptstat != NULL)
		free(pr->ps_ptstat, M_SUBPROC, sizeof(*pr->ps_ptstat));
	pr->ps_ptstat = NULL;
}
