/* SPDX-License-Identifier: ISC */
#include <sys/limits.h>
