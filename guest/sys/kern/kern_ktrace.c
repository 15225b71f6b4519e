/* SPDX-License-Identifier: ISC */
/*
 * ktrace(2): what a process asks the kernel, and what it gets, in a file.
 * kdump(1) prints it.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/pledge.h>
#include <sys/fcntl.h>
#include <sys/ktrace.h>
#include <sys/malloc.h>
#include <sys/namei.h>
#include <sys/proc.h>
#include <sys/syscallargs.h>
#include <sys/vnode.h>

int	doktrace(struct vnode *, int, int, pid_t, struct proc *);
int	ktrops(struct proc *, struct process *, int, int, struct vnode *,
	    struct ucred *);
int	ktrsetchildren(struct proc *, struct process *, int, int,
	    struct vnode *, struct ucred *);
int	ktrcanset(struct proc *, struct process *);
void	ktrinitheader(struct ktr_header *, struct proc *, int);
int	ktrstart(struct proc *, struct vnode *, struct ucred *);
int	ktrwrite(struct proc *, struct ktr_header *, const void *, size_t,
	    const void *, size_t);
int	ktrwriteraw(struct proc *, struct vnode *, struct ucred *,
	    struct ktr_header *, struct iovec *);

#define KTR_PIECES	3		/* header, fixed part, variable part */

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

void
ktrinitheader(struct ktr_header *kth, struct proc *p, int type)
{
	memset(kth, 0, sizeof(*kth));
	kth->ktr_type = type;
	nanotime(&kth->ktr_time);
	kth->ktr_pid = p->p_p->ps_pid;
	kth->ktr_tid = p->p_tid + THREAD_PID_OFFSET;
	memcpy(kth->ktr_comm, p->p_p->ps_comm, sizeof(kth->ktr_comm));
}

/*
 * The record that a trace begins with.
 */
int
ktrstart(struct proc *p, struct vnode *vp, struct ucred *cred)
{
	struct ktr_header kth;
	struct iovec none[KTR_PIECES - 1];

	memset(none, 0, sizeof(none));
	ktrinitheader(&kth, p, KTR_START);
	return ktrwriteraw(p, vp, cred, &kth, none);
}

void
ktrsyscall(struct proc *p, register_t code, size_t argsize, register_t *args)
{
	struct ktr_header kth;
	struct ktr_syscall ktp;

	atomic_setbits_int((u_int *)&p->p_flag, P_INKTR);
	ktrinitheader(&kth, p, KTR_SYSCALL);
	ktp.ktr_code = code;
	ktp.ktr_argsize = argsize;
	ktrwrite(p, &kth, &ktp, sizeof(ktp), args, argsize);
	atomic_clearbits_int((u_int *)&p->p_flag, P_INKTR);
}

void
ktrsysret(struct proc *p, register_t code, int error,
    const register_t retval[2])
{
	struct ktr_header kth;
	struct ktr_sysret ktp;

	atomic_setbits_int((u_int *)&p->p_flag, P_INKTR);
	ktrinitheader(&kth, p, KTR_SYSRET);
	ktp.ktr_code = code;
	ktp.ktr_error = error;
	ktrwrite(p, &kth, &ktp, sizeof(ktp), retval,
	    error == 0 ? 2 * sizeof(register_t) : 0);
	atomic_clearbits_int((u_int *)&p->p_flag, P_INKTR);
}

void
ktrnamei(struct proc *p, const char *path)
{
	struct ktr_header kth;

	atomic_setbits_int((u_int *)&p->p_flag, P_INKTR);
	ktrinitheader(&kth, p, KTR_NAMEI);
	ktrwrite(p, &kth, path, strlen(path), NULL, 0);
	atomic_clearbits_int((u_int *)&p->p_flag, P_INKTR);
}

/*
 * The first len bytes that the user's iovecs describe: what a transfer has
 * moved.  No piece is longer than a page.
 */
