/* SPDX-License-Identifier: ISC */
/*
 * pledge(2): a process promises what it will do, and dies if it does more.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/acct.h>
#include <sys/fcntl.h>
#include <sys/file.h>
#include <sys/filio.h>
#include <sys/ktrace.h>
#include <sys/malloc.h>
#include <sys/mman.h>
#include <sys/namei.h>
#include <sys/pledge.h>
#include <sys/proc.h>
#include <sys/signalvar.h>
#include <sys/syscall.h>
#include <sys/syscallargs.h>
#include <sys/sysctl.h>
#include <sys/ttycom.h>
#include <sys/vnode.h>

extern const uint64_t pledge_syscalls[SYS_MAXSYSCALL];
extern const struct pledge_name pledge_names[];

int	parsepledges(const char *, uint64_t *);
uint64_t pledgereq_flags(const char *, size_t);
int	pledge_path_permitted(struct proc *, uint64_t, uint64_t,
	    const char *);

#define PLEDGE_NAMES_MAX	1024	/* bytes of a string of promises */

/*
 * The promise called name, 0 if there is none.
 */
uint64_t
pledgereq_flags(const char *name, size_t len)
{
	const struct pledge_name *pn;

	for (pn = pledge_names; pn->name != NULL; pn++)
		if (strlen(pn->name) == len &&
		    strncmp(pn->name, name, len) == 0)
			return pn->bits;
	return 0;
}

/*
 * A string of promises from user memory, separated by blanks.  EINVAL if
 * one of them is unknown.
 */
int
parsepledges(const char *upromises, uint64_t *fp)
{
	char *buf, *s, *e;
	uint64_t flags = 0, f;
	int error;

	buf = malloc(PLEDGE_NAMES_MAX, M_TEMP, M_WAITOK);
	error = copyinstr(upromises, buf, PLEDGE_NAMES_MAX, NULL);
	for (s = buf; error == 0 && *s != '\0'; s = e) {
		while (*s == ' ')
			s++;
		for (e = s; *e != '\0' && *e != ' '; e++)
			continue;
		if (e == s)
			break;
		f = pledgereq_flags(s, e - s);
		if (f == 0)
			error = EINVAL;
		flags |= f;
	}
	free(buf, M_TEMP, PLEDGE_NAMES_MAX);
	if (error == 0)
		*fp = flags;
	return error;
}

/*
 * Promises can be made fewer, never more.  NULL leaves them as they are.
 */
int
sys_pledge(struct proc *p, void *v, register_t *retval)
{
	struct sys_pledge_args *uap = v;
	struct process *pr = p->p_p;
	uint64_t promises = 0, execpromises = 0;
	int error;

	if (SCARG(uap, promises) != NULL) {
		error = parsepledges(SCARG(uap, promises), &promises);
		if (error != 0)
			return error;
		/* with "error" a wish for more is not even mentioned */
		if ((pr->ps_flags & PS_PLEDGE) &&
		    (pr->ps_pledge & PLEDGE_ERROR))
			promises &= pr->ps_pledge & PLEDGE_USERSET;
		if ((pr->ps_flags & PS_PLEDGE) &&
		    (promises | pr->ps_pledge) != pr->ps_pledge)
			return EPERM;
	}
	if (SCARG(uap, execpromises) != NULL) {
		error = parsepledges(SCARG(uap, execpromises), &execpromises);
		if (error != 0)
			return error;
		if ((pr->ps_flags & PS_EXECPLEDGE) &&
		    (execpromises | pr->ps_execpledge) != pr->ps_execpledge)
			return EPERM;
	}

	/* nothing fails any more */
	if (SCARG(uap, promises) != NULL) {
		pr->ps_pledge = promises;
		atomic_setbits_int(&pr->ps_flags, PS_PLEDGE);
	}
	if (SCARG(uap, execpromises) != NULL) {
		pr->ps_execpledge = execpromises;
		atomic_setbits_int(&pr->ps_flags, PS_EXECPLEDGE);
	}
	return 0;
}

/*
 * May a pledged process make this system call?  EPERM if not, and *tval is
 * what it should have promised.
 */
