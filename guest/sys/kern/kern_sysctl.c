/* SPDX-License-Identifier: ISC */
/*
 * sysctl(2): limits, counters and the list of processes.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/pledge.h>
#include <sys/kernel.h>
#include <sys/malloc.h>
#include <sys/proc.h>
#include <sys/ptrace.h>
#include <sys/signalvar.h>
#include <sys/syscallargs.h>
#include <sys/sysctl.h>
#include <sys/tty.h>
#include <machine/pmap.h>
#include <ddb/db_var.h>
#include <uvm/uvm_extern.h>

#define OPENBSD_REV	201910		/* KERN_OSREV: year and month */
#define SYSCTL_SLACK	5		/* processes more, for a size query */

int
sys_sysctl(struct proc *p, void *v, register_t *retval)
{
	struct sys_sysctl_args *uap = v;
	int name[CTL_MAXNAME], error;
	size_t oldlen = 0;
	sysctlfn *fn;

	if (SCARG(uap, namelen) > CTL_MAXNAME || SCARG(uap, namelen) < 2)
		return EINVAL;
	error = copyin(SCARG(uap, name), name,
	    SCARG(uap, namelen) * sizeof(int));
	if (error != 0)
		return error;
	error = pledge_sysctl(p, SCARG(uap, namelen), name, SCARG(uap, new));
	if (error != 0)
		return error;
	if (SCARG(uap, new) != NULL && (error = suser(p)) != 0)
		return error;
	if (SCARG(uap, oldlenp) != NULL && (error = copyin(SCARG(uap, oldlenp),
	    &oldlen, sizeof(oldlen))) != 0)
		return error;

	switch (name[0]) {
	case CTL_KERN:
		fn = kern_sysctl;
		break;
	case CTL_HW:
		fn = hw_sysctl;
		break;
	case CTL_VM:
		fn = uvm_sysctl;
		break;
	case CTL_DDB:
		fn = ddb_sysctl;
		break;
	default:
		return ENOTSUP;
	}
	error = (*fn)(name + 1, SCARG(uap, namelen) - 1, SCARG(uap, old),
	    &oldlen, SCARG(uap, new), SCARG(uap, newlen), p);
	if (error != 0)
		return error;
	if (SCARG(uap, oldlenp) != NULL)
		error = copyout(&oldlen, SCARG(uap, oldlenp), sizeof(oldlen));
	return error;
}

/*
 * Helpers: old is the user's buffer or NULL, *oldlenp its size and then
 * the size of the value.
 */
int
sysctl_rdstruct(void *oldp, size_t *oldlenp, void *newp, const void *sp,
    size_t len)
{
	int error = 0;

	if (newp != NULL)
		return EPERM;
	if (oldp != NULL) {
		if (*oldlenp < len)
			return ENOMEM;
		error = copyout(sp, oldp, len);
	}
	*oldlenp = len;
	return error;
}

int
sysctl_rdint(void *oldp, size_t *oldlenp, void *newp, int val)
{
	return sysctl_rdstruct(oldp, oldlenp, newp, &val, sizeof(val));
}

int
sysctl_rdquad(void *oldp, size_t *oldlenp, void *newp, int64_t val)
{
	return sysctl_rdstruct(oldp, oldlenp, newp, &val, sizeof(val));
}

int
sysctl_int(void *oldp, size_t *oldlenp, void *newp, size_t newlen, int *valp)
{
	int error;

	if (newp != NULL && newlen != sizeof(int))
		return EINVAL;
	error = sysctl_rdstruct(oldp, oldlenp, NULL, valp, sizeof(int));
	if (error == 0 && newp != NULL)
		error = copyin(newp, valp, sizeof(int));
	return error;
}

int
sysctl_rdstring(void *oldp, size_t *oldlenp, void *newp, const char *str)
{
	return sysctl_rdstruct(oldp, oldlenp, newp, str, strlen(str) + 1);
}

int
sysctl_string(void *oldp, size_t *oldlenp, void *newp, size_t newlen,
    char *str, size_t maxlen)
{
	int error;

	if (newp != NULL && newlen >= maxlen)
		return EINVAL;
	error = sysctl_rdstring(oldp, oldlenp, NULL, str);
	if (error == 0 && newp != NULL) {
		error = copyin(newp, str, newlen);
		str[newlen] = '\0';
	}
	return error;
}

