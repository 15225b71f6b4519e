/* SPDX-License-Identifier: ISC */
#ifndef _DEV_CONS_H_
#define _DEV_CONS_H_

#ifdef _KERNEL
#include <sys/conf.h>

int	cngetc(void);
#endif /* _KERNEL */

#endif /* _DEV_CONS_H_ */
