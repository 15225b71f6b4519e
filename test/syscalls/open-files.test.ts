import { describe, expect } from 'vitest';
import { type BootedGuest, call, guestTest as it } from '../../emu/vitest/index.ts';
import {
  AT_FDCWD,
  AT_SYMLINK_NOFOLLOW,
  NAME_MAX,
  O_ACCMODE,
  O_APPEND,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
  PAGE_SIZE,
  PATH_MAX,
  PC_LINK_MAX,
  PC_NAME_MAX,
  PC_PATH_MAX,
  PC_PIPE_BUF,
  PC_VDISABLE,
  PIPE_BUF,
  R_OK,
  RLIMIT_FSIZE,
  S_IFCHR,
  S_IFIFO,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  SEEK_CUR,
  SEEK_END,
  SEEK_SET,
  SIG_IGN,
  SIGXFSZ,
  USER,
  UTIME_NOW,
  UTIME_OMIT,
  W_OK,
} from './support/constants.ts';
import { expectRefusal, refuses } from './support/refusals.ts';
import { becomeUser, contentOf, makeFile, makePipe, ok, open, stat, text } from './support/setting.ts';

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
  return open(guest, FILE, O_RDWR);
}

/** Whoever goes beyond the limit of file sizes gets an error alone. */
function limitFileSize(guest: BootedGuest, most: number): void {
  ok(
    guest,
    'sigaction',
    SIGXFSZ,
    guest.user.struct('sigaction', { __sigaction_u: { __sa_handler: SIG_IGN } }),
    null,
  );
  ok(guest, 'setrlimit', RLIMIT_FSIZE, guest.user.struct('rlimit', { rlim_cur: most, rlim_max: most }));
}

