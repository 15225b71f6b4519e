/* SPDX-License-Identifier: ISC */
/*
 * ptrace(2): a process that stops, looks at and steers another one.  The
 * traced process becomes a child of its debugger, which waits for its stops
 * with wait4(2).
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/malloc.h>
#include <sys/proc.h>
#include <sys/ptrace.h>
#include <sys/sched.h>
#include <sys/signalvar.h>
#include <sys/syscallargs.h>
#include <sys/uio.h>
#include <machine/reg.h>
#include <uvm/uvm_extern.h>

int	global_ptrace;		/* not only descendants may be attached */

int	ptrace_ctrl(struct proc *, int, pid_t, caddr_t, int);
int	ptrace_kstate(struct proc *, int, pid_t, void *);
int	ptrace_ustate(struct proc *, int, pid_t, void *, int, register_t *);
int	ptrace_io(struct proc *, struct process *, void *);
int	ptrace_attach_check(struct proc *, struct process *);
void	ptrace_begin(struct process *);
void	ptrace_resume(struct process *, struct proc *, int);
struct process *process_tprfind(pid_t, struct proc **);
int	process_checktracestate(struct process *, struct process *,
	    struct proc *);

#define TRACE_HERE	((caddr_t)1)	/* go on where it stopped */

int
sys_ptrace(struct proc *p, void *v, register_t *retval)
{
	struct sys_ptrace_args *uap = v;
	int req = SCARG(uap, req), data = SCARG(uap, data);
	caddr_t uaddr = SCARG(uap, addr);
	pid_t pid = SCARG(uap, pid);
	union {
		struct ptrace_thread_state u_pts;
		struct ptrace_event u_pe;
		struct ptrace_state u_ps;
		struct ptrace_io_desc u_piod;
		struct reg u_reg;
		struct fpreg u_fpreg;
	} u;
	size_t in = 0, out = 0;		/* bytes from and to user memory */
	int error;

	switch (req) {
	case PT_TRACE_ME:
	case PT_CONTINUE:
	case PT_KILL:
	case PT_ATTACH:
	case PT_DETACH:
	case PT_STEP:
		return ptrace_ctrl(p, req, pid, uaddr, data);
	case PT_READ_I:
	case PT_READ_D:
	case PT_WRITE_I:
	case PT_WRITE_D:
		return ptrace_ustate(p, req, pid, uaddr, data, retval);
	case PT_GET_THREAD_FIRST:
		if (data != sizeof(u.u_pts))
			return EINVAL;
		out = sizeof(u.u_pts);
		break;
	case PT_GET_THREAD_NEXT:
		if (data != sizeof(u.u_pts))
			return EINVAL;
		in = out = sizeof(u.u_pts);
		break;
	case PT_GET_EVENT_MASK:
		if (data != sizeof(u.u_pe))
			return EINVAL;
		out = sizeof(u.u_pe);
		break;
	case PT_SET_EVENT_MASK:
		if (data != sizeof(u.u_pe))
			return EINVAL;
		in = sizeof(u.u_pe);
		break;
	case PT_GET_PROCESS_STATE:
		if (data != sizeof(u.u_ps))
			return EINVAL;
		out = sizeof(u.u_ps);
		break;
	case PT_IO:
		in = out = sizeof(u.u_piod);
		break;
	case PT_GETREGS:
		out = sizeof(u.u_reg);
		break;
	case PT_SETREGS:
		in = sizeof(u.u_reg);
		break;
	case PT_GETFPREGS:
		out = sizeof(u.u_fpreg);
		break;
	case PT_SETFPREGS:
		in = sizeof(u.u_fpreg);
		break;
	default:
		return EINVAL;
	}

	memset(&u, 0, sizeof(u));
	if (in != 0 && (error = copyin(uaddr, &u, in)) != 0)
		return error;
	switch (req) {
	case PT_GET_THREAD_FIRST:
	case PT_GET_THREAD_NEXT:
	case PT_GET_EVENT_MASK:
	case PT_SET_EVENT_MASK:
	case PT_GET_PROCESS_STATE:
		error = ptrace_kstate(p, req, pid, &u);
		break;
	default:
		error = ptrace_ustate(p, req, pid, &u, data, retval);
		break;
	}
	if (error == 0 && out != 0)
		error = copyout(&u, uaddr, out);
	return error;
}

/*
 * A process by its pid, or by the id of one of its threads; *tp is the
 * thread that was named, or the one that stands for the process.
 */
struct process *
process_tprfind(pid_t pid, struct proc **tp)
{
	struct process *tr;

	if (pid > THREAD_PID_OFFSET) {
		*tp = tfind(pid - THREAD_PID_OFFSET);
		return *tp == NULL ? NULL : (*tp)->p_p;
	}
	tr = prfind(pid);
	*tp = tr == NULL ? NULL : proc_reporter(tr);
	return tr;
}

/*
 * Is it traced by the caller, and stopped, and has the caller seen it?
 */
