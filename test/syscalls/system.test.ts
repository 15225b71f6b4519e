import { describe, expect } from 'vitest';
import { type Argument, type BootedGuest, call, forking, guestTest as it } from '../../emu/vitest/index.ts';
import {
  CLOCK_MONOTONIC,
  CLOCK_PROCESS_CPUTIME_ID,
  CLOCK_UPTIME,
  CTL_HW,
  CTL_KERN,
  HW_MACHINE,
  HW_NCPU,
  HW_PAGESIZE,
  ITIMER_REAL,
  KERN_HOSTNAME,
  KERN_MAXPROC,
  KERN_NPROCS,
  KERN_NTHREADS,
  KERN_OSREV,
  KERN_OSTYPE,
  KERN_PROC,
  KERN_PROC_ALL,
  KERN_PROC_KTHREAD,
  KERN_PROC_PGRP,
  KERN_PROC_PID,
  KERN_PROC_RUID,
  KERN_PROC_UID,
  PAGE_SIZE,
  SIGALRM,
  USER,
} from './support/constants.ts';
import { refuses } from './support/refusals.ts';
import { becomeUser, ok } from './support/setting.ts';

/** struct kinfo_proc is as long as the kernel says. */
const kinfoSize = (guest: BootedGuest): number => guest.kernel.struct('kinfo_proc').type.size;

function sysctl(guest: BootedGuest, name: readonly number[], size: number) {
  const { user } = guest;
  const [old, length] = [
    user.buffer(size),
    user.buffer(Uint8Array.from([size & 0xff, size >> 8, 0, 0, 0, 0, 0, 0])),
  ];
  const result = guest.syscall('sysctl', user.ints(...name), name.length, old, length, null, 0);
  return { result, old, length: Number(length.long()) };
}

function setInt(guest: BootedGuest, name: readonly number[], value: number) {
  const { user } = guest;
  return guest.syscall('sysctl', user.ints(...name), name.length, null, null, user.ints(value), 4);
}

describe('sysctl', () => {
  it.for([
    ['kern.ostype', [CTL_KERN, KERN_OSTYPE], 'OpenBSD'],
    ['hw.machine', [CTL_HW, HW_MACHINE], 'amd64'],
  ] as const)('should tell %s', ([, name, expected], { guest }) => {
    const { result, old, length } = sysctl(guest, name, 64);
    expect(result.errno).toBe(0);
    expect(old.text()).toBe(expected);
    expect(length).toBe(expected.length + 1);
  });

  it.for([
    ['hw.pagesize', [CTL_HW, HW_PAGESIZE], () => PAGE_SIZE],
    ['hw.ncpu', [CTL_HW, HW_NCPU], () => 1],
    [
      'kern.nprocs',
      [CTL_KERN, KERN_NPROCS],
      ({ kernel }: BootedGuest) => kernel.global('nprocesses').number(),
    ],
    [
      'kern.nthreads',
      [CTL_KERN, KERN_NTHREADS],
      ({ kernel }: BootedGuest) => kernel.global('nthreads').number(),
    ],
    [
      'kern.maxproc',
      [CTL_KERN, KERN_MAXPROC],
      ({ kernel }: BootedGuest) => kernel.global('maxprocess').number(),
    ],
  ] as const)('should tell %s', ([, name, expected], { guest }) => {
    const { old, length } = sysctl(guest, name, 4);
    expect(old.int()).toBe(expected(guest));
    expect(length).toBe(4);
  });

  it('should tell how large an answer is without a place for it', ({ guest }) => {
    const length = guest.user.buffer(8);
    ok(guest, 'sysctl', guest.user.ints(CTL_KERN, KERN_OSTYPE), 2, null, length, null, 0);
    expect(length.long()).toBe(8n);
  });

  it('should set a limit, and the host name', ({ guest }) => {
    expect(setInt(guest, [CTL_KERN, KERN_MAXPROC], 100).errno).toBe(0);
    expect(guest.kernel.global('maxprocess').number()).toBe(100);
    ok(guest, 'sysctl', guest.user.ints(CTL_KERN, KERN_HOSTNAME), 2, null, null, 'fish', 4);
    expect(sysctl(guest, [CTL_KERN, KERN_HOSTNAME], 64).old.text()).toBe('fish');
  });

  it('should list one process, with what the kernel knows of it', ({ guest }) => {
    const { pid, process } = guest.scratch;
    const size = kinfoSize(guest);
    const { result, old, length } = sysctl(guest, [CTL_KERN, KERN_PROC, KERN_PROC_PID, pid, size, 1], size);
    expect(result.errno).toBe(0);
    expect(length).toBe(size);
    const info = guest.kernel.struct('kinfo_proc').type;
    const view = new DataView(old.bytes().buffer);
    const member = (name: string): number => view.getInt32(info.member(name)?.offset ?? 0, true);
    expect(member('p_pid')).toBe(pid);
    expect(member('p_ppid')).toBe(process.at('ps_pptr').number('ps_pid'));
    expect(member('p__pgid')).toBe(process.at('ps_pgrp').number('pg_id'));
    expect(member('p_vm_dsize')).toBe(process.number('ps_vmspace.vm_dused'));
  });

  it('should list zombies, too', ({ guest }) => {
    const fork = forking('fork', [call('exit', 1)]);
    const pid = guest.program([fork]).result(0).value;
    guest.scratch.settle();
    const size = kinfoSize(guest);
    expect(sysctl(guest, [CTL_KERN, KERN_PROC, KERN_PROC_PID, pid, size, 1], size).length).toBe(size);
  });

  it.for([
    [
      'all',
      KERN_PROC_ALL,
      ({ kernel }: BootedGuest) =>
        [...kernel.processes()].filter((one) => (one.number('ps_flags') & 0x10000) === 0).length,
    ],
    [
      'those of the kernel as well',
      KERN_PROC_KTHREAD,
      ({ kernel }: BootedGuest) => [...kernel.processes()].length,
    ],
  ] as const)('should list %s', ([, which, expected], { guest }) => {
    const size = kinfoSize(guest);
    const { length } = sysctl(guest, [CTL_KERN, KERN_PROC, which, 0, size, 30], 30 * size);
    expect(length / size).toBe(expected(guest));
  });

  it('should list the processes of a group and of a user', ({ guest }) => {
    const size = kinfoSize(guest);
    const group = ok(guest, 'getpgrp');
    const fork = forking('fork', [call('setuid', USER), call('sigsuspend', 0)]);
    guest.program([fork]);
    guest.scratch.settle();
    const count = (which: number, of: number): number =>
      sysctl(guest, [CTL_KERN, KERN_PROC, which, of, size, 30], 30 * size).length / size;
    expect(count(KERN_PROC_PGRP, group)).toBe(2);
    expect(count(KERN_PROC_UID, USER)).toBe(1);
    expect(count(KERN_PROC_RUID, USER)).toBe(1);
  });
});

