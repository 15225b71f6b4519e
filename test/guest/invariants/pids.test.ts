import { describe, expect } from 'vitest';
import { type BootedGuest, guestTest } from '../../../emu/vitest/index.ts';

const PROGRAM = new URL('../programs/pids.c', import.meta.url);
const it = guestTest.extend({ guestSetup: { programs: [PROGRAM] } });

const PID_MAX = 99_999;
const INT_SIZE = 4;
/** Pids that are left: by chance alone nobody would find the right ones. */
const LEFT = 12;
/** For the program that makes them. */
const SPARE = 3;

function int(value: number): Uint8Array {
  const bytes = new Uint8Array(INT_SIZE);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return bytes;
}

/** Lets the kernel choose among the last pids only. */
function leaveTheLast(guest: BootedGuest, count: number): void {
  const { machine } = guest;
  const last = machine.image.symbols.symbols.find(({ name }) => /^lastpid(\.\d+)?$/.test(name));
  if (last === undefined) throw new RangeError('the kernel has no lastpid');
  machine.writeMemory(last.address, int(PID_MAX - count));
}

const theLast = (count: number): number[] =>
  Array.from({ length: count }, (_, index) => PID_MAX - count + 1 + index);

describe('a pid', () => {
  it.for(['live', 'zombies'])('should not be given twice: %s', (kind, { guest }) => {
    // The program needs some itself.
    leaveTheLast(guest, LEFT + SPARE);
    const pids = guest.sh(`pids ${kind} ${LEFT}`).output.trim().split('\n').map(Number);
    expect(new Set(pids).size).toBe(LEFT);
    for (const pid of pids) expect(theLast(LEFT + SPARE)).toContain(pid);
  });

  it('should rest after it was freed', ({ guest }) => {
    leaveTheLast(guest, LEFT);
    const memory = guest.kernel.global('oldpids');
    theLast(LEFT - 1).forEach((_, index) => {
      guest.machine.writeMemory(memory.address + BigInt(index * INT_SIZE), int(PID_MAX - 1 - index));
    });
    guest.start('ls');
    guest.runTo('child_return');
    expect(guest.kernel.currentIdentity()?.pid).toBe(PID_MAX);
  });
});
