import { describe, expect } from 'vitest';
import {
  type Argument,
  type BootedGuest,
  call,
  forking,
  guestTest as it,
  pufferMatchers,
  type UserAddress,
} from '../../emu/vitest/index.ts';
import {
  AT_FDCWD,
  CLOCK_REALTIME,
  CTL_KERN,
  EV_ADD,
  EVFILT_TIMER,
  ITIMER_REAL,
  KERN_OSREV,
  KTR_SYSCALL,
  KTROP_SET,
  ktrfac,
  O_RDONLY,
  PC_NAME_MAX,
  PT_ATTACH,
  PT_GETREGS,
  R_OK,
  RLIMIT_NOFILE,
  RUSAGE_SELF,
  S_IFCHR,
  SIGUSR1,
  SS_DISABLE,
  TIOCGETA,
  WUNTRACED,
} from './support/constants.ts';
import { makePipe, ok, open } from './support/setting.ts';

expect.extend(pufferMatchers);

/**
 * A pointer argument of a call: `in` is read by the kernel, `out` written. A call that reads the pointer's target with a length of
 * its own takes that length from its other arguments.
 */
type Direction = 'in' | 'out';

/** An argument that a test puts a bad pointer in place of, with what stands there else. */
interface Pointer {
  readonly direction: Direction;
  readonly good: (guest: BootedGuest) => Argument;
}

type Row = readonly [name: string, prepare: (guest: BootedGuest) => readonly (Argument | Pointer)[]];

const reads = (good: Argument): Pointer => ({ direction: 'in', good: () => good });
const writes = (size = 64): Pointer => ({ direction: 'out', good: ({ user }) => user.buffer(size) });
const readsStruct = (tag: string, members: Record<string, number | bigint> = {}): Pointer => ({
  direction: 'in',
  good: ({ user }) => user.struct(tag, members),
});
const writesStruct = (tag: string): Pointer => ({ direction: 'out', good: ({ user }) => user.struct(tag) });

const PASSWD = '/etc/passwd';
const path = reads(PASSWD);
const fresh = reads('/tmp/fresh');
const queue = (guest: BootedGuest): number => ok(guest, 'kqueue');
const full = (guest: BootedGuest): number => {
  const [from, to] = makePipe(guest);
  ok(guest, 'write', to, 'in the pipe', 11);
  return from;
};
/** A child that this process traces. */
function traced(guest: BootedGuest): number {
  const fork = forking('fork', [call('sigsuspend', 0)]);
  const pid = guest.program([fork]).result(0).value;
  ok(guest, 'ptrace', PT_ATTACH, pid, 0, 0);
  ok(guest, 'wait4', pid, null, WUNTRACED, null);
  return pid;
}
function linked(guest: BootedGuest): Argument {
  ok(guest, 'symlink', PASSWD, '/tmp/link');
  return '/tmp/link';
}
function grouped(guest: BootedGuest): number {
  ok(guest, 'setgroups', 3, guest.user.ints(1, 2, 3));
  return 3;
}

