/* SPDX-License-Identifier: ISC */
#include <sys/proc.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "ps.h"

/* Terminals whose names are cut short: console is C0, tty00 is 00. */
#define CONSOLE_MAJOR	0
#define COM_MAJOR	8

/* What each column shows of a process. */

static void
format_pid(const struct kinfo_proc *kp, char *s, size_t size)
{
	snprintf(s, size, "%d", kp->p_pid);
}

static void
format_ppid(const struct kinfo_proc *kp, char *s, size_t size)
{
	snprintf(s, size, "%d", kp->p_ppid);
}

static void
format_pgid(const struct kinfo_proc *kp, char *s, size_t size)
{
	snprintf(s, size, "%d", kp->p__pgid);
}

static void
format_tpgid(const struct kinfo_proc *kp, char *s, size_t size)
{
	snprintf(s, size, "%d", (int)kp->p_tpgid);
}

static void
format_tid(const struct kinfo_proc *kp, char *s, size_t size)
{
	snprintf(s, size, "%d", kp->p_tid);
}

static void
format_uid(const struct kinfo_proc *kp, char *s, size_t size)
{
	snprintf(s, size, "%u", kp->p_uid);
}

static void
format_ruid(const struct kinfo_proc *kp, char *s, size_t size)
{
	snprintf(s, size, "%u", kp->p_ruid);
}

static void
format_user(const struct kinfo_proc *kp, char *s, size_t size)
{
	struct passwd *pw = getpwuid(kp->p_uid);

	if (pw != NULL)
		strlcpy(s, pw->pw_name, size);
	else
		format_uid(kp, s, size);
}

static void
format_tty(const struct kinfo_proc *kp, char *s, size_t size)
{
	if (kp->p_tdev == (u_int32_t)NODEV)
		strlcpy(s, "??", size);
	else if (major(kp->p_tdev) == CONSOLE_MAJOR)
		snprintf(s, size, "C%u", minor(kp->p_tdev));
	else if (major(kp->p_tdev) == COM_MAJOR)
		snprintf(s, size, "%02u", minor(kp->p_tdev));
	else
		snprintf(s, size, "%u,%u", major(kp->p_tdev),
		    minor(kp->p_tdev));
}

/* One letter for the state, then marks. */
static void
format_stat(const struct kinfo_proc *kp, char *s, size_t size)
{
	char text[8], *p = text;

	if (kp->p_psflags & PS_ZOMBIE)
		*p++ = 'Z';
	else
		switch (kp->p_stat) {
		case SSTOP:
			*p++ = 'T';
			break;
		case SSLEEP:
			*p++ = kp->p_flag & P_SINTR ? 'S' : 'D';
			break;
		case SRUN:
		case SIDL:
		case SONPROC:
			*p++ = 'R';
			break;
		case SDEAD:
			*p++ = 'Z';
			break;
		default:
			*p++ = '?';
			break;
		}
	if (kp->p_nice < NZERO)
		*p++ = '<';
	else if (kp->p_nice > NZERO)
		*p++ = 'N';
	if (kp->p_psflags & PS_TRACED)
		*p++ = 'X';
	if ((kp->p_psflags & PS_EXITING) && *text != 'Z')
		*p++ = 'E';
	if (kp->p_psflags & PS_PPWAIT)
		*p++ = 'V';
	if (kp->p_psflags & PS_SYSTEM)
		*p++ = 'K';
	if (kp->p_sid == kp->p_pid)
		*p++ = 's';
	if ((kp->p_psflags & PS_CONTROLT) &&
	    kp->p__pgid == (int32_t)kp->p_tpgid)
		*p++ = '+';
	*p = '\0';
	strlcpy(s, text, size);
}

/* minutes:seconds.hundredths */
static void
format_time(const struct kinfo_proc *kp, char *s, size_t size)
{
	snprintf(s, size, "%u:%02u.%02u", kp->p_rtime_sec / 60,
	    kp->p_rtime_sec % 60, kp->p_rtime_usec / 10000);
}

static void
format_comm(const struct kinfo_proc *kp, char *s, size_t size)
{
	int brackets = (kp->p_psflags & (PS_SYSTEM | PS_ZOMBIE)) != 0;

	snprintf(s, size, brackets ? "(%s)" : "%s", kp->p_comm);
}

static void
format_wchan(const struct kinfo_proc *kp, char *s, size_t size)
{
	strlcpy(s, kp->p_wmesg[0] != '\0' ? kp->p_wmesg : "-", size);
}

static void
format_pri(const struct kinfo_proc *kp, char *s, size_t size)
{
	snprintf(s, size, "%d", kp->p_priority - PZERO);
}

static void
format_nice(const struct kinfo_proc *kp, char *s, size_t size)
{
	snprintf(s, size, "%d", kp->p_nice - NZERO);
}

/* Sizes in KB: data and stack, and what of it is in memory. */
static void
format_vsz(const struct kinfo_proc *kp, char *s, size_t size)
{
	snprintf(s, size, "%d", (kp->p_vm_tsize + kp->p_vm_dsize +
	    kp->p_vm_ssize) * (PAGE_SIZE / 1024));
}

static void
format_rss(const struct kinfo_proc *kp, char *s, size_t size)
{
	snprintf(s, size, "%d", kp->p_vm_rssize * (PAGE_SIZE / 1024));
}

static void
format_flags(const struct kinfo_proc *kp, char *s, size_t size)
{
	snprintf(s, size, "%x", kp->p_psflags);
}

const struct column columns[] = {
	{ "pid", "PID", 0, 5, format_pid },
	{ "ppid", "PPID", 0, 5, format_ppid },
	{ "pgid", "PGID", 0, 5, format_pgid },
	{ "tpgid", "TPGID", 0, 5, format_tpgid },
	{ "tid", "TID", 0, 6, format_tid },
	{ "uid", "UID", 0, 4, format_uid },
	{ "ruid", "RUID", 0, 4, format_ruid },
	{ "user", "USER", 1, 8, format_user },
	{ "tt", "TT", 1, 3, format_tty },
	{ "tty", "TT", 1, 3, format_tty },
	{ "stat", "STAT", 1, 6, format_stat },
	{ "state", "STAT", 1, 6, format_stat },
	{ "time", "TIME", 0, 9, format_time },
	{ "wchan", "WCHAN", 1, 8, format_wchan },
	{ "pri", "PRI", 0, 0, format_pri },
	{ "nice", "NI", 0, 0, format_nice },
	{ "ni", "NI", 0, 0, format_nice },
	{ "vsz", "VSZ", 0, 0, format_vsz },
	{ "rss", "RSS", 0, 0, format_rss },
	{ "flags", "F", 0, 0, format_flags },
	{ "comm", "COMMAND", 1, 0, format_comm },
	{ "ucomm", "UCOMM", 1, 0, format_comm },
	{ "command", "COMMAND", 1, 0, format_comm },
	{ "args", "COMMAND", 1, 0, format_comm },
	{ NULL, NULL, 0, 0, NULL },
};

const struct column *
find_column(const char *name)
{
	const struct column *c;

	for (c = columns; c->name != NULL; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}
