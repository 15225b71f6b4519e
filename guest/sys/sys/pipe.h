/* SPDX-License-Identifier: ISC */
#ifndef _SYS_PIPE_H_
#define _SYS_PIPE_H_

#ifdef _KERNEL
#include <sys/types.h>
#include <sys/time.h>
#include <sys/selinfo.h>

#define PIPE_SIZE	16384	/* bytes a pipe holds; a power of two */

/* The ring between both ends. */
struct pipebuf {
	u_int	 cnt;		/* bytes in it */
	u_int	 in;		/* where the next byte goes */
	u_int	 out;		/* where the next byte comes from */
	u_int	 size;		/* capacity; 0: this end only writes */
	caddr_t	 buffer;	/* memory */
};

/*
 * One end.  The buffer of a direction belongs to its reading end: a writer
 * puts into pipe_peer's buffer.  Pipes run one way here, so the end that
 * pipe(2) returns second has none.
 */
struct pipe {
	struct pipebuf	 pipe_buffer;	/* bytes to be read here */
	struct selinfo	 pipe_sel;	/* polls on this end */
	struct timespec	 pipe_atime;	/* last read */
	struct timespec	 pipe_mtime;	/* last write */
	struct timespec	 pipe_ctime;	/* creation */
	struct pipe	*pipe_peer;	/* the other end; NULL: closed */
	u_int		 pipe_state;	/* PIPE_* below */
	u_int		 pipe_busy;	/* calls inside: do not free yet */
};

#define PIPE_WANTR	0x008	/* a reader waits for bytes */
#define PIPE_WANTW	0x010	/* a writer waits for room in our buffer */
#define PIPE_WANTD	0x020	/* the closer waits until nobody is busy */
#define PIPE_EOF	0x080	/* no more bytes will come or go */
#define PIPE_LOCK	0x100	/* an I/O is under way on the buffer */
#define PIPE_LWANT	0x200	/* somebody waits for that */

extern int npipes;		/* pipe ends in existence */

void	pipe_init(void);
#endif /* _KERNEL */

#endif /* _SYS_PIPE_H_ */
