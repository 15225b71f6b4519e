/* SPDX-License-Identifier: ISC */
#ifndef _SYS_REBOOT_H_
#define _SYS_REBOOT_H_

#include <sys/cdefs.h>

#define RB_AUTOBOOT	0x0000	/* boot again */
#define RB_NOSYNC	0x0004	/* do not write caches */
#define RB_HALT		0x0008	/* stop, do not boot again */
#define RB_DUMP		0x0100	/* dump memory first */
#define RB_POWERDOWN	0x1000	/* with RB_HALT: power off */

#ifdef _KERNEL
void	boot(int) __dead;
void	reboot(int) __dead;
#endif

#endif /* _SYS_REBOOT_H_ */