describe('open', () => {
  it('should make a file with the permissions that the mask leaves', ({ guest }) => {
    expect(ok(guest, 'umask', 0o027)).toBe(0o022);
    ok(guest, 'close', open(guest, FILE, O_WRONLY | O_CREAT, 0o6777));
    expect(stat(guest, FILE)).toMatchObject({ mode: S_IFREG | 0o6750, size: 0, nlink: 1, uid: 0 });
    expect(ok(guest, 'umask', 0)).toBe(0o027);
  });

  it('should cut a file to length 0, and give its pages back', ({ guest }) => {
    makeFile(guest, FILE, 'x'.repeat(3 * PAGE_SIZE));
    const used = guest.kernel.global('tmpfs_bytes').number();
    ok(guest, 'close', open(guest, FILE, O_WRONLY | O_TRUNC));
    expect(stat(guest, FILE)).toMatchObject({ size: 0, blocks: 0 });
    expect(used - guest.kernel.global('tmpfs_bytes').number()).toBeGreaterThanOrEqual(3 * PAGE_SIZE);
  });

  it('should write at the end with O_APPEND, wherever the offset is', ({ guest }) => {
    makeFile(guest, FILE, 'head');
    const fd = open(guest, FILE, O_RDWR | O_APPEND);
    ok(guest, 'lseek', fd, 0, 0, SEEK_SET);
    ok(guest, 'write', fd, 'tail', 4);
    expect(contentOf(guest, FILE)).toBe('headtail');
    expect(ok(guest, 'lseek', fd, 0, 0, SEEK_CUR)).toBe(8);
  });

  it('should let the maker write a file whose permissions forbid it', ({ guest }) => {
    becomeUser(guest);
    const fd = open(guest, FILE, O_RDWR | O_CREAT | O_EXCL, 0);
    expect(ok(guest, 'write', fd, 'mine', 4)).toBe(4);
    expect(guest.syscall('open', FILE, O_RDONLY)).toReturnErrno('EACCES');
  });

  it('should start from an open directory', ({ guest }) => {
    const directory = open(guest, '/etc', O_RDONLY | O_DIRECTORY);
    const fd = ok(guest, 'openat', directory, 'passwd', O_RDONLY);
    expect(fd).toBe(directory + 1);
    // An absolute path does not.
    expect(ok(guest, 'openat', NOT_OPEN, PASSWD, O_RDONLY)).toBe(fd + 1);
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
    const second = open(guest, FILE, O_WRONLY);
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
    expect(ok(guest, 'lseek', fd, 0, 0, SEEK_CUR)).toBe(6);
  });

  it('should read a hole as zeros, and give it no page', ({ guest }) => {
    const fd = newFile(guest);
    ok(guest, 'lseek', fd, 0, 2 * PAGE_SIZE, SEEK_SET);
    ok(guest, 'write', fd, 'end', 3);
    expect(stat(guest, FILE)).toMatchObject({ size: 2 * PAGE_SIZE + 3, blocks: PAGE_SIZE / 512 });
    const into = guest.user.buffer(new Uint8Array(16).fill(0xff));
    ok(guest, 'lseek', fd, 0, PAGE_SIZE - 8, SEEK_SET);
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
    ok(guest, 'lseek', fd, 0, 0, SEEK_SET);
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
    ok(guest, 'setrlimit', RLIMIT_FSIZE, guest.user.struct('rlimit', { rlim_cur: 0, rlim_max: 0 }));
    const handler = { __sigaction_u: { __sa_handler: guest.user.handler } };
    ok(guest, 'sigaction', SIGXFSZ, guest.user.struct('sigaction', handler), null);
    expect(guest.syscall('write', fd, 'x', 1)).toReturnErrno('EFBIG');
    expect(guest.user.signals().map(({ signal }) => signal)).toEqual([SIGXFSZ]);
  });

  it('should take the set-user-id bit from a file that a user writes', ({ guest }) => {
    makeFile(guest, FILE);
    ok(guest, 'chown', FILE, USER, USER);
    ok(guest, 'chmod', FILE, 0o6755);
    becomeUser(guest);
    ok(guest, 'write', open(guest, FILE, O_WRONLY), 'x', 1);
    expect(stat(guest, FILE).mode).toBe(S_IFREG | 0o755);
  });

  it('should write nothing to a full file system, and a part if that is what fits', ({ guest }) => {
    const fd = newFile(guest, 'x'.repeat(100));
    guest.faults.failCall('tmpfs_alloc', { returns: 0n });
    ok(guest, 'lseek', fd, 0, PAGE_SIZE - 2, SEEK_SET);
    expect(ok(guest, 'write', fd, 'abcd', 4)).toBe(2);
    guest.faults.failCall('tmpfs_alloc', { returns: 0n });
    expectRefusal(guest, 'ENOSPC', 'write', fd, 'cd', 2);
    expect(stat(guest, FILE).size).toBe(PAGE_SIZE);
  });
});

describe('lseek', () => {
  it('should go from the start, from here and from the end, and behind it', ({ guest }) => {
    const fd = newFile(guest, '0123456789');
    expect(ok(guest, 'lseek', fd, 0, 3, SEEK_SET)).toBe(3);
    expect(ok(guest, 'lseek', fd, 0, 4, SEEK_CUR)).toBe(7);
    expect(ok(guest, 'lseek', fd, 0, -2, SEEK_END)).toBe(8);
    expect(ok(guest, 'lseek', fd, 0, 100, SEEK_END)).toBe(110);
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
    ok(guest, 'lseek', fd, 0, 5, SEEK_SET);
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
    expect(byPath.number('st_mode')).toBe(S_IFREG | 0o644);
  });

  it('should follow a symbolic link, and lstat should not', ({ guest }) => {
    ok(guest, 'symlink', '/etc/passwd', '/tmp/link');
    expect(stat(guest, '/tmp/link').mode! & S_IFMT).toBe(S_IFREG);
    expect(stat(guest, '/tmp/link', 'lstat')).toMatchObject({ size: 11 });
    expect(stat(guest, '/tmp/link', 'lstat').mode! & S_IFMT).toBe(S_IFLNK);
    const status = guest.user.struct('stat');
    ok(guest, 'fstatat', AT_FDCWD, '/tmp/link', status, AT_SYMLINK_NOFOLLOW);
    expect(status.number('st_mode') & S_IFMT).toBe(S_IFLNK);
  });

  it('should tell that a pipe is one, and what waits in it', ({ guest }) => {
    const [from, to] = makePipe(guest);
    ok(guest, 'write', to, 'five.', 5);
    const status = guest.user.struct('stat');
    ok(guest, 'fstat', from, status);
    expect(status.number('st_mode') & S_IFMT).toBe(S_IFIFO);
    expect(status.number('st_size')).toBe(5);
  });

  it('should tell the number of a device', ({ guest }) => {
    const { mode, rdev } = stat(guest, '/dev/null');
    expect(mode! & S_IFMT).toBe(S_IFCHR);
    ok(guest, 'mknod', '/tmp/null', S_IFCHR | 0o600, rdev!);
    expect(ok(guest, 'write', open(guest, '/tmp/null', O_WRONLY), 'gone', 4)).toBe(4);
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
    guest.machine.writeMemory(real, Uint8Array.of(USER & 0xff, USER >> 8, 0, 0));
    expect(guest.syscall('access', FILE, R_OK)).toReturnErrno('EACCES');
    expect(open(guest, FILE, O_RDWR)).toBe(3);
    expect(scratch.process.number('ps_ucred.cr_uid')).toBe(0);
  });
});

