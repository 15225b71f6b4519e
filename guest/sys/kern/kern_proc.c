/* SPDX-License-Identifier: ISC */
/*
 * The tables of processes, threads, groups, sessions and users.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/malloc.h>
#include <sys/pool.h>
#include <sys/proc.h>
#include <sys/signalvar.h>
#include <sys/tty.h>
#include <sys/vnode.h>
#include <machine/db_machdep.h>
#include <ddb/db_command.h>
#include <ddb/db_interface.h>
#include <ddb/db_output.h>

#define MAXUSERS	80			/* "maxusers 80" */
#define NPROCESS	(30 + 16 * MAXUSERS)	/* processes, at most */

int	maxthread = 2 * NPROCESS;
int	maxprocess = NPROCESS;

struct tidhashhead *tidhashtbl;
u_long	tidhash;
struct pidhashhead *pidhashtbl;
u_long	pidhash;
struct pgrphashhead *pgrphashtbl;
u_long	pgrphash;
struct uihashhead *uihashtbl;
u_long	uihash;

struct proclist allproc;
struct processlist allprocess;
struct processlist zombprocess;
struct proclist deadproc;

struct pool proc_pool;
struct pool process_pool;
struct pool rusage_pool;
struct pool ucred_pool;
struct pool pgrp_pool;
struct pool session_pool;

void	db_proc_line(struct process *, struct proc *, int);

void
procinit(void)
{
	LIST_INIT(&allprocess);
	LIST_INIT(&zombprocess);
	LIST_INIT(&allproc);
	LIST_INIT(&deadproc);

	tidhashtbl = hashinit(maxthread / 4, M_PROC, M_NOWAIT, &tidhash);
	pidhashtbl = hashinit(maxprocess / 4, M_PROC, M_NOWAIT, &pidhash);
	pgrphashtbl = hashinit(maxprocess / 4, M_PROC, M_NOWAIT, &pgrphash);
	uihashtbl = hashinit(maxprocess / 16, M_PROC, M_NOWAIT, &uihash);
	if (tidhashtbl == NULL || pidhashtbl == NULL || pgrphashtbl == NULL ||
	    uihashtbl == NULL)
		panic("procinit: malloc");

	pool_init(&proc_pool, sizeof(struct proc), 0, IPL_NONE, 0, "procpl",
	    NULL);
	pool_init(&process_pool, sizeof(struct process), 0, IPL_NONE, 0,
	    "processpl", NULL);
	pool_init(&rusage_pool, sizeof(struct rusage), 0, IPL_NONE, 0,
	    "zombiepl", NULL);
	pool_init(&ucred_pool, sizeof(struct ucred), 0, IPL_NONE, 0,
	    "ucredpl", NULL);
	pool_init(&pgrp_pool, sizeof(struct pgrp), 0, IPL_NONE, 0, "pgrppl",
	    NULL);
	pool_init(&session_pool, sizeof(struct session), 0, IPL_NONE, 0,
	    "sessionpl", NULL);
}

/*
 * What is known about a user, made if it was not.  Entries are never freed.
 */
struct uidinfo *
uid_find(uid_t uid)
{
	struct uihashhead *uipp = UIHASH(uid);
	struct uidinfo *uip, *nuip;

	LIST_FOREACH(uip, uipp, ui_hash)
		if (uip->ui_uid == uid)
			return uip;
	nuip = malloc(sizeof(*nuip), M_PROC, M_WAITOK | M_ZERO);
	/* malloc() may have slept: look again */
	LIST_FOREACH(uip, uipp, ui_hash)
		if (uip->ui_uid == uid)
			break;
	if (uip != NULL) {
		free(nuip, M_PROC, sizeof(*nuip));
		return uip;
	}
	nuip->ui_uid = uid;
	LIST_INSERT_HEAD(uipp, nuip, ui_hash);
	return nuip;
}

/*
 * Change the count of a user's processes; returns the new count.
 */
