import { describe, expect } from 'vitest';
import {
  type BootedGuest,
  call,
  forking,
  guestTest as it,
  type UserAddress,
} from '../../emu/vitest/index.ts';
import {
  CLOCK_MONOTONIC,
  CLOCK_REALTIME,
  killed,
  MAP_ANON,
  MAP_FIXED,
  MAP_INHERIT_NONE,
  MAP_INHERIT_ZERO,
  MAP_PRIVATE,
  MAP_SHARED,
  O_CREAT,
  O_WRONLY,
  PAGE_SIZE,
  PRIO_PROCESS,
  PROT_NONE,
  PROT_READ,
  PROT_WRITE,
  RLIMIT_DATA,
  RLIMIT_NOFILE,
  RLIMIT_STACK,
  SIGSEGV,
  USER,
} from './support/constants.ts';

const AT = 0x5000_0000n;
const READ_WRITE = PROT_READ | PROT_WRITE;

function map(guest: BootedGuest, flags = MAP_PRIVATE, protection = READ_WRITE, pages = 1): bigint {
  const { rax, errno } = guest.syscall(
    'mmap',
    AT,
    pages * PAGE_SIZE,
    protection,
    MAP_ANON | MAP_FIXED | flags,
    -1,
    0,
    0,
  );
  expect(errno).toBe(0);
  return rax;
}

/** Lets the kernel read or write a byte of the process's memory: the error tells whether the process could. */
function reads(guest: BootedGuest, address: bigint): string | 0 {
  const fd = guest.syscall('open', '/dev/null', O_WRONLY, 0).value;
  const { errno } = guest.syscall('open', { address }, 0, 0);
  guest.syscall('close', fd);
  return errno === 'EFAULT' ? 'EFAULT' : 0;
}
function writes(guest: BootedGuest, address: bigint): string | 0 {
  const { errno } = guest.syscall('__getcwd', { address }, 8);
  return errno === 'EFAULT' ? 'EFAULT' : 0;
}

describe('mmap(2)', () => {
  it('should give zeros', ({ guest }) => {
    const address = map(guest);
    expect(address).toBe(AT);
    expect(guest.syscall('__getcwd', { address: AT }, 8).errno).toBe(0);
    expect([...guest.user.read(AT + 16n, 16)]).toEqual(Array.from({ length: 16 }, () => 0));
  });

  it('should find a place of its own', ({ guest }) => {
    const one = guest.syscall('mmap', null, PAGE_SIZE, READ_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0, 0);
    const other = guest.syscall('mmap', null, PAGE_SIZE, READ_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0, 0);
    expect(one.errno).toBe(0);
    expect(one.rax % BigInt(PAGE_SIZE)).toBe(0n);
    expect(one.rax).not.toBe(other.rax);
  });

  it('should replace what was there with MAP_FIXED', ({ guest }) => {
    map(guest);
    guest.user.write(AT, new TextEncoder().encode('text'));
    map(guest);
    expect(reads(guest, AT)).toBe(0);
    expect(guest.user.read(AT, 1)[0]).toBe(0);
  });

  it.for([
    ['nothing', PROT_NONE, 'EFAULT', 'EFAULT'],
    ['reading', PROT_READ, 0, 'EFAULT'],
    ['reading and writing', READ_WRITE, 0, 0],
  ] as const)('should allow %s', ([, protection, read, write], { guest }) => {
    map(guest, MAP_PRIVATE, protection);
    expect(reads(guest, AT)).toBe(read);
    expect(writes(guest, AT)).toBe(write);
  });

  it('should count what the process has', ({ guest }) => {
    const before = guest.scratch.process.number('ps_vmspace.vm_map.size');
    map(guest, MAP_PRIVATE, READ_WRITE, 5);
    expect(guest.scratch.process.number('ps_vmspace.vm_map.size')).toBe(before + 5 * PAGE_SIZE);
  });
});

