/* SPDX-License-Identifier: ISC */
#include <sys/param.h>
#include <sys/sysctl.h>
#include <err.h>
#include <stdio.h>
#include <unistd.h>

/* What is printed, in this order whatever the order of the options. */
static const struct part {
	char	option;
	int	mib[2];
} parts[] = {
	{ 's', { CTL_KERN, KERN_OSTYPE } },
	{ 'n', { CTL_KERN, KERN_HOSTNAME } },
	{ 'r', { CTL_KERN, KERN_OSRELEASE } },
	{ 'v', { CTL_KERN, KERN_OSVERSION } },
	{ 'm', { CTL_HW, HW_MACHINE } },
	{ 'p', { CTL_HW, HW_MACHINE } },
};

int
main(int argc, char *argv[])
{
	char value[MAXHOSTNAMELEN];
	int wanted[nitems(parts)] = { 0 }, any = 0, ch;
	const char *separator = "";
	size_t i, len;

	while ((ch = getopt(argc, argv, "amnprsv")) != -1) {
		for (i = 0; i < nitems(parts); i++)
			if (parts[i].option == ch ||
			    (ch == 'a' && parts[i].option != 'p'))
				wanted[i] = any = 1;
		if (ch == '?') {
			fprintf(stderr, "usage: uname [-amnprsv]\n");
			return 1;
		}
	}
	if (!any)
		wanted[0] = 1;
	for (i = 0; i < nitems(parts); i++) {
		if (!wanted[i])
			continue;
		len = sizeof(value);
		if (sysctl(parts[i].mib, 2, value, &len, NULL, 0) == -1)
			err(1, "sysctl");
		printf("%s%s", separator, value);
		separator = " ";
	}
	putchar('\n');
	return fflush(stdout) == EOF;
}
