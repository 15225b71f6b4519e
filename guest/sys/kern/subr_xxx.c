/* SPDX-License-Identifier: ISC */
/*
 * Answers for table slots without an operation, and the random numbers.
 */
#include <sys/param.h>
#include <sys/systm.h>

u_int64_t random_state;		/* advances with every number */

int
enodev(void)
{
	return ENODEV;
}

int
enxio(void)
{
	return ENXIO;
}

int
enosys(void)
{
	return ENOSYS;
}

int
eopnotsupp(void *v)
{
	return ENOTSUP;
}

int
nullop(void *v)
{
	return 0;
}

/*
 * Random numbers begin with the seed of the command line, so that a run can
 * be repeated; they are no secret.
 */
void
random_start(u_int64_t seed)
{
	random_state = seed;
}

/*
 * SplitMix64: a counter, well mixed; the upper half is returned.
 */
u_int32_t
arc4random(void)
{
	u_int64_t z;

	random_state += 0x9e3779b97f4a7c15UL;
	z = random_state;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9UL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebUL;
	return (z ^ (z >> 31)) >> 32;
}

/*
 * Uniform in [0, bound): numbers from the incomplete last round are thrown
 * away.
 */
u_int32_t
arc4random_uniform(u_int32_t bound)
{
	u_int32_t r, min;

	if (bound < 2)
		return 0;
	min = -bound % bound;
	do {
		r = arc4random();
	} while (r < min);
	return r % bound;
}

void
arc4random_buf(void *buf, size_t len)
{
	u_char *cp = buf;

	while (len-- > 0)
		*cp++ = arc4random();
}
