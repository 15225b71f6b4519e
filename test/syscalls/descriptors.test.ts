import { describe, expect } from 'vitest';
import { type BootedGuest, call, forking, intAt, guestTest as it } from '../../emu/vitest/index.ts';
import { F, FD_CLOEXEC, FIO, LIMIT, O, RLIMIT, SEEK, UNKNOWN_IOCTL } from './support/abi.ts';
import { describeRefusals, expectRefusal } from './support/refusals.ts';
import { makePipe, ok, open } from './support/setting.ts';

const NOT_OPEN = 40;
const PASSWD = '/etc/passwd';
/** sys/filedesc.h: descriptors that lie in the structure itself. */
const NDFILE = 20;
/** sys/filedesc.h: close on exec. */
const UF_EXCLOSE = 1;

/** The struct file behind a descriptor of the scratch process. */
function fileOf(guest: BootedGuest, fd: number): bigint {
  return guest.scratch.process.pointer(`ps_fd.fd_ofiles[${fd}]`);
}

function flagsOf(guest: BootedGuest, fd: number): number {
  const flags = guest.scratch.process.pointer('ps_fd.fd_ofileflags');
  return guest.machine.readMemory(flags + BigInt(fd), 1)[0] ?? -1;
}

function useCount(guest: BootedGuest, fd: number): number {
  return Number(guest.view('file', fileOf(guest, fd)).f_count);
}

/** Sets how many descriptors the process may have. */
function limitDescriptors(guest: BootedGuest, most: number): void {
  ok(guest, 'setrlimit', RLIMIT.NOFILE, guest.user.struct('rlimit', { rlim_cur: most, rlim_max: 1024 }));
}

describe('dup', () => {
  it('should let the lowest free number stand for the same open file', ({ guest }) => {
    const fd = open(guest, PASSWD);
    ok(guest, 'close', 0);
    expect(ok(guest, 'dup', fd)).toBe(0);
    expect(fileOf(guest, 0)).toBe(fileOf(guest, fd));
    expect(useCount(guest, fd)).toBe(2);
    ok(guest, 'lseek', fd, 0, 7, SEEK.SET);
    expect(ok(guest, 'lseek', 0, 0, 0, SEEK.CUR)).toBe(7);
  });

  it('should not pass close-on-exec on', ({ guest }) => {
    const fd = open(guest, PASSWD, O.CLOEXEC);
    expect(flagsOf(guest, ok(guest, 'dup', fd))).toBe(0);
    expect(flagsOf(guest, fd)).toBe(UF_EXCLOSE);
  });

  it('should let the table grow when the numbers in the structure are used up', ({ guest }) => {
    for (let fd = 3; fd <= NDFILE; fd++) expect(ok(guest, 'dup', 1)).toBe(fd);
    expect(guest.scratch.process.number('ps_fd.fd_nfiles')).toBe(50);
    expect(fileOf(guest, NDFILE)).toBe(fileOf(guest, 1));
    expect(guest.scratch.process.number('ps_fd.fd_openfd')).toBe(NDFILE + 1);
  });

  it('should fail at the limit of the process, and work again when one is closed', ({ guest }) => {
    limitDescriptors(guest, 5);
    ok(guest, 'dup', 0);
    ok(guest, 'dup', 0);
    expectRefusal(guest, 'EMFILE', 'dup', 0);
    ok(guest, 'close', 3);
    expect(ok(guest, 'dup', 0)).toBe(3);
  });
});

describe('dup2 and dup3', () => {
  it('should close what the number stood for', ({ guest }) => {
    const [from, to] = makePipe(guest);
    expect(ok(guest, 'dup2', from, to)).toBe(to);
    // The end to write to is closed: there will never be anything to read.
    expect(ok(guest, 'read', to, guest.user.buffer(1), 1)).toBe(0);
  });

  it('should do nothing for the same number, and keep its flags', ({ guest }) => {
    const fd = open(guest, PASSWD, O.CLOEXEC);
    expect(ok(guest, 'dup2', fd, fd)).toBe(fd);
    expect(flagsOf(guest, fd)).toBe(UF_EXCLOSE);
    expect(useCount(guest, fd)).toBe(1);
  });

  it('should let the table grow to a number far away', ({ guest }) => {
    expect(ok(guest, 'dup2', 1, LIMIT.OPEN_MAX - 1)).toBe(LIMIT.OPEN_MAX - 1);
    expect(guest.scratch.process.number('ps_fd.fd_lastfile')).toBe(LIMIT.OPEN_MAX - 1);
    ok(guest, 'close', LIMIT.OPEN_MAX - 1);
    expect(guest.scratch.process.number('ps_fd.fd_lastfile')).toBe(2);
  });

  it('should set close-on-exec when dup3 is asked to', ({ guest }) => {
    ok(guest, 'dup3', 1, 9, O.CLOEXEC);
    ok(guest, 'dup3', 1, 8, 0);
    expect([flagsOf(guest, 9), flagsOf(guest, 8)]).toEqual([UF_EXCLOSE, 0]);
  });
});

