/* SPDX-License-Identifier: ISC */
#include <sys/param.h>
#include <sys/sysctl.h>
#include <unistd.h>

int
getpagesize(void)
{
	return PAGE_SIZE;
}

int
gethostname(char *name, size_t size)
{
	int mib[2] = { CTL_KERN, KERN_HOSTNAME };

	return sysctl(mib, 2, name, &size, NULL, 0);
}
