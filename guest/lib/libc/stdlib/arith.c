/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

int
abs(int n)
{
	return n < 0 ? -n : n;
}

long
labs(long n)
{
	return n < 0 ? -n : n;
}

/* A linear congruential generator (Knuth's MMIX constants), upper bits. */
static unsigned long long rand_state = 1;

int
rand(void)
{
	rand_state = rand_state * 6364136223846793005ULL +
	    1442695040888963407ULL;
	return (rand_state >> 33) & RAND_MAX;
}

void
srand(unsigned int seed)
{
	rand_state = seed;
}
