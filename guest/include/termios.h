/* SPDX-License-Identifier: ISC */
#include <sys/termios.h>
