/* SPDX-License-Identifier: ISC */
#include <sys/reboot.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* halt [-nqp]: stop the machine; with -p its power goes off as well. */
int
main(int argc, char *argv[])
{
	int ch, howto = RB_HALT;

	while ((ch = getopt(argc, argv, "npq")) != -1)
		switch (ch) {
		case 'n':
			howto |= RB_NOSYNC;
			break;
		case 'p':
			howto |= RB_POWERDOWN;
			break;
		case 'q':
			break;		/* it is always quick */
		default:
			fprintf(stderr, "usage: halt [-npq]\n");
			return 1;
		}
	if (optind != argc) {
		fprintf(stderr, "usage: halt [-npq]\n");
		return 1;
	}
	if (geteuid() != 0)
		errx(1, "only root can halt the machine");
	if ((howto & RB_NOSYNC) == 0)
		sync();
	reboot(howto);
	err(1, "reboot");
}
