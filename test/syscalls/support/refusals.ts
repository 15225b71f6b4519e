import { describe, expect } from 'vitest';
import { type Argument, type BootedGuest, guestTest, pufferMatchers } from '../../../emu/vitest/index.ts';

expect.extend(pufferMatchers);

/** A call that is refused: the error, why, and the arguments, for which the guest is made ready first. */
export type Refusal = readonly [
  errno: string,
  why: string,
  args: (guest: BootedGuest) => readonly Argument[],
];

/**
 * Tests that a system call is refused with the error of each row, and that it then leaves everything as it was: processes, threads,
 * descriptors, what the kernel has allocated.
 */
export function refuses(name: string, rows: readonly Refusal[]): void {
  describe(`${name}(2)`, () => {
    guestTest.for(rows)('should return %s %s', ([errno, , args], { guest }) => {
      const passed = args(guest);
      void guest.scratch;
      const attempt = guest.during(() => expect(guest.syscall(name, ...passed)).toReturnErrno(errno));
      expect(attempt).toLeaveUnchanged('nprocesses', 'nthreads', 'processes', 'fds', 'pools');
    });
  });
}
