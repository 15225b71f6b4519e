import { describe, expect } from 'vitest';
import { type BootedGuest, call, guestTest as it } from '../../emu/vitest/index.ts';
import {
  AT,
  LIMIT,
  O,
  PAGE_SIZE,
  PC,
  R_OK,
  RLIMIT,
  S,
  SEEK,
  SIG,
  SIG_IGN,
  UTIME,
  W_OK,
  X_OK,
} from './support/abi.ts';
import { describeRefusals, expectRefusal } from './support/refusals.ts';
import {
  becomeUser,
  contentOf,
  makeFile,
  makePipe,
  ok,
  open,
  PUFFER_UID,
  stat,
  text,
} from './support/setting.ts';

const PASSWD = '/etc/passwd';
const FILE = '/tmp/file';
const NOT_OPEN = 40;
/** A program that is being executed: the scratch program itself. */
const RUNNING = '/sbin/scratch';
/** sys/mount.h. */
const MNT_RDONLY = 1;
const TMPFS_TOO_LARGE = 1n << 60n;

/** Opens a new file for reading and writing. */
function newFile(guest: BootedGuest, content = ''): number {
  makeFile(guest, FILE, content);
  return open(guest, FILE, O.RDWR);
}

/** Whoever goes beyond the limit of file sizes gets an error alone. */
function limitFileSize(guest: BootedGuest, most: number): void {
  ok(
    guest,
    'sigaction',
    SIG.XFSZ,
    guest.user.struct('sigaction', { __sigaction_u: { __sa_handler: SIG_IGN } }),
    null,
  );
  ok(guest, 'setrlimit', RLIMIT.FSIZE, guest.user.struct('rlimit', { rlim_cur: most, rlim_max: most }));
}

describe('open', () => {
  it('should make a file with the permissions that the mask leaves', ({ guest }) => {
    expect(ok(guest, 'umask', 0o027)).toBe(0o022);
    ok(guest, 'close', open(guest, FILE, O.WRONLY | O.CREAT, 0o6777));
    expect(stat(guest, FILE)).toMatchObject({ mode: S.IFREG | 0o6750, size: 0, nlink: 1, uid: 0 });
    expect(ok(guest, 'umask', 0)).toBe(0o027);
  });

  it('should cut a file to length 0, and give its pages back', ({ guest }) => {
    makeFile(guest, FILE, 'x'.repeat(3 * PAGE_SIZE));
    const used = guest.kernel.global('tmpfs_bytes').number();
    ok(guest, 'close', open(guest, FILE, O.WRONLY | O.TRUNC));
    expect(stat(guest, FILE)).toMatchObject({ size: 0, blocks: 0 });
    expect(used - guest.kernel.global('tmpfs_bytes').number()).toBeGreaterThanOrEqual(3 * PAGE_SIZE);
  });

  it('should write at the end with O_APPEND, wherever the offset is', ({ guest }) => {
    makeFile(guest, FILE, 'head');
    const fd = open(guest, FILE, O.RDWR | O.APPEND);
    ok(guest, 'lseek', fd, 0, 0, SEEK.SET);
    ok(guest, 'write', fd, 'tail', 4);
    expect(contentOf(guest, FILE)).toBe('headtail');
    expect(ok(guest, 'lseek', fd, 0, 0, SEEK.CUR)).toBe(8);
  });

  it('should let the maker write a file whose permissions forbid it', ({ guest }) => {
    becomeUser(guest);
    const fd = open(guest, FILE, O.RDWR | O.CREAT | O.EXCL, 0);
    expect(ok(guest, 'write', fd, 'mine', 4)).toBe(4);
    expect(guest.syscall('open', FILE, O.RDONLY)).toReturnErrno('EACCES');
  });

  it('should start from an open directory', ({ guest }) => {
    const directory = open(guest, '/etc', O.RDONLY | O.DIRECTORY);
    const fd = ok(guest, 'openat', directory, 'passwd', O.RDONLY);
    expect(fd).toBe(directory + 1);
    // An absolute path does not.
    expect(ok(guest, 'openat', NOT_OPEN, PASSWD, O.RDONLY)).toBe(fd + 1);
  });

  it('should keep the content of a file without a name until it is closed', ({ guest }) => {
    const fd = newFile(guest, 'still here');
    const used = guest.kernel.global('tmpfs_bytes').number();
    ok(guest, 'unlink', FILE);
    const into = guest.user.buffer(16);
    expect(text(into, ok(guest, 'read', fd, into, 16))).toBe('still here');
    ok(guest, 'close', fd);
    expect(used - guest.kernel.global('tmpfs_bytes').number()).toBeGreaterThan(PAGE_SIZE);
  });

  it('should count the writers of a vnode', ({ guest }) => {
    const fd = newFile(guest);
    const vnode = guest.kernel
      .struct('file')
      .at(guest.scratch.process.pointer(`ps_fd.fd_ofiles[${fd}]`))
      .pointer('f_data');
    expect(guest.view('vnode', vnode)).toMatchObject({ v_writecount: 1, v_usecount: 1 });
    const second = open(guest, FILE, O.WRONLY);
    expect(guest.view('vnode', vnode)).toMatchObject({ v_writecount: 2, v_usecount: 2 });
    ok(guest, 'close', fd);
    ok(guest, 'close', second);
    expect(guest.view('vnode', vnode).v_writecount).toBe(0);
  });
});

