/* SPDX-License-Identifier: ISC */
#include <sys/fcntl.h>
