/* SPDX-License-Identifier: ISC */
#ifndef _MACHINE_STDARG_H_
#define _MACHINE_STDARG_H_

#include <sys/stdarg.h>

#endif /* _MACHINE_STDARG_H_ */
