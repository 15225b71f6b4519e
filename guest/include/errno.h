/* SPDX-License-Identifier: ISC */
#ifndef _ERRNO_H_
#define _ERRNO_H_

#include <sys/errno.h>

extern int errno;		/* set by the stubs when a call fails */

#endif /* _ERRNO_H_ */