/** Every system call with a pointer, and its pointers. */
const CALLS: readonly Row[] = [
  ['read', (guest) => [full(guest), writes(), 8]],
  ['write', (guest) => [makePipe(guest)[1], reads('text'), 4]],
  ['readv', (guest) => [full(guest), readsStruct('iovec', { iov_len: 0 }), 1]],
  ['writev', (guest) => [makePipe(guest)[1], readsStruct('iovec', { iov_len: 0 }), 1]],
  ['open', () => [path, O_RDONLY]],
  ['openat', () => [AT_FDCWD, path, O_RDONLY]],
  ['link', () => [path, fresh]],
  ['unlink', () => [path]],
  ['rename', () => [path, fresh]],
  ['symlink', () => [reads('target'), fresh]],
  ['readlink', (guest) => [reads(linked(guest)), writes(), 64]],
  ['mkdir', () => [fresh, 0o755]],
  ['rmdir', () => [fresh]],
  ['mknod', () => [fresh, S_IFCHR | 0o600, 0]],
  ['chdir', () => [reads('/tmp')]],
  ['chroot', () => [reads('/')]],
  ['chmod', () => [path, 0o600]],
  ['chown', () => [path, -1, -1]],
  ['access', () => [path, R_OK]],
  ['stat', () => [path, writesStruct('stat')]],
  ['lstat', () => [path, writesStruct('stat')]],
  ['fstatat', () => [AT_FDCWD, path, writesStruct('stat'), 0]],
  ['fstat', () => [0, writesStruct('stat')]],
  ['truncate', () => [path, 0, 10]],
  ['utimes', () => [path, reads(new Uint8Array(32))]],
  ['utimensat', () => [AT_FDCWD, path, reads(new Uint8Array(32)), 0]],
  ['futimens', (guest) => [open(guest, PASSWD), reads(new Uint8Array(32))]],
  ['pathconf', () => [path, PC_NAME_MAX]],
  ['getdents', (guest) => [open(guest, '/etc'), writes(512), 512]],
  ['__getcwd', () => [writes(64), 64]],
  ['ioctl', () => [0, TIOCGETA, writes()]],
  ['pipe', () => [writes(8)]],
  ['pipe2', () => [writes(8), 0]],
  ['poll', () => [readsStruct('pollfd', { fd: -1 }), 1, 0]],
  [
    'kevent',
    (guest) => [
      queue(guest),
      readsStruct('kevent', { filter: EVFILT_TIMER, flags: EV_ADD, data: 1000 }),
      1,
      null,
      0,
      null,
    ],
  ],
  ['__tfork', () => [readsStruct('__tfork'), 24]],
  ['getgroups', (guest) => [grouped(guest), writes()]],
  ['setgroups', () => [2, reads(new Uint8Array(8))]],
  ['sigaction', () => [SIGUSR1, readsStruct('sigaction'), writesStruct('sigaction')]],
  ['sigaltstack', () => [readsStruct('sigaltstack', { ss_flags: SS_DISABLE }), writesStruct('sigaltstack')]],
  ['getitimer', () => [ITIMER_REAL, writesStruct('itimerval')]],
  ['setitimer', () => [ITIMER_REAL, readsStruct('itimerval'), writesStruct('itimerval')]],
  ['nanosleep', () => [readsStruct('timespec'), null]],
  ['gettimeofday', () => [writesStruct('timeval'), writes(8)]],
  ['clock_gettime', () => [CLOCK_REALTIME, writesStruct('timespec')]],
  ['clock_getres', () => [CLOCK_REALTIME, writesStruct('timespec')]],
  ['getrlimit', () => [RLIMIT_NOFILE, writesStruct('rlimit')]],
  ['setrlimit', () => [RLIMIT_NOFILE, readsStruct('rlimit', { rlim_cur: 20, rlim_max: 1024 })]],
  ['getrusage', () => [RUSAGE_SELF, writesStruct('rusage')]],
  [
    'sysctl',
    ({ user }) => [
      reads(user.ints(CTL_KERN, KERN_OSREV)),
      2,
      writes(4),
      { direction: 'in', good: () => user.buffer(Uint8Array.of(4, 0, 0, 0, 0, 0, 0, 0)) },
      null,
      0,
    ],
  ],
  ['execve', ({ user }) => [reads('/bin/ls'), reads(user.pointers(['ls'])), null]],
  ['ktrace', () => [path, KTROP_SET, ktrfac(KTR_SYSCALL), 1]],
  ['pledge', () => [reads('stdio'), reads('stdio')]],
  ['getentropy', () => [writes(16), 16]],
  ['ptrace', (guest) => [PT_GETREGS, traced(guest), writes(512), 0]],
];

/** Pointers that a call must refuse. */
const BAD: readonly (readonly [string, (guest: BootedGuest) => UserAddress, readonly Direction[]])[] = [
  ['nothing that is mapped', ({ user }) => user.unmapped, ['in', 'out']],
  ['the kernel', ({ user }) => user.ofKernel, ['in', 'out']],
  [
    'an address that no register of the machine can hold',
    () => ({ address: 0x8000_0000_0000n }),
    ['in', 'out'],
  ],
  ['the last byte of the address space', () => ({ address: 0xffff_ffff_ffff_ffffn }), ['in', 'out']],
  ['a page that cannot be written', ({ user }) => user.readOnly, ['out']],
];

const isPointer = (argument: Argument | Pointer): argument is Pointer =>
  typeof argument === 'object' && argument !== null && 'direction' in argument;

/** Whether a call's row has such a pointer can be seen in its text: the guest is not there yet. */
const CALLS_THAT_WRITE = CALLS.filter(([, prepare]) => /writes(?:Struct)?\(/.test(String(prepare)));

describe.for(BAD)('a pointer to %s', ([, bad, directions]) => {
  it.for(directions.includes('in') ? CALLS : CALLS_THAT_WRITE)(
    'should make %s(2) fail with EFAULT, in each of its arguments, and leave nothing behind',
    ([name, prepare], { guest }) => {
      const { scratch } = guest;
      const given = prepare(guest);
      const places = given.flatMap((argument, place) =>
        isPointer(argument) && directions.includes(argument.direction) ? [place] : [],
      );
      for (const place of places) {
        const args = given.map((argument, at) => {
          if (!isPointer(argument)) return argument;
          return at === place ? bad(guest) : argument.good(guest);
        });
        const attempt = guest.during(() =>
          expect(scratch.syscall(call(name, ...args)).errno, `argument ${place}`).toBe('EFAULT'),
        );
        expect(attempt).toLeaveUnchanged();
      }
    },
  );
});
