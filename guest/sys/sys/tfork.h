/* SPDX-License-Identifier: ISC */
#ifndef _SYS_TFORK_H_
#define _SYS_TFORK_H_

#include <sys/types.h>

/* Argument of __tfork(2). */
struct __tfork {
	void	*tf_tcb;		/* the new thread's control block */
	pid_t	*tf_tid;		/* where its id is written */
	void	*tf_stack;		/* its initial stack pointer */
};

#endif /* _SYS_TFORK_H_ */
