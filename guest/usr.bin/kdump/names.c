/* SPDX-License-Identifier: ISC */
/*
 * The names of the system calls are the kernel's own table.
 */
#include <sys/types.h>
#include <sys/syscall.h>
#include "kdump.h"

#define _SYS_SYSTM_H_		/* the table needs nothing of the kernel */
#define syscallnames	call_names
#include <kern/syscalls.c>

const int call_count = SYS_MAXSYSCALL;
