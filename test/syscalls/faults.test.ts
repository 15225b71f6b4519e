import { describe, expect } from 'vitest';
import { checkEnd, identityOf, openRecording } from '../../emu/debug/time/open-recording.ts';
import { decodeRecording, encodeRecording } from '../../emu/debug/time/recording.ts';
import { createMachine } from '../../emu/machine/create.ts';
import { recordingSince } from '../../emu/vitest/failure/recording.ts';
import {
  type BootedGuest,
  call,
  forking,
  guestTest as it,
  preemptionSweep,
  pufferMatchers,
} from '../../emu/vitest/index.ts';

expect.extend(pufferMatchers);

const TICK = 10_000_000;
const SYS_dup = 41n;
/** sys/malloc.h: M_WAITOK, and with it M_NOWAIT and M_CANFAIL. */
const M_WAITOK = 0x1n;
const M_WAITOK_ONLY = 0x7n;

/** Plays all that the guest has done since the test began in another machine, and compares the states there. */
function replays(guest: BootedGuest): void {
  const { image } = guest.machine;
  const made = recordingSince(guest.machine, guest.beginning(), guest.ran);
  const recording = decodeRecording(encodeRecording(made));
  const { machine } = createMachine({ memory: made.start.memorySize });
  openRecording(machine, recording, identityOf(guest.ran.name, image, image.elf.bytes));
  machine.run({ untilPosition: recording.end });
  expect(machine.position).toBe(recording.end);
  expect(() => checkEnd(machine, recording)).not.toThrow();
}

describe('a call that fails', () => {
  it('should make fork(2) fail with ENOMEM without an uarea, and leave nothing behind', ({ guest }) => {
    const { scratch, faults } = guest;
    const refused = (): unknown => {
      const fault = faults.failCall('uvm_uarea_alloc');
      const { errno } = scratch.syscall(forking('fork', []));
      expect(errno).toBe('ENOMEM');
      expect(fault.position).toBeLessThan(guest.machine.position);
      return errno;
    };
    expect(guest.during(refused)).toLeaveUnchanged();
    expect(scratch.syscall(forking('fork', [])).value).toBeGreaterThan(1);
    replays(guest);
  });

  it('should be the one that was asked for', ({ guest }) => {
    const fault = guest.faults.failCall('copyin', { call: 2 });
    const twoSeconds = guest.user.struct('rlimit', { rlim_cur: 10n, rlim_max: 20n });
    const set = (): Parameters<typeof call> => ['setrlimit', 8, twoSeconds];
    const { result } = guest.program([call(...set()), call(...set()), call(...set())]);
    expect([0, 1, 2].map((index) => result(index).errno)).toEqual([0, 'EFAULT', 0]);
    expect(fault.position).toBeDefined();
  });

  it('should only be one that may fail: a caller that waits for memory gets it', ({ guest }) => {
    const { scratch, faults } = guest;
    const waiting = faults.failCall('malloc', {
      mayMiss: true,
      when: ([, , flags = 0n]) => (flags & M_WAITOK_ONLY) === M_WAITOK,
    });
    const fork = forking('fork', []);
    const ends = guest.user.buffer(8);
    const { result } = guest.program([fork, call('wait4', fork, null, 0, null), call('pipe', ends)]);
    expect([0, 1, 2].map((index) => result(index).errno)).toEqual([0, 0, 0]);
    expect(waiting.position).toBeUndefined();
    const refused = (): unknown => {
      const fault = faults.failCall('malloc');
      expect(scratch.syscall(call('pipe', ends)).errno).toBe('ENOMEM');
      return expect(fault.position).toBeDefined();
    };
    expect(guest.during(refused)).toLeaveUnchanged();
  });

  it('should need to know how a function fails', ({ guest }) => {
    expect(() => guest.faults.failCall('sys_getpid')).toThrow(/nobody knows how sys_getpid fails/);
    expect(() => guest.faults.failCall('no_such_function', { returns: 0n })).toThrow(/no_such_function/);
    guest.faults.failCall('sys_getpid', { returns: 35n });
    expect(guest.syscall('getpid').errno).toBe('EAGAIN');
    expect(guest.syscall('getpid').errno).toBe(0);
  });

  it('should fail the test when its call never comes', ({ guest }) => {
    guest.faults.failCall('uvm_uarea_alloc', { call: 5 });
    expect(guest.syscall('fork').errno).toBe(0);
    expect(() => guest.faults.finish()).toThrow(/never happened: call 5 of uvm_uarea_alloc .* there were 1/);
    guest.faults.failCall('uvm_uarea_alloc', { mayMiss: true });
    expect(() => guest.faults.finish()).not.toThrow();
  });

  it('should not happen any more when it is cancelled', ({ guest }) => {
    const fault = guest.faults.failCall('uvm_uarea_alloc');
    fault.cancel();
    expect(guest.syscall('fork').errno).toBe(0);
    expect(fault.position).toBeUndefined();
  });
});