int
process_checktracestate(struct process *curpr, struct process *tr,
    struct proc *t)
{
	if ((tr->ps_flags & PS_TRACED) == 0)
		return EPERM;
	if (tr->ps_pptr != curpr)
		return EBUSY;
	if (t->p_stat != SSTOP || (tr->ps_flags & PS_WAITED) == 0)
		return EBUSY;
	return 0;
}

/*
 * May p attach to the process?
 */
int
ptrace_attach_check(struct proc *p, struct process *tr)
{
	/* not oneself, nothing of the kernel, not what is traced already */
	if (tr == p->p_p)
		return EINVAL;
	if (tr->ps_flags & PS_SYSTEM)
		return EPERM;
	if (tr->ps_flags & PS_TRACED)
		return EBUSY;
	/* its image is being replaced */
	if (tr->ps_flags & PS_INEXEC)
		return EAGAIN;
	/* one's own, that got no rights by set-id: else for root only */
	if ((tr->ps_ucred->cr_ruid != p->p_ucred->cr_ruid ||
	    (tr->ps_flags & (PS_SUGIDEXEC | PS_SUGID))) && suser(p) != 0)
		return EPERM;
	if (!global_ptrace && !inferior(tr, p->p_p) && suser(p) != 0)
		return EPERM;
	/* init is not to be stopped */
	if (tr->ps_pid == 1)
		return EPERM;
	/* whoever waits for an ancestor would wait for itself */
	if (inferior(p->p_p, tr))
		return EINVAL;
	return 0;
}

/*
 * The process is traced from now on.
 */
void
ptrace_begin(struct process *tr)
{
	atomic_setbits_int(&tr->ps_flags, PS_TRACED);
	tr->ps_oppid = tr->ps_pptr->ps_pid;
	if (tr->ps_ptstat == NULL)
		tr->ps_ptstat = malloc(sizeof(*tr->ps_ptstat), M_SUBPROC,
		    M_WAITOK);
	memset(tr->ps_ptstat, 0, sizeof(*tr->ps_ptstat));
}

/*
 * The process goes on, with the signal sig unless that is 0; one that runs
 * gets the signal.
 */
void
ptrace_resume(struct process *tr, struct proc *t, int sig)
{
	int s;

	if (tr->ps_ptstat != NULL)
		memset(tr->ps_ptstat, 0, sizeof(*tr->ps_ptstat));
	if (t->p_stat == SSTOP) {
		t->p_xstat = sig;
		SCHED_LOCK(s);
		setrunnable(t);
		SCHED_UNLOCK(s);
		atomic_clearbits_int((u_int *)&t->p_flag, P_SUSPSIG);
	} else if (sig != 0)
		psignal(t, sig);
}

/*
 * The requests that begin, end and steer.
 */
int
ptrace_ctrl(struct proc *p, int req, pid_t pid, caddr_t addr, int data)
{
	struct process *tr, *pp;
	struct proc *t;
	int error;

	if (req == PT_TRACE_ME) {
		tr = p->p_p;
		if (tr->ps_flags & PS_TRACED)
			return EBUSY;
		ptrace_begin(tr);
		return 0;
	}

	tr = process_tprfind(pid, &t);
	if (tr == NULL)
		return ESRCH;
	if (req == PT_ATTACH) {
		error = ptrace_attach_check(p, tr);
		if (error != 0)
			return error;
		ptrace_begin(tr);
		proc_reparent(tr, p->p_p);
		ptrace_resume(tr, t, SIGSTOP);
		return 0;
	}

	error = process_checktracestate(p->p_p, tr, t);
	switch (req) {
	case PT_KILL:
		/* it need not be stopped, but it must be the caller's */
		if (error == EPERM || tr->ps_pptr != p->p_p)
			return error;
		ptrace_resume(tr, t, SIGKILL);
		return 0;

	case PT_STEP:
	case PT_CONTINUE:
		if (error != 0)
			return error;
		if (data < 0 || data >= NSIG)
			return EINVAL;
		if (addr != TRACE_HERE &&
		    (error = process_set_pc(t, addr)) != 0)
			return error;
		(void)process_sstep(t, req == PT_STEP);
		ptrace_resume(tr, t, data);
		return 0;

	case PT_DETACH:
		if (error != 0)
			return error;
		if (data < 0 || data >= NSIG)
			return EINVAL;
		if (addr != TRACE_HERE &&
		    (error = process_set_pc(t, addr)) != 0)
			return error;
		(void)process_sstep(t, 0);
		/* back to the parent it had, or to init */
		if (tr->ps_oppid != tr->ps_pptr->ps_pid) {
			pp = prfind(tr->ps_oppid);
			proc_reparent(tr, pp != NULL ? pp : initprocess);
		}
		t->p_xstat = 0;
		process_untrace(tr);
		atomic_clearbits_int(&tr->ps_flags, PS_WAITED);
		ptrace_resume(tr, t, 0);
		if (data != 0)
			psignal(t, data);
		return 0;
	}
	return EINVAL;
}

/*
 * The requests about what the kernel knows of the process.
 */
