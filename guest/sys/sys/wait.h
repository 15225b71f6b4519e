/* SPDX-License-Identifier: ISC */
#ifndef _SYS_WAIT_H_
#define _SYS_WAIT_H_

#include <sys/types.h>

#define _WSTATUS(x)	((x) & 0177)
#define _WSTOPPED	0177		/* low bits of a stop status */
#define _WCONTINUED	0177777		/* status of a continued child */

#define WIFSTOPPED(x)	(((x) & 0xff) == _WSTOPPED)
#define WSTOPSIG(x)	(((x) >> 8) & 0xff)
#define WIFSIGNALED(x)	(_WSTATUS(x) != _WSTOPPED && _WSTATUS(x) != 0)
#define WTERMSIG(x)	(_WSTATUS(x))
#define WIFEXITED(x)	(_WSTATUS(x) == 0)
#define WEXITSTATUS(x)	(((x) >> 8) & 0xff)
#define WIFCONTINUED(x)	(((x) & _WCONTINUED) == _WCONTINUED)
#define WCOREFLAG	0200
#define WCOREDUMP(x)	((x) & WCOREFLAG)

#define W_EXITCODE(ret, sig)	((ret) << 8 | (sig))
#define W_STOPCODE(sig)		((sig) << 8 | _WSTOPPED)

#define WNOHANG		1	/* do not wait */
#define WUNTRACED	2	/* report stopped children too */
#define WCONTINUED	8	/* report continued children too */

#define WAIT_ANY	(-1)	/* any child */
#define WAIT_MYPGRP	0	/* any child of my process group */

#ifndef _KERNEL
struct rusage;

pid_t	wait(int *);
pid_t	waitpid(pid_t, int *, int);
pid_t	wait4(pid_t, int *, int, struct rusage *);
#endif

#endif /* _SYS_WAIT_H_ */
