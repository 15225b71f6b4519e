/* SPDX-License-Identifier: ISC */
#ifndef _SIGNAL_H_
#define _SIGNAL_H_

#include <sys/signal.h>

typedef int sig_atomic_t;

extern const char *const sys_signame[NSIG];	/* "INT" */
extern const char *const sys_siglist[NSIG];	/* "Interrupt" */

sig_t	signal(int, sig_t);
int	sigaction(int, const struct sigaction *, struct sigaction *);
int	sigprocmask(int, const sigset_t *, sigset_t *);
int	sigpending(sigset_t *);
int	sigsuspend(const sigset_t *);
int	sigaltstack(const struct sigaltstack *, struct sigaltstack *);
int	kill(pid_t, int);
int	killpg(pid_t, int);
int	raise(int);
int	sigemptyset(sigset_t *);
int	sigfillset(sigset_t *);
int	sigaddset(sigset_t *, int);
int	sigdelset(sigset_t *, int);
int	sigismember(const sigset_t *, int);

#endif /* _SIGNAL_H_ */
