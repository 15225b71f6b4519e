/* SPDX-License-Identifier: ISC */
/*
 * Identity: process ids, groups, sessions, users.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/malloc.h>
#include <sys/pool.h>
#include <sys/proc.h>
#include <sys/syscallargs.h>
#include <machine/cpu.h>
#include <machine/pcb.h>
#include <sys/user.h>
#include <uvm/uvm_extern.h>

struct ucred *cred_new(struct proc *);
void	cred_set(struct proc *, struct ucred *);

int
sys_getpid(struct proc *p, void *v, register_t *retval)
{
	retval[0] = p->p_p->ps_pid;
	return 0;
}

int
sys_getthrid(struct proc *p, void *v, register_t *retval)
{
	*retval = p->p_tid + THREAD_PID_OFFSET;
	return 0;
}

int
sys_getppid(struct proc *p, void *v, register_t *retval)
{
	*retval = p->p_p->ps_pptr->ps_pid;
	return 0;
}

int
sys_getpgrp(struct proc *p, void *v, register_t *retval)
{
	*retval = p->p_p->ps_pgid;
	return 0;
}

int
sys_getpgid(struct proc *curp, void *v, register_t *retval)
{
	struct sys_getpgid_args *uap = v;
	struct process *pr = curp->p_p;

	if (SCARG(uap, pid) != 0 && (pr = prfind(SCARG(uap, pid))) == NULL)
		return ESRCH;
	if (pr->ps_session != curp->p_p->ps_session)
		return EPERM;
	*retval = pr->ps_pgid;
	return 0;
}

int
sys_getsid(struct proc *curp, void *v, register_t *retval)
{
	struct sys_getsid_args *uap = v;
	struct process *pr = curp->p_p;

	if (SCARG(uap, pid) != 0 && (pr = prfind(SCARG(uap, pid))) == NULL)
		return ESRCH;
	if (pr->ps_session != curp->p_p->ps_session)
		return EPERM;
	if (pr->ps_session->s_leader == NULL)
		return ESRCH;
	*retval = pr->ps_session->s_leader->ps_pid;
	return 0;
}

int
sys_getuid(struct proc *p, void *v, register_t *retval)
{
	*retval = p->p_ucred->cr_ruid;
	return 0;
}

int
sys_geteuid(struct proc *p, void *v, register_t *retval)
{
	*retval = p->p_ucred->cr_uid;
	return 0;
}

int
sys_getgid(struct proc *p, void *v, register_t *retval)
{
	*retval = p->p_ucred->cr_rgid;
	return 0;
}

int
sys_getegid(struct proc *p, void *v, register_t *retval)
{
	*retval = p->p_ucred->cr_gid;
	return 0;
}

int
sys_issetugid(struct proc *p, void *v, register_t *retval)
{
	*retval = (p->p_p->ps_flags & PS_SUGIDEXEC) != 0;
	return 0;
}

int
sys_getgroups(struct proc *p, void *v, register_t *retval)
{
	struct sys_getgroups_args *uap = v;
	struct ucred *uc = p->p_ucred;
	int error, ngrp = SCARG(uap, gidsetsize);

	if (ngrp == 0) {
		*retval = uc->cr_ngroups;
		return 0;
	}
	if (ngrp < uc->cr_ngroups)
		return EINVAL;
	error = copyout(uc->cr_groups, SCARG(uap, gidset),
	    uc->cr_ngroups * sizeof(gid_t));
	if (error == 0)
		*retval = uc->cr_ngroups;
	return error;
}

int
sys_setgroups(struct proc *p, void *v, register_t *retval)
{
	struct sys_setgroups_args *uap = v;
	int error, ngrp = SCARG(uap, gidsetsize);
	gid_t groups[NGROUPS_MAX];
	struct ucred *nc;

	error = suser(p);
	if (error != 0)
		return error;
	if (ngrp < 0 || ngrp > NGROUPS_MAX)
		return EINVAL;
	error = copyin(SCARG(uap, gidset), groups, ngrp * sizeof(gid_t));
	if (error != 0)
		return error;
	nc = cred_new(p);
	memcpy(nc->cr_groups, groups, ngrp * sizeof(gid_t));
	nc->cr_ngroups = ngrp;
	cred_set(p, nc);
	return 0;
}

/*
 * A new session, of which the caller is leader, without a terminal.
 */