describe('chmod and chown', () => {
  it('should set permissions and owners, by path and by descriptor', ({ guest }) => {
    const fd = newFile(guest);
    ok(guest, 'chmod', FILE, 0o1640);
    expect(stat(guest, FILE).mode).toBe(S_IFREG | 0o1640);
    ok(guest, 'fchmod', fd, 0o600);
    ok(guest, 'chown', FILE, 7, -1);
    ok(guest, 'fchown', fd, -1, 8);
    expect(stat(guest, FILE)).toMatchObject({ mode: S_IFREG | 0o600, uid: 7, gid: 8 });
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
    ok(guest, 'utimensat', AT_FDCWD, FILE, seconds('timespec', 500, 600), 0);
    expect(times(guest)).toEqual({ read: 500, written: 600 });
  });

  it('should stay, or become the present, when that is asked for', ({ guest }) => {
    const fd = newFile(guest);
    ok(guest, 'utimes', FILE, guest.user.structs('timeval', [{ tv_sec: 1 }, { tv_sec: 2 }])[0] ?? null);
    const some = [{ tv_nsec: UTIME_OMIT }, { tv_nsec: UTIME_NOW }];
    ok(guest, 'futimens', fd, guest.user.structs('timespec', some)[0] ?? null);
    const { read, written } = times(guest);
    expect(read).toBe(1);
    expect(written).toBeGreaterThanOrEqual(1_700_000_000);
  });
});

describe('pathconf and fpathconf', () => {
  it('should tell the limits of files', ({ guest }) => {
    const value = (name: number): number => ok(guest, 'pathconf', '/', name);
    expect(value(PC_NAME_MAX)).toBe(NAME_MAX);
    expect(value(PC_PATH_MAX)).toBe(PATH_MAX);
    expect(value(PC_LINK_MAX)).toBe(32_767);
    expect(ok(guest, 'fpathconf', 0, PC_PIPE_BUF)).toBe(PIPE_BUF);
    expect(ok(guest, 'fpathconf', 0, PC_VDISABLE)).toBe(0xff);
  });
});

