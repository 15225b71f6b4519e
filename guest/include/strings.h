/* SPDX-License-Identifier: ISC */
#ifndef _STRINGS_H_
#define _STRINGS_H_

#include <sys/types.h>

int	strcasecmp(const char *, const char *);
int	strncasecmp(const char *, const char *, size_t);
void	bzero(void *, size_t);

#endif /* _STRINGS_H_ */
