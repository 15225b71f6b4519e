/* SPDX-License-Identifier: ISC */
#ifndef _JOBS_H_
#define _JOBS_H_

#include <sys/types.h>
#include <stdio.h>

struct op;

enum proc_state { PRUNNING, PEXITED, PSIGNALLED, PSTOPPED };

struct proc {
	pid_t		 pid;
	enum proc_state	 state;
	int		 status;	/* wait status */
	struct proc	*next;
};

struct job {
	int		 number;	/* [number] */
	pid_t		 pgrp;		/* 0: the shell's own */
	int		 changed;	/* the user has not been told yet */
	struct proc	*procs;
	struct proc	*last;		/* the one whose status counts */
	char		*command;	/* text */
	struct job	*next;
};

extern struct job *jobs;		/* by number */

struct job	*job_new(void);
void		 job_free(struct job *);
void		 job_describe(struct job *, const struct op *);
enum proc_state	 job_state(const struct job *);
void		 job_print(const struct job *, FILE *);
void		 proc_add(struct job *, pid_t);
void		 proc_changed(pid_t, int);
int		 status_of(const struct proc *);

#endif /* _JOBS_H_ */