refuses('open', [
  ['ENOENT', 'below what is not there', () => ['/none/file', O_WRONLY | O_CREAT, 0o644]],
  ['ENOTDIR', 'for a file with a slash behind it', () => ['/etc/passwd/', O_RDONLY]],
  ['ETXTBSY', 'for a program that runs, for writing', () => [RUNNING, O_WRONLY]],
  ['EINVAL', 'neither for reading nor for writing', () => [PASSWD, O_ACCMODE]],
  ['EINVAL', 'with O_TRUNC for reading', () => [PASSWD, O_RDONLY | O_TRUNC]],
  [
    'ENXIO',
    'for a device without a driver',
    (guest) => {
      ok(guest, 'mknod', '/tmp/device', S_IFCHR | 0o600, 0x6300);
      return ['/tmp/device', O_RDONLY];
    },
  ],
]);
refuses('write', [
  [
    'EFBIG',
    'far behind the largest file',
    (guest) => {
      const fd = newFile(guest);
      ok(guest, 'lseek', fd, 0, TMPFS_TOO_LARGE, SEEK_SET);
      return [fd, 'x', 1];
    },
  ],
]);
refuses('writev', [
  [
    'EINVAL',
    'for lengths whose sum overflows',
    (guest) => {
      const half = { iov_base: guest.user.buffer(1), iov_len: 1n << 62n };
      return [open(guest, FILE, O_WRONLY | O_CREAT), guest.user.structs('iovec', [half, half])[0] ?? null, 2];
    },
  ],
]);
refuses('lseek', [
  ['ESPIPE', 'for a terminal', () => [0, 0, 0, SEEK_SET]],
  [
    'EOVERFLOW',
    'to what an offset cannot hold',
    (guest) => [open(guest, PASSWD), 0, (1n << 63n) - 1n, SEEK_END],
  ],
]);
refuses('truncate', [
  ['ETXTBSY', 'for a program that runs', () => [RUNNING, 0, 0]],
  [
    'EFBIG',
    'to more than a file can have',
    (guest) => {
      makeFile(guest, FILE);
      return [FILE, 0, TMPFS_TOO_LARGE];
    },
  ],
]);
refuses('ftruncate', [['EINVAL', 'for a pipe', (guest) => [makePipe(guest)[1], 0, 0]]]);
refuses('fsync', [['EINVAL', 'for a pipe', (guest) => [makePipe(guest)[0]]]]);
refuses('fstatat', [
  ['EINVAL', 'with an unknown flag', (guest) => [AT_FDCWD, PASSWD, guest.user.struct('stat'), 0x100]],
]);
refuses('access', [['ETXTBSY', 'for writing of a program that runs', () => [RUNNING, W_OK]]]);
refuses('fchmod', [['EINVAL', 'for a pipe', (guest) => [makePipe(guest)[0], 0o600]]]);
refuses('utimensat', [
  [
    'EINVAL',
    'with too many nanoseconds',
    (guest) => [
      AT_FDCWD,
      PASSWD,
      guest.user.structs('timespec', [{ tv_nsec: 1_000_000_000 }, {}])[0] ?? null,
      0,
    ],
  ],
]);
refuses('utimes', [
  [
    'EINVAL',
    'with negative microseconds',
    (guest) => [PASSWD, guest.user.structs('timeval', [{ tv_usec: -1 }, {}])[0] ?? null],
  ],
  [
    'EPERM',
    'by somebody else',
    (guest) => {
      becomeUser(guest);
      return [PASSWD, guest.user.structs('timeval', [{}, {}])[0] ?? null];
    },
  ],
  [
    'EACCES',
    'to the present, without the right to write',
    (guest) => {
      becomeUser(guest);
      return [PASSWD, null];
    },
  ],
]);
refuses('fpathconf', [['EBADF', 'for a number that is not open', () => [NOT_OPEN, PC_NAME_MAX]]]);

describe('a file system that may only be read', () => {
  const changes: readonly (readonly [string, ...Parameters<typeof call>[1][]])[] = [
    ['open', PASSWD, O_WRONLY],
    ['open', '/etc/new', O_WRONLY | O_CREAT, 0o644],
    ['mkdir', '/etc/new', 0o755],
    ['unlink', PASSWD],
    ['rename', PASSWD, '/etc/other'],
    ['link', PASSWD, '/etc/other'],
    ['chmod', PASSWD, 0o600],
    ['chown', PASSWD, 1, 1],
    ['truncate', PASSWD, 0, 0],
    ['utimes', PASSWD, null],
    ['utimensat', AT_FDCWD, PASSWD, null, 0],
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
