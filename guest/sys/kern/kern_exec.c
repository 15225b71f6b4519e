/* SPDX-License-Identifier: ISC */
/*
 * execve(2): a new image for the process.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/acct.h>
#include <sys/exec.h>
#include <sys/fcntl.h>
#include <sys/filedesc.h>
#include <sys/ktrace.h>
#include <sys/malloc.h>
#include <sys/mount.h>
#include <sys/namei.h>
#include <sys/pledge.h>
#include <sys/proc.h>
#include <sys/resourcevar.h>
#include <sys/signalvar.h>
#include <sys/stat.h>
#include <sys/syscallargs.h>
#include <sys/uio.h>
#include <sys/vnode.h>
#include <sys/wait.h>
#include <machine/cpu.h>
#include <uvm/uvm_extern.h>

/* The arguments of an execve, collected in kernel memory. */
struct exec_args {
	char	*ea_buf;		/* NCARGS bytes: argv, then envp */
	size_t	ea_len;			/* bytes in use */
	long	ea_argc;		/* strings of argv */
	long	ea_envc;		/* strings of envp */
};

int	exec_copyin_strings(struct exec_args *, char *const *, long *);
int	exec_new_stack(struct proc *, struct exec_package *,
	    struct exec_args *, vaddr_t, u_long);
u_long	exec_stack_need(struct exec_package *, struct exec_args *);
int	exec_check_file(struct proc *, struct exec_package *, struct vattr *);
void	exec_set_ids(struct proc *, struct vattr *, int);
void	exec_new_memory(struct proc *, struct exec_package *);

/*
 * Look the file up and find out what it is.  On success ep_vp is open and
 * the vmcmds say how to build the image; on failure nothing is left.
 */
int
check_exec(struct proc *p, struct exec_package *epp)
{
	struct nameidata *ndp = epp->ep_ndp;
	struct vattr va;
	struct vnode *vp;
	size_t resid;
	int error, i;

	error = namei(ndp);
	if (error != 0)
		return error;
	epp->ep_vp = vp = ndp->ni_vp;
	error = exec_check_file(p, epp, &va);
	if (error != 0) {
		vrele(vp);
		ndfreename(ndp);
		return error;
	}
	error = VOP_OPEN(vp, FREAD, p->p_ucred, p);
	if (error != 0) {
		vrele(vp);
		ndfreename(ndp);
		return error;
	}
	error = vn_rdwr(UIO_READ, vp, epp->ep_hdr, epp->ep_hdrlen, 0,
	    UIO_SYSSPACE, 0, p->p_ucred, &resid, p);
	if (error != 0)
		goto bad;
	epp->ep_hdrvalid = epp->ep_hdrlen - resid;

	error = ENOEXEC;
	for (i = 0; i < nexecs && error == ENOEXEC && epp->ep_vp != NULL;
	    i++) {
		epp->ep_emul = execsw[i].es_emul;
		error = (*execsw[i].es_check)(p, epp);
	}
	if (error != 0 && epp->ep_vp == NULL)
		return error;		/* a script's interpreter failed */
	if (error != 0)
		goto bad;
	if (epp->ep_vp != vp)
		return 0;		/* it was checked as itself */
	if (epp->ep_entry >= VM_MAXUSER_ADDRESS)
		error = ENOEXEC;
	else if (epp->ep_tsize > MAXTSIZ ||
	    epp->ep_dsize > lim_cur(RLIMIT_DATA))
		error = ENOMEM;
	if (error == 0)
		return 0;
bad:
	kill_vmcmds(&epp->ep_vmcmds);
	vn_close(vp, FREAD, p->p_ucred, p);
	ndfreename(ndp);
	return error;
}

/*
 * May this file be executed at all?
 */