int
sys_setsid(struct proc *p, void *v, register_t *retval)
{
	struct process *pr = p->p_p;
	struct session *newsess;
	struct pgrp *newpgrp;

	newsess = pool_get(&session_pool, PR_WAITOK);
	newpgrp = pool_get(&pgrp_pool, PR_WAITOK);
	if (pr->ps_pgid == pr->ps_pid || pgfind(pr->ps_pid) != NULL) {
		pool_put(&pgrp_pool, newpgrp);
		pool_put(&session_pool, newsess);
		return EPERM;
	}
	(void)enternewpgrp(pr, newpgrp, newsess);
	*retval = pr->ps_pid;
	return 0;
}

/*
 * Put a process, the caller or a child that has not executed yet, into a
 * group of the session.
 */
int
sys_setpgid(struct proc *curp, void *v, register_t *retval)
{
	struct sys_setpgid_args *uap = v;
	struct process *curpr = curp->p_p, *targpr;
	struct pgrp *pgrp, *newpgrp;
	pid_t pid = SCARG(uap, pid), pgid = SCARG(uap, pgid);
	int error = 0;

	if (pgid < 0)
		return EINVAL;
	newpgrp = pool_get(&pgrp_pool, PR_WAITOK);
	if (pid != 0 && pid != curpr->ps_pid) {
		targpr = prfind(pid);
		if (targpr == NULL || !inferior(targpr, curpr))
			error = ESRCH;
		else if (targpr->ps_session != curpr->ps_session)
			error = EPERM;
		else if (targpr->ps_flags & PS_EXEC)
			error = EACCES;
	} else
		targpr = curpr;
	if (error == 0 && SESS_LEADER(targpr))
		error = EPERM;
	if (error != 0) {
		pool_put(&pgrp_pool, newpgrp);
		return error;
	}
	if (pgid == 0)
		pgid = targpr->ps_pid;
	pgrp = pgfind(pgid);
	if (pgrp == NULL) {
		/* a new group must bear its first member's name */
		if (pgid != targpr->ps_pid) {
			pool_put(&pgrp_pool, newpgrp);
			return EPERM;
		}
		return enternewpgrp(targpr, newpgrp, NULL);
	}
	pool_put(&pgrp_pool, newpgrp);
	if (pgrp->pg_session != curpr->ps_session)
		return EPERM;
	if (pgrp != targpr->ps_pgrp)
		enterthispgrp(targpr, pgrp);
	return 0;
}

/* ---- credentials ---- */

struct ucred *
crget(void)
{
	struct ucred *cr;

	cr = pool_get(&ucred_pool, PR_WAITOK | PR_ZERO);
	cr->cr_ref = 1;
	return cr;
}

struct ucred *
crhold(struct ucred *cr)
{
	cr->cr_ref++;
	return cr;
}

void
crfree(struct ucred *cr)
{
	KASSERT(cr->cr_ref > 0);
	if (--cr->cr_ref == 0)
		pool_put(&ucred_pool, cr);
}

/*
 * The same credentials, for the caller alone; takes over its reference.
 */
struct ucred *
crcopy(struct ucred *cr)
{
	struct ucred *newcr;

	if (cr->cr_ref == 1)
		return cr;
	newcr = crdup(cr);
	crfree(cr);
	return newcr;
}

struct ucred *
crdup(struct ucred *cr)
{
	struct ucred *newcr = crget();

	*newcr = *cr;
	newcr->cr_ref = 1;
	return newcr;
}

int
groupmember(gid_t gid, struct ucred *cred)
{
	int i;

	if (cred->cr_gid == gid)
		return 1;
	for (i = 0; i < cred->cr_ngroups; i++)
		if (cred->cr_groups[i] == gid)
			return 1;
	return 0;
}

/*
 * 0 for the super-user, else EPERM.
 */
int
suser_ucred(struct ucred *cred)
{
	return cred->cr_uid == 0 ? 0 : EPERM;
}

