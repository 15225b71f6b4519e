import { describe, expect } from 'vitest';
import { type BootedGuest, call, forking, intAt, guestTest as it } from '../../emu/vitest/index.ts';
import {
  F_DUPFD,
  F_DUPFD_CLOEXEC,
  F_GETFD,
  F_GETFL,
  F_GETLK,
  F_GETOWN,
  F_ISATTY,
  F_SETFD,
  F_SETFL,
  FD_CLOEXEC,
  FIOCLEX,
  FIONBIO,
  FIONCLEX,
  FIONREAD,
  O_APPEND,
  O_CLOEXEC,
  O_NONBLOCK,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  OPEN_MAX,
  RLIMIT_NOFILE,
  SEEK_CUR,
  SEEK_END,
  SEEK_SET,
  UNKNOWN_IOCTL,
} from './support/constants.ts';
import { expectRefusal, refuses } from './support/refusals.ts';
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
  ok(guest, 'setrlimit', RLIMIT_NOFILE, guest.user.struct('rlimit', { rlim_cur: most, rlim_max: 1024 }));
}

describe('dup', () => {
  it('should let the lowest free number stand for the same open file', ({ guest }) => {
    const fd = open(guest, PASSWD);
    ok(guest, 'close', 0);
    expect(ok(guest, 'dup', fd)).toBe(0);
    expect(fileOf(guest, 0)).toBe(fileOf(guest, fd));
    expect(useCount(guest, fd)).toBe(2);
    ok(guest, 'lseek', fd, 0, 7, SEEK_SET);
    expect(ok(guest, 'lseek', 0, 0, 0, SEEK_CUR)).toBe(7);
  });

  it('should not pass close-on-exec on', ({ guest }) => {
    const fd = open(guest, PASSWD, O_CLOEXEC);
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
    const fd = open(guest, PASSWD, O_CLOEXEC);
    expect(ok(guest, 'dup2', fd, fd)).toBe(fd);
    expect(flagsOf(guest, fd)).toBe(UF_EXCLOSE);
    expect(useCount(guest, fd)).toBe(1);
  });

  it('should let the table grow to a number far away', ({ guest }) => {
    expect(ok(guest, 'dup2', 1, OPEN_MAX - 1)).toBe(OPEN_MAX - 1);
    expect(guest.scratch.process.number('ps_fd.fd_lastfile')).toBe(OPEN_MAX - 1);
    ok(guest, 'close', OPEN_MAX - 1);
    expect(guest.scratch.process.number('ps_fd.fd_lastfile')).toBe(2);
  });

  it('should set close-on-exec when dup3 is asked to', ({ guest }) => {
    ok(guest, 'dup3', 1, 9, O_CLOEXEC);
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
    expect(ok(guest, 'fcntl', 1, F_DUPFD, 10)).toBe(11);
    expect(ok(guest, 'fcntl', 1, F_DUPFD_CLOEXEC, 10)).toBe(12);
    expect([flagsOf(guest, 11), flagsOf(guest, 12)]).toEqual([0, UF_EXCLOSE]);
  });

  it('should tell and set close-on-exec', ({ guest }) => {
    expect(ok(guest, 'fcntl', 1, F_GETFD)).toBe(0);
    ok(guest, 'fcntl', 1, F_SETFD, FD_CLOEXEC);
    expect(ok(guest, 'fcntl', 1, F_GETFD)).toBe(FD_CLOEXEC);
    ok(guest, 'fcntl', 1, F_SETFD, 0);
    expect(ok(guest, 'fcntl', 1, F_GETFD)).toBe(0);
  });

  it('should change the status flags, and never how the file was opened', ({ guest }) => {
    const fd = open(guest, PASSWD, O_RDONLY);
    ok(guest, 'fcntl', fd, F_SETFL, O_RDWR | O_APPEND | O_NONBLOCK | O_TRUNC);
    expect(ok(guest, 'fcntl', fd, F_GETFL)).toBe(O_RDONLY | O_APPEND | O_NONBLOCK);
    ok(guest, 'fcntl', fd, F_SETFL, 0);
    expect(ok(guest, 'fcntl', fd, F_GETFL)).toBe(O_RDONLY);
  });

  it('should know a terminal', ({ guest }) => {
    expect(ok(guest, 'fcntl', 0, F_ISATTY)).toBe(1);
  });
});

