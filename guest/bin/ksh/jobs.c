/* SPDX-License-Identifier: ISC */
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "sh.h"
#include "jobs.h"

/*
 * Starting jobs and waiting for them.  With job control each job is a process
 * group, and the terminal belongs to the one in front.
 */
#define FORK_DELAY_MAX	32		/* no retry this late, seconds */

static struct job *forming;		/* a pipeline that still grows */
static pid_t async_pid;			/* $! */
static int tty_fd = -1;			/* the terminal, with job control */
static pid_t our_pgrp;

pid_t
j_async(void)
{
	return async_pid;
}

int
is_job_control(void)
{
	return f_monitor && tty_fd != -1;
}

/* Become the terminal's foreground, in a group of our own. */
void
j_init(void)
{
	pid_t front;

	tty_fd = move_high(open("/dev/tty", O_RDWR | O_CLOEXEC));
	if (tty_fd == -1) {
		warningf("No controlling tty (open /dev/tty: %s)",
		    strerror(errno));
		f_monitor = 0;
		return;
	}
	while ((front = tcgetpgrp(tty_fd)) != -1 && front != getpgrp())
		kill(0, SIGTTIN);
	our_pgrp = getpid();
	if (getpgrp() != our_pgrp && setpgid(0, our_pgrp) == -1)
		warningf("setpgid: %s", strerror(errno));
	signal(SIGTTOU, SIG_IGN);
	signal(SIGTTIN, SIG_IGN);
	signal(SIGTSTP, SIG_IGN);
	if (front != our_pgrp && tcsetpgrp(tty_fd, our_pgrp) == -1) {
		warningf("tcsetpgrp: %s", strerror(errno));
		f_monitor = 0;
	}
}

/* Wait for any child; 0 if a signal came, -1 if there is none. */
static int
wait_any(int options)
{
	int status;
	pid_t pid;

	pid = waitpid(-1, &status, options |
	    (is_job_control() ? WUNTRACED : 0));
	if (pid > 0) {
		proc_changed(pid, status);
		return pid;
	}
	return pid == -1 && errno == EINTR ? 0 : -1;
}

/* How a job in front ended, if it is worth telling. */
static void
tell_end(const struct job *j)
{
	int sig;

	if (j->last->state != PSIGNALLED)
		return;
	sig = WTERMSIG(j->last->status);
	shf_flush();
	/* Who interrupts a command means the whole line. */
	if (sig == SIGINT)
		interrupted = f_interactive;
	else if (sig != SIGPIPE)
		fprintf(stderr, "%s%s\n", strsignal(sig),
		    WCOREDUMP(j->last->status) ? " (core dumped)" : "");
}

/* Wait for a job in front; its status. */
static int
j_waitj(struct job *j)
{
	int rv;

	while (job_state(j) == PRUNNING)
		if (wait_any(0) == -1)
			break;
	if (is_job_control())
		tcsetpgrp(tty_fd, our_pgrp);
	rv = status_of(j->last);
	j->changed = 0;
	if (job_state(j) == PSTOPPED) {
		fputc('\n', stderr);
		job_print(j, stderr);
	} else {
		tell_end(j);
		job_free(j);
	}
	return rv;
}

/* fork(2); while there are too many processes, wait longer and longer. */
static pid_t
fork_retrying(void)
{
	unsigned int delay;
	pid_t pid;

	for (delay = 1; (pid = fork()) == -1 && errno == EAGAIN &&
	    delay < FORK_DELAY_MAX; delay *= 2)
		sleep(delay);
	return pid;
}

/* Which group a new process of a job belongs to; both sides call this. */
static void
join_group(struct job *j, pid_t pid, int front)
{
	if (!is_job_control())
		return;
	if (j->pgrp == 0)
		j->pgrp = pid;
	setpgid(pid, j->pgrp);
	if (front)
		tcsetpgrp(tty_fd, j->pgrp);
}

/* The child's half of exchild(). */
static __dead void
run_child(struct op *t, int flags, int in, int out, int close_fd)
{
	int fd;

	if ((flags & XBGND) && !is_job_control()) {
		signal(SIGINT, SIG_IGN);
		signal(SIGQUIT, SIG_IGN);
		if ((flags & XPIPEI) == 0 &&
		    (fd = open("/dev/null", O_RDONLY)) > 0) {
			dup2(fd, STDIN_FILENO);
			close(fd);
		}
	}
	if (close_fd != -1)
		close(close_fd);
	if (in != -1) {
		dup2(in, STDIN_FILENO);
		close(in);
	}
	if (out != -1) {
		dup2(out, STDOUT_FILENO);
		close(out);
	}
	/* The jobs are our parent's children, not ours. */
	jobs = forming = NULL;
	tty_fd = -1;
	f_monitor = 0;
	quit(execute(t, (flags & XERROK) | XEXEC));
}

/*
 * Run a tree in a child.  A pipeline calls this for each of its commands: in
 * and out are its pipes, closed here, and close_fd is the other end of out; -1
 * stands for none.  The status, if the job is in front and complete.
 */
