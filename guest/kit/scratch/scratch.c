/* SPDX-License-Identifier: ISC */
/*
 * The process that system calls are tested from: it makes the calls that the
 * host writes into its memory, and nothing else.
 */
#include <sys/param.h>
#include <sys/mman.h>
#include <err.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include "scratch.h"

#define shared	((struct scratch_shared *)SCRATCH_CALLS)

void	scratch_map(unsigned long, size_t, int, int);

_Static_assert(offsetof(struct scratch_shared, sh_entry) == SHARED_ENTRY, "");
_Static_assert(offsetof(struct scratch_shared, sh_handler) == SHARED_HANDLER, "");
_Static_assert(offsetof(struct scratch_shared, sh_signals) == SHARED_SIGNALS, "");
_Static_assert(offsetof(struct scratch_shared, sh_log) == SHARED_LOG, "");
_Static_assert(offsetof(struct scratch_call, sc_number) == CALL_NUMBER, "");
_Static_assert(offsetof(struct scratch_call, sc_kinds) == CALL_KINDS, "");
_Static_assert(offsetof(struct scratch_call, sc_nargs) == CALL_NARGS, "");
_Static_assert(offsetof(struct scratch_call, sc_args) == CALL_ARGS, "");
_Static_assert(offsetof(struct scratch_call, sc_actual) == CALL_ACTUAL, "");
_Static_assert(offsetof(struct scratch_call, sc_value) == CALL_VALUE, "");
_Static_assert(offsetof(struct scratch_call, sc_second) == CALL_SECOND, "");
_Static_assert(offsetof(struct scratch_call, sc_state) == CALL_STATE, "");
_Static_assert(offsetof(struct scratch_call, sc_child) == CALL_CHILD, "");
_Static_assert(sizeof(struct scratch_call) == CALL_SIZE, "");

/*
 * A signal handler for tests: writes down what it was called with.
 */
void
scratch_handler(int signal, siginfo_t *info, void *context)
{
	struct scratch_signal *entry;

	entry = &shared->sh_log[shared->sh_signals++ % SCRATCH_LOGGED];
	entry->ss_signal = signal;
	entry->ss_code = info != NULL ? info->si_code : 0;
	entry->ss_address = info != NULL ? (long)info->si_addr : 0;
	entry->ss_thread = getthrid();
}

/*
 * Maps memory where the host expects it, and makes each page present: the
 * host writes what is there and makes no pages.
 */
void
scratch_map(unsigned long address, size_t size, int flags, int protection)
{
	char *at = (char *)address;

	if (mmap(at, size, PROT_READ | PROT_WRITE,
	    MAP_ANON | MAP_FIXED | flags, -1, 0) != at)
		err(1, "mmap %p", at);
	memset(at, 0, size);
	if (protection != (PROT_READ | PROT_WRITE) &&
	    mprotect(at, size, protection) == -1)
		err(1, "mprotect %p", at);
}

int
main(void)
{
	scratch_map(SCRATCH_CALLS, SCRATCH_CALLS_SIZE, MAP_SHARED,
	    PROT_READ | PROT_WRITE);
	scratch_map(SCRATCH_DATA, SCRATCH_DATA_SIZE, MAP_PRIVATE,
	    PROT_READ | PROT_WRITE);
	scratch_map(SCRATCH_GUARDED, PAGE_SIZE, MAP_PRIVATE,
	    PROT_READ | PROT_WRITE);
	scratch_map(SCRATCH_READ_ONLY, PAGE_SIZE, MAP_PRIVATE, PROT_READ);
	shared->sh_handler = scratch_handler;
	scratch_enter();
	return 0;
}
