import type { BootedGuest } from '../../emu/vitest/index.ts';
import {
  CLOCK_REALTIME,
  EV_ADD,
  EV_DELETE,
  EVFILT_PROC,
  EVFILT_READ,
  F_DUPFD,
  F_GETFD,
  ITIMER_REAL,
  MAP_ANON,
  MAP_FIXED,
  MAP_PRIVATE,
  MAP_SHARED,
  NSIG,
  O_RDONLY,
  PAGE_SIZE,
  PRIO_PROCESS,
  PROT_READ,
  PT_ATTACH,
  PT_CONTINUE,
  PT_TRACE_ME,
  RLIM_NLIMITS,
  RLIMIT_NOFILE,
  RUSAGE_SELF,
  SIG_IGN,
  SIG_SETMASK,
  SIGKILL,
  SIGSTOP,
  SIGUSR1,
  TIOCGPGRP,
  TIOCGWINSZ,
  TIOCSPGRP,
  USER,
  WNOHANG,
} from './support/constants.ts';
import { refuses } from './support/refusals.ts';

const asUser = (guest: BootedGuest): void => guest.become({ uid: USER, gid: USER });
const openFile = (guest: BootedGuest): number => guest.syscall('open', '/etc/passwd', O_RDONLY).value;
const NO_PROCESS = 31_999;
const INIT = 1;
const EVENT = 'kevent';
const IGNORE = { '__sigaction_u.__sa_handler': SIG_IGN };

/* processes */
refuses('wait4', [
  ['ECHILD', 'without a child', () => [-1, null, 0, null]],
  ['ECHILD', 'without a child, not waiting', () => [-1, null, WNOHANG, null]],
  ['ECHILD', 'for a process that is no child', () => [INIT, null, 0, null]],
  ['ECHILD', 'for its own process group', () => [0, null, 0, null]],
  ['EINVAL', 'for options that there are not', () => [-1, null, 0x1000, null]],
]);
refuses('fork', [
  [
    'EAGAIN',
    'when the user has as many processes as the limit says',
    (guest) => {
      guest.become({ limits: { nproc: 1 }, uid: USER });
      return [];
    },
  ],
]);
refuses('vfork', [
  [
    'EAGAIN',
    'when the user has as many processes as the limit says',
    (guest) => {
      guest.become({ limits: { nproc: 1 }, uid: USER });
      return [];
    },
  ],
]);
refuses('__tfork', [
  ['EINVAL', 'for a parameter of another size', ({ user }) => [user.struct('__tfork'), 8]],
  ['EFAULT', 'for a parameter that is not mapped', ({ user }) => [user.unmapped, 24]],
  [
    'EINVAL',
    'for a control block in the kernel',
    ({ user }) => [user.struct('__tfork', { tf_tcb: user.ofKernel }), 24],
  ],
]);
refuses('kill', [
  ['ESRCH', 'for a process that is not there', () => [NO_PROCESS, SIGUSR1]],
  ['ESRCH', 'for a process group that is not there', () => [-NO_PROCESS, SIGUSR1]],
  ['EINVAL', 'for no such signal', ({ scratch }) => [scratch.pid, NSIG]],
  ['EINVAL', 'for a signal below 0', ({ scratch }) => [scratch.pid, -1]],
  [
    'EPERM',
    'for a process of another user',
    (guest) => {
      asUser(guest);
      return [INIT, SIGUSR1];
    },
  ],
]);
refuses('thrkill', [
  ['ESRCH', 'for a thread that is not there', () => [NO_PROCESS, SIGUSR1, null]],
  ['EINVAL', 'for no such signal', () => [0, NSIG, null]],
]);
refuses('setpgid', [
  ['EINVAL', 'for a group below 0', () => [0, -1]],
  ['ESRCH', 'for a process that is not there', () => [NO_PROCESS, 0]],
  ['ESRCH', 'for a process that is no child', () => [INIT, 0]],
  ['EPERM', 'for a group that is not there', () => [0, NO_PROCESS]],
]);
refuses('setsid', [['EPERM', 'for the leader of a process group', () => []]]);
refuses('getpgid', [['ESRCH', 'for a process that is not there', () => [NO_PROCESS]]]);
refuses('getsid', [['ESRCH', 'for a process that is not there', () => [NO_PROCESS]]]);