int
suser(struct proc *p)
{
	return suser_ucred(p->p_ucred);
}

/*
 * The thread takes over credentials that its process got meanwhile.
 */
void
refreshcreds(struct proc *p)
{
	struct process *pr = p->p_p;
	struct ucred *old;

	if (p->p_ucred != pr->ps_ucred) {
		old = p->p_ucred;
		p->p_ucred = crhold(pr->ps_ucred);
		crfree(old);
	}
}

/*
 * A copy to be changed and installed by cred_set().
 */
struct ucred *
cred_new(struct proc *p)
{
	return crdup(p->p_p->ps_ucred);
}

/*
 * Install new credentials; a new real user takes over the process count.
 */
void
cred_set(struct proc *p, struct ucred *nc)
{
	struct process *pr = p->p_p;
	struct ucred *oc = pr->ps_ucred;

	if (oc->cr_ruid != nc->cr_ruid) {
		(void)chgproccnt(oc->cr_ruid, -1);
		(void)chgproccnt(nc->cr_ruid, 1);
	}
	pr->ps_ucred = nc;
	crfree(oc);
	refreshcreds(p);
	atomic_setbits_int(&pr->ps_flags, PS_SUGID);
}

int
sys_setuid(struct proc *p, void *v, register_t *retval)
{
	struct sys_setuid_args *uap = v;
	struct ucred *uc = p->p_ucred, *nc;
	uid_t uid = SCARG(uap, uid);
	int root = suser(p) == 0;

	if (uid != uc->cr_ruid && uid != uc->cr_svuid && uid != uc->cr_uid &&
	    !root)
		return EPERM;
	nc = cred_new(p);
	if (root || uid == uc->cr_uid) {
		nc->cr_ruid = uid;
		nc->cr_svuid = uid;
	}
	nc->cr_uid = uid;
	cred_set(p, nc);
	return 0;
}

int
sys_seteuid(struct proc *p, void *v, register_t *retval)
{
	struct sys_seteuid_args *uap = v;
	struct ucred *uc = p->p_ucred, *nc;
	uid_t euid = SCARG(uap, euid);

	if (euid != uc->cr_ruid && euid != uc->cr_svuid && suser(p) != 0)
		return EPERM;
	nc = cred_new(p);
	nc->cr_uid = euid;
	cred_set(p, nc);
	return 0;
}

int
sys_setgid(struct proc *p, void *v, register_t *retval)
{
	struct sys_setgid_args *uap = v;
	struct ucred *uc = p->p_ucred, *nc;
	gid_t gid = SCARG(uap, gid);
	int root = suser(p) == 0;

	if (gid != uc->cr_rgid && gid != uc->cr_svgid && gid != uc->cr_gid &&
	    !root)
		return EPERM;
	nc = cred_new(p);
	if (root || gid == uc->cr_gid) {
		nc->cr_rgid = gid;
		nc->cr_svgid = gid;
	}
	nc->cr_gid = gid;
	cred_set(p, nc);
	return 0;
}

int
sys_setegid(struct proc *p, void *v, register_t *retval)
{
	struct sys_setegid_args *uap = v;
	struct ucred *uc = p->p_ucred, *nc;
	gid_t egid = SCARG(uap, egid);

	if (egid != uc->cr_rgid && egid != uc->cr_svgid && suser(p) != 0)
		return EPERM;
	nc = cred_new(p);
	nc->cr_gid = egid;
	cred_set(p, nc);
	return 0;
}

/* ---- thread control block ---- */

int
sys___set_tcb(struct proc *p, void *v, register_t *retval)
{
	struct sys___set_tcb_args *uap = v;

	if ((vaddr_t)SCARG(uap, tcb) >= VM_MAXUSER_ADDRESS)
		return EINVAL;
	p->p_addr->u_pcb.pcb_fsbase = (u_int64_t)SCARG(uap, tcb);
	reset_segs();
	return 0;
}

int
sys___get_tcb(struct proc *p, void *v, register_t *retval)
{
	*retval = p->p_addr->u_pcb.pcb_fsbase;
	return 0;
}
