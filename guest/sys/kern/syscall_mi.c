/* SPDX-License-Identifier: ISC */
/*
 * The machine independent middle of a system call.  (The original has these
 * as inline functions in sys/syscall_mi.h.)
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/ktrace.h>
#include <sys/pledge.h>
#include <sys/proc.h>
#include <sys/signalvar.h>
#include <sys/syscall.h>
#include <machine/cpu.h>
#include <uvm/uvm_extern.h>

/*
 * Check who calls from where, then call.  Returns what the handler returns.
 */
int
mi_syscall(struct proc *p, register_t code, const struct sysent *callp,
    register_t *argp, register_t retval[2])
{
	uint64_t tval;
	int lock = !(callp->sy_flags & SY_NOLOCK);
	int error, pledged;

	/* use the process's credentials of this moment */
	refreshcreds(p);

	if (KTRPOINT(p, KTR_SYSCALL)) {
		KERNEL_LOCK();
		ktrsyscall(p, code, callp->sy_argsize, argp);
		KERNEL_UNLOCK();
	}

	/* the stack pointer must point into a stack ... */
	if (!uvm_map_inentry(p, &p->p_spinentry, PROC_STACK(p),
	    "stack pointer", uvm_map_inentry_sp,
	    p->p_vmspace->vm_map.sserial))
		return EPERM;
	/* ... and the call come from code that cannot be written */
	if (!uvm_map_inentry(p, &p->p_pcinentry, PROC_PC(p),
	    "system call", uvm_map_inentry_pc, p->p_vmspace->vm_map.wserial))
		return EPERM;

	if (lock)
		KERNEL_LOCK();
	pledged = (p->p_p->ps_flags & PS_PLEDGE) != 0;
	if (pledged && (error = pledge_syscall(p, code, &tval)) != 0) {
		if (!lock)
			KERNEL_LOCK();
		error = pledge_fail(p, error, tval);
		KERNEL_UNLOCK();
		return error;
	}
	error = (*callp->sy_call)(p, argp, retval);
	if (lock)
		KERNEL_UNLOCK();
	return error;
}

/*
 * On the way back to user mode.
 */
void
mi_syscall_return(struct proc *p, register_t code, int error,
    const register_t retval[2])
{
	userret(p);
	if (KTRPOINT(p, KTR_SYSRET)) {
		KERNEL_LOCK();
		ktrsysret(p, code, error, retval);
		KERNEL_UNLOCK();
	}
}

/*
 * The same for a child, which returns from a system call that it did not
 * make: __tfork(2), vfork(2) or fork(2).
 */
void
mi_child_return(struct proc *p)
{
	static const register_t child_retval[2] = { 0, 1 };
	int code;

	if (p->p_flag & P_THREAD)
		code = SYS___tfork;
	else if (p->p_p->ps_flags & PS_PPWAIT)
		code = SYS_vfork;
	else
		code = SYS_fork;
	userret(p);
	if (KTRPOINT(p, KTR_SYSRET)) {
		KERNEL_LOCK();
		ktrsysret(p, code, 0, child_retval);
		KERNEL_UNLOCK();
	}
}