int
chgproccnt(uid_t uid, int diff)
{
	struct uidinfo *uip;
	long count;

	uip = uid_find(uid);
	count = (uip->ui_proccnt += diff);
	if (count < 0)
		panic("chgproccnt: procs < 0");
	return (int)count;
}

/*
 * Is p a descendant of parent, or parent itself?
 */
int
inferior(struct process *pr, struct process *parent)
{
	for (; pr != parent; pr = pr->ps_pptr)
		if (pr->ps_pid == 0 || pr->ps_pid == 1)
			return 0;
	return 1;
}

struct proc *
tfind(pid_t tid)
{
	struct proc *p;

	LIST_FOREACH(p, TIDHASH(tid), p_hash)
		if (p->p_tid == tid)
			return p;
	return NULL;
}

/*
 * A living process by its pid.
 */
struct process *
prfind(pid_t pid)
{
	struct process *pr;

	LIST_FOREACH(pr, PIDHASH(pid), ps_hash)
		if (pr->ps_pid == pid)
			return pr;
	return NULL;
}

struct pgrp *
pgfind(pid_t pgid)
{
	struct pgrp *pgrp;

	LIST_FOREACH(pgrp, PGRPHASH(pgid), pg_hash)
		if (pgrp->pg_id == pgid)
			return pgrp;
	return NULL;
}

struct process *
zombiefind(pid_t pid)
{
	struct process *pr;

	LIST_FOREACH(pr, &zombprocess, ps_list)
		if (pr->ps_pid == pid)
			return pr;
	return NULL;
}

/*
 * The process becomes the leader of a new group, and with newsess of a new
 * session.
 */
int
enternewpgrp(struct process *pr, struct pgrp *pgrp, struct session *newsess)
{
	KASSERT(pgfind(pr->ps_pid) == NULL);
	if (newsess != NULL) {
		memset(newsess, 0, sizeof(*newsess));
		newsess->s_leader = pr;
		newsess->s_count = 1;
		memcpy(newsess->s_login, pr->ps_session->s_login,
		    sizeof(newsess->s_login));
		atomic_clearbits_int(&pr->ps_flags, PS_CONTROLT);
		pgrp->pg_session = newsess;
	} else {
		pgrp->pg_session = pr->ps_session;
		SESSHOLD(pgrp->pg_session);
	}
	pgrp->pg_id = pr->ps_pid;
	LIST_INIT(&pgrp->pg_members);
	LIST_INSERT_HEAD(PGRPHASH(pr->ps_pid), pgrp, pg_hash);
	pgrp->pg_jobc = 0;
	enterthispgrp(pr, pgrp);
	return 0;
}

/*
 * The process moves to another group of its session.
 */
void
enterthispgrp(struct process *pr, struct pgrp *pgrp)
{
	struct pgrp *old = pr->ps_pgrp;

	/* first in, then out, so that no group looks orphaned meanwhile */
	fixjobc(pr, pgrp, 1);
	fixjobc(pr, old, 0);
	LIST_REMOVE(pr, ps_pglist);
	LIST_INSERT_HEAD(&pgrp->pg_members, pr, ps_pglist);
	pr->ps_pgrp = pgrp;
	if (LIST_EMPTY(&old->pg_members))
		pgdelete(old);
}

void
leavepgrp(struct process *pr)
{
	struct pgrp *pgrp = pr->ps_pgrp;

	LIST_REMOVE(pr, ps_pglist);
	pr->ps_pgrp = NULL;
	if (LIST_EMPTY(&pgrp->pg_members))
		pgdelete(pgrp);
}

void
pgdelete(struct pgrp *pgrp)
{
	struct session *s = pgrp->pg_session;

	if (s->s_ttyp != NULL && s->s_ttyp->t_pgrp == pgrp)
		s->s_ttyp->t_pgrp = NULL;
	LIST_REMOVE(pgrp, pg_hash);
	SESSRELE(s);
	pool_put(&pgrp_pool, pgrp);
}

void
sessrele(struct session *s)
{
	if (--s->s_count == 0)
		pool_put(&session_pool, s);
}