void
ktrgenio(struct proc *p, int fd, enum uio_rw rw, struct iovec *iov,
    ssize_t len)
{
	struct ktr_header kth;
	struct ktr_genio ktp;
	caddr_t cp;
	size_t count, done = 0;

	if (len <= 0)
		return;
	atomic_setbits_int((u_int *)&p->p_flag, P_INKTR);
	ktp.ktr_fd = fd;
	ktp.ktr_rw = rw == UIO_READ ? KTR_GENIO_READ : KTR_GENIO_WRITE;
	cp = malloc(PAGE_SIZE, M_TEMP, M_WAITOK);
	while (len > 0) {
		count = iov->iov_len - done;
		if (count == 0) {
			iov++;
			done = 0;
			continue;
		}
		if (count > PAGE_SIZE)
			count = PAGE_SIZE;
		if (count > (size_t)len)
			count = len;
		if (copyin((caddr_t)iov->iov_base + done, cp, count) != 0)
			break;
		ktrinitheader(&kth, p, KTR_GENIO);
		if (ktrwrite(p, &kth, &ktp, sizeof(ktp), cp, count) != 0)
			break;
		done += count;
		len -= count;
	}
	free(cp, M_TEMP, PAGE_SIZE);
	atomic_clearbits_int((u_int *)&p->p_flag, P_INKTR);
}

void
ktrpsig(struct proc *p, int sig, sig_t action, int mask, int code,
    const siginfo_t *si)
{
	struct ktr_header kth;
	struct ktr_psig kp;

	atomic_setbits_int((u_int *)&p->p_flag, P_INKTR);
	ktrinitheader(&kth, p, KTR_PSIG);
	memset(&kp, 0, sizeof(kp));
	kp.signo = sig;
	kp.action = action;
	kp.mask = mask;
	kp.code = code;
	kp.si = *si;
	ktrwrite(p, &kth, &kp, sizeof(kp), NULL, 0);
	atomic_clearbits_int((u_int *)&p->p_flag, P_INKTR);
}

void
ktrstruct(struct proc *p, const char *name, const void *data, size_t datalen)
{
	struct ktr_header kth;

	atomic_setbits_int((u_int *)&p->p_flag, P_INKTR);
	ktrinitheader(&kth, p, KTR_STRUCT);
	ktrwrite(p, &kth, name, strlen(name) + 1, data, datalen);
	atomic_clearbits_int((u_int *)&p->p_flag, P_INKTR);
}

/*
 * KTR_EXECARGS or KTR_EXECENV.
 */
void
ktrexec(struct proc *p, int type, const char *data, size_t len)
{
	struct ktr_header kth;

	atomic_setbits_int((u_int *)&p->p_flag, P_INKTR);
	ktrinitheader(&kth, p, type);
	ktrwrite(p, &kth, data, len, NULL, 0);
	atomic_clearbits_int((u_int *)&p->p_flag, P_INKTR);
}

void
ktrpledge(struct proc *p, int error, uint64_t code, int syscall)
{
	struct ktr_header kth;
	struct ktr_pledge kp;

	atomic_setbits_int((u_int *)&p->p_flag, P_INKTR);
	ktrinitheader(&kth, p, KTR_PLEDGE);
	kp.error = error;
	kp.code = code;
	kp.syscall = syscall;
	ktrwrite(p, &kth, &kp, sizeof(kp), NULL, 0);
	atomic_clearbits_int((u_int *)&p->p_flag, P_INKTR);
}

/*
 * A record of the process's own.  EINVAL if it is too long.
 */
int
ktruser(struct proc *p, const char *id, const void *addr, size_t len)
{
	struct ktr_header kth;
	struct ktr_user ktp;
	void *memp = NULL;
	int error;

	if (len > KTR_USER_MAXLEN)
		return EINVAL;
	atomic_setbits_int((u_int *)&p->p_flag, P_INKTR);
	ktrinitheader(&kth, p, KTR_USER);
	memset(&ktp, 0, sizeof(ktp));
	error = copyinstr(id, ktp.ktr_id, KTR_USER_MAXIDLEN, NULL);
	if (error == 0 && len > 0) {
		memp = malloc(len, M_TEMP, M_WAITOK);
		error = copyin(addr, memp, len);
	}
	if (error == 0)
		ktrwrite(p, &kth, &ktp, sizeof(ktp), memp, len);
	if (memp != NULL)
		free(memp, M_TEMP, len);
	atomic_clearbits_int((u_int *)&p->p_flag, P_INKTR);
	return error;
}

