/* SPDX-License-Identifier: ISC */
/*
 * The character devices, by major number.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/conf.h>
#include <sys/event.h>
#include <sys/tty.h>

struct cdevsw cdevsw[] = {
	[CN_MAJOR] = {
		.d_open = cnopen, .d_close = cnclose, .d_read = cnread,
		.d_write = cnwrite, .d_ioctl = cnioctl, .d_stop = cnstop,
		.d_tty = cntty, .d_poll = cnpoll, .d_type = D_TTY,
		.d_kqfilter = cnkqfilter,
	},
	[CTTY_MAJOR] = {
		.d_open = cttyopen, .d_close = cttyclose,
		.d_read = cttyread, .d_write = cttywrite,
		.d_ioctl = cttyioctl, .d_poll = cttypoll, .d_type = D_TTY,
		.d_kqfilter = cttykqfilter,
	},
	[MEM_MAJOR] = {
		.d_open = mmopen, .d_close = mmclose, .d_read = mmrw,
		.d_write = mmrw, .d_ioctl = mmioctl, .d_poll = seltrue,
		.d_kqfilter = seltrue_kqfilter,
	},
	[COM_MAJOR] = {
		.d_open = comopen, .d_close = comclose, .d_read = comread,
		.d_write = comwrite, .d_ioctl = comioctl, .d_stop = comstop,
		.d_tty = comtty, .d_poll = ttpoll, .d_type = D_TTY,
		.d_kqfilter = ttkqfilter,
	},
};
int nchrdev = nitems(cdevsw);
