/* SPDX-License-Identifier: ISC */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/event.h>

/*
 * Tell the knotes of a list what happened.  Without kqueue(2) nobody puts
 * one there, but the calls are where they belong.
 */
void
knote(struct klist *list, long hint)
{
	struct knote *kn, *next;

	LIST_FOREACH_SAFE(kn, list, kn_selnext, next)
		(void)(*kn->kn_event)(kn, hint);
}
