/* SPDX-License-Identifier: ISC */
/*
 * What the rest of the kernel sees of the debugger, and the names of its
 * sysctl(2) variables.
 */
#ifndef _DDB_DB_VAR_H_
#define _DDB_DB_VAR_H_

#include <sys/types.h>

#define DBCTL_RADIX	1	/* int: radix of numbers that are typed */
#define DBCTL_PANIC	5	/* int: a panic enters the debugger */
#define DBCTL_CONSOLE	6	/* int: a break on the console enters it */
#define DBCTL_TRIGGER	8	/* int: writing it enters the debugger */

#ifdef _KERNEL
struct proc;

extern int db_radix;		/* 8, 10 or 16 */
extern int db_panic;		/* ddb.panic, or DB_FROM_BOOTARGS */
extern int db_console;		/* ddb.console, or DB_FROM_BOOTARGS */
extern int db_active;		/* the debugger is at work */

#define DB_FROM_BOOTARGS (-1)	/* not asked for yet */

int	db_switch(int *, const char *);
int	db_panic_enters(void);
int	db_console_enters(void);
int	ddb_sysctl(int *, u_int, void *, size_t *, void *, size_t,
	    struct proc *);
#endif /* _KERNEL */

#endif /* _DDB_DB_VAR_H_ */
