/* SPDX-License-Identifier: ISC */
#include <sys/poll.h>