describe('munmap(2), mprotect(2) and break(2)', () => {
  it('should take away the middle of a mapping', ({ guest }) => {
    map(guest, MAP_PRIVATE, READ_WRITE, 3);
    expect(guest.syscall('munmap', AT + 4096n, PAGE_SIZE).errno).toBe(0);
    expect([0n, 4096n, 8192n].map((offset) => writes(guest, AT + offset))).toEqual([0, 'EFAULT', 0]);
  });

  it('should change the rights of a part, and give them back', ({ guest }) => {
    map(guest, MAP_PRIVATE, READ_WRITE, 3);
    guest.syscall('mprotect', AT + 4096n, PAGE_SIZE, PROT_READ);
    expect([0n, 4096n, 8192n].map((offset) => writes(guest, AT + offset))).toEqual([0, 'EFAULT', 0]);
    guest.syscall('mprotect', AT + 4096n, PAGE_SIZE, READ_WRITE);
    expect(writes(guest, AT + 4096n)).toBe(0);
  });

  it('should give pages back to the system', ({ guest }) => {
    map(guest, MAP_PRIVATE, READ_WRITE, 8);
    const free = (): number => guest.kernel.global('uvmexp').number('free');
    const before = free();
    for (let page = 0n; page < 8n; page++) expect(writes(guest, AT + page * 4096n)).toBe(0);
    expect(before - free()).toBeGreaterThanOrEqual(8);
    guest.syscall('munmap', AT, 8 * PAGE_SIZE);
    expect(free()).toBeGreaterThanOrEqual(before - 2);
  });

  it('should grow the heap', ({ guest }) => {
    const end =
      guest.scratch.process.integer('ps_vmspace.vm_daddr') +
      BigInt(guest.scratch.process.number('ps_vmspace.vm_dsize') * PAGE_SIZE);
    expect(guest.syscall('break', end + 4096n).errno).toBe(0);
    expect(writes(guest, end)).toBe(0);
    expect(guest.syscall('break', end).errno).toBe(0);
    expect(writes(guest, end)).toBe('EFAULT');
  });
});

describe('what a child inherits of a mapping', () => {
  const write = (): UserAddress => ({ address: AT });
  function afterChild(
    guest: BootedGuest,
    flags: number,
    inherit?: number,
  ): { parent: string; status: number } {
    map(guest, flags);
    guest.user.write(AT, new TextEncoder().encode('mine'));
    if (inherit !== undefined) expect(guest.syscall('minherit', AT, PAGE_SIZE, inherit).errno).toBe(0);
    const status = guest.user.buffer(4);
    const fork = forking('fork', [call('chdir', '/usr'), call('__getcwd', write(), 8)]);
    guest.program([fork, call('wait4', fork, status, 0, null)]);
    return { parent: new TextDecoder().decode(guest.user.read(AT, 4)), status: status.int() };
  }

  it('should be a copy of private memory', ({ guest }) => {
    expect(afterChild(guest, MAP_PRIVATE)).toEqual({ parent: 'mine', status: 0 });
  });
  it('should be the same memory when it is shared', ({ guest }) => {
    expect(afterChild(guest, MAP_SHARED)).toEqual({ parent: '/usr', status: 0 });
  });
  it('should be a copy with minherit(2), zeros or nothing', ({ guest }) => {
    expect(afterChild(guest, MAP_SHARED, MAP_INHERIT_ZERO).parent).toBe('mine');
    const fork = forking('fork', [call('__getcwd', write(), 8)]);
    guest.syscall('minherit', AT, PAGE_SIZE, MAP_INHERIT_NONE);
    const { results } = guest.program([fork, call('wait4', fork, null, 0, null)]);
    expect([...results.values()].find(({ name }) => name === '__getcwd')?.errno).toBe('EFAULT');
  });
});