/*
 * pg_jobc counts the members whose parent is in another group of the same
 * session, and could continue them.  pr enters or leaves pgrp: adjust the
 * counts of its group and of its children's.
 */
void
fixjobc(struct process *pr, struct pgrp *pgrp, int entering)
{
	struct session *mysession = pgrp->pg_session;
	struct pgrp *hispgrp;

	hispgrp = pr->ps_pptr->ps_pgrp;
	if (hispgrp != pgrp && hispgrp->pg_session == mysession) {
		if (entering)
			pgrp->pg_jobc++;
		else if (--pgrp->pg_jobc == 0)
			orphanpg(pgrp);
	}
	LIST_FOREACH(pr, &pr->ps_children, ps_sibling) {
		hispgrp = pr->ps_pgrp;
		if (hispgrp == pgrp || hispgrp->pg_session != mysession ||
		    (pr->ps_flags & PS_ZOMBIE))
			continue;
		if (entering)
			hispgrp->pg_jobc++;
		else if (--hispgrp->pg_jobc == 0)
			orphanpg(hispgrp);
	}
}

/*
 * By exit1(): a session leader takes the terminal with it.
 */
void
killjobc(struct process *pr)
{
	struct session *sp = pr->ps_session;
	struct vnode *ovp;

	if (SESS_LEADER(pr)) {
		if (sp->s_ttyvp != NULL) {
			if (sp->s_ttyp != NULL &&
			    sp->s_ttyp->t_session == sp) {
				if (sp->s_ttyp->t_pgrp != NULL)
					pgsignal(sp->s_ttyp->t_pgrp, SIGHUP, 1);
				(void)ttywait(sp->s_ttyp);
				/* the wait may have lost the terminal */
				if (sp->s_ttyvp != NULL)
					VOP_REVOKE(sp->s_ttyvp, REVOKEALL);
			}
			ovp = sp->s_ttyvp;
			sp->s_ttyvp = NULL;
			if (ovp != NULL)
				vrele(ovp);
		}
		sp->s_leader = NULL;
	}
	fixjobc(pr, pr->ps_pgrp, 0);
}

/*
 * Nobody is left to continue this group: stopped members get SIGHUP and
 * SIGCONT.
 */
void
orphanpg(struct pgrp *pg)
{
	struct process *pr;

	LIST_FOREACH(pr, &pg->pg_members, ps_pglist) {
		if (pr->ps_mainproc->p_stat != SSTOP)
			continue;
		LIST_FOREACH(pr, &pg->pg_members, ps_pglist) {
			prsignal(pr, SIGHUP);
			prsignal(pr, SIGCONT);
		}
		return;
	}
}

/*
 * ddb: show proc
 */
void
proc_printit(struct proc *p, const char *modif,
    int (*pr)(const char *, ...))
{
	static const char * const states[] = {
		"?", "idl", "run", "sleep", "stop", "zomb", "dead", "onproc"
	};
	struct process *process = p->p_p;
	u_int stat = p->p_stat;

	(*pr)("PROC (%s) tid=%d pid=%d stat=%s\n", process->ps_comm,
	    p->p_tid + THREAD_PID_OFFSET, process->ps_pid,
	    states[stat < nitems(states) ? stat : 0]);
	(*pr)("    flags process=%b proc=%b\n", process->ps_flags, PS_BITS,
	    p->p_flag, P_BITS);
	(*pr)("    pri=%u, usrpri=%u, nice=%d\n", p->p_priority,
	    p->p_usrpri, process->ps_nice);
	(*pr)("    wchan=%p wmesg=%s\n", p->p_wchan,
	    p->p_wchan != NULL && p->p_wmesg != NULL ? p->p_wmesg : "-");
	(*pr)("    forw=%p, list=%p,%p\n", TAILQ_NEXT(p, p_runq),
	    p->p_list.le_next, p->p_list.le_prev);
	(*pr)("    process=%p user=%p, vmspace=%p\n", process, p->p_addr,
	    p->p_vmspace);
	(*pr)("    estcpu=%u, cpticks=%d, pctcpu=%u\n", p->p_estcpu,
	    p->p_cpticks, p->p_pctcpu);
	(*pr)("    user=%lu, sys=%lu, intr=%lu\n",
	    (u_long)p->p_tu.tu_uticks, (u_long)p->p_tu.tu_sticks,
	    (u_long)p->p_tu.tu_iticks);
}

