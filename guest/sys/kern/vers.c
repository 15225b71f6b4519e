/* SPDX-License-Identifier: ISC */
#include <sys/param.h>
#include <sys/kernel.h>

const char ostype[] = "OpenBSD";
const char osrelease[] = "6.6";
const char osversion[] = "PUFFER";
const char version[] = "puffer/amd64 6.6 (PUFFER): an OpenBSD-shaped kernel\n";

char	hostname[MAXHOSTNAMELEN] = "puffer";
int	hostnamelen = 6;
long	hostid;
int	securelevel;