/* ids */
for (const name of ['setuid', 'seteuid', 'setgid', 'setegid']) {
  refuses(name, [
    [
      'EPERM',
      'for one who is not root',
      (guest) => {
        asUser(guest);
        return [0];
      },
    ],
  ]);
}
refuses('setgroups', [
  ['EINVAL', 'for more groups than there can be', ({ user }) => [17, user.buffer(17 * 4)]],
  ['EFAULT', 'from memory that is not mapped', ({ user }) => [2, user.unmapped]],
  [
    'EPERM',
    'for one who is not root',
    (guest) => {
      asUser(guest);
      return [1, guest.user.ints(0)];
    },
  ],
]);
refuses('getgroups', [
  [
    'EINVAL',
    'for a list that is too short',
    (guest) => {
      guest.syscall('setgroups', 2, guest.user.ints(1, 2));
      return [1, guest.user.buffer(4)];
    },
  ],
  [
    'EFAULT',
    'into memory that is not mapped',
    (guest) => {
      guest.syscall('setgroups', 2, guest.user.ints(1, 2));
      return [2, guest.user.unmapped];
    },
  ],
]);

/* signals */
refuses('sigaction', [
  ['EINVAL', 'for signal 0', () => [0, null, null]],
  ['EINVAL', 'for no such signal', () => [NSIG, null, null]],
  ['EINVAL', 'for ignoring SIGKILL', ({ user }) => [SIGKILL, user.struct('sigaction', IGNORE), null]],
  ['EINVAL', 'for the default of SIGKILL', ({ user }) => [SIGKILL, user.struct('sigaction'), null]],
  ['EINVAL', 'for ignoring SIGSTOP', ({ user }) => [SIGSTOP, user.struct('sigaction', IGNORE), null]],
  ['EFAULT', 'from memory that is not mapped', ({ user }) => [SIGUSR1, user.unmapped, null]],
  ['EFAULT', 'into memory that is not mapped', ({ user }) => [SIGUSR1, null, user.unmapped]],
]);
refuses('sigprocmask', [['EINVAL', 'for no such way', () => [SIG_SETMASK + 1, 0]]]);
refuses('sigaltstack', [
  [
    'EINVAL',
    'for flags that there are not',
    ({ user }) => [user.struct('sigaltstack', { ss_flags: 0x100 }), null],
  ],
  [
    'ENOMEM',
    'for a stack that is too small',
    ({ user }) => [user.struct('sigaltstack', { ss_size: 16n }), null],
  ],
  ['EFAULT', 'from memory that is not mapped', ({ user }) => [user.unmapped, null]],
]);