int
pledge_syscall(struct proc *p, int code, uint64_t *tval)
{
	p->p_pledge_syscall = code;
	*tval = 0;
	if (code < 0 || code >= SYS_MAXSYSCALL)
		return EINVAL;
	if (pledge_syscalls[code] == PLEDGE_ALWAYS)
		return 0;
	if (pledge_syscalls[code] & p->p_p->ps_pledge)
		return 0;
	*tval = pledge_syscalls[code];
	return EPERM;
}

/*
 * A promise was broken: the process dies of a SIGABRT that it cannot catch,
 * or gets ENOSYS if it promised "error".
 */
int
pledge_fail(struct proc *p, int error, uint64_t code)
{
	struct process *pr = p->p_p;
	const struct pledge_name *pn;
	const char *name = "";

	for (pn = pledge_names; pn->name != NULL; pn++)
		if (pn->bits & code) {
			name = pn->name;
			break;
		}
	if (KTRPOINT(p, KTR_PLEDGE))
		ktrpledge(p, error, code, p->p_pledge_syscall);
	if (pr->ps_pledge & PLEDGE_ERROR)
		return ENOSYS;

	log(LOG_ERR, "%s[%d]: pledge \"%s\", syscall %d\n", pr->ps_comm,
	    pr->ps_pid, name, p->p_pledge_syscall);
	pr->ps_acflag |= APLEDGE;

	pr->ps_sigacts->ps_sigact[SIGABRT] = SIG_DFL;
	pr->ps_sigacts->ps_sigcatch &= ~sigmask(SIGABRT);
	pr->ps_sigacts->ps_sigignore &= ~sigmask(SIGABRT);
	p->p_sigmask &= ~sigmask(SIGABRT);
	psignal(p, SIGABRT);

	/* it can do nothing any more until it dies */
	pr->ps_pledge = 0;
	return error;
}

/*
 * Paths that a promise permits although they are files: what libc needs.
 */
int
pledge_path_permitted(struct proc *p, uint64_t wanted, uint64_t pledge,
    const char *path)
{
	int reads = (wanted & ~PLEDGE_RPATH) == 0;

	switch (p->p_pledge_syscall) {
	case SYS_open:
	case SYS_openat:
		if ((pledge & PLEDGE_STDIO) && (wanted & ~(PLEDGE_RPATH |
		    PLEDGE_WPATH)) == 0 && strcmp(path, "/dev/null") == 0)
			return 1;
		if ((pledge & PLEDGE_TTY) && (wanted & ~(PLEDGE_RPATH |
		    PLEDGE_WPATH)) == 0 && strcmp(path, "/dev/tty") == 0)
			return 1;
		/* the data base is these two files here */
		if ((pledge & PLEDGE_GETPW) && reads &&
		    (strcmp(path, "/etc/passwd") == 0 ||
		    strcmp(path, "/etc/group") == 0))
			return 1;
		break;
	case SYS_unlink:
		break;
	default:
		return 0;
	}
	if ((pledge & PLEDGE_TMPPATH) == 0 || strncmp(path, "/tmp/", 5) != 0)
		return 0;
	/* the path must not lead out again */
	for (; *path != '\0'; path++)
		if (path[0] == '.' && path[1] == '.')
			return 0;
	return 1;
}

/*
 * May a pledged process look up this path for what ni_pledge says?  Called
 * by namei().
 */
int
pledge_namei(struct proc *p, struct nameidata *ni, const char *path)
{
	uint64_t pledge = p->p_p->ps_pledge, missing;

	if ((p->p_p->ps_flags & PS_PLEDGE) == 0)
		return 0;
	if (ni->ni_pledge == 0)
		panic("pledge_namei: ni_pledge");
	missing = ni->ni_pledge & ~pledge;
	if (missing == 0)
		return 0;
	if (pledge_path_permitted(p, ni->ni_pledge, pledge, path))
		return 0;
	return pledge_fail(p, EPERM, missing);
}

/*
 * May it make this ioctl?  What concerns the descriptor alone is "stdio".
 */