describe('read and write', () => {
  it('should move the offset, and stop at the end', ({ guest }) => {
    const fd = newFile(guest, 'abcdef');
    const into = guest.user.buffer(8);
    expect(text(into, ok(guest, 'read', fd, into, 4))).toBe('abcd');
    expect(text(into, ok(guest, 'read', fd, into, 4))).toBe('ef');
    expect(ok(guest, 'read', fd, into, 4)).toBe(0);
    expect(ok(guest, 'lseek', fd, 0, 0, SEEK.CUR)).toBe(6);
  });

  it('should read a hole as zeros, and give it no page', ({ guest }) => {
    const fd = newFile(guest);
    ok(guest, 'lseek', fd, 0, 2 * PAGE_SIZE, SEEK.SET);
    ok(guest, 'write', fd, 'end', 3);
    expect(stat(guest, FILE)).toMatchObject({ size: 2 * PAGE_SIZE + 3, blocks: PAGE_SIZE / 512 });
    const into = guest.user.buffer(new Uint8Array(16).fill(0xff));
    ok(guest, 'lseek', fd, 0, PAGE_SIZE - 8, SEEK.SET);
    expect(ok(guest, 'read', fd, into, 16)).toBe(16);
    expect([...into.bytes()]).toEqual(new Array(16).fill(0));
  });

  it('should scatter and gather', ({ guest }) => {
    const fd = newFile(guest);
    const { user } = guest;
    const pieces = ['one', '', 'three'].map((piece) => ({
      iov_base: user.string(piece),
      iov_len: piece.length,
    }));
    expect(ok(guest, 'writev', fd, user.structs('iovec', pieces)[0] ?? null, 3)).toBe(8);
    ok(guest, 'lseek', fd, 0, 0, SEEK.SET);
    const [first, second] = [user.buffer(5), user.buffer(9)];
    const into = user.structs('iovec', [
      { iov_base: first, iov_len: 5 },
      { iov_base: second, iov_len: 9 },
    ]);
    expect(ok(guest, 'readv', fd, into[0] ?? null, 2)).toBe(8);
    expect([first.text(), second.text()]).toEqual(['oneth', 'ree']);
  });

  it('should take as many pieces as there may be, and keep none of the memory for them', ({ guest }) => {
    // The file has its page already.
    const fd = newFile(guest, 'x');
    const one = { iov_base: guest.user.string('x'), iov_len: 1 };
    const pieces = guest.user.structs('iovec', new Array(1024).fill(one));
    const { scratch } = guest;
    const written = guest.during(() =>
      expect(scratch.syscall(call('writev', fd, pieces[0] ?? null, 1024)).value).toBe(1024),
    );
    expect(written).toLeaveUnchanged('pools', 'fds', 'vnodes');
    expect(stat(guest, FILE).size).toBe(1024);
  });

  it('should write what still fits under the limit of file sizes', ({ guest }) => {
    const fd = newFile(guest);
    limitFileSize(guest, 5);
    expect(ok(guest, 'write', fd, 'abcdefgh', 8)).toBe(5);
    expect(guest.syscall('write', fd, 'i', 1)).toReturnErrno('EFBIG');
    expect(contentOf(guest, FILE)).toBe('abcde');
  });

  it('should tell of a limit by SIGXFSZ too', ({ guest }) => {
    const fd = newFile(guest);
    ok(guest, 'setrlimit', RLIMIT.FSIZE, guest.user.struct('rlimit', { rlim_cur: 0, rlim_max: 0 }));
    const handler = { __sigaction_u: { __sa_handler: guest.user.handler } };
    ok(guest, 'sigaction', SIG.XFSZ, guest.user.struct('sigaction', handler), null);
    expect(guest.syscall('write', fd, 'x', 1)).toReturnErrno('EFBIG');
    expect(guest.user.signals().map(({ signal }) => signal)).toEqual([SIG.XFSZ]);
  });

  it('should take the set-user-id bit from a file that a user writes', ({ guest }) => {
    makeFile(guest, FILE);
    ok(guest, 'chown', FILE, PUFFER_UID, PUFFER_UID);
    ok(guest, 'chmod', FILE, 0o6755);
    becomeUser(guest);
    ok(guest, 'write', open(guest, FILE, O.WRONLY), 'x', 1);
    expect(stat(guest, FILE).mode).toBe(S.IFREG | 0o755);
  });

  it('should write nothing to a full file system, and a part if that is what fits', ({ guest }) => {
    const fd = newFile(guest, 'x'.repeat(100));
    guest.faults.failCall('tmpfs_alloc', { returns: 0n });
    ok(guest, 'lseek', fd, 0, PAGE_SIZE - 2, SEEK.SET);
    expect(ok(guest, 'write', fd, 'abcd', 4)).toBe(2);
    guest.faults.failCall('tmpfs_alloc', { returns: 0n });
    expectRefusal(guest, 'ENOSPC', 'write', fd, 'cd', 2);
    expect(stat(guest, FILE).size).toBe(PAGE_SIZE);
  });
});

