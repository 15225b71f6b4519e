/* SPDX-License-Identifier: ISC */
#ifndef _STDLIB_H_
#define _STDLIB_H_

#include <sys/types.h>

#define EXIT_SUCCESS	0
#define EXIT_FAILURE	1
#define RAND_MAX	0x7fffffff

void	*malloc(size_t);
void	*calloc(size_t, size_t);
void	*realloc(void *, size_t);
void	*reallocarray(void *, size_t, size_t);
void	 free(void *);

__dead void	 abort(void);
__dead void	 exit(int);
__dead void	 _Exit(int);
int	 atexit(void (*)(void));

char	*getenv(const char *);
int	 setenv(const char *, const char *, int);
int	 unsetenv(const char *);

int	 atoi(const char *);
long	 atol(const char *);
long	 strtol(const char *, char **, int);
long long	 strtoll(const char *, char **, int);
unsigned long	 strtoul(const char *, char **, int);
unsigned long long	 strtoull(const char *, char **, int);
long long	 strtonum(const char *, long long, long long, const char **);

int	 abs(int);
long	 labs(long);
int	 rand(void);
void	 srand(unsigned int);

void	 qsort(void *, size_t, size_t, int (*)(const void *, const void *));
void	*bsearch(const void *, const void *, size_t, size_t,
	    int (*)(const void *, const void *));

int	 system(const char *);
const char	*getprogname(void);
void	 setprogname(const char *);

#endif /* _STDLIB_H_ */