/*
 * A thread in ddb's list of them, in one of its formats.
 */
void
db_proc_line(struct process *pr, struct proc *p, int format)
{
	int tid = p->p_tid + THREAD_PID_OFFSET;
	int current = p == curproc ? '*' : ' ';
	int asleep = p->p_wchan != NULL && p->p_wmesg != NULL;

	switch (format) {
	case 'a':
		db_printf("%c%6d  %-15s  %#18lx  %#18lx  %#18lx\n", current,
		    tid, pr->ps_comm, (u_long)p, (u_long)p->p_addr,
		    (u_long)p->p_vmspace);
		break;
	case 'o':
		if (p->p_stat == SONPROC)
			db_printf("%c%6d  %5d  %5u  %#10x %#10x %4u  %s\n",
			    current, tid, pr->ps_pid, pr->ps_ucred->cr_ruid,
			    pr->ps_flags, p->p_flag, p->p_cpu->ci_cpuid,
			    pr->ps_comm);
		break;
	case 'w':
		db_printf("%c%6d  %-15s  %-8s  %#18lx  %s\n", current, tid,
		    pr->ps_comm, pr->ps_emul->e_name, (u_long)p->p_wchan,
		    asleep ? p->p_wmesg : "");
		break;
	default:
		db_printf("%c%5d  %6d  %5d  %5u  %d  %#10x  %-12.12s  %s\n",
		    current, pr->ps_pid, tid,
		    pr->ps_pptr != NULL ? pr->ps_pptr->ps_pid : -1,
		    pr->ps_ucred->cr_ruid, p->p_stat,
		    p->p_flag | pr->ps_flags, asleep ? p->p_wmesg : "",
		    pr->ps_comm);
	}
}

/*
 * ddb: ps and show all procs, with the modifiers n (as ps(1) does), a
 * (addresses), w (what is waited for) and o (what runs).
 */
void
db_show_all_procs(db_expr_t addr, int have_addr, db_expr_t count, char *modif)
{
	struct processlist *lists[] = { &allprocess, &zombprocess };
	struct process *pr;
	struct proc *p;
	size_t i;
	int format = modif[0] == '\0' ? 'n' : modif[0];

	switch (format) {
	case 'a':
		db_printf("    TID  %-15s  %18s  %18s  %18s\n", "COMMAND",
		    "STRUCT PROC *", "UAREA *", "VMSPACE *");
		break;
	case 'n':
		db_printf("   PID  %6s  %5s  %5s  S  %10s  %-12s  %s\n",
		    "TID", "PPID", "UID", "FLAGS", "WAIT", "COMMAND");
		break;
	case 'o':
		db_printf("    TID  %5s  %5s  %10s %10s %4s  %s\n", "PID",
		    "UID", "PRFLAGS", "PFLAGS", "CPU", "COMMAND");
		break;
	case 'w':
		db_printf("    TID  %-15s  %-8s  %18s  %s\n", "COMMAND",
		    "EMUL", "WAIT-CHANNEL", "WAIT-MSG");
		break;
	default:
		db_error("usage: show all procs [/a] [/n] [/o] [/w]\n");
	}
	for (i = 0; i < nitems(lists); i++)
		LIST_FOREACH(pr, lists[i], ps_list) {
			/* a dead thread is in no list of its process */
			if (TAILQ_EMPTY(&pr->ps_threads))
				db_proc_line(pr, pr->ps_mainproc, format);
			TAILQ_FOREACH(p, &pr->ps_threads, p_thr_link)
				db_proc_line(pr, p, format);
		}
}