int
exec_check_file(struct proc *p, struct exec_package *epp, struct vattr *va)
{
	struct vnode *vp = epp->ep_vp;
	int error;

	if (vp->v_type != VREG)
		return EACCES;
	error = VOP_GETATTR(vp, va, p->p_ucred, p);
	if (error != 0)
		return error;
	if (vp->v_mount != NULL && (vp->v_mount->mnt_flag & MNT_NOEXEC))
		return EACCES;
	/* promises bind, so nobody may get more rights under them */
	if ((va->va_mode & (S_ISUID | S_ISGID)) &&
	    (p->p_p->ps_flags & PS_EXECPLEDGE))
		return EACCES;
	/* root may look, but somebody must have said that it is a program */
	if ((va->va_mode & (VEXEC | (VEXEC >> 3) | (VEXEC >> 6))) == 0)
		return EACCES;
	return VOP_ACCESS(vp, VEXEC, p->p_ucred, p);
}

/*
 * Append the strings of a NULL-terminated user array.
 */
int
exec_copyin_strings(struct exec_args *ea, char *const *array, long *count)
{
	char *sp;
	size_t len;
	int error;

	for (;; array++) {
		error = copyin(array, &sp, sizeof(sp));
		if (error != 0)
			return error;
		if (sp == NULL)
			return 0;
		error = copyinstr(sp, ea->ea_buf + ea->ea_len,
		    NCARGS - ea->ea_len, &len);
		if (error != 0)
			return error == ENAMETOOLONG ? E2BIG : error;
		ea->ea_len += len;
		(*count)++;
	}
}

/*
 * Bytes that argc, the pointers and the strings take on the stack.
 */
u_long
exec_stack_need(struct exec_package *epp, struct exec_args *ea)
{
	u_long len;

	len = (1 + ea->ea_argc + 1 + ea->ea_envc + 1 +
	    epp->ep_emul->e_arglen) * sizeof(char *) + ea->ea_len;
	return STACKALIGN(len + STACKALIGNBYTES);
}

/*
 * Lay out the new stack: ps_strings on top, below it what copyargs makes.
 */
int
exec_new_stack(struct proc *p, struct exec_package *epp,
    struct exec_args *ea, vaddr_t stack, u_long psaddr)
{
	struct ps_strings arginfo;

	arginfo.ps_nargvstr = ea->ea_argc;
	arginfo.ps_nenvstr = ea->ea_envc;
	if ((*epp->ep_emul->e_copyargs)(epp, &arginfo, (void *)stack,
	    ea->ea_buf) == NULL)
		return EFAULT;
	return copyout(&arginfo, (void *)psaddr, sizeof(arginfo));
}

/*
 * argc, argv pointers, NULL, envp pointers, NULL, room for the auxiliary
 * vector, strings.  Returns the end
 * of the strings, NULL if the stack cannot be written.
 */
void *
copyargs(struct exec_package *pack, void *arginfo, void *stack, void *argp)
{
	struct ps_strings *ai = arginfo;
	char **cpp = stack;
	char *dp, *sp = argp;
	long argc = ai->ps_nargvstr, envc = ai->ps_nenvstr;
	char *null = NULL;
	size_t len;

	if (copyout(&argc, cpp++, sizeof(argc)))
		return NULL;
	dp = (char *)(cpp + argc + 1 + envc + 1 + pack->ep_emul->e_arglen);
	ai->ps_argvstr = cpp;
	while (--argc >= 0) {
		if (copyout(&dp, cpp++, sizeof(dp)) ||
		    copyoutstr(sp, dp, ARG_MAX, &len))
			return NULL;
		sp += len;
		dp += len;
	}
	if (copyout(&null, cpp++, sizeof(null)))
		return NULL;
	ai->ps_envstr = cpp;
	while (--envc >= 0) {
		if (copyout(&dp, cpp++, sizeof(dp)) ||
		    copyoutstr(sp, dp, ARG_MAX, &len))
			return NULL;
		sp += len;
		dp += len;
	}
	if (copyout(&null, cpp++, sizeof(null)))
		return NULL;
	/* the auxiliary vector is made by e_fixup */
	pack->ep_auxinfo = cpp;
	return dp;
}

/*
 * The old image goes, the sizes of the new one come.
 */
