/* SPDX-License-Identifier: ISC */
/*
 * Exceptions, system calls and ASTs, after the entry code has built a
 * trapframe.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/proc.h>
#include <sys/acct.h>
#include <sys/signalvar.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <machine/cpu.h>
#include <machine/cpufunc.h>
#include <machine/fpu.h>
#include <machine/machdep.h>
#include <machine/pmap.h>
#include <machine/psl.h>
#include <machine/trap.h>
#include <ddb/db_interface.h>
#include <uvm/uvm_extern.h>

const char * const trap_type[] = {
	"privileged instruction fault",		/* T_PRIVINFLT */
	"breakpoint trap",			/* T_BPTFLT */
	"arithmetic trap",			/* T_ARITHTRAP */
	"reserved trap",			/* T_RESERVED */
	"protection fault",			/* T_PROTFLT */
	"trace trap",				/* T_TRCTRAP */
	"page fault",				/* T_PAGEFLT */
	"alignment fault",			/* T_ALIGNFLT */
	"integer divide fault",			/* T_DIVIDE */
	"non-maskable interrupt",		/* T_NMI */
	"overflow trap",			/* T_OFLOW */
	"bounds check fault",			/* T_BOUND */
	"FPU not available fault",		/* T_DNA */
	"double fault",				/* T_DOUBLEFLT */
	"FPU operand fetch fault",		/* T_FPOPFLT */
	"invalid TSS fault",			/* T_TSSFLT */
	"segment not present fault",		/* T_SEGNPFLT */
	"stack fault",				/* T_STKFLT */
	"machine check",			/* T_MCA */
	"SSE FP exception",			/* T_XMM */
};
const int trap_types = nitems(trap_type);
#define SYSCALL_INSN_LEN	2	/* bytes of SYSCALL, 0f 05 */
#define NARGREGS		6	/* arguments in registers */
#define MAXARGS			9	/* arguments at most */

void	trap_print(struct trapframe *, int);
int	upageflttrap(struct trapframe *, u_int64_t);
int	kpageflttrap(struct trapframe *, u_int64_t);
vm_prot_t pgex2access(u_long);

/*
 * What kind of access a page fault's error code tells of.
 */
vm_prot_t
pgex2access(u_long pgex)
{
	if (pgex & PGEX_W)
		return PROT_WRITE;
	if (pgex & PGEX_I)
		return PROT_EXEC;
	return PROT_READ;
}

void
trap_print(struct trapframe *frame, int type)
{
	if (type < (int)nitems(trap_type))
		printf("fatal %s in supervisor mode\n", trap_type[type]);
	else
		printf("unknown trap %d in supervisor mode\n", type);
	printf("trap type %d code %llx rip %llx cs %llx rflags %llx cr2 %llx "
	    "cpl %x rsp %llx\n", type, (unsigned long long)frame->tf_err,
	    (unsigned long long)frame->tf_rip,
	    (unsigned long long)frame->tf_cs,
	    (unsigned long long)frame->tf_rflags,
	    (unsigned long long)rcr2(), curcpu()->ci_ilevel,
	    (unsigned long long)frame->tf_rsp);
}

/*
 * A page fault of user mode; returns 1, the fault was served or a signal
 * posted.
 */
int
upageflttrap(struct trapframe *frame, u_int64_t cr2)
{
	struct proc *p = curproc;
	vaddr_t va = cr2 & ~(vaddr_t)PAGE_MASK;
	vm_prot_t access = pgex2access(frame->tf_err);
	union sigval sv;
	int error, sig, sicode;

	KERNEL_LOCK();
	if (va >= VM_MAXUSER_ADDRESS)
		error = EFAULT;
	else
		error = uvm_fault(&p->p_vmspace->vm_map, va,
		    frame->tf_err & PGEX_P ? VM_FAULT_PROTECT :
		    VM_FAULT_INVALID, access);
	if (error == 0) {
		uvm_grow(p, va);
		KERNEL_UNLOCK();
		return 1;
	}

	sig = SIGSEGV;
	sicode = SEGV_MAPERR;
	if (error == ENOMEM) {
		printf("UVM: pid %d (%s), uid %d killed: out of swap\n",
		    p->p_p->ps_pid, p->p_p->ps_comm,
		    p->p_ucred ? (int)p->p_ucred->cr_uid : -1);
		sig = SIGKILL;
	} else if (error == EACCES)
		sicode = SEGV_ACCERR;
	else if (error == EIO) {
		sig = SIGBUS;
		sicode = BUS_OBJERR;
	}
	sv.sival_ptr = (void *)cr2;
	trapsignal(p, sig, T_PAGEFLT | T_USER, sicode, sv);
	KERNEL_UNLOCK();
	return 1;
}