describe('an interrupt at a position', () => {
  it('should come there', ({ guest }) => {
    const { scratch, machine } = guest;
    const checkpoint = guest.checkpoint();
    guest.begin('getpid');
    guest.until('sys_getpid');
    const { position } = machine;
    guest.goBack(checkpoint);

    const ticks: number[] = [];
    guest.faults.interruptAt(position);
    const detach = machine.tracer.probes.at(machine.image.address('hardclock'), () =>
      ticks.push(machine.position),
    );
    expect(scratch.syscall(call('getpid')).value).toBe(scratch.pid);
    detach();
    expect(ticks).toHaveLength(1);
    expect(ticks[0]).toBeGreaterThan(position);
    expect(ticks[0]).toBeLessThan(position + 200);
    replays(guest);
  });

  it('should do no harm before any instruction of fork_check_maxthread', ({ guest }) => {
    const { scratch } = guest;
    const runs = preemptionSweep(guest, 'fork_check_maxthread', () => {
      const fork = forking('fork', [call('exit', 3)]);
      const status = guest.user.buffer(4);
      const { results } = scratch.program([fork, call('wait4', fork, status, 0, null)]);
      expect(results.size).toBeGreaterThanOrEqual(2);
      expect(status.int()).toBe(3 << 8);
    });
    expect(runs.length).toBeGreaterThan(5);
    expect(new Set(runs.map(({ instruction }) => instruction)).size).toBe(runs.length);
  });

  it('should find what a function does wrong when it is interrupted', ({ guest }) => {
    let interrupts = 0;
    const sweep = (): unknown =>
      preemptionSweep(guest, 'sys_getppid', (run) => {
        const before = guest.kernel.global('ticks').number();
        expect(guest.syscall('getppid').errno).toBe(0);
        const after = guest.kernel.global('ticks').number();
        if (run !== undefined) interrupts += after - before;
      });
    expect((sweep() as unknown[]).length).toBe(interrupts);
    expect(() => preemptionSweep(guest, 'sys_vfork', () => guest.syscall('getpid'))).toThrow(
      /does not come to sys_vfork/,
    );
  });
});

describe('a flipped bit', () => {
  it('should be in memory', ({ guest }) => {
    const flags = guest.scratch.process.member('ps_flags').address;
    const before = guest.scratch.process.number('ps_flags');
    guest.faults.flipMemory(flags, 17);
    expect(guest.scratch.process.number('ps_flags')).toBe(before ^ (1 << 17));
    guest.faults.flipMemory(flags, 17);
    expect(guest.scratch.process.number('ps_flags')).toBe(before);
    replays(guest);
  });

  it('should be in a register', ({ guest }) => {
    guest.begin('dup', 0);
    guest.until('Xsyscall', { when: () => guest.machine.register('rax') === SYS_dup });
    guest.faults.flipRegister('rdi', 6);
    expect(guest.scratch.finish().result(0).errno).toBe('EBADF');
    replays(guest);
  });

  it('should be one that a register has', ({ guest }) => {
    expect(() => guest.faults.flipRegister('rax', 64)).toThrow(/no bit 64/);
  });
});

describe('a clock that jumps', () => {
  it('should end a sleep early', ({ guest }) => {
    const minute = guest.user.struct('timespec', { tv_sec: 60 });
    const { end } = guest.program([call('nanosleep', minute, null)], { untilAsleep: true });
    expect(end).toBe('asleep');
    const { position, guestTime } = guest.machine;
    guest.faults.jumpTime(TICK);
    expect(guest.machine.guestTime).toBe(guestTime + TICK);
    expect(guest.machine.position).toBe(position);
    expect(guest.scratch.finish().result(0).errno).toBe(0);
    replays(guest);
  });

  it('should not go backwards, nor to the past', ({ guest }) => {
    expect(() => guest.faults.jumpTime(-1)).toThrow(/^jumpTime .*; it was given -1$/);
    expect(() => guest.faults.interruptAt(0)).toThrow(/position 0 is past/);
    expect(() => guest.faults.interruptAt(Number.NaN)).toThrow(/NaN is no position/);
    expect(() => guest.faults.jumpTimeAt('soon' as unknown as number, 1)).toThrow(/soon is no position/);
  });
});
