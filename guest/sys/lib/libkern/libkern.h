/* SPDX-License-Identifier: ISC */
#ifndef _LIB_LIBKERN_LIBKERN_H_
#define _LIB_LIBKERN_LIBKERN_H_

#include <sys/types.h>

static inline int imax(int a, int b) { return (a > b ? a : b); }
static inline int imin(int a, int b) { return (a < b ? a : b); }
static inline u_int max(u_int a, u_int b) { return (a > b ? a : b); }
static inline u_int min(u_int a, u_int b) { return (a < b ? a : b); }
static inline long lmax(long a, long b) { return (a > b ? a : b); }
static inline long lmin(long a, long b) { return (a < b ? a : b); }
static inline u_long ulmax(u_long a, u_long b) { return (a > b ? a : b); }
static inline u_long ulmin(u_long a, u_long b) { return (a < b ? a : b); }

#define KASSERT(e)							\
	((e) ? (void)0 : __assert("diagnostic ", __FILE__, __LINE__, #e))
#define CTASSERT(x)	_Static_assert(x, #x)
#define offsetof(type, member)	__builtin_offsetof(type, member)

void	__assert(const char *, const char *, int, const char *) __dead;

void	*memcpy(void *, const void *, size_t);
void	*memmove(void *, const void *, size_t);
void	*memset(void *, int, size_t);
int	 memcmp(const void *, const void *, size_t);
void	*memchr(const void *, int, size_t);
void	 bzero(void *, size_t);
void	 bcopy(const void *, void *, size_t);
int	 bcmp(const void *, const void *, size_t);
size_t	 strlen(const char *);
size_t	 strnlen(const char *, size_t);
int	 strcmp(const char *, const char *);
int	 strncmp(const char *, const char *, size_t);
char	*strchr(const char *, int);
char	*strrchr(const char *, int);
char	*strncpy(char *, const char *, size_t);
size_t	 strlcpy(char *, const char *, size_t);
size_t	 strlcat(char *, const char *, size_t);
int	 ffs(int);

u_int32_t arc4random(void);
u_int32_t arc4random_uniform(u_int32_t);
void	 arc4random_buf(void *, size_t);

#endif /* _LIB_LIBKERN_LIBKERN_H_ */