describe('lseek', () => {
  it('should go from the start, from here and from the end, and behind it', ({ guest }) => {
    const fd = newFile(guest, '0123456789');
    expect(ok(guest, 'lseek', fd, 0, 3, SEEK.SET)).toBe(3);
    expect(ok(guest, 'lseek', fd, 0, 4, SEEK.CUR)).toBe(7);
    expect(ok(guest, 'lseek', fd, 0, -2, SEEK.END)).toBe(8);
    expect(ok(guest, 'lseek', fd, 0, 100, SEEK.END)).toBe(110);
    expect(stat(guest, FILE).size).toBe(10);
  });
});

describe('truncate and ftruncate', () => {
  it('should make a file longer by zeros, and shorter', ({ guest }) => {
    const fd = newFile(guest, 'abcdef');
    ok(guest, 'ftruncate', fd, 0, 3);
    ok(guest, 'truncate', FILE, 0, 6);
    expect(contentOf(guest, FILE)).toBe('abc\0\0\0');
  });

  it('should let no byte of the cut end come back', ({ guest }) => {
    const fd = newFile(guest, 'secret');
    ok(guest, 'ftruncate', fd, 0, 1);
    ok(guest, 'lseek', fd, 0, 5, SEEK.SET);
    ok(guest, 'write', fd, '!', 1);
    expect(contentOf(guest, FILE)).toBe('s\0\0\0\0!');
  });
});

