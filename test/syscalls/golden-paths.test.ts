import { readdirSync } from 'node:fs';
import { describe, expect } from 'vitest';
import {
  type Argument,
  type BootedGuest,
  type Call,
  call,
  forking,
  guestTest as it,
  pufferMatchers,
} from '../../emu/vitest/index.ts';
import {
  AT_FDCWD,
  F_GETFL,
  MAP_ANON,
  MAP_INHERIT_ZERO,
  MAP_PRIVATE,
  O_CREAT,
  O_DIRECTORY,
  O_RDONLY,
  O_RDWR,
  PROT_READ,
  R_OK,
  SEEK_SET,
  SIGUSR1,
} from './support/constants.ts';

expect.extend(pufferMatchers);

/** What makes a system call: its arguments, after whatever has to be there for them; or all that is done. */
type Making = (guest: BootedGuest) => readonly Argument[] | (() => unknown);

const NONE: Making = () => [];
const FILE = '/tmp/file';
const DIRECTORY = '/tmp/directory';
const OTHER = '/tmp/other';
const RLIMIT_NOFILE = 8;
const CTL_KERN = 1;
const KERN_OSTYPE = 1;
const PT_TRACE_ME = 0;
/** sys/ttycom.h */
const TIOCGWINSZ = 0x4008_7468;

/** A descriptor of a file that can be read and written, which holds a few bytes. */
function file(guest: BootedGuest): number {
  const descriptor = guest.syscall('open', FILE, O_RDWR | O_CREAT, 0o644).value;
  guest.syscall('write', descriptor, 'some bytes', 10);
  guest.syscall('lseek', descriptor, 0, 0, SEEK_SET);
  return descriptor;
}

function directory(guest: BootedGuest): number {
  guest.syscall('mkdir', DIRECTORY, 0o755);
  return guest.syscall('open', DIRECTORY, O_RDONLY | O_DIRECTORY).value;
}

const withFile =
  (...rest: readonly Argument[]): Making =>
  (guest) => {
    file(guest);
    return [FILE, ...rest];
  };
const withDescriptor =
  (...rest: readonly Argument[]): Making =>
  (guest) => [file(guest), ...rest];
const into =
  (size: number, ...before: readonly Argument[]): Making =>
  ({ user }) => [...before, user.buffer(size)];
const program =
  (...calls: readonly Call[]): Making =>
  (guest) =>
  () =>
    guest.program(calls);
const pages = (guest: BootedGuest): number | bigint =>
  guest.syscall('mmap', null, 4096, PROT_READ, MAP_ANON | MAP_PRIVATE, -1, 0, 0).value;
const iovec = ({ user }: BootedGuest): Argument =>
  user.struct('iovec', { iov_base: user.string('text').address, iov_len: 4 });

