/* SPDX-License-Identifier: ISC */
#ifndef _REGRESS_H_
#define _REGRESS_H_

/*
 * A regress program is a table of cases.  A case is a function that returns
 * NULL, or what is wrong.  The program prints "pass name" or "FAIL name:
 * reason" for each and exits with 1 if one failed.
 */

#include <sys/types.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct regress {
	const char	*(*function)(void);	/* the case */
	const char	*name;			/* what it is called */
};

#define REGRESS_STRING(x)	#x
#define REGRESS_LINE(x)		REGRESS_STRING(x)

/* The case fails unless cond holds. */
#define CHECK(cond) do {						\
	if (!(cond))							\
		return "line " REGRESS_LINE(__LINE__) ": " #cond;	\
} while (0)

/* The case fails unless the call returns -1 and sets errno to error. */
#define CHECK_ERRNO(call, error) do {					\
	errno = 0;							\
	if ((call) != -1 || errno != (error))				\
		return "line " REGRESS_LINE(__LINE__) ": " #call	\
		    " should fail with " #error;			\
} while (0)

/* Run n cases in order; the program's exit status. */
static inline int
regress_run(const struct regress *cases, size_t n)
{
	const char *reason;
	size_t i;
	int failed = 0;

	for (i = 0; i < n; i++) {
		reason = (*cases[i].function)();
		if (reason == NULL)
			printf("pass %s\n", cases[i].name);
		else {
			printf("FAIL %s: %s\n", cases[i].name, reason);
			failed = 1;
		}
	}
	return failed;
}

#define REGRESS_MAIN(cases)						\
int									\
main(void)								\
{									\
	return regress_run(cases, sizeof(cases) / sizeof((cases)[0]));	\
}

#endif /* _REGRESS_H_ */
