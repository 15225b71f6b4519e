/* SPDX-License-Identifier: ISC */
/*
 * The character queues of terminals: rings of fixed size, filled and
 * emptied by interrupts and system calls, so every operation is done with
 * terminal interrupts blocked.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/malloc.h>
#include <sys/tty.h>

/* Bytes of the bitmap that says which characters are quoted. */
#define QMEM(n)		(((n) + NBBY - 1) / NBBY)

/* Give the queue room for size characters. */
void
clalloc(struct clist *clp, int size)
{
	clp->c_cs = malloc(size, M_TTYS, M_WAITOK | M_ZERO);
	clp->c_cq = malloc(QMEM(size), M_TTYS, M_WAITOK | M_ZERO);
	clp->c_cn = size;
	clp->c_cc = 0;
	clp->c_first = 0;
}

void
clfree(struct clist *clp)
{
	free(clp->c_cs, M_TTYS, clp->c_cn);
	free(clp->c_cq, M_TTYS, QMEM(clp->c_cn));
	memset(clp, 0, sizeof(*clp));
}

/* Where in the ring character number n of the queue lies. */
int
clindex(struct clist *clp, int n)
{
	return (clp->c_first + n) % clp->c_cn;
}

/* Character number n, with TTY_QUOTE; -1 if there are not so many. */
int
clpeek(struct clist *clp, int n)
{
	int i;

	if (n < 0 || n >= clp->c_cc)
		return -1;
	i = clindex(clp, n);
	return clp->c_cs[i] | (isset(clp->c_cq, i) ? TTY_QUOTE : 0);
}

/* Take the oldest character; -1 if the queue is empty. */
int
getc(struct clist *clp)
{
	int c, s;

	s = spltty();
	c = clpeek(clp, 0);
	if (c != -1) {
		clp->c_first = clindex(clp, 1);
		clp->c_cc--;
	}
	splx(s);
	return c;
}

/* Append c, with its TTY_QUOTE; -1 if the queue is full. */
int
putc(int c, struct clist *clp)
{
	int i, s;

	s = spltty();
	if (clp->c_cc >= clp->c_cn) {
		splx(s);
		return -1;
	}
	i = clindex(clp, clp->c_cc);
	clp->c_cs[i] = c & TTY_CHARMASK;
	if (c & TTY_QUOTE)
		setbit(clp->c_cq, i);
	else
		clrbit(clp->c_cq, i);
	clp->c_cc++;
	splx(s);
	return 0;
}

/* Take the newest character; -1 if the queue is empty. */
int
unputc(struct clist *clp)
{
	int c, s;

	s = spltty();
	c = clpeek(clp, clp->c_cc - 1);
	if (c != -1)
		clp->c_cc--;
	splx(s);
	return c;
}

/* Take up to n characters to buf; returns how many. */
int
q_to_b(struct clist *clp, u_char *buf, int n)
{
	int c, i;

	for (i = 0; i < n && (c = getc(clp)) != -1; i++)
		buf[i] = c & TTY_CHARMASK;
	return i;
}

/* Append the n characters of buf; returns how many did not fit. */
int
b_to_q(u_char *buf, int n, struct clist *clp)
{
	for (; n > 0 && putc(*buf, clp) == 0; n--)
		buf++;
	return n;
}

/* Move everything from one queue to the end of the other. */
void
catq(struct clist *from, struct clist *to)
{
	int c, s;

	s = spltty();
	while (to->c_cc < to->c_cn && (c = getc(from)) != -1)
		putc(c, to);
	splx(s);
}

/* Throw the n oldest characters away. */
void
ndflush(struct clist *clp, int n)
{
	int s;

	s = spltty();
	n = MIN(n, clp->c_cc);
	clp->c_first = clindex(clp, n);
	clp->c_cc -= n;
	splx(s);
}