/** The system calls, by their names in the guest's `syscallnames`. */
const CALLS: Readonly<Record<string, Making>> = {
  exit: program(call('exit', 3)),
  fork: program(forking('fork', [])),
  vfork: program(forking('vfork', [])),
  wait4: program(forking('fork', [call('exit', 1)]), call('wait4', -1, null, 0, null)),
  execve: (guest) => [
    guest.user.string('/nothing'),
    guest.user.pointers(['nothing']),
    guest.user.pointers([]),
  ],
  read: (guest) => [file(guest), guest.user.buffer(10), 10],
  write: withDescriptor('bytes', 5),
  readv: (guest) => [file(guest), iovec(guest), 1],
  writev: (guest) => [file(guest), iovec(guest), 1],
  open: () => ['/etc/passwd', O_RDONLY, 0],
  openat: () => [AT_FDCWD, '/etc/passwd', O_RDONLY, 0],
  close: withDescriptor(),
  closefrom: withDescriptor(),
  dup: withDescriptor(),
  dup2: withDescriptor(20),
  dup3: withDescriptor(20, 0),
  fcntl: withDescriptor(F_GETFL, 0),
  fstat: (guest) => [file(guest), guest.user.struct('stat', {})],
  stat: (guest) => ['/etc/passwd', guest.user.struct('stat', {})],
  lstat: (guest) => ['/etc/passwd', guest.user.struct('stat', {})],
  fstatat: (guest) => [AT_FDCWD, '/etc/passwd', guest.user.struct('stat', {}), 0],
  access: () => ['/etc/passwd', R_OK],
  lseek: withDescriptor(0, 3, SEEK_SET),
  ftruncate: withDescriptor(0, 3),
  truncate: withFile(0, 3),
  fsync: withDescriptor(),
  sync: NONE,
  link: withFile(OTHER),
  symlink: () => [FILE, OTHER],
  readlink: (guest) => {
    guest.syscall('symlink', FILE, OTHER);
    return [OTHER, guest.user.buffer(64), 64];
  },
  unlink: withFile(),
  rename: withFile(OTHER),
  mkdir: () => [DIRECTORY, 0o755],
  rmdir: (guest) => {
    guest.syscall('mkdir', DIRECTORY, 0o755);
    return [DIRECTORY];
  },
  getdents: (guest) => [directory(guest), guest.user.buffer(512), 512],
  chdir: () => ['/tmp'],
  fchdir: (guest) => [directory(guest)],
  chroot: () => ['/tmp'],
  __getcwd: ({ user }) => [user.buffer(64), 64],
  chmod: withFile(0o600),
  fchmod: withDescriptor(0o600),
  chown: withFile(0, 0),
  fchown: withDescriptor(0, 0),
  umask: () => [0o22],
  utimes: withFile(null),
  utimensat: (guest) => {
    file(guest);
    return [AT_FDCWD, FILE, null, 0];
  },
  futimens: withDescriptor(null),
  mknod: () => ['/tmp/device', 0o020600, 0],
  pathconf: withFile(1),
  fpathconf: withDescriptor(1),
  pipe: into(8),
  pipe2: ({ user }) => [user.buffer(8), 0],
  poll: ({ user }) => [user.struct('pollfd', { fd: 1, events: 4 }), 1, 0],
  kqueue: NONE,
  kevent: (guest) => {
    const none = guest.user.struct('timespec', {});
    return [guest.syscall('kqueue').value, null, 0, null, 0, none];
  },
  ioctl: into(8, 1, TIOCGWINSZ),
  mmap: () => [null, 4096, PROT_READ, MAP_ANON | MAP_PRIVATE, -1, 0, 0],
  munmap: (guest) => [pages(guest), 4096],
  mprotect: (guest) => [pages(guest), 4096, PROT_READ],
  minherit: (guest) => [pages(guest), 4096, MAP_INHERIT_ZERO],
  getpid: NONE,
  getppid: NONE,
  getpgrp: NONE,
  getpgid: () => [0],
  getsid: () => [0],
  getthrid: NONE,
  getuid: NONE,
  geteuid: NONE,
  getgid: NONE,
  getegid: NONE,
  getgroups: () => [0, null],
  setuid: () => [1000],
  seteuid: () => [1000],
  setgid: () => [1000],
  setegid: () => [1000],
  setgroups: () => [0, null],
  setpgid: () => [0, 0],
  setsid: NONE,
  issetugid: NONE,
  getpriority: () => [0, 0],
  setpriority: () => [0, 0, 5],
  getrlimit: into(16, RLIMIT_NOFILE),
  setrlimit: ({ user }) => [RLIMIT_NOFILE, user.struct('rlimit', { rlim_cur: 32, rlim_max: 64 })],
  getrusage: into(144, 0),
  getdtablecount: NONE,
  getentropy: ({ user }) => [user.buffer(16), 16],
  gettimeofday: ({ user }) => [user.buffer(16), null],
  clock_gettime: into(16, 0),
  clock_getres: into(16, 0),
  getitimer: into(32, 0),
  setitimer: ({ user }) => [0, user.buffer(32), null],
  nanosleep: ({ user }) => [user.struct('timespec', { tv_nsec: 20_000_000 }), null],
  sched_yield: NONE,
  kill: (guest) => [guest.scratch.pid, 0],
  thrkill: () => [0, 0, null],
  sigaction: () => [SIGUSR1, null, null],
  sigprocmask: () => [1, 0],
  sigpending: NONE,
  sigaltstack: () => [null, null],
  sysctl: ({ user }) => [
    user.buffer(new Uint8Array(new Int32Array([CTL_KERN, KERN_OSTYPE]).buffer)),
    2,
    user.buffer(64),
    user.buffer(new Uint8Array(new BigUint64Array([64n]).buffer)),
    null,
    0,
  ],
  pledge: () => ['stdio proc', null],
  ptrace: () => [PT_TRACE_ME, 0, null, 0],
  utrace: () => ['label', null, 0],
};

/** Calls that fail on their way, each as far as it comes. */
const FAILURES: Readonly<Record<string, readonly [systemCall: string, making: Making]>> = {
  'open-ENOENT': ['open', () => ['/nothing', O_RDONLY, 0]],
  'read-EBADF': ['read', ({ user }) => [99, user.buffer(1), 1]],
  'write-EFAULT': ['write', (guest) => [file(guest), guest.user.unmapped, 5]],
  'mkdir-EEXIST': ['mkdir', () => ['/tmp', 0o755]],
  'wait4-ECHILD': ['wait4', () => [-1, null, 0, null]],
  'kill-ESRCH': ['kill', () => [99_999, 0]],
  'fork-ENOMEM': [
    'fork',
    (guest) => {
      // The scratch process is there before it fails.
      const child = forking('fork', []);
      guest.scratch.settle();
      guest.faults.failCall('uvm_uarea_alloc');
      return () => guest.program([child]);
    },
  ],
};

function action(guest: BootedGuest, systemCall: string, making: Making): () => unknown {
  const made = making(guest);
  return typeof made === 'function' ? made : () => guest.syscall(systemCall, ...made);
}

describe('the way through the kernel', () => {
  for (const [systemCall, making] of Object.entries(CALLS)) {
    it(`of ${systemCall}(2) should be the one that is written down`, async ({ guest }) => {
      const act = action(guest, systemCall, making);
      await expect(guest.during(act)).toMatchGoldenPath(systemCall);
    });
  }

  for (const [name, [systemCall, making]] of Object.entries(FAILURES)) {
    it(`of a failing ${systemCall}(2), ${name}, should be the one that is written down`, async ({
      guest,
    }) => {
      const act = action(guest, systemCall, making);
      await expect(guest.during(act)).toMatchGoldenPath(systemCall, { file: name });
    });
  }

  it('should be written down for no call that is not in the table', () => {
    const written = readdirSync(new URL('__golden__', import.meta.url)).map((name) =>
      name.replace('.path', ''),
    );
    expect(written.sort()).toEqual([...Object.keys(CALLS), ...Object.keys(FAILURES)].sort());
  });
});