int
pledge_ioctl(struct proc *p, u_long com, struct file *fp)
{
	if ((p->p_p->ps_flags & PS_PLEDGE) == 0)
		return 0;
	switch (com) {
	case FIONREAD:
	case FIONBIO:
	case FIOCLEX:
	case FIONCLEX:
		return 0;
	}
	if (p->p_p->ps_pledge & PLEDGE_TTY) {
		switch (com) {
		case TIOCSPGRP:
			if ((p->p_p->ps_pledge & PLEDGE_PROC) == 0)
				break;
			/* FALLTHROUGH */
		case TIOCGETA:
		case TIOCSETA:
		case TIOCSETAW:
		case TIOCSETAF:
		case TIOCGPGRP:
		case TIOCGWINSZ:
		case TIOCFLUSH:
			return vn_isatty(fp, p) ? 0 : ENOTTY;
		}
	}
	return pledge_fail(p, EPERM, PLEDGE_TTY);
}

/*
 * May it ask for this sysctl?  Never set one.
 */
int
pledge_sysctl(struct proc *p, int miblen, const int *mib, void *new)
{
	uint64_t pledge = p->p_p->ps_pledge;

	if ((p->p_p->ps_flags & PS_PLEDGE) == 0)
		return 0;
	if (new != NULL)
		return pledge_fail(p, EFAULT, 0);
	if (miblen >= 2 && mib[0] == CTL_KERN) {
		switch (mib[1]) {
		case KERN_OSTYPE:
		case KERN_OSRELEASE:
		case KERN_OSVERSION:
		case KERN_VERSION:
		case KERN_HOSTNAME:
		case KERN_ARGMAX:
			return 0;
		case KERN_BOOTTIME:
		case KERN_CPTIME:
		case KERN_NPROCS:
		case KERN_NTHREADS:
		case KERN_FORKSTAT:
			if (pledge & (PLEDGE_PS | PLEDGE_VMINFO))
				return 0;
			break;
		case KERN_PROC:
			if (pledge & PLEDGE_PS)
				return 0;
			break;
		}
	}
	if (miblen == 2 && mib[0] == CTL_HW && (mib[1] == HW_MACHINE ||
	    mib[1] == HW_NCPU || mib[1] == HW_PAGESIZE))
		return 0;
	if (miblen == 2 && mib[0] == CTL_VM && mib[1] == VM_UVMEXP &&
	    (pledge & (PLEDGE_PS | PLEDGE_VMINFO)))
		return 0;
	return pledge_fail(p, EINVAL, 0);
}

/*
 * Signals to oneself are "stdio", others are "proc".
 */
int
pledge_kill(struct proc *p, pid_t pid)
{
	if ((p->p_p->ps_flags & PS_PLEDGE) == 0)
		return 0;
	if (p->p_p->ps_pledge & PLEDGE_PROC)
		return 0;
	if (pid == 0 || pid == p->p_p->ps_pid)
		return 0;
	return pledge_fail(p, EPERM, PLEDGE_PROC);
}

int
pledge_protexec(struct proc *p, int prot)
{
	if ((p->p_p->ps_flags & PS_PLEDGE) == 0)
		return 0;
	if ((p->p_p->ps_pledge & PLEDGE_PROTEXEC) || (prot & PROT_EXEC) == 0)
		return 0;
	return pledge_fail(p, EPERM, PLEDGE_PROTEXEC);
}

/*
 * To one's own ids "fattr" suffices; others need "chown".
 */
int
pledge_chown(struct proc *p, uid_t uid, gid_t gid)
{
	if ((p->p_p->ps_flags & PS_PLEDGE) == 0)
		return 0;
	if (p->p_p->ps_pledge & PLEDGE_CHOWNUID)
		return 0;
	if (uid != (uid_t)-1 && uid != p->p_ucred->cr_uid)
		return EPERM;
	if (gid != (gid_t)-1 && !groupmember(gid, p->p_ucred))
		return EPERM;
	return 0;
}

int
pledge_fcntl(struct proc *p, int cmd)
{
	if ((p->p_p->ps_flags & PS_PLEDGE) == 0)
		return 0;
	if ((p->p_p->ps_pledge & PLEDGE_PROC) == 0 && cmd == F_SETOWN)
		return pledge_fail(p, EPERM, PLEDGE_PROC);
	return 0;
}
