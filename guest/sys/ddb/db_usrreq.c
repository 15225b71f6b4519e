/* SPDX-License-Identifier: ISC */
/*
 * When the debugger is entered: as the kernel's command line says
 * (ddb.panic=1, ddb.console=1) until sysctl(2) says otherwise.  Without a
 * word there nobody is assumed to sit at the console.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/proc.h>
#include <sys/sysctl.h>
#include <sys/tty.h>
#include <dev/cons.h>
#include <machine/machdep.h>
#include <ddb/db_var.h>

int	db_panic = DB_FROM_BOOTARGS;
int	db_console = DB_FROM_BOOTARGS;

/*
 * The value of a switch.  The command line is not looked at before somebody
 * asks, so that a boot takes the same steps whatever it says here.
 */
int
db_switch(int *valuep, const char *name)
{
	if (*valuep == DB_FROM_BOOTARGS)
		*valuep = boot_number(name, 0) != 0;
	return *valuep;
}

int
db_panic_enters(void)
{
	return db_switch(&db_panic, "ddb.panic");
}

int
db_console_enters(void)
{
	return db_switch(&db_console, "ddb.console");
}

/*
 * sysctl CTL_DDB.
 */
int
ddb_sysctl(int *name, u_int namelen, void *oldp, size_t *oldlenp, void *newp,
    size_t newlen, struct proc *p)
{
	struct process *pr = p->p_p;
	int error, value = 0;

	if (namelen != 1)
		return ENOTDIR;
	switch (name[0]) {
	case DBCTL_RADIX:
		value = db_radix;
		error = sysctl_int(oldp, oldlenp, newp, newlen, &value);
		if (error == 0 && value != 8 && value != 10 && value != 16)
			return EINVAL;
		if (error == 0)
			db_radix = value;
		return error;
	case DBCTL_PANIC:
		(void)db_panic_enters();
		return sysctl_int(oldp, oldlenp, newp, newlen, &db_panic);
	case DBCTL_CONSOLE:
		(void)db_console_enters();
		return sysctl_int(oldp, oldlenp, newp, newlen, &db_console);
	case DBCTL_TRIGGER:
		error = sysctl_int(oldp, oldlenp, newp, newlen, &value);
		if (error != 0 || newp == NULL)
			return error;
		/* only who sits at the console would see the prompt */
		if (!db_console_enters() || (pr->ps_flags & PS_CONTROLT) == 0 ||
		    pr->ps_session->s_ttyp == NULL ||
		    pr->ps_session->s_ttyp->t_dev != cn_dev)
			return ENODEV;
		db_enter();
		return 0;
	default:
		return ENOTSUP;
	}
}
