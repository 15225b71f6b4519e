/* SPDX-License-Identifier: ISC */
#ifndef _KTRACE_KTRACE_H_
#define _KTRACE_KTRACE_H_

/*
 * What ktrace(1) and kdump(1) share: the letters of -t.
 */

#include <sys/ktrace.h>

#define DEF_TRACEFILE	"ktrace.out"

/* What is traced without -t: all but the environment. */
#define DEF_POINTS	(KTRFAC_SYSCALL | KTRFAC_SYSRET | KTRFAC_NAMEI | \
			 KTRFAC_GENIO | KTRFAC_PSIG | KTRFAC_STRUCT | \
			 KTRFAC_USER | KTRFAC_EXECARGS | KTRFAC_PLEDGE)
#define ALL_POINTS	(DEF_POINTS | KTRFAC_EXECENV)

/* The facilities that a string of letters names, -1 for an unknown one. */
static inline int
getpoints(const char *letters)
{
	int facs = 0;

	for (; *letters != '\0'; letters++)
		switch (*letters) {
		case 'c':
			facs |= KTRFAC_SYSCALL | KTRFAC_SYSRET;
			break;
		case 'i':
			facs |= KTRFAC_GENIO;
			break;
		case 'n':
			facs |= KTRFAC_NAMEI;
			break;
		case 'p':
			facs |= KTRFAC_PLEDGE;
			break;
		case 's':
			facs |= KTRFAC_PSIG;
			break;
		case 't':
			facs |= KTRFAC_STRUCT;
			break;
		case 'u':
			facs |= KTRFAC_USER;
			break;
		case 'x':
			facs |= KTRFAC_EXECARGS;
			break;
		case 'X':
			facs |= KTRFAC_EXECENV;
			break;
		case '+':
			facs |= DEF_POINTS;
			break;
		default:
			return -1;
		}
	return facs;
}

#endif /* _KTRACE_KTRACE_H_ */
