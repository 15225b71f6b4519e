/* SPDX-License-Identifier: ISC */
/*
 * The birth of the system: process 0 is made by hand, init is forked from
 * it, kernel threads follow, the root is mounted, init executes.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/event.h>
#include <sys/exec.h>
#include <sys/file.h>
#include <sys/filedesc.h>
#include <sys/kernel.h>
#include <sys/mount.h>
#include <sys/pool.h>
#include <sys/proc.h>
#include <sys/resourcevar.h>
#include <sys/sched.h>
#include <sys/signalvar.h>
#include <sys/syscallargs.h>
#include <sys/timeout.h>
#include <sys/vnode.h>
#include <machine/cpu.h>
#include <machine/machdep.h>
#include <machine/pmap.h>
#include <uvm/uvm_extern.h>
#include <uvm/uvm_page.h>

struct	session session0;
struct	pgrp pgrp0;
struct	proc proc0;
struct	process process0;
struct	vmspace vmspace0;
struct	sigacts sigacts0;
extern	struct plimit limit0;

int	cold = 1;
volatile int start_init_exec;	/* init may execute */

#define DEFAULT_SEED	1	/* without seed= on the command line */
#define DEFAULT_TIME	0	/* without time= */

int	main(void);
void	main_proc0(struct proc *, struct process *);
void	main_mountroot(void);
int	start_init_exec_path(struct proc *, const char *);

/*
 * Process 0 and its thread, by hand.
 */
void
main_proc0(struct proc *p, struct process *pr)
{
	/* credentials first: process_initialize() counts references */
	p->p_ucred = crget();
	p->p_ucred->cr_ngroups = 1;

	process_initialize(pr, p);
	LIST_INSERT_HEAD(&allprocess, pr, ps_list);
	LIST_INSERT_HEAD(PIDHASH(0), pr, ps_hash);
	atomic_setbits_int(&pr->ps_flags, PS_SYSTEM);

	LIST_INSERT_HEAD(&allproc, p, p_list);
	LIST_INSERT_HEAD(TIDHASH(0), p, p_hash);

	pr->ps_pgrp = &pgrp0;
	LIST_INSERT_HEAD(PGRPHASH(0), &pgrp0, pg_hash);
	LIST_INIT(&pgrp0.pg_members);
	LIST_INSERT_HEAD(&pgrp0.pg_members, pr, ps_pglist);
	pgrp0.pg_session = &session0;
	session0.s_count = 1;
	session0.s_leader = pr;

	atomic_setbits_int((u_int *)&p->p_flag, P_SYSTEM);
	p->p_stat = SONPROC;
	p->p_priority = p->p_usrpri = PUSER;
	pr->ps_nice = NZERO;
	pr->ps_emul = &emul_native;
	strlcpy(pr->ps_comm, "swapper", sizeof(pr->ps_comm));
	timeout_set(&p->p_sleep_to, endtsleep, p);

	signal_init();
	pr->ps_sigacts = &sigacts0;
	sigacts0.ps_refcnt = 1;
	siginit(pr);
	sigstkinit(&p->p_sigstk);

	p->p_fd = pr->ps_fd = fdinit();

	lim_startup(&limit0);
	pr->ps_limit = &limit0;

	/* kernel threads live in the kernel's map, below it is nothing */
	uvmspace_init(&vmspace0, pmap_kernel(), VM_MIN_ADDRESS,
	    VM_MAXUSER_ADDRESS);
	p->p_vmspace = pr->ps_vmspace = &vmspace0;

	(void)chgproccnt(0, 1);
}

/*
 * The root file system from the initrd, whose memory is then free.
 */
