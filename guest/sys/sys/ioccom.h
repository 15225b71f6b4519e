/* SPDX-License-Identifier: ISC */
#ifndef _SYS_IOCCOM_H_
#define _SYS_IOCCOM_H_

/*
 * How an ioctl(2) command is put together: the upper three bits say which
 * way the argument travels, the next thirteen its size, then come a group
 * letter and a number.  sys_ioctl copies the argument by this alone, so
 * drivers see kernel memory only.
 */
#define IOCPARM_MASK	0x1fff
#define IOCPARM_LEN(x)	(((x) >> 16) & IOCPARM_MASK)
#define IOCBASECMD(x)	((x) & ~(IOCPARM_MASK << 16))
#define IOCGROUP(x)	(((x) >> 8) & 0xff)

#define IOC_VOID	0x20000000UL	/* no argument, or an int by value */
#define IOC_OUT		0x40000000UL	/* kernel to user */
#define IOC_IN		0x80000000UL	/* user to kernel */
#define IOC_INOUT	(IOC_IN|IOC_OUT)
#define IOC_DIRMASK	0xe0000000UL

#define _IOC(inout, group, num, len) \
	((unsigned long)(inout) | (((unsigned long)(len) & IOCPARM_MASK) << 16) | \
	((group) << 8) | (num))
#define _IO(g, n)	_IOC(IOC_VOID, (g), (n), 0)
#define _IOR(g, n, t)	_IOC(IOC_OUT, (g), (n), sizeof(t))
#define _IOW(g, n, t)	_IOC(IOC_IN, (g), (n), sizeof(t))
#define _IOWR(g, n, t)	_IOC(IOC_INOUT, (g), (n), sizeof(t))

#endif /* _SYS_IOCCOM_H_ */
