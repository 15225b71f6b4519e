/* SPDX-License-Identifier: ISC */
/*
 * ktrace: which processes are traced.  There is no ktrace(2) to begin it
 * and nothing that writes records yet.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/ktrace.h>
#include <sys/proc.h>
#include <sys/vnode.h>

/*
 * Trace these facilities of a process into that file.
 */
void
ktrsettrace(struct process *pr, int facs, struct vnode *newvp,
    struct ucred *newcred)
{
	struct vnode *oldvp = pr->ps_tracevp;
	struct ucred *oldcred = pr->ps_tracecred;

	pr->ps_traceflag |= facs;
	if (oldvp == newvp && oldcred == newcred)
		return;
	vref(newvp);
	crhold(newcred);
	pr->ps_tracevp = newvp;
	pr->ps_tracecred = newcred;
	if (oldvp != NULL) {
		vrele(oldvp);
		crfree(oldcred);
	}
}

void
ktrcleartrace(struct process *pr)
{
	struct vnode *vp = pr->ps_tracevp;
	struct ucred *cred = pr->ps_tracecred;

	pr->ps_traceflag = 0;
	pr->ps_tracevp = NULL;
	pr->ps_tracecred = NULL;
	if (vp != NULL) {
		vrele(vp);
		crfree(cred);
	}
}
