import { describe, expect } from 'vitest';
import { panicMessage } from '../../../emu/index.ts';
import { guestTest } from '../../../emu/vitest/index.ts';
import { forkStatistics, inventory } from '../support/census.ts';

const THREADS = new URL('../programs/threads.c', import.meta.url);
const it = guestTest.extend({ guestSetup: { programs: [THREADS] } });

const EIO = 5n;
/** A status of the shell: 128 and the number of the signal that killed the program. */
const ABORTED = 128 + 6;

describe('an execve that fails behind the point of no return', () => {
  it.for(['vmcmd_map_readvn', 'vmcmd_map_zero', 'copyargs'])(
    'should kill the process with SIGABRT and lose nothing, when it is %s that fails',
    (name, { guest }) => {
      guest.sh('ls');
      guest.sh('sleep 1');
      const before = inventory(guest.kernel);
      const value = name === 'copyargs' ? 0n : EIO;
      const fault = guest.faults.failCall(name, { returns: value });
      expect(guest.sh('ls').status).toBe(ABORTED);
      expect(fault.position).toBeGreaterThan(0);
      guest.sh('sleep 1');
      expect(inventory(guest.kernel)).toEqual(before);
      expect(guest.sh('ls').status).toBe(0);
    },
  );
});

describe('fork1 called wrongly', () => {
  it.for([
    ['an unknown flag', 'rsi', 8],
    ['no function', 'rdx', undefined],
  ] as const)('should panic by an assertion when it is given %s', ([, register, bit], { guest }) => {
    guest.start('ls');
    guest.runTo('fork1');
    if (bit !== undefined) guest.faults.flipRegister(register, bit);
    else {
      const value = guest.kernel.registers.get(register);
      for (let at = 0; at < 64; at++) if ((value >> BigInt(at)) & 1n) guest.faults.flipRegister(register, at);
    }
    expect(guest.machine.run({ budget: 10_000_000 }).reason).toBe('panic');
    expect(panicMessage(guest.kernel)).toMatch(/assertion ".*" failed: file "guest\/sys\/kern\/kern_fork.c"/);
  });
});

describe('a thread without a kernel stack', () => {
  it('should be refused with ENOMEM and count nothing', ({ guest }) => {
    const look = (): object => ({
      ...inventory(guest.kernel),
      statistics: forkStatistics(guest.kernel),
    });
    guest.start('threads');
    guest.runTo('thread_fork');
    const before = look();
    guest.faults.failCall('uvm_uarea_alloc');
    expect(guest.runToReturn()).toBe(12n);
    expect(look()).toEqual(before);
  });
});
