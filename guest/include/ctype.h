/* SPDX-License-Identifier: ISC */
#ifndef _CTYPE_H_
#define _CTYPE_H_

/* The C locale: ASCII only; everything else belongs to no class. */
int	isalnum(int);
int	isalpha(int);
int	isblank(int);
int	iscntrl(int);
int	isdigit(int);
int	isgraph(int);
int	islower(int);
int	isprint(int);
int	ispunct(int);
int	isspace(int);
int	isupper(int);
int	isxdigit(int);
int	tolower(int);
int	toupper(int);

#endif /* _CTYPE_H_ */
