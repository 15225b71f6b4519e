/* SPDX-License-Identifier: ISC */
#ifndef _ERR_H_
#define _ERR_H_

#include <sys/cdefs.h>
#include <stdarg.h>

/* Messages on stderr: "program: text: strerror(errno)"; x leaves the last part out. */
__dead void	err(int, const char *, ...) __printflike(2, 3);
__dead void	verr(int, const char *, va_list) __printflike(2, 0);
__dead void	errx(int, const char *, ...) __printflike(2, 3);
__dead void	verrx(int, const char *, va_list) __printflike(2, 0);
void		warn(const char *, ...) __printflike(1, 2);
void		vwarn(const char *, va_list) __printflike(1, 0);
void		warnx(const char *, ...) __printflike(1, 2);
void		vwarnx(const char *, va_list) __printflike(1, 0);

#endif /* _ERR_H_ */