describe('ioctl of a descriptor', () => {
  it('should set and clear close-on-exec', ({ guest }) => {
    ok(guest, 'ioctl', 1, FIOCLEX, null);
    expect(flagsOf(guest, 1)).toBe(UF_EXCLOSE);
    ok(guest, 'ioctl', 1, FIONCLEX, null);
    expect(flagsOf(guest, 1)).toBe(0);
  });

  it('should switch waiting off and on', ({ guest }) => {
    const [from] = makePipe(guest);
    ok(guest, 'ioctl', from, FIONBIO, guest.user.ints(1));
    expect(guest.syscall('read', from, guest.user.buffer(1), 1)).toReturnErrno('EAGAIN');
    ok(guest, 'ioctl', from, FIONBIO, guest.user.ints(0));
    expect(ok(guest, 'fcntl', from, F_GETFL)).toBe(O_RDONLY);
  });

  it('should tell how much there is to read', ({ guest }) => {
    const [from, to] = makePipe(guest);
    const fd = open(guest, PASSWD);
    const size = ok(guest, 'lseek', fd, 0, 0, SEEK_END);
    ok(guest, 'lseek', fd, 0, 10, SEEK_SET);
    ok(guest, 'write', to, 'four', 4);
    const count = guest.user.buffer(4);
    ok(guest, 'ioctl', from, FIONREAD, count);
    expect(count.int()).toBe(4);
    ok(guest, 'ioctl', fd, FIONREAD, count);
    expect(count.int()).toBe(size - 10);
  });
});

describe('a descriptor across fork and exec', () => {
  it('should share the offset with a child', ({ guest }) => {
    const fd = open(guest, PASSWD);
    const fork = forking('fork', [call('lseek', fd, 0, 5, SEEK_SET)]);
    guest.program([fork, call('wait4', fork, null, 0, null)]);
    expect(ok(guest, 'lseek', fd, 0, 0, SEEK_CUR)).toBe(5);
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
    ok(guest, 'fcntl', to, F_SETFD, FD_CLOEXEC);
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

refuses('close', [['EBADF', 'for a number beyond all tables', () => [0x7fff_ffff]]]);
refuses('closefrom', [
  ['EBADF', 'above the last one', () => [NOT_OPEN]],
  ['EBADF', 'for a negative number', () => [-1]],
]);
refuses('fcntl', [
  ['ENOTTY', 'F_ISATTY of a file', (guest) => [open(guest, PASSWD), F_ISATTY]],
  ['ENOTTY', 'F_GETOWN of a pipe', (guest) => [makePipe(guest)[0], F_GETOWN]],
  ['EOPNOTSUPP', 'F_GETLK, as there are no record locks', () => [1, F_GETLK, null]],
]);
refuses('ioctl', [
  ['ENOTTY', 'that no driver knows, of a file', (guest) => [open(guest, PASSWD), UNKNOWN_IOCTL, null]],
  ['ENOTTY', 'that no driver knows, of a pipe', (guest) => [makePipe(guest)[0], UNKNOWN_IOCTL, null]],
  ['ENOTTY', 'of a kqueue', (guest) => [ok(guest, 'kqueue'), FIONREAD, guest.user.buffer(4)]],
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
      const args = { open: [PASSWD, O_RDONLY], pipe: [ends] }[name] ?? [];
      expectRefusal(guest, 'ENFILE', name, ...args);
      expect(guest.output).toMatch(/file.*table is full/);
    },
  );
});