void
exec_new_memory(struct proc *p, struct exec_package *epp)
{
	struct vmspace *vm;

	uvmspace_exec(p, VM_MIN_ADDRESS, VM_MAXUSER_ADDRESS);
	vm = p->p_vmspace;
	vm->vm_taddr = (caddr_t)trunc_page(epp->ep_taddr);
	vm->vm_tsize = atop(round_page(epp->ep_tsize));
	vm->vm_daddr = (caddr_t)trunc_page(epp->ep_daddr);
	vm->vm_dsize = atop(round_page(epp->ep_dsize));
	vm->vm_ssize = atop(round_page(epp->ep_ssize));
	vm->vm_maxsaddr = (caddr_t)epp->ep_maxsaddr;
	vm->vm_minsaddr = (caddr_t)epp->ep_minsaddr;
}

/*
 * Set-id programs take the file's owner or group as effective id; and the
 * saved ids always become the effective ones.
 */
void
exec_set_ids(struct proc *p, struct vattr *va, int setid)
{
	struct process *pr = p->p_p;
	struct ucred *cred = pr->ps_ucred, *nc = NULL;

	if (setid && (va->va_mode & (S_ISUID | S_ISGID)) &&
	    (pr->ps_flags & PS_TRACED) == 0) {
		atomic_setbits_int(&pr->ps_flags, PS_SUGID | PS_SUGIDEXEC);
		/* who is traced by root only may get other rights */
		if (pr->ps_tracevp != NULL &&
		    ((u_int)pr->ps_traceflag & KTRFAC_ROOT) == 0)
			ktrcleartrace(pr);
		nc = crdup(cred);
		if (va->va_mode & S_ISUID)
			nc->cr_uid = va->va_uid;
		if (va->va_mode & S_ISGID)
			nc->cr_gid = va->va_gid;
	} else {
		if (cred->cr_uid == cred->cr_ruid &&
		    cred->cr_uid == cred->cr_svuid &&
		    cred->cr_gid == cred->cr_rgid &&
		    cred->cr_gid == cred->cr_svgid)
			atomic_clearbits_int(&pr->ps_flags, PS_SUGIDEXEC);
		else
			atomic_setbits_int(&pr->ps_flags, PS_SUGIDEXEC);
		atomic_clearbits_int(&pr->ps_flags, PS_SUGID);
	}
	if (nc == NULL && (cred->cr_svuid != cred->cr_uid ||
	    cred->cr_svgid != cred->cr_gid))
		nc = crdup(cred);
	if (nc != NULL) {
		nc->cr_svuid = nc->cr_uid;
		nc->cr_svgid = nc->cr_gid;
		pr->ps_ucred = nc;
		crfree(cred);
		refreshcreds(p);
	}
}

/*
 * Map the signal trampoline into the new image.
 */
int
exec_sigcode_map(struct process *pr, struct emul *e)
{
	struct vm_map *map = &pr->ps_vmspace->vm_map;
	size_t size = e->e_esigcode - e->e_sigcode;
	vaddr_t va = uvm_map_hint(pr->ps_vmspace);
	int error;

	error = uvm_map(map, &va, PAGE_SIZE, NULL, 0, 0,
	    UVM_MAPFLAG(PROT_READ | PROT_WRITE, PROT_MASK, MAP_INHERIT_COPY,
	    0, UVM_FLAG_COPYONW));
	if (error != 0)
		return error;
	error = copyout(e->e_sigcode, (void *)va, size);
	if (error != 0)
		return error;
	pr->ps_sigcode = va;
	pr->ps_sigcoderet = va + (e->e_esigret - e->e_sigcode);
	return uvm_map_protect(map, va, va + PAGE_SIZE, PROT_READ | PROT_EXEC,
	    0);
}

/*
 * Replace the image of the current process.  Up to the commit every error
 * leaves the old image as it was; from there on an error is its end.
 */
