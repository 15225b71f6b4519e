/* SPDX-License-Identifier: ISC */
#ifndef _SYS_UCRED_H_
#define _SYS_UCRED_H_

#include <sys/types.h>
#include <sys/syslimits.h>

/* Credentials: read-only once shared; crcopy() before a change. */
struct ucred {
	u_int	cr_ref;			/* references */
	uid_t	cr_uid;			/* effective user id */
	uid_t	cr_ruid;		/* real user id */
	uid_t	cr_svuid;		/* saved user id */
	gid_t	cr_gid;			/* effective group id */
	gid_t	cr_rgid;		/* real group id */
	gid_t	cr_svgid;		/* saved group id */
	short	cr_ngroups;		/* supplementary groups in use */
	gid_t	cr_groups[NGROUPS_MAX];	/* supplementary groups */
};

#define NOCRED	((struct ucred *)-1)	/* no credentials */
#define FSCRED	((struct ucred *)-2)	/* the file system's own */

#ifdef _KERNEL
struct proc;
struct process;

extern struct pool ucred_pool;

struct ucred *crget(void);
struct ucred *crhold(struct ucred *);
struct ucred *crcopy(struct ucred *);
struct ucred *crdup(struct ucred *);
void	crfree(struct ucred *);
int	groupmember(gid_t, struct ucred *);
int	suser(struct proc *);
int	suser_ucred(struct ucred *);
void	refreshcreds(struct proc *);
#endif /* _KERNEL */

#endif /* _SYS_UCRED_H_ */
