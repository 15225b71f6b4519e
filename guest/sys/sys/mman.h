/* SPDX-License-Identifier: ISC */
#ifndef _SYS_MMAN_H_
#define _SYS_MMAN_H_

#include <sys/types.h>

#define PROT_NONE	0x00	/* no access */
#define PROT_READ	0x01	/* pages can be read */
#define PROT_WRITE	0x02	/* pages can be written */
#define PROT_EXEC	0x04	/* pages can be executed */
#define PROT_MASK	0x07

#define MAP_SHARED	0x0001	/* share changes */
#define MAP_PRIVATE	0x0002	/* changes are private */
#define MAP_FIXED	0x0010	/* exactly at the address */
#define __MAP_NOREPLACE	0x0800	/* fail if something is mapped there */
#define MAP_ANON	0x1000	/* zero filled memory, no file */
#define MAP_STACK	0x4000	/* may hold a stack */
#define MAP_FILE	0x0000	/* the default */
#define MAP_FLAGMASK	0x7ff7

#define MAP_FAILED	((void *)-1)

#define MAP_INHERIT_SHARE	0	/* share with the child */
#define MAP_INHERIT_COPY	1	/* copy on write */
#define MAP_INHERIT_NONE	2	/* absent in the child */
#define MAP_INHERIT_ZERO	3	/* zeros in the child */

#ifndef _KERNEL
void	*mmap(void *, size_t, int, int, int, off_t);
int	munmap(void *, size_t);
int	mprotect(void *, size_t, int);
int	minherit(void *, size_t, int);
#endif

#endif /* _SYS_MMAN_H_ */
