import { describe, expect } from 'vitest';
import {
  type BootedGuest,
  call,
  forking,
  intAt,
  guestTest as it,
  pufferMatchers,
} from '../../emu/vitest/index.ts';
import { killed, SA_RESTART, SIGKILL, SIGUSR1 } from './support/constants.ts';

expect.extend(pufferMatchers);

/** sys/errno.h, sys/signal.h */
const EIO = 5n;
const ENOMEM = 12n;
const SIGBUS = 10;

describe('a system call that a signal interrupts', () => {
  const interrupted = (guest: BootedGuest, flags: number) => {
    const { user, scratch } = guest;
    const action = user.struct('sigaction', {
      '__sigaction_u.__sa_handler': user.handler.address,
      sa_flags: flags,
    });
    const [ends, into] = [user.buffer(8), user.buffer(16)];
    const second = user.struct('timespec', { tv_sec: 1 });
    const later = [
      call('nanosleep', second, null),
      call('kill', scratch.pid, SIGUSR1),
      call('nanosleep', second, null),
      call('write', intAt(ends, 4), 'late', 4),
    ];
    const { result } = guest.program([
      call('sigaction', SIGUSR1, action, null),
      call('pipe', ends),
      forking('fork', later),
      call('read', intAt(ends), into, 16),
    ]);
    expect(user.signals().map(({ signal }) => signal)).toContain(SIGUSR1);
    return { read: result(3), into };
  };

  it('should be made again after the handler with SA_RESTART', ({ guest }) => {
    const { read, into } = interrupted(guest, SA_RESTART);
    expect(read.value).toBe(4);
    expect(into.text()).toBe('late');
  });

  it('should return EINTR without it', ({ guest }) => {
    expect(interrupted(guest, 0).read.errno).toBe('EINTR');
  });
});

describe('a page of a program that cannot be had', () => {
  /** A child takes its first page fault in user mode; what becomes of it. */
  const faulting = (guest: BootedGuest, error: bigint): number => {
    const status = guest.user.buffer(4);
    const fork = forking('fork', []);
    guest.scratch.begin([fork, call('wait4', -1, status, 0, null)]);
    guest.until('child_return');
    const fault = guest.faults.failCall('uvm_fault', { returns: error });
    guest.scratch.finish();
    expect(fault.position).toBeDefined();
    return status.int();
  };

  it('should end the process and say so when memory has run out', ({ guest }) => {
    expect(faulting(guest, ENOMEM)).toBe(killed(SIGKILL));
    expect(guest.output).toMatch(/UVM: pid \d+ \(scratch\), uid 0 killed: out of swap/);
  });

  it('should be SIGBUS when it cannot be read', ({ guest }) => {
    expect(faulting(guest, EIO)).toBe(killed(SIGBUS));
  });
});