/*
 * A page fault of the kernel.  Returns 1 if it was served or diverted to
 * pcb_onfault, 0 if it is fatal.
 */
int
kpageflttrap(struct trapframe *frame, u_int64_t cr2)
{
	struct proc *p = curproc;
	struct pcb *pcb = curpcb;
	vaddr_t va = cr2 & ~(vaddr_t)PAGE_MASK;
	caddr_t onfault = pcb->pcb_onfault;
	int error;

	if (cr2 >= VM_MIN_KERNEL_ADDRESS || p->p_vmspace == NULL ||
	    va >= VM_MAXUSER_ADDRESS)
		error = EFAULT;		/* kernel memory is always mapped */
	else if (onfault == NULL)
		return 0;		/* user memory touched by mistake */
	else {
		/* Serving the fault must not itself divert. */
		pcb->pcb_onfault = NULL;
		KERNEL_LOCK();
		error = uvm_fault(&p->p_vmspace->vm_map, va,
		    frame->tf_err & PGEX_P ? VM_FAULT_PROTECT :
		    VM_FAULT_INVALID, pgex2access(frame->tf_err));
		if (error == 0)
			uvm_grow(p, va);
		KERNEL_UNLOCK();
		pcb->pcb_onfault = onfault;
	}
	if (error == 0)
		return 1;
	if (onfault != NULL) {
		frame->tf_rip = (u_int64_t)onfault;
		return 1;
	}
	return 0;
}

/*
 * An exception in kernel mode.
 */
void
kerntrap(struct trapframe *frame)
{
	int type = (int)frame->tf_trapno;
	u_int64_t cr2 = rcr2();

	uvmexp.traps++;
	if (type == T_BPTFLT || type == T_TRCTRAP || db_recover != NULL) {
		/* the debugger is called, or has reached too far */
		if (db_ktrap(type, (int)frame->tf_err, frame))
			return;
	} else if (type == T_PAGEFLT) {
		if (frame->tf_rflags & PSL_I)
			intr_enable();
		if (kpageflttrap(frame, cr2))
			return;
	} else if (type == T_PROTFLT || type == T_SEGNPFLT ||
	    type == T_STKFLT) {
		/* A non-canonical user address, in a copy. */
		if (curpcb->pcb_onfault != NULL) {
			frame->tf_rip = (u_int64_t)curpcb->pcb_onfault;
			return;
		}
	} else if (type == T_NMI)
		return;
	if (type != T_BPTFLT && type != T_TRCTRAP &&
	    db_ktrap(type, (int)frame->tf_err, frame))
		return;
	trap_print(frame, type);
	panic("trap type %d, code=%llx, pc=%llx", type,
	    (unsigned long long)frame->tf_err,
	    (unsigned long long)frame->tf_rip);
}

/*
 * An exception in user mode: serve it or make it a signal.
 */