int
sys_execve(struct proc *p, void *v, register_t *retval)
{
	struct sys_execve_args *uap = v;
	struct process *pr = p->p_p;
	struct exec_package pack;
	struct exec_args ea;
	struct nameidata nid;
	struct vattr attr;
	struct vnode *otvp;
	u_long len, gap, psaddr;
	vaddr_t stack;
	char *name;
	size_t namelen, arglen;
	int error;

	/* the other threads, if any, have to be out of the way */
	error = single_thread_set(p, SINGLE_UNWIND, 1);
	if (error != 0)
		return error;
	atomic_setbits_int(&pr->ps_flags, PS_INEXEC);

	memset(&pack, 0, sizeof(pack));
	memset(&ea, 0, sizeof(ea));
	NDINIT(&nid, LOOKUP, FOLLOW | SAVENAME, UIO_USERSPACE,
	    SCARG(uap, path), p);
	nid.ni_pledge = PLEDGE_EXEC;
	pack.ep_name = (char *)SCARG(uap, path);
	pack.ep_hdrlen = exec_maxhdrsz;
	pack.ep_hdr = malloc(exec_maxhdrsz, M_EXEC, M_WAITOK);
	pack.ep_ndp = &nid;
	pack.ep_vmcmds.evs_cnt = EXEC_DEFAULT_VMCMD_SETSIZE;
	pack.ep_vmcmds.evs_cmds = pack.ep_vmcmds.evs_start;

	error = check_exec(p, &pack);
	if (error != 0)
		goto freehdr;

	/* the arguments, while the old image still has them */
	ea.ea_buf = malloc(NCARGS, M_EXEC, M_WAITOK | M_CANFAIL);
	if (ea.ea_buf == NULL) {
		error = ENOMEM;
		goto bad;
	}
	if (pack.ep_flags & EXEC_INDIR) {
		error = exec_script_args(&pack, ea.ea_buf, &ea.ea_len,
		    &ea.ea_argc);
		if (error != 0)
			goto bad;
	}
	if (SCARG(uap, argp) == NULL) {
		error = EFAULT;
		goto bad;
	}
	error = exec_copyin_strings(&ea, SCARG(uap, argp) +
	    ((pack.ep_flags & EXEC_SKIPARG) ? 1 : 0), &ea.ea_argc);
	arglen = ea.ea_len;
	if (error == 0 && SCARG(uap, envp) != NULL)
		error = exec_copyin_strings(&ea, SCARG(uap, envp),
		    &ea.ea_envc);
	if (error != 0)
		goto bad;
	if (KTRPOINT(p, KTR_EXECARGS))
		ktrexec(p, KTR_EXECARGS, ea.ea_buf, arglen);
	if (KTRPOINT(p, KTR_EXECENV))
		ktrexec(p, KTR_EXECENV, ea.ea_buf + arglen,
		    ea.ea_len - arglen);

	/* does all that fit into the stack as it begins? */
	gap = arc4random_uniform(STACKGAP_RANDOM) & ~(u_long)STACKALIGNBYTES;
	psaddr = pack.ep_minsaddr - sizeof(struct ps_strings) - gap;
	psaddr &= ~(u_long)STACKALIGNBYTES;
	len = exec_stack_need(&pack, &ea);
	if (len + (pack.ep_minsaddr - psaddr) > pack.ep_ssize) {
		error = ENOMEM;
		goto bad;
	}
	stack = psaddr - len;
	error = VOP_GETATTR(pack.ep_vp, &attr, p->p_ucred, p);
	if (error != 0)
		goto bad;

	/*
	 * Commit: the old image is gone, and with it the other threads.  If
	 * the caller is not the main thread, that one sleeps in exit1() from
	 * now on and keeps the pid.
	 */
	single_thread_set(p, SINGLE_EXIT, 0);
	pack.ep_flags |= EXEC_DESTR;
	exec_new_memory(p, &pack);
	error = exec_process_vmcmds(p, &pack);
	if (error != 0)
		goto exec_abort;
	pr->ps_strings = psaddr;
	error = exec_new_stack(p, &pack, &ea, stack, psaddr);
	if (error != 0)
		goto exec_abort;
	if (pack.ep_emul->e_fixup != NULL) {
		error = (*pack.ep_emul->e_fixup)(p, &pack);
		if (error != 0)
			goto exec_abort;
	}

	stopprofclock(pr);
	fdcloseexec(p);
	execsigs(p);
	pr->ps_kbind_addr = 0;
	pr->ps_kbind_cookie = 0;
	arc4random_buf(&pr->ps_sigcookie, sizeof(pr->ps_sigcookie));
	memset(&p->p_spinentry, 0, sizeof(p->p_spinentry));
	memset(&p->p_pcinentry, 0, sizeof(p->p_pcinentry));

	/* the name is the last component of the path */
	name = nid.ni_cnd.cn_pnbuf;
	if (strrchr(name, '/') != NULL)
		name = strrchr(name, '/') + 1;
	namelen = strlen(name);
	if (namelen > MAXCOMLEN)
		namelen = MAXCOMLEN;
	memset(pr->ps_comm, 0, sizeof(pr->ps_comm));
	memcpy(pr->ps_comm, name, namelen);
	pr->ps_acflag &= ~AFORK;

	/* the program, and the one before it */
	vref(pack.ep_vp);
	otvp = pr->ps_textvp;
	pr->ps_textvp = pack.ep_vp;
	vn_marktext(pack.ep_vp);
	if (otvp != NULL)
		vrele(otvp);

	/* a vfork(2) parent may go on: its memory is safe now */
	atomic_setbits_int(&pr->ps_flags, PS_EXEC);
	if (pr->ps_flags & PS_PPWAIT) {
		atomic_clearbits_int(&pr->ps_flags, PS_PPWAIT);
		atomic_clearbits_int(&pr->ps_pptr->ps_flags, PS_ISPWAIT);
		wakeup(pr->ps_pptr);
	}

	/* promises for the new program */
	if (pr->ps_flags & PS_EXECPLEDGE) {
		pr->ps_pledge = pr->ps_execpledge;
		atomic_setbits_int(&pr->ps_flags, PS_PLEDGE);
	} else {
		atomic_clearbits_int(&pr->ps_flags, PS_PLEDGE);
		pr->ps_pledge = 0;
		unveil_destroy(pr);
	}
	exec_set_ids(p, &attr, pack.ep_vp->v_mount == NULL ||
	    (pack.ep_vp->v_mount->mnt_flag & MNT_NOSUID) == 0);

	ndfreename(&nid);
	vn_close(pack.ep_vp, FREAD, p->p_ucred, p);
	free(ea.ea_buf, M_EXEC, NCARGS);
	KNOTE(&pr->ps_klist, NOTE_EXEC);

	(*pack.ep_emul->e_setregs)(p, &pack, stack, retval);
	pr->ps_emul = pack.ep_emul;
	error = exec_sigcode_map(pr, pack.ep_emul);
	kill_vmcmds(&pack.ep_vmcmds);
	exec_script_free(&pack);
	free(pack.ep_hdr, M_EXEC, exec_maxhdrsz);
	if (error != 0)
		exit1(p, W_EXITCODE(0, SIGABRT), EXIT_NORMAL);
	if (pr->ps_flags & PS_TRACED)
		psignal(p, SIGTRAP);
	/* every file system here is one that may hold such programs */
	if (pack.ep_flags & EXEC_WXNEEDED)
		atomic_setbits_int(&pr->ps_flags, PS_WXNEEDED);
	else
		atomic_clearbits_int(&pr->ps_flags, PS_WXNEEDED);
	atomic_clearbits_int(&pr->ps_flags, PS_INEXEC);
	single_thread_clear(p, P_SUSPSIG);
	return 0;

exec_abort:
	/* there is nothing to go back to */
	kill_vmcmds(&pack.ep_vmcmds);
	vn_close(pack.ep_vp, FREAD, p->p_ucred, p);
	ndfreename(&nid);
	exec_script_free(&pack);
	free(ea.ea_buf, M_EXEC, NCARGS);
	free(pack.ep_hdr, M_EXEC, exec_maxhdrsz);
	exit1(p, W_EXITCODE(0, SIGABRT), EXIT_NORMAL);
	/* NOTREACHED */

bad:
	kill_vmcmds(&pack.ep_vmcmds);
	vn_close(pack.ep_vp, FREAD, p->p_ucred, p);
	ndfreename(&nid);
	if (ea.ea_buf != NULL)
		free(ea.ea_buf, M_EXEC, NCARGS);
freehdr:
	exec_script_free(&pack);
	free(pack.ep_hdr, M_EXEC, exec_maxhdrsz);
	atomic_clearbits_int(&pr->ps_flags, PS_INEXEC);
	single_thread_clear(p, P_SUSPSIG);
	return error;
}
