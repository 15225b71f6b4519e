/* SPDX-License-Identifier: ISC */
#include <sys/wait.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sh.h"
#include "jobs.h"

/* Jobs, the processes that one command line starts: a table of them. */
struct job *jobs;

struct job *
job_new(void)
{
	struct job *j = xmalloc(sizeof(*j)), **link = &jobs;
	int number = 1;

	for (; *link != NULL && (*link)->number == number; number++)
		link = &(*link)->next;
	memset(j, 0, sizeof(*j));
	j->number = number;
	j->next = *link;
	*link = j;
	return j;
}

void
job_free(struct job *j)
{
	struct job **link = &jobs;
	struct proc *p;

	while (*link != j)
		link = &(*link)->next;
	*link = j->next;
	while ((p = j->procs) != NULL) {
		j->procs = p->next;
		free(p);
	}
	free(j->command);
	free(j);
}

/* Add the text of a command, a bar between those of a pipeline. */
void
job_describe(struct job *j, const struct op *t)
{
	struct xstring text = { NULL, 0, 0 };

	if (j->command != NULL) {
		xputs(&text, j->command);
		xputs(&text, " | ");
	}
	tree_print(&text, t);
	while (text.len > 0 && text.buf[text.len - 1] == ' ')
		text.buf[--text.len] = '\0';
	free(j->command);
	j->command = text.buf != NULL ? text.buf : xstrdup("");
}

void
proc_add(struct job *j, pid_t pid)
{
	struct proc *p = xmalloc(sizeof(*p)), **end = &j->procs;

	p->pid = pid;
	p->state = PRUNNING;
	p->status = 0;
	p->next = NULL;
	while (*end != NULL)
		end = &(*end)->next;
	*end = p;
	j->last = p;
}

/* Stopped if one of it is, done if all are. */
enum proc_state
job_state(const struct job *j)
{
	const struct proc *p;
	int stopped = 0;

	for (p = j->procs; p != NULL; p = p->next) {
		if (p->state == PRUNNING)
			return PRUNNING;
		if (p->state == PSTOPPED)
			stopped = 1;
	}
	return stopped ? PSTOPPED : j->last->state;
}

int
status_of(const struct proc *p)
{
	switch (p->state) {
	case PSIGNALLED:
		return 128 + WTERMSIG(p->status);
	case PSTOPPED:
		return 128 + WSTOPSIG(p->status);
	default:
		return WEXITSTATUS(p->status);
	}
}

/* Note what wait4(2) told about a process. */
void
proc_changed(pid_t pid, int status)
{
	struct proc *p;
	struct job *j;

	for (j = jobs; j != NULL; j = j->next)
		for (p = j->procs; p != NULL; p = p->next) {
			if (p->pid != pid)
				continue;
			p->status = status;
			p->state = WIFSTOPPED(status) ? PSTOPPED :
			    WIFSIGNALED(status) ? PSIGNALLED : PEXITED;
			j->changed = job_state(j) != PRUNNING;
			return;
		}
}

static void
describe_state(const struct job *j, char *text, size_t size)
{
	const struct proc *p;

	switch (job_state(j)) {
	case PRUNNING:
		snprintf(text, size, "Running");
		break;
	case PSTOPPED:
		for (p = j->procs; p->state != PSTOPPED;)
			p = p->next;
		snprintf(text, size, "%s", strsignal(WSTOPSIG(p->status)));
		break;
	case PSIGNALLED:
		snprintf(text, size, "%s%s", strsignal(WTERMSIG(
		    j->last->status)), WCOREDUMP(j->last->status) ?
		    " (core dumped)" : "");
		break;
	case PEXITED:
		if (WEXITSTATUS(j->last->status) == 0)
			snprintf(text, size, "Done");
		else
			snprintf(text, size, "Done (%d)",
			    WEXITSTATUS(j->last->status));
		break;
	}
}

void
job_print(const struct job *j, FILE *fp)
{
	const struct job *newest = jobs;
	char text[64];

	while (newest->next != NULL)
		newest = newest->next;
	describe_state(j, text, sizeof(text));
	fprintf(fp, "[%d] %c %-20s %s\n", j->number, j == newest ? '+' : '-',
	    text, j->command);
}