/* descriptors */
for (const name of ['close', 'dup', 'fsync']) {
  refuses(name, [
    ['EBADF', 'for a descriptor that is not open', () => [77]],
    ['EBADF', 'for a descriptor below 0', () => [-1]],
  ]);
}
refuses('dup2', [
  ['EBADF', 'from a descriptor that is not open', () => [77, 5]],
  ['EBADF', 'to a descriptor below 0', () => [0, -1]],
  ['EBADF', 'to a descriptor beyond the limit', () => [0, 1_000_000]],
]);
refuses('dup3', [
  ['EINVAL', 'onto itself', () => [0, 0, 0]],
  ['EINVAL', 'for flags that there are not', () => [0, 5, 1]],
]);
refuses('fcntl', [
  ['EBADF', 'for a descriptor that is not open', () => [77, F_GETFD, 0]],
  ['EINVAL', 'for no such command', () => [0, 99, 0]],
  ['EINVAL', 'for a copy below 0', () => [0, F_DUPFD, -1]],
  ['EINVAL', 'for a copy beyond the limit', () => [0, F_DUPFD, 1_000_000]],
]);
refuses('pipe', [
  ['EFAULT', 'into memory that is not mapped', ({ user }) => [user.unmapped]],
  ['EFAULT', 'into memory that cannot be written', ({ user }) => [user.readOnly]],
  [
    'EMFILE',
    'with room for one descriptor alone',
    (guest) => {
      guest.become({ limits: { nofile: 4 } });
      return [guest.user.buffer(8)];
    },
  ],
]);
refuses('pipe2', [['EINVAL', 'for flags that there are not', ({ user }) => [user.buffer(8), 0x1]]]);
refuses('readv', [
  ['EBADF', 'for a descriptor that is not open', ({ user }) => [77, user.struct('iovec'), 1]],
  ['EINVAL', 'for no vector', (guest) => [openFile(guest), guest.user.struct('iovec'), 0]],
  [
    'EINVAL',
    'for a vector without an end',
    (guest) => [openFile(guest), guest.user.struct('iovec'), 100_000],
  ],
  ['EFAULT', 'for a vector that is not mapped', (guest) => [openFile(guest), guest.user.unmapped, 1]],
  [
    'EINVAL',
    'for more bytes than there can be',
    (guest) => [openFile(guest), guest.user.struct('iovec', { iov_len: 0xffff_ffff_ffff_ffffn }), 1],
  ],
]);
refuses('ioctl', [
  ['EBADF', 'for a descriptor that is not open', ({ user }) => [77, TIOCGWINSZ, user.buffer(8)]],
  [
    'ENOTTY',
    'for a terminal’s request on a file',
    (guest) => [openFile(guest), TIOCGWINSZ, guest.user.buffer(8)],
  ],
  ['ENOTTY', 'for no such request', ({ user }) => [0, 0x4004_7aff, user.buffer(8)]],
  ['EFAULT', 'into memory that is not mapped', ({ user }) => [0, TIOCGPGRP, user.unmapped]],
  ['EINVAL', 'for a foreground group that is not there', ({ user }) => [0, TIOCSPGRP, user.ints(NO_PROCESS)]],
]);
refuses('poll', [
  ['EFAULT', 'for a list that is not mapped', ({ user }) => [user.unmapped, 1, 0]],
  ['EINVAL', 'for a time below -1', ({ user }) => [user.struct('pollfd', { fd: -1 }), 1, -2]],
  ['EINVAL', 'for a list without an end', ({ user }) => [user.struct('pollfd'), 100_000, 0]],
]);
refuses('kevent', [
  ['EBADF', 'for what is no queue', () => [0, null, 0, null, 0, null]],
  [
    'EBADF',
    'for an event of a descriptor that is not open',
    (guest) => {
      const queue = guest.syscall('kqueue').value;
      return [
        queue,
        guest.user.struct(EVENT, { ident: 77, filter: EVFILT_READ, flags: EV_ADD }),
        1,
        null,
        0,
        null,
      ];
    },
  ],
  [
    'ENOENT',
    'for deleting what was not added',
    (guest) => {
      const queue = guest.syscall('kqueue').value;
      return [
        queue,
        guest.user.struct(EVENT, { ident: 0, filter: EVFILT_READ, flags: EV_DELETE }),
        1,
        null,
        0,
        null,
      ];
    },
  ],
  [
    'EINVAL',
    'for no such filter',
    (guest) => {
      const queue = guest.syscall('kqueue').value;
      return [queue, guest.user.struct(EVENT, { ident: 0, filter: -99, flags: EV_ADD }), 1, null, 0, null];
    },
  ],
  [
    'ESRCH',
    'for an event of a process that is not there',
    (guest) => {
      const queue = guest.syscall('kqueue').value;
      return [
        queue,
        guest.user.struct(EVENT, { ident: NO_PROCESS, filter: EVFILT_PROC, flags: EV_ADD }),
        1,
        null,
        0,
        null,
      ];
    },
  ],
]);

