/* SPDX-License-Identifier: ISC */
#include <unistd.h>

int
main(void)
{
	sync();
	return 0;
}