int
ptrace_kstate(struct proc *p, int req, pid_t pid, void *addr)
{
	struct ptrace_thread_state *pts = addr;
	struct ptrace_event *pe = addr;
	struct process *tr;
	struct proc *t;
	int error;

	tr = process_tprfind(pid, &t);
	if (tr == NULL)
		return ESRCH;

	switch (req) {
	case PT_GET_THREAD_FIRST:
	case PT_GET_THREAD_NEXT:
		if (tr->ps_pptr != p->p_p || (tr->ps_flags & PS_TRACED) == 0)
			return EPERM;
		if (req == PT_GET_THREAD_FIRST)
			t = TAILQ_FIRST(&tr->ps_threads);
		else {
			t = tfind(pts->pts_tid - THREAD_PID_OFFSET);
			if (t == NULL || t->p_p != tr)
				return EINVAL;
			t = TAILQ_NEXT(t, p_thr_link);
		}
		pts->pts_tid = t == NULL ? -1 : t->p_tid + THREAD_PID_OFFSET;
		return 0;
	}

	error = process_checktracestate(p->p_p, tr, t);
	if (error != 0)
		return error;
	switch (req) {
	case PT_GET_EVENT_MASK:
		pe->pe_set_event = tr->ps_ptmask;
		return 0;
	case PT_SET_EVENT_MASK:
		tr->ps_ptmask = pe->pe_set_event;
		return 0;
	case PT_GET_PROCESS_STATE:
		tr->ps_ptstat->pe_tid = t->p_tid + THREAD_PID_OFFSET;
		memcpy(addr, tr->ps_ptstat, sizeof(*tr->ps_ptstat));
		return 0;
	}
	return EINVAL;
}

/*
 * The requests about its memory and registers.
 */
int
ptrace_ustate(struct proc *p, int req, pid_t pid, void *addr, int data,
    register_t *retval)
{
	struct process *tr;
	struct proc *t;
	struct uio uio;
	struct iovec iov;
	int error, word, write = 0;

	tr = process_tprfind(pid, &t);
	if (tr == NULL)
		return ESRCH;
	error = process_checktracestate(p->p_p, tr, t);
	if (error != 0)
		return error;

	switch (req) {
	case PT_WRITE_I:
	case PT_WRITE_D:
		write = 1;
		/* FALLTHROUGH */
	case PT_READ_I:
	case PT_READ_D:
		word = write ? data : 0;
		iov.iov_base = &word;
		iov.iov_len = sizeof(word);
		uio.uio_iov = &iov;
		uio.uio_iovcnt = 1;
		uio.uio_offset = (off_t)(vaddr_t)addr;
		uio.uio_resid = sizeof(word);
		uio.uio_segflg = UIO_SYSSPACE;
		uio.uio_rw = write ? UIO_WRITE : UIO_READ;
		uio.uio_procp = p;
		error = process_domem(p, tr, &uio);
		if (!write && error == 0)
			*retval = word;
		return error;
	case PT_IO:
		return ptrace_io(p, tr, addr);
	case PT_GETREGS:
		return process_read_regs(t, addr);
	case PT_SETREGS:
		return process_write_regs(t, addr);
	case PT_GETFPREGS:
		return process_read_fpregs(t, addr);
	case PT_SETFPREGS:
		return process_write_fpregs(t, addr);
	}
	return EINVAL;
}

/*
 * PT_IO: many bytes at once.  piod_len becomes what was moved.
 */
int
ptrace_io(struct proc *p, struct process *tr, void *addr)
{
	struct ptrace_io_desc *piod = addr;
	struct uio uio;
	struct iovec iov;
	int error;

	iov.iov_base = piod->piod_addr;
	iov.iov_len = piod->piod_len;
	uio.uio_iov = &iov;
	uio.uio_iovcnt = 1;
	uio.uio_offset = (off_t)(vaddr_t)piod->piod_offs;
	uio.uio_resid = piod->piod_len;
	uio.uio_segflg = UIO_USERSPACE;
	uio.uio_procp = p;
	switch (piod->piod_op) {
	case PIOD_READ_I:
	case PIOD_READ_D:
		uio.uio_rw = UIO_READ;
		break;
	case PIOD_WRITE_I:
	case PIOD_WRITE_D:
		uio.uio_rw = UIO_WRITE;
		break;
	default:
		return EINVAL;
	}
	error = process_domem(p, tr, &uio);
	piod->piod_len -= uio.uio_resid;
	return error;
}

/*
 * Read or write the memory of a traced process.
 */
int
process_domem(struct proc *curp, struct process *tr, struct uio *uio)
{
	struct vmspace *vm = tr->ps_vmspace;
	int error;

	if (uio->uio_resid == 0)
		return 0;
	if (tr->ps_flags & PS_INEXEC)
		return EAGAIN;
	if ((tr->ps_flags & PS_EXITING) || vm->vm_refcnt < 1)
		return EFAULT;
	vm->vm_refcnt++;
	error = uvm_io(&vm->vm_map, uio,
	    uio->uio_rw == UIO_WRITE ? UVM_IO_FIXPROT : 0);
	uvmspace_free(vm);
	return error;
}

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