describe('stat and its relatives', () => {
  it('should tell the same of a path and of a descriptor', ({ guest }) => {
    const byPath = guest.user.struct('stat');
    const byFd = guest.user.struct('stat');
    ok(guest, 'stat', PASSWD, byPath);
    ok(guest, 'fstat', open(guest, PASSWD), byFd);
    expect(byFd.number('st_ino')).toBe(byPath.number('st_ino'));
    expect(byFd.number('st_size')).toBe(byPath.number('st_size'));
    expect(byPath.number('st_mode')).toBe(S.IFREG | 0o644);
  });

  it('should follow a symbolic link, and lstat should not', ({ guest }) => {
    ok(guest, 'symlink', '/etc/passwd', '/tmp/link');
    expect(stat(guest, '/tmp/link').mode! & S.IFMT).toBe(S.IFREG);
    expect(stat(guest, '/tmp/link', 'lstat')).toMatchObject({ size: 11 });
    expect(stat(guest, '/tmp/link', 'lstat').mode! & S.IFMT).toBe(S.IFLNK);
    const status = guest.user.struct('stat');
    ok(guest, 'fstatat', AT.FDCWD, '/tmp/link', status, AT.SYMLINK_NOFOLLOW);
    expect(status.number('st_mode') & S.IFMT).toBe(S.IFLNK);
  });

  it('should tell that a pipe is one, and what waits in it', ({ guest }) => {
    const [from, to] = makePipe(guest);
    ok(guest, 'write', to, 'five.', 5);
    const status = guest.user.struct('stat');
    ok(guest, 'fstat', from, status);
    expect(status.number('st_mode') & S.IFMT).toBe(S.IFIFO);
    expect(status.number('st_size')).toBe(5);
  });

  it('should tell the number of a device', ({ guest }) => {
    const { mode, rdev } = stat(guest, '/dev/null');
    expect(mode! & S.IFMT).toBe(S.IFCHR);
    ok(guest, 'mknod', '/tmp/null', S.IFCHR | 0o600, rdev!);
    expect(ok(guest, 'write', open(guest, '/tmp/null', O.WRONLY), 'gone', 4)).toBe(4);
  });
});

describe('access', () => {
  it('should ask for the real user', ({ guest }) => {
    makeFile(guest, FILE, '', 0o600);
    ok(guest, 'access', FILE, R_OK | W_OK);
    ok(guest, 'setuid', 0);
    const { scratch } = guest;
    // The real user is another one, the effective one stays root.
    const real = scratch.process.at('ps_ucred').member('cr_ruid').address;
    guest.machine.writeMemory(real, Uint8Array.of(PUFFER_UID & 0xff, PUFFER_UID >> 8, 0, 0));
    expect(guest.syscall('access', FILE, R_OK)).toReturnErrno('EACCES');
    expect(open(guest, FILE, O.RDWR)).toBe(3);
    expect(scratch.process.number('ps_ucred.cr_uid')).toBe(0);
  });
});

describe('chmod and chown', () => {
  it('should set permissions and owners, by path and by descriptor', ({ guest }) => {
    const fd = newFile(guest);
    ok(guest, 'chmod', FILE, 0o1640);
    expect(stat(guest, FILE).mode).toBe(S.IFREG | 0o1640);
    ok(guest, 'fchmod', fd, 0o600);
    ok(guest, 'chown', FILE, 7, -1);
    ok(guest, 'fchown', fd, -1, 8);
    expect(stat(guest, FILE)).toMatchObject({ mode: S.IFREG | 0o600, uid: 7, gid: 8 });
  });
});