int
sys_utrace(struct proc *curp, void *v, register_t *retval)
{
	struct sys_utrace_args *uap = v;

	if (!KTRPOINT(curp, KTR_USER))
		return 0;
	return ktruser(curp, SCARG(uap, label), SCARG(uap, addr),
	    SCARG(uap, len));
}

/*
 * Begin or end the tracing of a process, a group or a whole file.  The file
 * must be there already.
 */
int
sys_ktrace(struct proc *p, void *v, register_t *retval)
{
	struct sys_ktrace_args *uap = v;
	int ops = SCARG(uap, ops), facs = SCARG(uap, facs);
	struct vnode *vp = NULL;
	struct nameidata nd;
	int error;

	if (SCARG(uap, fname) != NULL) {
		NDINIT(&nd, LOOKUP, NOFOLLOW, UIO_USERSPACE,
		    SCARG(uap, fname), p);
		nd.ni_pledge = PLEDGE_CPATH | PLEDGE_WPATH;
		error = vn_open(&nd, FREAD | FWRITE | O_NOFOLLOW, 0);
		if (error != 0)
			return error;
		vp = nd.ni_vp;
		if (vp->v_type != VREG) {
			(void)vn_close(vp, FREAD | FWRITE, p->p_ucred, p);
			return EACCES;
		}
	}
	error = doktrace(vp, ops, facs, SCARG(uap, pid), p);
	if (vp != NULL)
		(void)vn_close(vp, FREAD | FWRITE, p->p_ucred, p);
	return error;
}

int
doktrace(struct vnode *vp, int ops, int facs, pid_t pid, struct proc *p)
{
	struct process *pr;
	struct ucred *cred = p->p_ucred;
	struct pgrp *pg;
	int descend = ops & KTRFLAG_DESCEND;
	int ret = 0, error = 0;

	facs &= KTRFAC_MASK | KTRFAC_INHERIT;
	ops = KTROP(ops);
	if (ops != KTROP_CLEAR && vp == NULL)
		return EINVAL;

	if (ops == KTROP_CLEARFILE) {
		LIST_FOREACH(pr, &allprocess, ps_list) {
			if (pr->ps_tracevp != vp)
				continue;
			if (ktrcanset(p, pr))
				ktrcleartrace(pr);
			else
				error = EPERM;
		}
		return error;
	}

	/* something must be asked for */
	if (facs == 0 || ops > KTROP_CLEARFILE)
		return EINVAL;
	if (ops == KTROP_SET) {
		if (suser(p) == 0)
			facs |= KTRFAC_ROOT;
		error = ktrstart(p, vp, cred);
		if (error != 0)
			return error;
	}
	if (pid < 0) {
		pg = pgfind(-pid);
		if (pg == NULL)
			return ESRCH;
		LIST_FOREACH(pr, &pg->pg_members, ps_pglist) {
			if (descend)
				ret |= ktrsetchildren(p, pr, ops, facs, vp,
				    cred);
			else
				ret |= ktrops(p, pr, ops, facs, vp, cred);
		}
	} else {
		pr = prfind(pid);
		if (pr == NULL)
			return ESRCH;
		if (descend)
			ret |= ktrsetchildren(p, pr, ops, facs, vp, cred);
		else
			ret |= ktrops(p, pr, ops, facs, vp, cred);
	}
	return ret ? 0 : EPERM;
}

/*
 * One process; returns 0 if the caller has no right to it.
 */
int
ktrops(struct proc *curp, struct process *pr, int ops, int facs,
    struct vnode *vp, struct ucred *cred)
{
	if (!ktrcanset(curp, pr))
		return 0;
	if (ops == KTROP_SET)
		ktrsettrace(pr, facs, vp, cred);
	else {
		pr->ps_traceflag &= ~facs;
		if ((pr->ps_traceflag & KTRFAC_MASK) == 0)
			ktrcleartrace(pr);
	}
	return 1;
}