describe('close and closefrom', () => {
  it('should free the file with its last descriptor only', ({ guest }) => {
    const fd = open(guest, PASSWD);
    const second = ok(guest, 'dup', fd);
    const files = guest.kernel.global('numfiles').number();
    ok(guest, 'close', fd);
    expect(guest.kernel.global('numfiles').number()).toBe(files);
    ok(guest, 'close', second);
    expect(guest.kernel.global('numfiles').number()).toBe(files - 1);
  });

  it('should close all from a number on', ({ guest }) => {
    for (const fd of [3, 5, 9, 30]) ok(guest, 'dup2', 1, fd);
    ok(guest, 'closefrom', 4);
    expect(guest.scratch.process.number('ps_fd.fd_lastfile')).toBe(3);
    expect(ok(guest, 'getdtablecount')).toBe(4);
  });
});

describe('fcntl', () => {
  it('should duplicate to the lowest free number that is not below the argument', ({ guest }) => {
    ok(guest, 'dup2', 1, 10);
    expect(ok(guest, 'fcntl', 1, F.DUPFD, 10)).toBe(11);
    expect(ok(guest, 'fcntl', 1, F.DUPFD_CLOEXEC, 10)).toBe(12);
    expect([flagsOf(guest, 11), flagsOf(guest, 12)]).toEqual([0, UF_EXCLOSE]);
  });

  it('should tell and set close-on-exec', ({ guest }) => {
    expect(ok(guest, 'fcntl', 1, F.GETFD)).toBe(0);
    ok(guest, 'fcntl', 1, F.SETFD, FD_CLOEXEC);
    expect(ok(guest, 'fcntl', 1, F.GETFD)).toBe(FD_CLOEXEC);
    ok(guest, 'fcntl', 1, F.SETFD, 0);
    expect(ok(guest, 'fcntl', 1, F.GETFD)).toBe(0);
  });

  it('should change the status flags, and never how the file was opened', ({ guest }) => {
    const fd = open(guest, PASSWD, O.RDONLY);
    ok(guest, 'fcntl', fd, F.SETFL, O.RDWR | O.APPEND | O.NONBLOCK | O.TRUNC);
    expect(ok(guest, 'fcntl', fd, F.GETFL)).toBe(O.RDONLY | O.APPEND | O.NONBLOCK);
    ok(guest, 'fcntl', fd, F.SETFL, 0);
    expect(ok(guest, 'fcntl', fd, F.GETFL)).toBe(O.RDONLY);
  });

  it('should know a terminal', ({ guest }) => {
    expect(ok(guest, 'fcntl', 0, F.ISATTY)).toBe(1);
  });
});

describe('ioctl of a descriptor', () => {
  it('should set and clear close-on-exec', ({ guest }) => {
    ok(guest, 'ioctl', 1, FIO.CLEX, null);
    expect(flagsOf(guest, 1)).toBe(UF_EXCLOSE);
    ok(guest, 'ioctl', 1, FIO.NCLEX, null);
    expect(flagsOf(guest, 1)).toBe(0);
  });

  it('should switch waiting off and on', ({ guest }) => {
    const [from] = makePipe(guest);
    ok(guest, 'ioctl', from, FIO.NBIO, guest.user.ints(1));
    expect(guest.syscall('read', from, guest.user.buffer(1), 1)).toReturnErrno('EAGAIN');
    ok(guest, 'ioctl', from, FIO.NBIO, guest.user.ints(0));
    expect(ok(guest, 'fcntl', from, F.GETFL)).toBe(O.RDONLY);
  });

  it('should tell how much there is to read', ({ guest }) => {
    const [from, to] = makePipe(guest);
    const fd = open(guest, PASSWD);
    const size = ok(guest, 'lseek', fd, 0, 0, SEEK.END);
    ok(guest, 'lseek', fd, 0, 10, SEEK.SET);
    ok(guest, 'write', to, 'four', 4);
    const count = guest.user.buffer(4);
    ok(guest, 'ioctl', from, FIO.NREAD, count);
    expect(count.int()).toBe(4);
    ok(guest, 'ioctl', fd, FIO.NREAD, count);
    expect(count.int()).toBe(size - 10);
  });
});