/* memory */
refuses('mmap', [
  ['EINVAL', 'without a length', () => [null, 0, PROT_READ, MAP_ANON | MAP_PRIVATE, -1, 0, 0]],
  ['EINVAL', 'neither shared nor private', () => [null, PAGE_SIZE, PROT_READ, MAP_ANON, -1, 0, 0]],
  [
    'EINVAL',
    'both shared and private',
    () => [null, PAGE_SIZE, PROT_READ, MAP_ANON | MAP_SHARED | MAP_PRIVATE, -1, 0, 0],
  ],
  [
    'EINVAL',
    'for rights that there are not',
    () => [null, PAGE_SIZE, 0x10, MAP_ANON | MAP_PRIVATE, -1, 0, 0],
  ],
  [
    'EINVAL',
    'at an address that begins no page',
    () => [0x5000_0001n, PAGE_SIZE, PROT_READ, MAP_ANON | MAP_PRIVATE | MAP_FIXED, -1, 0, 0],
  ],
  [
    'ENOTSUP',
    'for memory that can be written and executed',
    () => [null, PAGE_SIZE, 7, MAP_ANON | MAP_PRIVATE, -1, 0, 0],
  ],
  [
    'EINVAL',
    'for anonymous memory of a file',
    (guest) => [null, PAGE_SIZE, PROT_READ, MAP_ANON | MAP_PRIVATE, openFile(guest), 0, 0],
  ],
  [
    'ENOMEM',
    'for more than the data segment’s limit',
    () => [null, 0x100_0000_0000n, PROT_READ, MAP_ANON | MAP_PRIVATE, -1, 0, 0],
  ],
]);
refuses('munmap', [['EINVAL', 'in the kernel', ({ user }) => [user.ofKernel.address & ~0xfffn, PAGE_SIZE]]]);
refuses('mprotect', [
  ['ENOMEM', 'where nothing is mapped', ({ user }) => [user.unmapped, PAGE_SIZE, PROT_READ]],
  ['ENOTSUP', 'for memory that can be written and executed', ({ user }) => [user.guarded, PAGE_SIZE, 7]],
  ['EINVAL', 'for rights that there are not', ({ user }) => [user.guarded, PAGE_SIZE, 0x10]],
]);
refuses('minherit', [['EINVAL', 'for no such way', ({ user }) => [user.guarded, PAGE_SIZE, 9]]]);

/* time and limits */
refuses('nanosleep', [
  [
    'EINVAL',
    'for a second of nanoseconds',
    ({ user }) => [user.struct('timespec', { tv_nsec: 1_000_000_000 }), null],
  ],
  ['EINVAL', 'for a time below 0', ({ user }) => [user.struct('timespec', { tv_sec: -1 }), null]],
  ['EFAULT', 'from memory that is not mapped', ({ user }) => [user.unmapped, null]],
]);
refuses('clock_gettime', [
  ['EINVAL', 'for no such clock', ({ user }) => [99, user.struct('timespec')]],
  ['EFAULT', 'into memory that is not mapped', ({ user }) => [CLOCK_REALTIME, user.unmapped]],
]);
refuses('clock_getres', [['EINVAL', 'for no such clock', ({ user }) => [99, user.struct('timespec')]]]);
refuses('gettimeofday', [['EFAULT', 'into memory that is not mapped', ({ user }) => [user.unmapped, null]]]);
refuses('setitimer', [
  ['EINVAL', 'for no such timer', ({ user }) => [9, user.struct('itimerval'), null]],
  [
    'EINVAL',
    'for a second of microseconds',
    ({ user }) => [ITIMER_REAL, user.struct('itimerval', { it_value: { tv_usec: 1_000_000 } }), null],
  ],
  ['EFAULT', 'from memory that is not mapped', ({ user }) => [ITIMER_REAL, user.unmapped, null]],
]);
refuses('getitimer', [['EINVAL', 'for no such timer', ({ user }) => [9, user.struct('itimerval')]]]);
refuses('getrlimit', [
  ['EINVAL', 'for no such limit', ({ user }) => [RLIM_NLIMITS, user.struct('rlimit')]],
  ['EINVAL', 'for a limit below 0', ({ user }) => [-1, user.struct('rlimit')]],
  ['EFAULT', 'into memory that is not mapped', ({ user }) => [RLIMIT_NOFILE, user.unmapped]],
]);
refuses('setrlimit', [
  ['EINVAL', 'for no such limit', ({ user }) => [RLIM_NLIMITS, user.struct('rlimit')]],
  ['EFAULT', 'from memory that is not mapped', ({ user }) => [RLIMIT_NOFILE, user.unmapped]],
  [
    'EPERM',
    'for a hard limit that grows, for one who is not root',
    (guest) => {
      guest.syscall('setrlimit', RLIMIT_NOFILE, guest.user.struct('rlimit', { rlim_cur: 10, rlim_max: 20 }));
      asUser(guest);
      return [RLIMIT_NOFILE, guest.user.struct('rlimit', { rlim_cur: 10, rlim_max: 21 })];
    },
  ],
]);
refuses('getrusage', [
  ['EINVAL', 'for nobody', ({ user }) => [9, user.struct('rusage')]],
  ['EFAULT', 'into memory that is not mapped', ({ user }) => [RUSAGE_SELF, user.unmapped]],
]);
refuses('getpriority', [
  ['EINVAL', 'for nobody', () => [9, 0]],
  ['ESRCH', 'for a process that is not there', () => [PRIO_PROCESS, NO_PROCESS]],
]);
refuses('setpriority', [
  ['ESRCH', 'for a process that is not there', () => [PRIO_PROCESS, NO_PROCESS, 0]],
  [
    'EACCES',
    'upwards, for one who is not root',
    (guest) => {
      asUser(guest);
      return [PRIO_PROCESS, 0, -1];
    },
  ],
]);

