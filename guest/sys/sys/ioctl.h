/* SPDX-License-Identifier: ISC */
#ifndef _SYS_IOCTL_H_
#define _SYS_IOCTL_H_

#include <sys/ioccom.h>
#include <sys/filio.h>
#include <sys/ttycom.h>
#include <sys/termios.h>

#ifndef _KERNEL
int	ioctl(int, unsigned long, ...);
#endif

#endif /* _SYS_IOCTL_H_ */