/*
 * A process and all its descendants, without recursion: down to the first
 * child, else on to the next sibling of it or of an ancestor.
 */
int
ktrsetchildren(struct proc *curp, struct process *top, int ops, int facs,
    struct vnode *vp, struct ucred *cred)
{
	struct process *pr = top;
	int ret = 0;

	for (;;) {
		ret |= ktrops(curp, pr, ops, facs, vp, cred);
		if (!LIST_EMPTY(&pr->ps_children)) {
			pr = LIST_FIRST(&pr->ps_children);
			continue;
		}
		for (;;) {
			if (pr == top)
				return ret;
			if (LIST_NEXT(pr, ps_sibling) != NULL) {
				pr = LIST_NEXT(pr, ps_sibling);
				break;
			}
			pr = pr->ps_pptr;
		}
	}
}

/*
 * May the caller change how the process is traced?  Root may, others only
 * with their own processes, which changed no ids and which root does not
 * trace.
 */
int
ktrcanset(struct proc *callp, struct process *targetpr)
{
	struct ucred *caller = callp->p_ucred;
	struct ucred *target = targetpr->ps_ucred;

	return (caller->cr_uid == target->cr_ruid &&
	    target->cr_ruid == target->cr_svuid &&
	    caller->cr_rgid == target->cr_rgid &&
	    target->cr_rgid == target->cr_svgid &&
	    ((u_int)targetpr->ps_traceflag & KTRFAC_ROOT) == 0 &&
	    (targetpr->ps_flags & PS_SUGID) == 0) || caller->cr_uid == 0;
}

/*
 * Write a record of up to two parts behind its header to the process's
 * trace.
 */
int
ktrwrite(struct proc *p, struct ktr_header *kth, const void *fixed,
    size_t fixedlen, const void *rest, size_t restlen)
{
	struct vnode *vp = p->p_p->ps_tracevp;
	struct ucred *cred = p->p_p->ps_tracecred;
	struct iovec data[KTR_PIECES - 1];
	int error;

	if (vp == NULL)
		return 0;
	kth->ktr_len = fixedlen + restlen;
	data[0].iov_base = (void *)fixed;
	data[0].iov_len = fixedlen;
	data[1].iov_base = (void *)rest;
	data[1].iov_len = restlen;
	crhold(cred);
	vref(vp);
	error = ktrwriteraw(p, vp, cred, kth, data);
	vrele(vp);
	crfree(cred);
	return error;
}

/*
 * Append to the file.  When that fails, nobody is traced into it any more.
 */
int
ktrwriteraw(struct proc *curp, struct vnode *vp, struct ucred *cred,
    struct ktr_header *kth, struct iovec *data)
{
	struct iovec aiov[KTR_PIECES];
	struct process *pr;
	struct uio auio;
	int error;

	aiov[0].iov_base = kth;
	aiov[0].iov_len = sizeof(*kth);
	memcpy(&aiov[1], data, (KTR_PIECES - 1) * sizeof(*data));
	auio.uio_iov = aiov;
	auio.uio_iovcnt = KTR_PIECES;
	auio.uio_offset = 0;
	auio.uio_resid = sizeof(*kth) + kth->ktr_len;
	auio.uio_segflg = UIO_SYSSPACE;
	auio.uio_rw = UIO_WRITE;
	auio.uio_procp = curp;

	vn_lock(vp);
	error = VOP_WRITE(vp, &auio, IO_UNIT | IO_APPEND, cred);
	vn_unlock(vp);
	if (error == 0)
		return 0;
	log(LOG_NOTICE, "ktrace write failed, errno %d, tracing stopped\n",
	    error);
	LIST_FOREACH(pr, &allprocess, ps_list)
		if (pr->ps_tracevp == vp)
			ktrcleartrace(pr);
	return error;
}
