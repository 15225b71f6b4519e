/* SPDX-License-Identifier: ISC */
#ifndef _SYS_POLL_H_
#define _SYS_POLL_H_

/* One descriptor of a poll(2). */
struct pollfd {
	int	fd;		/* descriptor; negative: ignored */
	short	events;		/* what to look for */
	short	revents;	/* what was found */
};

typedef unsigned int	nfds_t;

#define POLLIN		0x0001	/* a read would not block */
#define POLLPRI		0x0002
#define POLLOUT		0x0004	/* a write would not block */
#define POLLERR		0x0008	/* revents only: error */
#define POLLHUP		0x0010	/* revents only: other end gone */
#define POLLNVAL	0x0020	/* revents only: not an open descriptor */
#define POLLRDNORM	0x0040
#define POLLNORM	POLLRDNORM
#define POLLWRNORM	POLLOUT
#define POLLRDBAND	0x0080
#define POLLWRBAND	0x0100

#define INFTIM		(-1)	/* no timeout */

#ifndef _KERNEL
int	poll(struct pollfd *, nfds_t, int);
#endif

#endif /* _SYS_POLL_H_ */
