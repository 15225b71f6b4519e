/* SPDX-License-Identifier: ISC */
#ifndef _SCRATCH_H_
#define _SCRATCH_H_

/*
 * The scratch program's memory that a test can name (see scratch.c), and the
 * layout of a call.  The host knows the same numbers: emu/vitest/scratch/.
 */
#define SCRATCH_CALLS		0x20000000	/* shared with every child */
#define SCRATCH_CALLS_SIZE	0x20000
#define SCRATCH_DATA		0x21000000	/* private, as a program's data is */
#define SCRATCH_DATA_SIZE	0x10000
#define SCRATCH_GUARDED		0x22000000	/* a page; none behind it */
#define SCRATCH_READ_ONLY	0x23000000	/* a page that cannot be written */

/* struct scratch_shared, at SCRATCH_CALLS */
#define SHARED_ENTRY		0
#define SHARED_HANDLER		8
#define SHARED_SIGNALS		16
#define SHARED_LOG		24

/* struct scratch_call */
#define CALL_NUMBER		0
#define CALL_KINDS		8
#define CALL_NARGS		16
#define CALL_ARGS		24
#define CALL_ACTUAL		88
#define CALL_VALUE		152
#define CALL_SECOND		160
#define CALL_STATE		168
#define CALL_CHILD		176
#define CALL_SIZE		184

/* instead of a system call's number */
#define CALL_END		-0x5c4a7c01	/* the program is over */
#define CALL_TOUCH		-0x5c4a7c02	/* write a page, so that it is ours */

#define KIND_VALUE		0	/* the argument itself */
#define KIND_LONG		1	/* the 64 bits that it points at */
#define KIND_INT		2	/* the int that it points at */

#define STATE_DONE		1
#define STATE_FAILED		2	/* carry was set */

#define MAXARGS			8
#define REGISTER_ARGS		6

#ifndef _LOCORE
#include <sys/types.h>

/* One call of a program. */
struct scratch_call {
	int64_t	sc_number;
	uint8_t	sc_kinds[MAXARGS];	/* how the arguments are meant */
	int64_t	sc_nargs;
	int64_t	sc_args[MAXARGS];
	int64_t	sc_actual[MAXARGS];	/* what was passed */
	int64_t	sc_value;		/* rax after it */
	int64_t	sc_second;		/* rdx after it */
	int64_t	sc_state;		/* 0 until it has returned */
	struct scratch_call *sc_child;	/* what a child does, if it makes one */
};

#define SCRATCH_LOGGED	32	/* signals that are remembered */

struct scratch_signal {
	int32_t	ss_signal;
	int32_t	ss_code;
	int64_t	ss_address;
	int64_t	ss_thread;		/* getthrid(2) of whoever took it */
};

/* What the host, this process and its children tell each other. */
struct scratch_shared {
	struct scratch_call *sh_entry;	/* what to do next */
	void	(*sh_handler)(int, siginfo_t *, void *);
	int64_t	sh_signals;		/* how many have been caught */
	struct scratch_signal sh_log[SCRATCH_LOGGED];
};

void	scratch_enter(void);
void	scratch_handler(int, siginfo_t *, void *);
#endif /* !_LOCORE */

#endif /* _SCRATCH_H_ */
