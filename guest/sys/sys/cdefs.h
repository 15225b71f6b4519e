/* SPDX-License-Identifier: ISC */
/*
 * Compiler helpers shared by the kernel and user land.
 */
#ifndef _SYS_CDEFS_H_
#define _SYS_CDEFS_H_

#define __BEGIN_DECLS
#define __END_DECLS

#define __packed	__attribute__((__packed__))
#define __aligned(x)	__attribute__((__aligned__(x)))
#define __dead		__attribute__((__noreturn__))
#define __unused	__attribute__((__unused__))
#define __used		__attribute__((__used__))
#define __weak_attr	__attribute__((__weak__))
#define __noinline	__attribute__((__noinline__))
#define __printflike(fmtarg, firstvararg) \
	__attribute__((__format__(__printf__, fmtarg, firstvararg)))
#define __predict_true(exp)	__builtin_expect(((exp) != 0), 1)
#define __predict_false(exp)	__builtin_expect(((exp) != 0), 0)

#define __CTASSERT(x)	_Static_assert(x, #x)

#endif /* _SYS_CDEFS_H_ */
