/*
 * Calls routines of static libraries on the host's processor. Reads calls from standard input, writes what came of them to standard
 * output; both have the layout that library-calls.ts writes and reads.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define ARGUMENTS	6
#define BUFFER_SIZE	4096

typedef uint64_t routine(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);

/* Their types do not matter: six integers reach every one of them in the same registers. */
#define ROUTINE(name) extern routine name;
#include ROUTINES
#undef ROUTINE

static routine *const routines[] = {
#define ROUTINE(name) name,
#include ROUTINES
#undef ROUTINE
};

/* A call: which routine; its arguments; which of them are offsets into the buffer (a bit each); the buffer. */
struct call {
	uint64_t	routine;
	uint64_t	arguments[ARGUMENTS];
	uint64_t	pointers;
	uint8_t		buffer[BUFFER_SIZE];
};

struct result {
	uint64_t	value;
	uint8_t		buffer[BUFFER_SIZE];
};

static uint8_t buffer[BUFFER_SIZE] __attribute__((aligned(BUFFER_SIZE)));

int
main(void)
{
	struct call call;
	struct result result;
	uint64_t a[ARGUMENTS];
	int i;

	while (fread(&call, sizeof(call), 1, stdin) == 1) {
		for (i = 0; i < ARGUMENTS; i++) {
			a[i] = call.arguments[i];
			if (call.pointers >> i & 1)
				a[i] += (uintptr_t)buffer;
		}
		memcpy(buffer, call.buffer, sizeof(buffer));
		result.value = routines[call.routine](a[0], a[1], a[2], a[3], a[4], a[5]);
		memcpy(result.buffer, buffer, sizeof(buffer));
		if (fwrite(&result, sizeof(result), 1, stdout) != 1)
			return 1;
	}
	return ferror(stdin);
}