int
kern_sysctl(int *name, u_int namelen, void *oldp, size_t *oldlenp, void *newp,
    size_t newlen, struct proc *p)
{
	struct timespec ts;
	struct timeval tv;
	int error, val;

	if (name[0] == KERN_PROC)
		return newp != NULL ? EPERM :
		    sysctl_doproc(name + 1, namelen - 1, oldp, oldlenp);
	if (namelen != 1)
		return ENOTDIR;

	switch (name[0]) {
	case KERN_OSTYPE:
		return sysctl_rdstring(oldp, oldlenp, newp, ostype);
	case KERN_OSRELEASE:
		return sysctl_rdstring(oldp, oldlenp, newp, osrelease);
	case KERN_OSREV:
		return sysctl_rdint(oldp, oldlenp, newp, OPENBSD_REV);
	case KERN_OSVERSION:
		return sysctl_rdstring(oldp, oldlenp, newp, osversion);
	case KERN_VERSION:
		return sysctl_rdstring(oldp, oldlenp, newp, version);
	case KERN_MAXPROC:
	case KERN_MAXTHREAD:
		val = name[0] == KERN_MAXPROC ? maxprocess : maxthread;
		error = sysctl_int(oldp, oldlenp, newp, newlen, &val);
		if (error == 0 && newp != NULL) {
			/* what exists cannot be forbidden */
			if (val < (name[0] == KERN_MAXPROC ? nprocesses :
			    nthreads))
				return EINVAL;
			*(name[0] == KERN_MAXPROC ? &maxprocess :
			    &maxthread) = val;
		}
		return error;
	case KERN_NPROCS:
		return sysctl_rdint(oldp, oldlenp, newp, nprocesses);
	case KERN_NTHREADS:
		return sysctl_rdint(oldp, oldlenp, newp, nthreads);
	case KERN_ARGMAX:
		return sysctl_rdint(oldp, oldlenp, newp, ARG_MAX);
	case KERN_HOSTNAME:
		error = sysctl_string(oldp, oldlenp, newp, newlen, hostname,
		    sizeof(hostname));
		hostnamelen = strlen(hostname);
		return error;
	case KERN_BOOTTIME:
		nanoboottime(&ts);
		TIMESPEC_TO_TIMEVAL(&tv, &ts);
		return sysctl_rdstruct(oldp, oldlenp, newp, &tv, sizeof(tv));
	case KERN_CPTIME:
		return sysctl_rdstruct(oldp, oldlenp, newp,
		    curcpu()->ci_schedstate.spc_cp_time,
		    sizeof(curcpu()->ci_schedstate.spc_cp_time));
	case KERN_GLOBAL_PTRACE:
		return sysctl_int(oldp, oldlenp, newp, newlen, &global_ptrace);
	case KERN_FORKSTAT:
		return sysctl_rdstruct(oldp, oldlenp, newp, &forkstat,
		    sizeof(forkstat));
	default:
		return ENOTSUP;
	}
}

int
hw_sysctl(int *name, u_int namelen, void *oldp, size_t *oldlenp, void *newp,
    size_t newlen, struct proc *p)
{
	if (namelen != 1)
		return ENOTDIR;
	switch (name[0]) {
	case HW_MACHINE:
	case HW_MODEL:
		return sysctl_rdstring(oldp, oldlenp, newp, MACHINE);
	case HW_NCPU:
		return sysctl_rdint(oldp, oldlenp, newp, ncpus);
	case HW_PAGESIZE:
		return sysctl_rdint(oldp, oldlenp, newp, PAGE_SIZE);
	case HW_PHYSMEM64:
		return sysctl_rdquad(oldp, oldlenp, newp,
		    ptoa((int64_t)physmem));
	case HW_USERMEM64:
		return sysctl_rdquad(oldp, oldlenp, newp,
		    ptoa((int64_t)physmem - uvmexp.wired));
	default:
		return ENOTSUP;
	}
}

/*
 * The list of processes: name = { op, arg, element size, element count }.
 * Without a buffer the answer is how large one should be; ENOMEM if not all
 * find room in it.
 */
