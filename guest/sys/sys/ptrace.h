/* SPDX-License-Identifier: ISC */
#ifndef _SYS_PTRACE_H_
#define _SYS_PTRACE_H_

#include <sys/types.h>

#define PT_TRACE_ME		0
#define PT_READ_I		1
#define PT_READ_D		2
#define PT_WRITE_I		4
#define PT_WRITE_D		5
#define PT_CONTINUE		7
#define PT_KILL			8
#define PT_ATTACH		9
#define PT_DETACH		10
#define PT_IO			11
#define PT_SET_EVENT_MASK	12
#define PT_GET_EVENT_MASK	13
#define PT_GET_PROCESS_STATE	14
#define PT_GET_THREAD_FIRST	15
#define PT_GET_THREAD_NEXT	16
#define PT_FIRSTMACH		32	/* first machine dependent request */

#define PTRACE_FORK		0x0002	/* event: fork */

struct ptrace_event {
	int	pe_set_event;		/* events to report */
};

struct ptrace_state {
	int	pe_report_event;	/* what happened */
	pid_t	pe_other_pid;		/* the other process of a fork */
	pid_t	pe_tid;			/* the thread that stopped */
};

struct ptrace_thread_state {
	pid_t	pts_tid;		/* a thread, -1 behind the last */
};

/* PT_IO: a transfer between the two memories. */
struct ptrace_io_desc {
	int	piod_op;		/* PIOD_* */
	void	*piod_offs;		/* address in the traced process */
	void	*piod_addr;		/* address in the debugger */
	size_t	piod_len;		/* bytes, then bytes moved */
};

#define PIOD_READ_D	1
#define PIOD_WRITE_D	2
#define PIOD_READ_I	3
#define PIOD_WRITE_I	4

#include <machine/ptrace.h>

#ifdef _KERNEL
struct proc;
struct process;
struct uio;

extern int global_ptrace;		/* sysctl kern.global_ptrace */

void	process_untrace(struct process *);
int	process_domem(struct proc *, struct process *, struct uio *);
#else
int	ptrace(int, pid_t, caddr_t, int);
#endif

#endif /* _SYS_PTRACE_H_ */