describe('the times of a file', () => {
  const times = (guest: BootedGuest): Record<string, unknown> => {
    const status = guest.user.struct('stat');
    ok(guest, 'stat', FILE, status);
    return { read: status.number('st_atim.tv_sec'), written: status.number('st_mtim.tv_sec') };
  };

  it('should be what utimes, utimensat and futimens say', ({ guest }) => {
    const fd = newFile(guest);
    const seconds = (tag: string, ...both: readonly number[]) =>
      guest.user.structs(
        tag,
        both.map((tv_sec) => ({ tv_sec })),
      )[0] ?? null;
    ok(guest, 'utimes', FILE, seconds('timeval', 100, 200));
    expect(times(guest)).toEqual({ read: 100, written: 200 });
    ok(guest, 'futimens', fd, seconds('timespec', 300, 400));
    expect(times(guest)).toEqual({ read: 300, written: 400 });
    ok(guest, 'utimensat', AT.FDCWD, FILE, seconds('timespec', 500, 600), 0);
    expect(times(guest)).toEqual({ read: 500, written: 600 });
  });

  it('should stay, or become the present, when that is asked for', ({ guest }) => {
    const fd = newFile(guest);
    ok(guest, 'utimes', FILE, guest.user.structs('timeval', [{ tv_sec: 1 }, { tv_sec: 2 }])[0] ?? null);
    const some = [{ tv_nsec: UTIME.OMIT }, { tv_nsec: UTIME.NOW }];
    ok(guest, 'futimens', fd, guest.user.structs('timespec', some)[0] ?? null);
    const { read, written } = times(guest);
    expect(read).toBe(1);
    expect(written).toBeGreaterThanOrEqual(1_700_000_000);
  });
});

describe('pathconf and fpathconf', () => {
  it('should tell the limits of files', ({ guest }) => {
    const value = (name: number): number => ok(guest, 'pathconf', '/', name);
    expect(value(PC.NAME_MAX)).toBe(LIMIT.NAME_MAX);
    expect(value(PC.PATH_MAX)).toBe(LIMIT.PATH_MAX);
    expect(value(PC.LINK_MAX)).toBe(32_767);
    expect(ok(guest, 'fpathconf', 0, PC.PIPE_BUF)).toBe(LIMIT.PIPE_BUF);
    expect(ok(guest, 'fpathconf', 0, PC.VDISABLE)).toBe(0xff);
  });
});