int
exchild(struct op *t, int flags, int in, int out, int close_fd)
{
	struct job *j = flags & XPIPEI ? forming : NULL;
	int front = (flags & XBGND) == 0;
	sigset_t chld, saved;
	pid_t pid;

	shf_flush();
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, &saved);
	if (j == NULL)
		j = job_new();
	forming = flags & XPIPEO ? j : NULL;
	pid = fork_retrying();
	if (pid != 0 && in != -1)
		close(in);
	if (pid != 0 && out != -1)
		close(out);
	if (pid == -1) {
		sigprocmask(SIG_SETMASK, &saved, NULL);
		if (close_fd != -1)
			close(close_fd);
		if (j->procs == NULL)
			job_free(j);
		forming = NULL;
		errorf("cannot fork - try again");
	}
	if (pid == 0) {
		join_group(j, getpid(), front);
		trap_child();
		sigprocmask(SIG_SETMASK, &saved, NULL);
		run_child(t, flags, in, out, close_fd);
	}
	proc_add(j, pid);
	join_group(j, pid, front);
	sigprocmask(SIG_SETMASK, &saved, NULL);
	job_describe(j, t);
	if (flags & XPIPEO)
		return 0;
	if (front)
		return j_waitj(j);
	async_pid = pid;
	if (f_interactive)
		fprintf(stderr, "[%d] %d\n", j->number, (int)pid);
	return 0;
}

/* Run a tree and collect what it writes on standard output. */
int
capture_output(struct op *t, struct xstring *output)
{
	struct job *outer = forming, *j;
	char buf[512];
	int fds[2];
	ssize_t n;
	pid_t pid;

	shf_flush();
	if (pipe(fds) == -1)
		errorf("cannot create pipe - %s", strerror(errno));
	fds[0] = move_high(fds[0]);
	fds[1] = move_high(fds[1]);
	if ((pid = fork_retrying()) == -1) {
		close(fds[0]);
		close(fds[1]);
		errorf("cannot fork - try again");
	}
	if (pid == 0) {
		trap_child();
		run_child(t, 0, -1, fds[1], fds[0]);
	}
	j = job_new();
	proc_add(j, pid);
	j->command = xstrdup("");
	close(fds[1]);
	while ((n = read(fds[0], buf, sizeof(buf))) > 0 ||
	    (n == -1 && errno == EINTR))
		if (n > 0)
			xnputs(output, buf, n);
	close(fds[0]);
	forming = outer;
	while (job_state(j) == PRUNNING)
		if (wait_any(0) == -1)
			break;
	n = status_of(j->last);
	job_free(j);
	return n;
}

/* Tell about jobs in the background that have changed; forget the dead. */
void
j_notify(void)
{
	struct job *j, *next;

	while (jobs != NULL && wait_any(WNOHANG) > 0)
		continue;
	for (j = jobs; j != NULL; j = next) {
		next = j->next;
		if (j->changed && f_interactive)
			job_print(j, stderr);
		if (j->changed && job_state(j) != PSTOPPED && f_interactive)
			job_free(j);
		else
			j->changed = 0;
	}
}

void
j_print_jobs(void)
{
	struct job *j, *next;

	while (jobs != NULL && wait_any(WNOHANG) > 0)
		continue;
	for (j = jobs; j != NULL; j = next) {
		next = j->next;
		job_print(j, stdout);
		if (job_state(j) != PRUNNING && job_state(j) != PSTOPPED)
			job_free(j);
	}
}

/* Wait until nothing runs any more; an interrupt ends it. */
int
j_waitall(void)
{
	struct job *j;

	for (;;) {
		for (j = jobs; j != NULL && job_state(j) != PRUNNING;)
			j = j->next;
		if (j == NULL)
			return 0;
		if (wait_any(0) <= 0 && interrupted)
			return 128 + SIGINT;
	}
}

/* Wait for one child, or for %number; 127 if it is not ours. */
int
j_waitpid(pid_t pid)
{
	struct proc *p = NULL;
	struct job *j;

	for (j = jobs; j != NULL; j = j->next) {
		for (p = j->procs; p != NULL && p->pid != pid; p = p->next)
			continue;
		if (p != NULL)
			break;
	}
	if (p == NULL)
		return 127;
	while (p->state == PRUNNING)
		if (wait_any(0) <= 0 && interrupted)
			return 128 + SIGINT;
	pid = status_of(p);
	if (job_state(j) != PRUNNING && job_state(j) != PSTOPPED)
		job_free(j);
	return pid;
}

/* fg and bg: let a job go on, in front or not. */
int
j_resume(const char *which, int front)
{
	struct job *j = jobs;
	struct proc *p;

	if (!is_job_control()) {
		bi_errorf("no job control");
		return 1;
	}
	if (which == NULL)
		while (j != NULL && j->next != NULL)
			j = j->next;
	else
		while (j != NULL && j->number != atoi(which +
		    (*which == '%')))
			j = j->next;
	if (j == NULL) {
		bi_errorf("%s: no such job", which != NULL ? which : "%+");
		return 1;
	}
	if (!front)
		printf("[%d] ", j->number);
	printf("%s\n", j->command);
	for (p = j->procs; p != NULL; p = p->next)
		if (p->state == PSTOPPED)
			p->state = PRUNNING;
	shf_flush();
	if (front)
		tcsetpgrp(tty_fd, j->pgrp);
	kill(-j->pgrp, SIGCONT);
	return front ? j_waitj(j) : 0;
}
