/* SPDX-License-Identifier: ISC */
#include <sys/stdarg.h>
