/** The scratch program's memory and the layout of its structures, as `guest/kit/scratch/scratch.h` has them (a test compares the two). */

/** Shared with every child: what the processes and the host tell each other, then the calls. */
export const SCRATCH_CALLS = 0x2000_0000n;
export const SCRATCH_CALLS_SIZE = 0x2_0000;
/** Private, as a program's data is: what arguments point at. */
export const SCRATCH_DATA = 0x2100_0000n;
export const SCRATCH_DATA_SIZE = 0x1_0000;
/** One page with nothing mapped behind it. */
export const SCRATCH_GUARDED = 0x2200_0000n;
/** One page that cannot be written. */
export const SCRATCH_READ_ONLY = 0x2300_0000n;
export const PAGE_SIZE = 4096;

/** struct scratch_shared. */
export const SHARED = { entry: 0, handler: 8, signals: 16, log: 24 } as const;
/** struct scratch_signal. */
export const SIGNAL = { signal: 0, code: 4, address: 8, thread: 16, size: 24 } as const;
/** Signals that are remembered. */
export const SIGNALS_LOGGED = 32;
/** Where the host puts calls: behind struct scratch_shared. */
export const FIRST_CALL = SCRATCH_CALLS + 0x400n;
export const CALLS_END = SCRATCH_CALLS + BigInt(SCRATCH_CALLS_SIZE);

/** struct scratch_call. */
export const CALL = {
  number: 0,
  kinds: 8,
  argumentCount: 16,
  arguments: 24,
  actual: 88,
  value: 152,
  second: 160,
  state: 168,
  child: 176,
  size: 184,
} as const;
export const MAXIMUM_ARGUMENTS = 8;

/** Instead of a system call's number: numbers that nobody tries. */
export const CALL_END = -0x5c4a_7c01n;
export const CALL_TOUCH = -0x5c4a_7c02n;

/** How an argument is meant: itself, or the long or the int that it points at. */
export const ArgumentKind = { value: 0, long: 1, int: 2 } as const;
/** A call's state: whether it has returned, and whether carry was set then. */
export const CallState = { pending: 0, done: 1, failed: 2 } as const;