const asked = (
  guest: BootedGuest,
  name: readonly number[],
  size: number,
  given: readonly Argument[] = [null, 0],
) => {
  const { user } = guest;
  const length = user.buffer(Uint8Array.from([size & 0xff, size >> 8, 0, 0, 0, 0, 0, 0]));
  return [user.ints(...name), name.length, user.buffer(Math.max(size, 1)), length, ...given];
};
refuses('sysctl', [
  ['EINVAL', 'for a name of one number', (guest) => asked(guest, [CTL_KERN], 4)],
  ['EINVAL', 'for a name that is too long', (guest) => asked(guest, new Array(13).fill(1), 4)],
  ['ENOTSUP', 'for a family that there is not', (guest) => asked(guest, [99, 1], 4)],
  ['ENOTSUP', 'for a name that there is not', (guest) => asked(guest, [CTL_KERN, 9999], 4)],
  ['ENOTDIR', 'for a name below a value', (guest) => asked(guest, [CTL_KERN, KERN_OSREV, 1], 4)],
  ['ENOTDIR', 'for a name below a value of the hardware', (guest) => asked(guest, [CTL_HW, HW_NCPU, 1], 4)],
  ['ENOMEM', 'for a place that is too small', (guest) => asked(guest, [CTL_KERN, KERN_OSTYPE], 4)],
  [
    'ENOMEM',
    'for too little place for all processes',
    (guest) => {
      const size = kinfoSize(guest);
      return asked(guest, [CTL_KERN, KERN_PROC, KERN_PROC_ALL, 0, size, 1], size);
    },
  ],
  [
    'ENOMEM',
    'for too few processes asked for',
    (guest) => {
      const size = kinfoSize(guest);
      return asked(guest, [CTL_KERN, KERN_PROC, KERN_PROC_ALL, 0, size, 1], 30 * size);
    },
  ],
  [
    'EINVAL',
    'for processes of an unknown kind',
    (guest) => asked(guest, [CTL_KERN, KERN_PROC, 99, 0, 8, 1], 8),
  ],
  [
    'EINVAL',
    'for processes without a size',
    (guest) => asked(guest, [CTL_KERN, KERN_PROC, KERN_PROC_ALL], 8),
  ],
  [
    'EINVAL',
    'for more of a process than there is',
    (guest) => asked(guest, [CTL_KERN, KERN_PROC, KERN_PROC_ALL, 0, kinfoSize(guest) + 1, 1], 8),
  ],
  [
    'EPERM',
    'for setting what is only told',
    (guest) => asked(guest, [CTL_KERN, KERN_OSREV], 4, [guest.user.ints(1), 4]),
  ],
  [
    'EPERM',
    'for setting anything, for one who is not root',
    (guest) => {
      becomeUser(guest);
      return asked(guest, [CTL_KERN, KERN_MAXPROC], 4, [guest.user.ints(1000), 4]);
    },
  ],
  [
    'EINVAL',
    'for a limit of another size',
    (guest) => asked(guest, [CTL_KERN, KERN_MAXPROC], 4, [guest.user.buffer(8), 8]),
  ],
  [
    'EINVAL',
    'for a limit below what exists',
    (guest) => asked(guest, [CTL_KERN, KERN_MAXPROC], 4, [guest.user.ints(2), 4]),
  ],
  [
    'EINVAL',
    'for a host name that is too long',
    (guest) => asked(guest, [CTL_KERN, KERN_HOSTNAME], 64, ['h'.repeat(256), 256]),
  ],
]);

