import type { Quantity } from './looking/census.ts';
import { calls, reaches } from './matchers/calls.ts';
import { isConsistent } from './matchers/consistent.ts';
import { returnsErrno } from './matchers/errno.ts';
import type { ExpectedFork } from './matchers/events.ts';
import { forked, panics } from './matchers/events.ts';
import { type GoldenPathOptions, matchesGoldenPath } from './matchers/golden-path.ts';
import { matchesTranscript } from './matchers/transcript.ts';
import { leavesUnchanged } from './matchers/unchanged.ts';

/**
 * Matchers for `expect.extend(pufferMatchers)`. They take what `guest.during(() => …)` returns; `toReturnErrno` takes what
 * `guest.syscall` returns too. A failure tells the console's tail, the calls, and the command that opens them in the debugger.
 */
export const pufferMatchers = {
  toBeConsistent: isConsistent,
  toReach: reaches,
  toCallInOrder: calls,
  toReturnErrno: returnsErrno,
  toLeaveUnchanged: leavesUnchanged,
  toHaveForked: forked,
  toPanic: panics,
  toMatchTranscript: matchesTranscript,
  toMatchGoldenPath: matchesGoldenPath,
};

declare module 'vitest' {
  interface Matchers<T> {
    /** The kernel's lists, hashes, counts, reference counts and page tables agree; of a guest between two system calls. */
    toBeConsistent(): void;
    /** The action calls a kernel function. */
    toReach(name: string): void;
    /** The action calls kernel functions in this order (others, and more calls of these, may come between). */
    toCallInOrder(names: readonly string[]): void;
    /** The system call fails with this error: `expect(guest.syscall('fork')).toReturnErrno('EAGAIN')`. */
    toReturnErrno(errno: string): void;
    /** A system call of this name ends with this error during the action. */
    toReturnErrno(systemCall: string, errno: string): void;
    /** What the kernel counts is the same after the action as before it: quantities by name, or variables of the kernel; all if none is named. */
    toLeaveUnchanged(...names: readonly (Quantity | (string & {}))[]): void;
    /** The action makes a thread or process, or as many as `times` says. */
    toHaveForked(expected?: ExpectedFork): void;
    /** The kernel panics during the action, with a message that matches. */
    toPanic(message?: RegExp | string): void;
    /** What the action prints on the console is this; a line `…` stands for any lines. */
    toMatchTranscript(expected: string): void;
    /**
     * The way of a system call through the kernel is that of `__golden__/NAME.path` beside the test; `vitest -u` writes it anew.
     * To be awaited.
     */
    toMatchGoldenPath(systemCall: string, options?: GoldenPathOptions): Promise<void>;
  }
}