describe('time', () => {
  it('should go on by what was slept', ({ guest }) => {
    const { user } = guest;
    const [before, after] = [user.struct('timespec'), user.struct('timespec')];
    guest.program([
      call('clock_gettime', CLOCK_MONOTONIC, before),
      call('nanosleep', user.struct('timespec', { tv_sec: 3 }), null),
      call('clock_gettime', CLOCK_MONOTONIC, after),
    ]);
    const slept = after.number('tv_sec') - before.number('tv_sec');
    expect(slept).toBeGreaterThanOrEqual(3);
    expect(slept).toBeLessThanOrEqual(4);
  });

  it('should begin when the kernel was told', ({ guest }) => {
    const now = guest.user.struct('timespec');
    guest.syscall('clock_gettime', CLOCK_REALTIME, now);
    expect(now.number('tv_sec')).toBeGreaterThanOrEqual(1_700_000_000);
    const day = guest.user.struct('timeval');
    guest.syscall('gettimeofday', day, null);
    expect(day.number('tv_sec') - now.number('tv_sec')).toBeLessThanOrEqual(1);
  });

  it('should have a resolution', ({ guest }) => {
    const resolution = guest.user.struct('timespec');
    expect(guest.syscall('clock_getres', CLOCK_MONOTONIC, resolution).errno).toBe(0);
    expect(resolution.number('tv_nsec')).toBeGreaterThan(0);
  });

  it('should tell how long a timer has yet to run', ({ guest }) => {
    const { user } = guest;
    guest.syscall('setitimer', 0, user.struct('itimerval', { it_value: { tv_sec: 100 } }), null);
    const left = user.struct('itimerval');
    guest.syscall('getitimer', 0, left);
    expect(left.number('it_value.tv_sec')).toBeGreaterThanOrEqual(99);
    guest.syscall('setitimer', 0, user.struct('itimerval'), left);
    expect(left.number('it_value.tv_sec')).toBeGreaterThanOrEqual(99);
    guest.syscall('getitimer', 0, left);
    expect(left.number('it_value.tv_sec')).toBe(0);
  });
});

describe('limits and priorities', () => {
  it('should give back what was set', ({ guest }) => {
    const { user } = guest;
    const limit = user.struct('rlimit');
    guest.syscall('setrlimit', RLIMIT_NOFILE, user.struct('rlimit', { rlim_cur: 7, rlim_max: 9 }));
    guest.syscall('getrlimit', RLIMIT_NOFILE, limit);
    expect([limit.number('rlim_cur'), limit.number('rlim_max')]).toEqual([7, 9]);
  });

  it('should not be the parent’s when a child changes them', ({ guest }) => {
    const { user } = guest;
    const limit = user.struct('rlimit');
    guest.syscall('getrlimit', RLIMIT_NOFILE, limit);
    const before = limit.number('rlim_cur');
    const fork = forking('fork', [
      call('setrlimit', RLIMIT_NOFILE, user.struct('rlimit', { rlim_cur: 5, rlim_max: 5 })),
    ]);
    guest.program([fork, call('wait4', fork, null, 0, null)]);
    guest.syscall('getrlimit', RLIMIT_NOFILE, limit);
    expect(limit.number('rlim_cur')).toBe(before);
  });

  it('should keep the soft limit below the hard one', ({ guest }) => {
    guest.become({ uid: USER });
    const { errno } = guest.syscall(
      'setrlimit',
      RLIMIT_STACK,
      guest.user.struct('rlimit', { rlim_cur: 0x7fff_ffff_ffffn, rlim_max: 0x7fff_ffff_ffffn }),
    );
    expect([0, 'EPERM', 'EINVAL']).toContain(errno);
    const limit = guest.user.struct('rlimit');
    guest.syscall('getrlimit', RLIMIT_STACK, limit);
    expect(limit.number('rlim_cur')).toBeLessThanOrEqual(limit.number('rlim_max'));
  });

  it('should bound memory', ({ guest }) => {
    guest.become({ limits: { data: 0x10_0000 } });
    const { errno } = guest.syscall('mmap', null, 0x20_0000, READ_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0, 0);
    expect(errno).toBe('ENOMEM');
    expect(RLIMIT_DATA).toBe(2);
  });

  it('should let a process be nicer, and root meaner', ({ guest }) => {
    expect(guest.syscall('setpriority', PRIO_PROCESS, 0, 5).errno).toBe(0);
    expect(guest.syscall('getpriority', PRIO_PROCESS, 0).value).toBe(5);
    expect(guest.syscall('setpriority', PRIO_PROCESS, 0, -100).errno).toBe(0);
    expect(guest.syscall('getpriority', PRIO_PROCESS, 0).value).toBe(-20);
  });
});

describe('memory that is not there', () => {
  it('should kill a child that its calls are read from', ({ guest }) => {
    const status = guest.user.buffer(4);
    const fork = forking('fork', [call('munmap', 0x2000_0000, 0x2_0000)]);
    guest.program([fork, call('wait4', fork, status, 0, null)]);
    expect(status.int() & 0x7f).toBe(killed(SIGSEGV));
    expect(guest.syscall('open', '/tmp/after', O_WRONLY | O_CREAT, 0o600).errno).toBe(0);
  });
});