describe('a descriptor across fork and exec', () => {
  it('should share the offset with a child', ({ guest }) => {
    const fd = open(guest, PASSWD);
    const fork = forking('fork', [call('lseek', fd, 0, 5, SEEK.SET)]);
    guest.program([fork, call('wait4', fork, null, 0, null)]);
    expect(ok(guest, 'lseek', fd, 0, 0, SEEK.CUR)).toBe(5);
  });

  it('should stay open when a child closes it', ({ guest }) => {
    const fd = open(guest, PASSWD);
    const fork = forking('fork', [call('close', fd)]);
    const { results } = guest.program([fork, call('wait4', fork, null, 0, null)]);
    expect([...results.values()].map(({ errno }) => errno)).not.toContain('EBADF');
    expect(useCount(guest, fd)).toBe(1);
  });

  it('should be closed by exec when it is marked, and else survive', ({ guest }) => {
    const [from, to] = makePipe(guest);
    ok(guest, 'fcntl', to, F.SETFD, FD_CLOEXEC);
    const sleep = guest.user.pointers(['sleep', '60']);
    const fork = forking('fork', [call('execve', '/bin/sleep', sleep, guest.user.pointers([]))]);
    const pid = guest.program([fork]).result(0).value;
    guest.scratch.settle();
    const files = guest.proc(pid).files;
    expect(guest.proc(pid).command).toBe('sleep');
    expect(files.pointer(`fd_ofiles[${to}]`)).toBe(0n);
    expect(files.pointer(`fd_ofiles[${from}]`)).toBe(fileOf(guest, from));
  });

  it('should take the number that the child itself has been given', ({ guest }) => {
    const ends = guest.user.buffer(8);
    const fork = forking('fork', [
      call('pipe', ends),
      call('close', intAt(ends)),
      call('close', intAt(ends)),
    ]);
    const { results } = guest.program([fork, call('wait4', fork, null, 0, null)]);
    expect([...results.values()].filter(({ name }) => name === 'close').map(({ errno }) => errno)).toEqual([
      0,
      'EBADF',
    ]);
  });
});

describeRefusals('descriptors', [
  ['dup', 'of a number that is not open', 'EBADF', () => [NOT_OPEN]],
  ['dup', 'of a negative number', 'EBADF', () => [-1]],
  ['dup2', 'of a number that is not open', 'EBADF', () => [NOT_OPEN, 1]],
  ['dup2', 'to a negative number', 'EBADF', () => [1, -1]],
  ['dup2', 'to the limit', 'EBADF', () => [1, LIMIT.OPEN_MAX]],
  ['dup3', 'to the same number', 'EINVAL', () => [1, 1, 0]],
  ['dup3', 'with a flag other than O_CLOEXEC', 'EINVAL', () => [1, 5, O.NONBLOCK]],
  ['close', 'of a number that is not open', 'EBADF', () => [NOT_OPEN]],
  ['close', 'of a number beyond all tables', 'EBADF', () => [0x7fff_ffff]],
  ['closefrom', 'above the last one', 'EBADF', () => [NOT_OPEN]],
  ['closefrom', 'a negative number', 'EBADF', () => [-1]],
  ['fcntl', 'of a number that is not open', 'EBADF', () => [NOT_OPEN, F.GETFD]],
  ['fcntl', 'with an unknown command', 'EINVAL', () => [1, 99]],
  ['fcntl', 'F_DUPFD to the limit', 'EINVAL', () => [1, F.DUPFD, LIMIT.OPEN_MAX]],
  ['fcntl', 'F_DUPFD to a negative number', 'EINVAL', () => [1, F.DUPFD, -1]],
  ['fcntl', 'F_ISATTY of a file', 'ENOTTY', (guest) => [open(guest, PASSWD), F.ISATTY]],
  ['fcntl', 'F_GETLK, as there are no record locks', 'EOPNOTSUPP', () => [1, F.GETLK, null]],
  ['ioctl', 'of a number that is not open', 'EBADF', () => [NOT_OPEN, FIO.CLEX, null]],
  ['ioctl', 'that no driver knows, of a terminal', 'ENOTTY', () => [0, UNKNOWN_IOCTL, null]],
  [
    'ioctl',
    'that no driver knows, of a file',
    'ENOTTY',
    (guest) => [open(guest, PASSWD), UNKNOWN_IOCTL, null],
  ],
  [
    'ioctl',
    'that no driver knows, of a pipe',
    'ENOTTY',
    (guest) => [makePipe(guest)[0], UNKNOWN_IOCTL, null],
  ],
  ['pipe2', 'with an unknown flag', 'EINVAL', (guest) => [guest.user.buffer(8), O.APPEND]],
  [
    'pipe',
    'with one number left',
    'EMFILE',
    (guest) => {
      limitDescriptors(guest, 4);
      return [guest.user.buffer(8)];
    },
  ],
  [
    'open',
    'at the limit of the process',
    'EMFILE',
    (guest) => {
      limitDescriptors(guest, 3);
      return [PASSWD, O.RDONLY];
    },
  ],
]);

describe('the table of all open files, full', () => {
  it.for(['open', 'pipe', 'kqueue'])(
    'should refuse %s(2) with ENFILE and leave nothing behind',
    (name, { guest }) => {
      const { kernel, machine } = guest;
      const ends = guest.user.buffer(8);
      const most = new Uint8Array(4);
      new DataView(most.buffer).setInt32(0, kernel.global('maxfiles').number(), true);
      machine.writeMemory(kernel.global('numfiles').address, most);
      const args = { open: [PASSWD, O.RDONLY], pipe: [ends] }[name] ?? [];
      expectRefusal(guest, 'ENFILE', name, ...args);
      expect(guest.output).toMatch(/file.*table is full/);
    },
  );
});
