import { describe, expect } from 'vitest';
import { type Argument, type BootedGuest, guestTest, pufferMatchers } from '../../../emu/vitest/index.ts';

expect.extend(pufferMatchers);

/** A call that is refused: the error, why, and the arguments, for which the guest is made ready first. */
export type Refusal = readonly [
  errno: string,
  why: string,
  args: (guest: BootedGuest) => readonly Argument[],
];

/** The call fails with this error, and nothing that the kernel counts has changed. */
export function expectRefusal(
  guest: BootedGuest,
  errno: string,
  name: string | number,
  ...args: readonly Argument[]
): void {
  // There before the counting begins.
  void guest.scratch;
  const attempt = guest.during(() => expect(guest.syscall(name, ...args)).toReturnErrno(errno));
  expect(attempt).toLeaveUnchanged();
}

/**
 * Tests that a system call is refused with the error of each row, and that it then leaves everything as it was: processes, threads,
 * descriptors, vnodes, pages, what the kernel has allocated.
 */
export function refuses(name: string, rows: readonly Refusal[]): void {
  describe(`${name}(2)`, () => {
    guestTest.for(rows)('should return %s %s', ([errno, , args], { guest }) => {
      expectRefusal(guest, errno, name, ...args(guest));
    });
  });
}