describe('getentropy', () => {
  it('should fill all of the buffer, with other bytes each time', ({ guest }) => {
    const [first, second] = [guest.user.buffer(256), guest.user.buffer(256)];
    ok(guest, 'getentropy', first, 256);
    ok(guest, 'getentropy', second, 256);
    expect(first.bytes()).not.toEqual(second.bytes());
    expect(new Set(first.bytes()).size).toBeGreaterThan(100);
  });

  it('should begin with the seed of the command line', ({ guest }) => {
    const state = guest.kernel.global('random_state').integer();
    const checkpoint = guest.checkpoint();
    const bytes = guest.user.buffer(16);
    ok(guest, 'getentropy', bytes, 16);
    const once = bytes.bytes();
    expect(guest.kernel.global('random_state').integer()).not.toBe(state);
    guest.goBack(checkpoint);
    const again = guest.user.buffer(16);
    ok(guest, 'getentropy', again, 16);
    expect(again.bytes()).toEqual(once);
  });
});

describe('time', () => {
  it('should be one for all clocks that count from the start', ({ guest }) => {
    const [uptime, monotonic] = [guest.user.struct('timespec'), guest.user.struct('timespec')];
    guest.program([
      call('clock_gettime', CLOCK_UPTIME, uptime),
      call('clock_gettime', CLOCK_MONOTONIC, monotonic),
    ]);
    expect(monotonic.number('tv_sec')).toBe(uptime.number('tv_sec'));
    expect(monotonic.number('tv_nsec') - uptime.number('tv_nsec')).toBeLessThanOrEqual(10_000_000);
  });

  it('should go on for a process only while it runs', ({ guest }) => {
    const used = (): number => {
      const time = guest.user.struct('timespec');
      ok(guest, 'clock_gettime', CLOCK_PROCESS_CPUTIME_ID, time);
      return time.number('tv_sec') * 1e9 + time.number('tv_nsec');
    };
    const before = used();
    ok(guest, 'nanosleep', guest.user.struct('timespec', { tv_sec: 5 }), null);
    expect(used() - before).toBeLessThan(100_000_000);
  });

  it('should tell what was left of a sleep that a signal ended', ({ guest }) => {
    const handler = { '__sigaction_u.__sa_handler': guest.user.handler };
    ok(guest, 'sigaction', SIGALRM, guest.user.struct('sigaction', handler), null);
    const left = guest.user.struct('timespec');
    const alarm = guest.user.struct('itimerval', { it_value: { tv_sec: 1 } as unknown as number });
    ok(guest, 'setitimer', ITIMER_REAL, alarm, null);
    const ten = guest.user.struct('timespec', { tv_sec: 10 });
    expect(guest.syscall('nanosleep', ten, left)).toReturnErrno('EINTR');
    expect(left.number('tv_sec')).toBe(8);
    expect(left.number('tv_nsec')).toBeGreaterThan(900_000_000);
  });

  it('should be stopped by a timer of 0', ({ guest }) => {
    const second = guest.user.struct('itimerval', { it_value: { tv_sec: 1 } });
    const old = guest.user.struct('itimerval');
    ok(guest, 'setitimer', ITIMER_REAL, second, null);
    ok(guest, 'setitimer', ITIMER_REAL, guest.user.struct('itimerval'), old);
    expect(old.number('it_value.tv_sec') * 1e6 + old.number('it_value.tv_usec')).toBeGreaterThan(900_000);
    ok(guest, 'nanosleep', guest.user.struct('timespec', { tv_sec: 2 }), null);
    expect(guest.user.signals()).toEqual([]);
  });
});
