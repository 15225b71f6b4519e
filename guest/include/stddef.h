/* SPDX-License-Identifier: ISC */
#ifndef _STDDEF_H_
#define _STDDEF_H_

#include <sys/types.h>

typedef int wchar_t;

#undef offsetof
#define offsetof(type, member)	__builtin_offsetof(type, member)

#endif /* _STDDEF_H_ */