describeRefusals('files', [
  ['open', 'of what is not there', 'ENOENT', () => ['/tmp/none', O.RDONLY]],
  ['open', 'below what is not there', 'ENOENT', () => ['/none/file', O.WRONLY | O.CREAT, 0o644]],
  ['open', 'of the empty path', 'ENOENT', () => ['', O.RDONLY]],
  ['open', 'below a file', 'ENOTDIR', () => ['/etc/passwd/x', O.RDONLY]],
  ['open', 'of a file with a slash behind it', 'ENOTDIR', () => ['/etc/passwd/', O.RDONLY]],
  ['open', 'of a file as a directory', 'ENOTDIR', () => [PASSWD, O.RDONLY | O.DIRECTORY]],
  ['open', 'of a directory for writing', 'EISDIR', () => ['/tmp', O.WRONLY]],
  ['open', 'of a new file that is there', 'EEXIST', () => [PASSWD, O.WRONLY | O.CREAT | O.EXCL, 0o644]],
  ['open', 'of a program that runs, for writing', 'ETXTBSY', () => [RUNNING, O.WRONLY]],
  ['open', 'neither for reading nor for writing', 'EINVAL', () => [PASSWD, O.ACCMODE]],
  ['open', 'with O_TRUNC for reading', 'EINVAL', () => [PASSWD, O.RDONLY | O.TRUNC]],
  [
    'open',
    'of a name that is too long',
    'ENAMETOOLONG',
    () => [`/${'n'.repeat(LIMIT.NAME_MAX + 1)}`, O.RDONLY],
  ],
  ['open', 'of a path that is too long', 'ENAMETOOLONG', () => ['/a'.repeat(LIMIT.PATH_MAX / 2), O.RDONLY]],
  [
    'open',
    'of a device without a driver',
    'ENXIO',
    (guest) => {
      ok(guest, 'mknod', '/tmp/device', S.IFCHR | 0o600, 0x6300);
      return ['/tmp/device', O.RDONLY];
    },
  ],
  [
    'open',
    'of a symbolic link with O_NOFOLLOW',
    'ELOOP',
    (guest) => {
      ok(guest, 'symlink', PASSWD, '/tmp/link');
      return ['/tmp/link', O.RDONLY | O.NOFOLLOW];
    },
  ],
  [
    'open',
    'without the right to read',
    'EACCES',
    (guest) => {
      makeFile(guest, FILE, '', 0o600);
      becomeUser(guest);
      return [FILE, O.RDONLY];
    },
  ],
  [
    'open',
    'in a directory that may not be written',
    'EACCES',
    (guest) => {
      becomeUser(guest);
      return ['/etc/new', O.WRONLY | O.CREAT, 0o644];
    },
  ],
  [
    'open',
    'through a directory that may not be searched',
    'EACCES',
    (guest) => {
      ok(guest, 'chmod', '/etc', 0o700);
      becomeUser(guest);
      return [PASSWD, O.RDONLY];
    },
  ],
  ['openat', 'from a number that is not open', 'EBADF', () => [NOT_OPEN, 'passwd', O.RDONLY]],
  ['openat', 'from a file', 'ENOTDIR', (guest) => [open(guest, PASSWD), 'passwd', O.RDONLY]],
  [
    'read',
    'of what is open for writing',
    'EBADF',
    (guest) => [open(guest, FILE, O.WRONLY | O.CREAT), guest.user.buffer(1), 1],
  ],
  ['read', 'of a number that is not open', 'EBADF', (guest) => [NOT_OPEN, guest.user.buffer(1), 1]],
  ['read', 'of a directory', 'EISDIR', (guest) => [open(guest, '/tmp'), guest.user.buffer(1), 1]],
  ['read', 'of more than there can be', 'EINVAL', (guest) => [open(guest, PASSWD), guest.user.buffer(1), -1]],
  ['write', 'of what is open for reading', 'EBADF', (guest) => [open(guest, PASSWD), 'x', 1]],
  [
    'write',
    'far behind the largest file',
    'EFBIG',
    (guest) => {
      const fd = newFile(guest);
      ok(guest, 'lseek', fd, 0, TMPFS_TOO_LARGE, SEEK.SET);
      return [fd, 'x', 1];
    },
  ],
  ['readv', 'without pieces', 'EINVAL', (guest) => [open(guest, PASSWD), guest.user.buffer(16), 0]],
  [
    'readv',
    'with more pieces than there may be',
    'EINVAL',
    (guest) => [open(guest, PASSWD), guest.user.buffer(16), 1025],
  ],
  [
    'writev',
    'of lengths whose sum overflows',
    'EINVAL',
    (guest) => {
      const half = { iov_base: guest.user.buffer(1), iov_len: 1n << 62n };
      return [open(guest, FILE, O.WRONLY | O.CREAT), guest.user.structs('iovec', [half, half])[0] ?? null, 2];
    },
  ],
  ['lseek', 'of a pipe', 'ESPIPE', (guest) => [makePipe(guest)[0], 0, 0, SEEK.SET]],
  ['lseek', 'of a terminal', 'ESPIPE', () => [0, 0, 0, SEEK.SET]],
  ['lseek', 'before the start', 'EINVAL', (guest) => [open(guest, PASSWD), 0, -1, SEEK.SET]],
  ['lseek', 'from an unknown place', 'EINVAL', (guest) => [open(guest, PASSWD), 0, 0, 3]],
  [
    'lseek',
    'to what an offset cannot hold',
    'EOVERFLOW',
    (guest) => [open(guest, PASSWD), 0, (1n << 63n) - 1n, SEEK.END],
  ],
  ['lseek', 'of a number that is not open', 'EBADF', () => [NOT_OPEN, 0, 0, SEEK.SET]],
  ['truncate', 'to a negative length', 'EINVAL', () => [PASSWD, 0, -1]],
  ['truncate', 'of a directory', 'EISDIR', () => ['/tmp', 0, 0]],
  ['truncate', 'of a program that runs', 'ETXTBSY', () => [RUNNING, 0, 0]],
  [
    'truncate',
    'to more than a file can have',
    'EFBIG',
    (guest) => {
      makeFile(guest, FILE);
      return [FILE, 0, TMPFS_TOO_LARGE];
    },
  ],
  ['ftruncate', 'of what is open for reading', 'EINVAL', (guest) => [open(guest, PASSWD), 0, 0]],
  ['ftruncate', 'of a pipe', 'EINVAL', (guest) => [makePipe(guest)[1], 0, 0]],
  ['ftruncate', 'of a number that is not open', 'EBADF', () => [NOT_OPEN, 0, 0]],
  ['fsync', 'of a pipe', 'EINVAL', (guest) => [makePipe(guest)[0]]],
  ['fstat', 'of a number that is not open', 'EBADF', (guest) => [NOT_OPEN, guest.user.struct('stat')]],
  ['stat', 'of what is not there', 'ENOENT', (guest) => ['/none', guest.user.struct('stat')]],
  [
    'fstatat',
    'with an unknown flag',
    'EINVAL',
    (guest) => [AT.FDCWD, PASSWD, guest.user.struct('stat'), 0x100],
  ],
  ['access', 'for an unknown right', 'EINVAL', () => [PASSWD, 8]],
  ['access', 'for execution of what cannot be executed', 'EACCES', () => [PASSWD, X_OK]],
  ['access', 'for writing of a program that runs', 'ETXTBSY', () => [RUNNING, W_OK]],
  ['chmod', 'with bits that no permission has', 'EINVAL', () => [PASSWD, 0o1_000_000]],
  [
    'chmod',
    'by somebody else',
    'EPERM',
    (guest) => {
      becomeUser(guest);
      return [PASSWD, 0o777];
    },
  ],
  ['fchmod', 'of a pipe', 'EINVAL', (guest) => [makePipe(guest)[0], 0o600]],
  [
    'chown',
    'by somebody else',
    'EPERM',
    (guest) => {
      becomeUser(guest);
      return [PASSWD, PUFFER_UID, -1];
    },
  ],
  [
    'utimensat',
    'with too many nanoseconds',
    'EINVAL',
    (guest) => [
      AT.FDCWD,
      PASSWD,
      guest.user.structs('timespec', [{ tv_nsec: 1_000_000_000 }, {}])[0] ?? null,
      0,
    ],
  ],
  [
    'utimes',
    'with negative microseconds',
    'EINVAL',
    (guest) => [PASSWD, guest.user.structs('timeval', [{ tv_usec: -1 }, {}])[0] ?? null],
  ],
  [
    'utimes',
    'by somebody else',
    'EPERM',
    (guest) => {
      becomeUser(guest);
      return [PASSWD, guest.user.structs('timeval', [{}, {}])[0] ?? null];
    },
  ],
  [
    'utimes',
    'to the present, without the right to write',
    'EACCES',
    (guest) => {
      becomeUser(guest);
      return [PASSWD, null];
    },
  ],
  ['pathconf', 'with an unknown name', 'EINVAL', () => ['/', 99]],
  ['fpathconf', 'of a number that is not open', 'EBADF', () => [NOT_OPEN, PC.NAME_MAX]],
]);

describe('a file system that may only be read', () => {
  const changes: readonly (readonly [string, ...Parameters<typeof call>[1][]])[] = [
    ['open', PASSWD, O.WRONLY],
    ['open', '/etc/new', O.WRONLY | O.CREAT, 0o644],
    ['mkdir', '/etc/new', 0o755],
    ['unlink', PASSWD],
    ['rename', PASSWD, '/etc/other'],
    ['link', PASSWD, '/etc/other'],
    ['chmod', PASSWD, 0o600],
    ['chown', PASSWD, 1, 1],
    ['truncate', PASSWD, 0, 0],
    ['utimes', PASSWD, null],
    ['utimensat', AT.FDCWD, PASSWD, null, 0],
  ];
  it.for(changes)('should be changed by no %s(2)', ([name, ...args], { guest }) => {
    const root = guest.kernel.struct('vnode').at(guest.kernel.global('rootvnode').pointer());
    const { scratch } = guest;
    expect(scratch.parked).toBe(true);
    guest.machine.writeMemory(
      root.at('v_mount').member('mnt_flag').address,
      Uint8Array.of(MNT_RDONLY, 0, 0, 0),
    );
    expectRefusal(guest, 'EROFS', name, ...args);
  });
});