/* exec, ptrace, pledge */
refuses('execve', [
  ['ENOENT', 'for a program that is not there', ({ user }) => ['/bin/nothing', user.pointers(['x']), null]],
  ['EACCES', 'for a directory', ({ user }) => ['/bin', user.pointers(['x']), null]],
  ['EACCES', 'for a file that nobody may execute', ({ user }) => ['/etc/passwd', user.pointers(['x']), null]],
  ['EFAULT', 'for arguments that are not mapped', ({ user }) => ['/bin/ls', user.unmapped, null]],
  ['EFAULT', 'without arguments', () => ['/bin/ls', null, null]],
  [
    'EFAULT',
    'for an argument that is not mapped',
    ({ user }) => ['/bin/ls', user.pointers([user.unmapped]), null],
  ],
  [
    'ENOEXEC',
    'for what is no program',
    (guest) => {
      guest.sh('echo nothing to run > /tmp/text; chmod 755 /tmp/text');
      return ['/tmp/text', guest.user.pointers(['x']), null];
    },
  ],
]);
refuses('ptrace', [
  ['ESRCH', 'for a process that is not there', () => [PT_ATTACH, NO_PROCESS, 0, 0]],
  ['EINVAL', 'for itself', ({ scratch }) => [PT_ATTACH, scratch.pid, 0, 0]],
  ['EPERM', 'for a process that it does not trace', () => [PT_CONTINUE, INIT, 1, 0]],
  ['EINVAL', 'for no such request', () => [99, INIT, 0, 0]],
  [
    'EPERM',
    'for a process of another user',
    (guest) => {
      asUser(guest);
      return [PT_ATTACH, INIT, 0, 0];
    },
  ],
  [
    'EBUSY',
    'when it is traced already',
    (guest) => {
      expectOk(guest, 'ptrace', PT_TRACE_ME, 0, 0, 0);
      return [PT_TRACE_ME, 0, 0, 0];
    },
  ],
]);
refuses('pledge', [
  ['EINVAL', 'for a promise that there is not', () => ['stdio nothing', null]],
  ['EFAULT', 'from memory that is not mapped', ({ user }) => [user.unmapped, null]],
  [
    'EPERM',
    'for a promise that was given up',
    (guest) => {
      guest.become({ pledge: 'stdio' });
      return ['stdio rpath', null];
    },
  ],
]);
refuses('getentropy', [
  ['EIO', 'for more than 256 bytes', ({ user }) => [user.buffer(257), 257]],
  ['EFAULT', 'into memory that is not mapped', ({ user }) => [user.unmapped, 16]],
]);

function expectOk(guest: BootedGuest, name: string, ...args: readonly number[]): void {
  const { errno } = guest.syscall(name, ...args);
  if (errno !== 0) throw new Error(`${name}(2) returned ${errno}`);
}