int
sysctl_doproc(int *name, u_int namelen, char *where, size_t *sizep)
{
	struct kinfo_proc *kp;
	struct processlist *lists[2] = { &allprocess, &zombprocess };
	struct process *pr;
	size_t elemsize, used = 0, buflen = where != NULL ? *sizep : 0;
	int op, arg, elemcount, doingzomb, error = 0, match;

	if (namelen != 4 || name[2] < 0 || name[3] < 0)
		return EINVAL;
	op = name[0];
	arg = name[1];
	elemsize = name[2];
	elemcount = name[3];
	if (elemsize > sizeof(*kp))
		return EINVAL;

	kp = malloc(sizeof(*kp), M_TEMP, M_WAITOK);
	for (doingzomb = 0; doingzomb < 2 && error == 0; doingzomb++) {
		LIST_FOREACH(pr, lists[doingzomb], ps_list) {
			if (pr->ps_pgrp == NULL || (pr->ps_flags & PS_EMBRYO))
				continue;
			switch (op) {
			case KERN_PROC_ALL:
				match = (pr->ps_flags & PS_SYSTEM) == 0;
				break;
			case KERN_PROC_KTHREAD:
				match = 1;
				break;
			case KERN_PROC_PID:
				match = pr->ps_pid == arg;
				break;
			case KERN_PROC_PGRP:
				match = pr->ps_pgid == arg;
				break;
			case KERN_PROC_UID:
				match = pr->ps_ucred->cr_uid == (uid_t)arg;
				break;
			case KERN_PROC_RUID:
				match = pr->ps_ucred->cr_ruid == (uid_t)arg;
				break;
			default:
				error = EINVAL;
				match = 0;
			}
			if (error != 0)
				break;
			if (!match)
				continue;
			if (where != NULL) {
				if (buflen < used + elemsize ||
				    elemcount-- == 0) {
					error = ENOMEM;
					break;
				}
				fill_kproc(pr, kp);
				error = copyout(kp, where + used, elemsize);
				if (error != 0)
					break;
			}
			used += elemsize;
		}
	}
	free(kp, M_TEMP, sizeof(*kp));
	if (where == NULL)
		used += SYSCTL_SLACK * elemsize;
	*sizep = used;
	return error;
}

void
fill_kproc(struct process *pr, struct kinfo_proc *kp)
{
	struct proc *p = pr->ps_mainproc;
	struct session *s = pr->ps_session;
	struct vmspace *vm = pr->ps_vmspace;
	struct timeval tv;

	memset(kp, 0, sizeof(*kp));
	kp->p_pid = pr->ps_pid;
	kp->p_ppid = pr->ps_pptr != NULL ? pr->ps_pptr->ps_pid : 0;
	kp->p__pgid = pr->ps_pgid;
	kp->p_sid = s->s_leader != NULL ? s->s_leader->ps_pid : 0;
	kp->p_uid = pr->ps_ucred->cr_uid;
	kp->p_ruid = pr->ps_ucred->cr_ruid;
	kp->p_gid = pr->ps_ucred->cr_gid;
	kp->p_rgid = pr->ps_ucred->cr_rgid;
	kp->p_flag = p->p_flag;
	kp->p_psflags = pr->ps_flags;
	kp->p_tid = p->p_tid + THREAD_PID_OFFSET;
	kp->p_estcpu = p->p_estcpu;
	kp->p_siglist = p->p_siglist | pr->ps_siglist;
	kp->p_sigmask = p->p_sigmask;
	kp->p_xstat = p->p_xstat;
	kp->p_acflag = pr->ps_acflag;
	kp->p_stat = p->p_stat;
	kp->p_priority = p->p_priority;
	kp->p_usrpri = p->p_usrpri;
	kp->p_nice = pr->ps_nice;
	strlcpy(kp->p_comm, pr->ps_comm, sizeof(kp->p_comm));
	strlcpy(kp->p_login, s->s_login, sizeof(kp->p_login));
	kp->p_tdev = NODEV;
	kp->p_tpgid = -1;
	if ((pr->ps_flags & PS_CONTROLT) && s->s_ttyp != NULL) {
		kp->p_tdev = s->s_ttyp->t_dev;
		if (s->s_ttyp->t_pgrp != NULL)
			kp->p_tpgid = s->s_ttyp->t_pgrp->pg_id;
	}
	if (pr->ps_flags & (PS_EXITING | PS_ZOMBIE))
		return;
	if (p->p_wchan != NULL && p->p_wmesg != NULL)
		strlcpy(kp->p_wmesg, p->p_wmesg, sizeof(kp->p_wmesg));
	kp->p_uvalid = 1;
	TIMESPEC_TO_TIMEVAL(&tv, &pr->ps_start);
	kp->p_ustart_sec = tv.tv_sec;
	kp->p_ustart_usec = tv.tv_usec;
	TIMESPEC_TO_TIMEVAL(&tv, &p->p_rtime);
	kp->p_rtime_sec = tv.tv_sec;
	kp->p_rtime_usec = tv.tv_usec;
	if (vm != NULL && (pr->ps_flags & PS_SYSTEM) == 0) {
		kp->p_vm_rssize = pmap_resident_count(vm->vm_map.pmap);
		kp->p_vm_tsize = vm->vm_tsize;
		kp->p_vm_dsize = vm->vm_dused;
		kp->p_vm_ssize = vm->vm_ssize;
	}
}