void
usertrap(struct trapframe *frame)
{
	struct proc *p = curproc;
	int type = (int)frame->tf_trapno;
	u_int64_t cr2 = rcr2();
	union sigval sv;
	int sig, code;

	intr_enable();
	uvmexp.traps++;
	p->p_md.md_regs = frame;
	refreshcreds(p);

	switch (type) {
	case T_PAGEFLT:
		if (!uvm_map_inentry(p, &p->p_spinentry, PROC_STACK(p),
		    "stack pointer", uvm_map_inentry_sp,
		    p->p_vmspace->vm_map.sserial))
			goto out;
		upageflttrap(frame, cr2);
		goto out;
	case T_PROTFLT:
	case T_SEGNPFLT:
	case T_STKFLT:
		sig = SIGSEGV;
		code = SEGV_MAPERR;
		break;
	case T_TSSFLT:
	case T_ALIGNFLT:
		sig = SIGBUS;
		code = BUS_ADRALN;
		break;
	case T_PRIVINFLT:
		sig = SIGILL;
		code = ILL_PRVOPC;
		break;
	case T_DIVIDE:
		sig = SIGFPE;
		code = FPE_INTDIV;
		break;
	case T_ARITHTRAP:
	case T_XMM:
		KERNEL_LOCK();
		fputrap(p, frame, type);
		KERNEL_UNLOCK();
		goto out;
	case T_DNA:
		/* CR0.EM and CR0.TS are never set: this CPU has no FPU. */
		printf("pid %d killed due to lack of floating point\n",
		    p->p_p->ps_pid);
		sig = SIGKILL;
		code = FPE_FLTINV;
		break;
	case T_BPTFLT:
	case T_TRCTRAP:
		sig = SIGTRAP;
		code = type == T_BPTFLT ? TRAP_BRKPT : TRAP_TRACE;
		break;
	default:
		trap_print(frame, type);
		panic("impossible trap");
	}
	sv.sival_ptr = (void *)frame->tf_rip;
	KERNEL_LOCK();
	trapsignal(p, sig, type | T_USER, code, sv);
	KERNEL_UNLOCK();
out:
	userret(p);
}

/*
 * Something was left to do before user mode: a reschedule, a signal.
 */
void
ast(struct trapframe *frame)
{
	struct proc *p = curproc;

	uvmexp.traps++;
	KASSERT(frame->tf_cs & SEL_UPL);
	p->p_md.md_regs = frame;
	refreshcreds(p);
	uvmexp.softs++;
	mi_ast(p, curcpu()->ci_want_resched);
	userret(p);
}

/*
 * A system call: fetch number and arguments, call, give back the result in
 * rax, rdx and the carry flag.
 */
void
syscall(struct trapframe *frame)
{
	const struct sysent *callp;
	struct proc *p = curproc;
	register_t args[MAXARGS], rval[2];
	register_t *argp;
	register_t code = frame->tf_rax;
	int error, nregs, argoff = 0;
	size_t stackargs;

	uvmexp.syscalls++;
	args[0] = frame->tf_rdi;
	args[1] = frame->tf_rsi;
	args[2] = frame->tf_rdx;
	args[3] = frame->tf_r10;	/* SYSCALL took rcx */
	args[4] = frame->tf_r8;
	args[5] = frame->tf_r9;

	if (code == SYS_syscall || code == SYS___syscall) {
		/* The number is the first argument. */
		code = args[0];
		argoff = 1;
	}
	if (code < 0 || code >= SYS_MAXSYSCALL)
		callp = &sysent[SYS_syscall];
	else
		callp = &sysent[code];
	argp = &args[argoff];

	rval[0] = 0;
	rval[1] = frame->tf_rdx;

	error = 0;
	nregs = NARGREGS - argoff;
	if (callp->sy_narg > nregs) {
		/* The rest is on the stack, above the return address. */
		stackargs = (callp->sy_narg - nregs) * sizeof(register_t);
		KASSERT(argoff + callp->sy_narg <= MAXARGS);
		error = copyin((void *)(frame->tf_rsp + sizeof(register_t)),
		    &argp[nregs], stackargs);
	}
	if (error == 0)
		error = mi_syscall(p, code, callp, argp, rval);

	switch (error) {
	case 0:
		frame->tf_rax = rval[0];
		frame->tf_rdx = rval[1];
		frame->tf_rflags &= ~PSL_C;
		break;
	case ERESTART:
		/* rax still holds the number: execute SYSCALL again. */
		frame->tf_rip -= SYSCALL_INSN_LEN;
		break;
	case EJUSTRETURN:
		break;
	default:
		frame->tf_rax = error;
		frame->tf_rflags |= PSL_C;
		break;
	}
	mi_syscall_return(p, code, error, rval);
}

/*
 * A forked child's first code that is its own: make its registers say so.
 */
void
child_return(void *arg)
{
	struct proc *p = arg;
	struct trapframe *tf = p->p_md.md_regs;

	tf->tf_rax = 0;
	tf->tf_rdx = 1;
	tf->tf_rflags &= ~PSL_C;

	KERNEL_UNLOCK();
	mi_child_return(p);
}