void
main_mountroot(void)
{
	paddr_t pa;

	if (initrd_range.end == initrd_range.start)
		panic("no initrd: there is nothing to mount as root");
	vfs_mountroot((void *)PMAP_DIRECT_MAP(initrd_range.start),
	    initrd_range.end - initrd_range.start);
	printf("root on rd0a swap on none dump on none\n");

	for (pa = trunc_page(initrd_range.start); pa < initrd_range.end;
	    pa += PAGE_SIZE) {
		uvm_pagefree(PHYS_TO_VM_PAGE(pa));
		uvmexp.npages++;
	}
	proc0.p_fd->fd_cdir = rootvnode;
	vref(rootvnode);
	initprocess->ps_fd->fd_cdir = rootvnode;
	vref(rootvnode);
}

int
main(void)
{
	struct proc *p = &proc0;
	struct process *pr = &process0;
	struct proc *initproc;

	KERNEL_LOCK_INIT();
	KERNEL_LOCK();
	random_start(boot_number("seed", DEFAULT_SEED));
	inittodr(boot_number("time", DEFAULT_TIME));
	timeout_startup();
	uvm_init();
	cpu_startup();
	sleep_queue_init();
	init_exec();
	procinit();
	filedesc_init();
	kqueue_init();
	main_proc0(p, pr);
	sched_init_runqueues();
	vfsinit();

	cpu_configure();
	initclocks();
	cold = 0;
	scheduler_start();
	timeout_proc_init();

	/* init: pid 1, because pids are not random yet */
	if (fork1(p, FORK_FORK, start_init, NULL, NULL, &initproc))
		panic("fork init");
	initprocess = initproc->p_p;
	randompid = 1;

	kthread_run_deferred_queue();
	if (kthread_create(reaper, NULL, &reaperproc, "reaper"))
		panic("fork reaper");

	main_mountroot();

	/* init may go on */
	start_init_exec = 1;
	wakeup((void *)&start_init_exec);

	/* the swapper has nothing to swap */
	for (;;)
		tsleep(&proc0, PVM, "scheduler", 0);
	/* NOTREACHED */
}

/* What is tried, in this order. */
const char * const initpaths[] = {
	"/sbin/init",
	"/sbin/oinit",
	"/sbin/init.bak",
	NULL
};

/*
 * Put path and argument list on the top page of the stack to be, as a user
 * program would, and execute.
 */
int
start_init_exec_path(struct proc *p, const char *path)
{
	struct sys_execve_args args;
	vaddr_t addr = USRSTACK - PAGE_SIZE, top = USRSTACK;
	char *argv[2], *upath;
	register_t retval[2];
	size_t len = strlen(path) + 1;
	int error;

	error = uvm_map(&p->p_vmspace->vm_map, &addr, PAGE_SIZE, NULL, 0, 0,
	    UVM_MAPFLAG(PROT_READ | PROT_WRITE, PROT_MASK, MAP_INHERIT_COPY,
	    0, UVM_FLAG_FIXED | UVM_FLAG_COPYONW | UVM_FLAG_UNMAP));
	if (error != 0)
		return error;
	upath = (char *)top - len;
	error = copyout(path, upath, len);
	argv[0] = upath;
	argv[1] = NULL;
	top = STACKALIGN(upath - sizeof(argv));
	if (error == 0)
		error = copyout(argv, (void *)top, sizeof(argv));
	if (error != 0)
		return error;
	SCARG(&args, path) = upath;
	SCARG(&args, argp) = (char **)top;
	SCARG(&args, envp) = NULL;
	return sys_execve(p, &args, retval);
}

/*
 * The body of process 1: wait until there is a root, then become init.  It
 * returns to user mode.
 */
void
start_init(void *arg)
{
	struct proc *p = arg;
	const char * const *pathp;
	int error;

	while (start_init_exec == 0)
		tsleep((void *)&start_init_exec, PWAIT, "initexec", 0);
	for (pathp = initpaths; *pathp != NULL; pathp++) {
		error = start_init_exec_path(p, *pathp);
		if (error == 0) {
			KERNEL_UNLOCK();
			return;
		}
		if (error != ENOENT)
			printf("exec %s: error %d\n", *pathp, error);
	}
	printf("init: not found\n");
	panic("no init");
}
