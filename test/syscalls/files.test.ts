import { describe, expect } from 'vitest';
import {
  type BootedGuest,
  call,
  intAt,
  guestTest as it,
  pufferMatchers,
  type UserStruct,
} from '../../emu/vitest/index.ts';
import {
  AT_FDCWD,
  AT_SYMLINK_NOFOLLOW,
  F_DUPFD,
  F_DUPFD_CLOEXEC,
  F_GETFD,
  F_GETFL,
  F_ISATTY,
  F_OK,
  F_SETFD,
  F_SETFL,
  FD_CLOEXEC,
  FIOCLEX,
  FIONCLEX,
  O_APPEND,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NONBLOCK,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  SEEK_CUR,
  SEEK_END,
  SEEK_SET,
  USER,
} from './support/constants.ts';

expect.extend(pufferMatchers);

const PAGE_SIZE = 4096;

function made(guest: BootedGuest, path: string, text = '', flags = O_RDWR): number {
  const fd = guest.syscall('open', path, flags | O_CREAT, 0o644).value;
  if (text !== '') guest.syscall('write', fd, text, text.length);
  return fd;
}

function contents(guest: BootedGuest, path: string): string {
  const fd = guest.syscall('open', path, O_RDONLY, 0).value;
  const into = guest.user.buffer(256);
  const { value } = guest.syscall('read', fd, into, 256);
  guest.syscall('close', fd);
  return new TextDecoder().decode(into.bytes().subarray(0, value));
}

function stat(guest: BootedGuest, path: string, name = 'stat'): UserStruct {
  const into = guest.user.struct('stat');
  expect(guest.syscall(name, path, into).errno).toBe(0);
  return into;
}

describe('open(2)', () => {
  it('should take the lowest descriptor that is free', ({ guest }) => {
    const open = (): number => guest.syscall('open', '/etc/passwd', O_RDONLY, 0).value;
    expect([open(), open(), open()]).toEqual([3, 4, 5]);
    guest.syscall('close', 4);
    expect(open()).toBe(4);
  });

  it('should make a file with its mode, less the umask', ({ guest }) => {
    expect(guest.syscall('umask', 0o027).value).toBe(0o022);
    guest.syscall('open', '/tmp/f', O_WRONLY | O_CREAT, 0o666);
    expect(stat(guest, '/tmp/f').number('st_mode')).toBe(S_IFREG | 0o640);
  });

  it('should empty a file with O_TRUNC, and with nothing else', ({ guest }) => {
    made(guest, '/tmp/f', 'some text');
    guest.syscall('open', '/tmp/f', O_WRONLY, 0);
    expect(stat(guest, '/tmp/f').number('st_size')).toBe(9);
    guest.syscall('open', '/tmp/f', O_WRONLY | O_TRUNC, 0);
    expect(stat(guest, '/tmp/f').number('st_size')).toBe(0);
  });

  it('should make a new file with O_EXCL', ({ guest }) => {
    expect(guest.syscall('open', '/tmp/f', O_WRONLY | O_CREAT | O_EXCL, 0o600).errno).toBe(0);
  });

  it('should belong to whoever makes it', ({ guest }) => {
    guest.become({ gid: USER, uid: USER });
    made(guest, '/tmp/mine');
    expect(stat(guest, '/tmp/mine').number('st_uid')).toBe(USER);
  });

  it('should open a directory with O_DIRECTORY', ({ guest }) => {
    expect(guest.syscall('open', '/tmp', O_RDONLY | O_DIRECTORY, 0).errno).toBe(0);
  });

  it('should close with execve(2) what was opened with O_CLOEXEC', ({ guest }) => {
    const fd = guest.syscall('open', '/etc/passwd', O_RDONLY | O_CLOEXEC, 0).value;
    expect(guest.syscall('fcntl', fd, F_GETFD, 0).value).toBe(FD_CLOEXEC);
  });

  it('should follow a link', ({ guest }) => {
    guest.syscall('symlink', '/etc/passwd', '/tmp/link');
    expect(contents(guest, '/tmp/link')).toMatch(/^root:/);
  });

  it('should begin at a directory that is open', ({ guest }) => {
    const directory = guest.syscall('open', '/etc', O_RDONLY, 0).value;
    expect(guest.syscall('openat', directory, 'passwd', O_RDONLY, 0).errno).toBe(0);
    expect(guest.syscall('openat', AT_FDCWD, '/etc/passwd', O_RDONLY, 0).errno).toBe(0);
  });
});

describe('read(2), write(2) and lseek(2)', () => {
  it('should move the offset', ({ guest }) => {
    const fd = made(guest, '/tmp/f', 'abcdef');
    const into = guest.user.buffer(4);
    expect(guest.syscall('lseek', fd, 0, 2, SEEK_SET).value).toBe(2);
    expect(guest.syscall('read', fd, into, 3).value).toBe(3);
    expect(into.text()).toBe('cde');
    expect(guest.syscall('lseek', fd, 0, 0, SEEK_CUR).value).toBe(5);
  });

  it('should return 0 at the end of a file', ({ guest }) => {
    const fd = made(guest, '/tmp/f', 'abc');
    expect(guest.syscall('read', fd, guest.user.buffer(4), 4).value).toBe(0);
  });

  it('should return what is left before the end', ({ guest }) => {
    const fd = made(guest, '/tmp/f', 'abc');
    guest.syscall('lseek', fd, 0, -1, SEEK_END);
    expect(guest.syscall('read', fd, guest.user.buffer(4), 4).value).toBe(1);
  });

  it('should write zeros into a hole', ({ guest }) => {
    const fd = made(guest, '/tmp/f');
    guest.syscall('lseek', fd, 0, 3, SEEK_SET);
    guest.syscall('write', fd, 'x', 1);
    expect(contents(guest, '/tmp/f')).toBe('\0\0\0x');
  });

  it('should write at the end with O_APPEND, wherever the offset is', ({ guest }) => {
    const fd = made(guest, '/tmp/f', 'one', O_RDWR | O_APPEND);
    guest.syscall('lseek', fd, 0, 0, SEEK_SET);
    guest.syscall('write', fd, 'two', 3);
    expect(contents(guest, '/tmp/f')).toBe('onetwo');
  });

  it('should hand out what it could copy before memory ended', ({ guest }) => {
    const fd = made(guest, '/tmp/f', 'abcdef');
    guest.syscall('lseek', fd, 0, 0, SEEK_SET);
    const result = guest.syscall('read', fd, guest.user.atEnd(3), 6);
    expect(['EFAULT', 0]).toContain(result.errno);
    expect(guest.user.atEnd(3).text()).toBe('abc');
  });

  it.for([
    ['an empty file', '', 0],
    ['a file, behind its end', 'abc', 3],
    ['a file, pages behind its end', 'abc', 3 * PAGE_SIZE],
  ] as const)('should leave nothing of what could not be copied: to %s', ([, text, offset], { guest }) => {
    const fd = made(guest, '/tmp/f', text);
    const refused = (): void => {
      guest.syscall('lseek', fd, 0, offset, SEEK_SET);
      expect(guest.syscall('write', fd, guest.user.unmapped, 2 * PAGE_SIZE).errno).toBe('EFAULT');
    };
    expect(guest.during(refused)).toLeaveUnchanged('pools', 'pages');
    expect(contents(guest, '/tmp/f')).toBe(text);
    expect(guest.syscall('ftruncate', fd, 0, text.length + 5).errno).toBe(0);
    expect(contents(guest, '/tmp/f')).toBe(`${text}${'\0'.repeat(5)}`);
  });

  it('should leave zeros behind the part of a page that could be copied', ({ guest }) => {
    const fd = made(guest, '/tmp/f');
    const three = guest.user.atEnd(new TextEncoder().encode('xyz'));
    expect(guest.syscall('write', fd, three, 6).errno).toBe('EFAULT');
    expect(contents(guest, '/tmp/f')).toBe('');
    expect(guest.syscall('ftruncate', fd, 0, 5).errno).toBe(0);
    expect(contents(guest, '/tmp/f')).toBe('\0'.repeat(5));
  });

  it('should gather and scatter', ({ guest }) => {
    const { user } = guest;
    const fd = made(guest, '/tmp/f');
    const parts = [user.string('ab'), user.string('cde')];
    const [first] = user.structs('iovec', [
      { iov_base: parts[0] ?? null, iov_len: 2 },
      { iov_base: parts[1] ?? null, iov_len: 3 },
    ]);
    expect(guest.syscall('writev', fd, first ?? null, 2).value).toBe(5);
    expect(contents(guest, '/tmp/f')).toBe('abcde');
    guest.syscall('lseek', fd, 0, 0, SEEK_SET);
    const [into, rest] = [user.buffer(1), user.buffer(4)];
    const [scatter] = user.structs('iovec', [
      { iov_base: into, iov_len: 1 },
      { iov_base: rest, iov_len: 4 },
    ]);
    expect(guest.syscall('readv', fd, scatter ?? null, 2).value).toBe(5);
    expect([into.text(), rest.text()]).toEqual(['a', 'bcde']);
  });

  it('should stop at the limit of file sizes, with SIGXFSZ', ({ guest }) => {
    guest.become({ limits: { fsize: 4 } });
    guest.syscall('sigaction', 25, guest.user.struct('sigaction', { '__sigaction_u.__sa_handler': 1 }), null);
    const fd = made(guest, '/tmp/f', 'abcd');
    expect(guest.syscall('write', fd, 'e', 1).errno).toBe('EFBIG');
    expect(contents(guest, '/tmp/f')).toBe('abcd');
  });
});

describe('stat(2)', () => {
  it.for([
    ['/etc/passwd', S_IFREG],
    ['/tmp', S_IFDIR],
    ['/dev/null', S_IFCHR],
    ['/', S_IFDIR],
  ] as const)('should know what %s is', ([path, type], { guest }) => {
    expect(stat(guest, path).number('st_mode') & S_IFMT).toBe(type);
  });

  it('should count links of a file and of a directory', ({ guest }) => {
    made(guest, '/tmp/f');
    guest.syscall('link', '/tmp/f', '/tmp/g');
    expect(stat(guest, '/tmp/g').number('st_nlink')).toBe(2);
    const before = stat(guest, '/tmp').number('st_nlink');
    guest.syscall('mkdir', '/tmp/d', 0o755);
    expect(stat(guest, '/tmp').number('st_nlink')).toBe(before + 1);
    expect(stat(guest, '/tmp/d').number('st_nlink')).toBe(2);
  });

  it('should be of the link itself with lstat(2) and AT_SYMLINK_NOFOLLOW', ({ guest }) => {
    guest.syscall('symlink', '/etc/passwd', '/tmp/link');
    expect(stat(guest, '/tmp/link').number('st_mode') & S_IFMT).toBe(S_IFREG);
    const link = stat(guest, '/tmp/link', 'lstat');
    expect(link.number('st_mode') & S_IFMT).toBe(S_IFLNK);
    expect(link.number('st_size')).toBe('/etc/passwd'.length);
    const at = guest.user.struct('stat');
    guest.syscall('fstatat', AT_FDCWD, '/tmp/link', at, AT_SYMLINK_NOFOLLOW);
    expect(at.number('st_mode') & S_IFMT).toBe(S_IFLNK);
  });

  it('should be the same of a path and of a descriptor', ({ guest }) => {
    const fd = made(guest, '/tmp/f', 'abc');
    const into = guest.user.struct('stat');
    guest.syscall('fstat', fd, into);
    const other = stat(guest, '/tmp/f');
    for (const field of ['st_ino', 'st_size', 'st_mode', 'st_dev'])
      expect(into.number(field)).toBe(other.number(field));
  });

  it('should know a pipe', ({ guest }) => {
    const ends = guest.user.buffer(8);
    guest.syscall('pipe', ends);
    const into = guest.user.struct('stat');
    guest.syscall('fstat', ends.int(), into);
    expect(into.number('st_mode') & S_IFMT).toBe(S_IFIFO);
  });
});

describe('names', () => {
  it('should be taken away by unlink(2) while the file lives on', ({ guest }) => {
    const fd = made(guest, '/tmp/f', 'abc');
    expect(guest.syscall('unlink', '/tmp/f').errno).toBe(0);
    expect(guest.syscall('access', '/tmp/f', F_OK).errno).toBe('ENOENT');
    expect(guest.syscall('lseek', fd, 0, 0, SEEK_END).value).toBe(3);
  });

  it('should be replaced by rename(2)', ({ guest }) => {
    made(guest, '/tmp/f', 'new');
    made(guest, '/tmp/g', 'old');
    expect(guest.syscall('rename', '/tmp/f', '/tmp/g').errno).toBe(0);
    expect(contents(guest, '/tmp/g')).toBe('new');
    expect(guest.syscall('access', '/tmp/f', F_OK).errno).toBe('ENOENT');
  });

  it('should move a directory with what is in it', ({ guest }) => {
    guest.syscall('mkdir', '/tmp/d', 0o755);
    made(guest, '/tmp/d/f', 'text');
    guest.syscall('rename', '/tmp/d', '/tmp/e');
    expect(contents(guest, '/tmp/e/f')).toBe('text');
  });

  it('should do nothing when both are the same file', ({ guest }) => {
    made(guest, '/tmp/f', 'text');
    guest.syscall('link', '/tmp/f', '/tmp/g');
    expect(guest.syscall('rename', '/tmp/f', '/tmp/g').errno).toBe(0);
    expect(contents(guest, '/tmp/g')).toBe('text');
  });

  it('should be read out of a link, cut to the buffer and without a NUL', ({ guest }) => {
    guest.syscall('symlink', 'anything', '/tmp/link');
    const into = guest.user.buffer(new Uint8Array(16).fill(0x2a));
    expect(guest.syscall('readlink', '/tmp/link', into, 3).value).toBe(3);
    expect(into.text()).toBe('any*************');
  });

  it('should be listed by getdents(2)', ({ guest }) => {
    guest.syscall('mkdir', '/tmp/d', 0o755);
    made(guest, '/tmp/d/name');
    const fd = guest.syscall('open', '/tmp/d', O_RDONLY, 0).value;
    const into = guest.user.buffer(512);
    const { value } = guest.syscall('getdents', fd, into, 512);
    const text = new TextDecoder('latin1').decode(into.bytes().subarray(0, value));
    expect(text).toContain('name\0');
    expect(text).toContain('..\0');
    expect(guest.syscall('getdents', fd, into, 512).value).toBe(0);
  });
});

describe('directories and modes', () => {
  it('should be where paths begin', ({ guest }) => {
    const { user } = guest;
    expect(guest.syscall('chdir', '/usr/bin').errno).toBe(0);
    const into = user.buffer(64);
    guest.syscall('__getcwd', into, 64);
    expect(into.text()).toBe('/usr/bin');
    expect(guest.syscall('access', 'head', F_OK).errno).toBe(0);
    expect(guest.syscall('access', '../../etc/passwd', F_OK).errno).toBe(0);
  });

  it('should be gone to by a descriptor', ({ guest }) => {
    const fd = guest.syscall('open', '/etc', O_RDONLY, 0).value;
    guest.syscall('fchdir', fd);
    expect(guest.syscall('access', 'passwd', F_OK).errno).toBe(0);
  });

  it('should keep a process in its root', ({ guest }) => {
    guest.syscall('mkdir', '/tmp/root', 0o755);
    expect(guest.syscall('chroot', '/tmp/root').errno).toBe(0);
    expect(guest.syscall('access', '/etc/passwd', F_OK).errno).toBe('ENOENT');
  });

  it('should change modes', ({ guest }) => {
    const fd = made(guest, '/tmp/f');
    guest.syscall('chmod', '/tmp/f', 0o4751);
    expect(stat(guest, '/tmp/f').number('st_mode') & 0o7777).toBe(0o4751);
    guest.syscall('fchmod', fd, 0o600);
    expect(stat(guest, '/tmp/f').number('st_mode') & 0o7777).toBe(0o600);
  });

  it('should change owners', ({ guest }) => {
    const fd = made(guest, '/tmp/f');
    guest.syscall('chown', '/tmp/f', USER, -1);
    expect(stat(guest, '/tmp/f').number('st_uid')).toBe(USER);
    expect(stat(guest, '/tmp/f').number('st_gid')).toBe(0);
    guest.syscall('fchown', fd, -1, 7);
    expect(stat(guest, '/tmp/f').number('st_gid')).toBe(7);
  });

  it('should change sizes', ({ guest }) => {
    const fd = made(guest, '/tmp/f', 'abcdef');
    guest.syscall('truncate', '/tmp/f', 0, 3);
    expect(contents(guest, '/tmp/f')).toBe('abc');
    guest.syscall('ftruncate', fd, 0, 5);
    expect(contents(guest, '/tmp/f')).toBe('abc\0\0');
  });

  it('should change times', ({ guest }) => {
    made(guest, '/tmp/f');
    const [times] = guest.user.structs('timeval', [{ tv_sec: 1000 }, { tv_sec: 2000, tv_usec: 5 }]);
    expect(guest.syscall('utimes', '/tmp/f', times ?? null).errno).toBe(0);
    const seen = stat(guest, '/tmp/f');
    expect([
      seen.number('st_atim.tv_sec'),
      seen.number('st_mtim.tv_sec'),
      seen.number('st_mtim.tv_nsec'),
    ]).toEqual([1000, 2000, 5000]);
  });
});

describe('descriptors', () => {
  it('should be copied to the lowest that is free', ({ guest }) => {
    expect(guest.syscall('dup', 0).value).toBe(3);
    expect(guest.syscall('fcntl', 0, F_DUPFD, 10).value).toBe(10);
    expect(guest.syscall('fcntl', 0, F_DUPFD, 10).value).toBe(11);
  });

  it('should be copied over another, which is closed', ({ guest }) => {
    const fd = made(guest, '/tmp/f', 'abc');
    const other = made(guest, '/tmp/g');
    expect(guest.syscall('dup2', fd, other).value).toBe(other);
    expect(guest.syscall('lseek', other, 0, 0, SEEK_CUR).value).toBe(3);
    expect(guest.syscall('dup2', fd, fd).value).toBe(fd);
  });

  it('should have a close-on-exec flag each of their own', ({ guest }) => {
    const copy = guest.syscall('fcntl', 0, F_DUPFD_CLOEXEC, 0).value;
    expect(guest.syscall('fcntl', copy, F_GETFD, 0).value).toBe(FD_CLOEXEC);
    expect(guest.syscall('fcntl', 0, F_GETFD, 0).value).toBe(0);
    guest.syscall('fcntl', copy, F_SETFD, 0);
    expect(guest.syscall('fcntl', copy, F_GETFD, 0).value).toBe(0);
    guest.syscall('ioctl', copy, FIOCLEX, 0);
    expect(guest.syscall('fcntl', copy, F_GETFD, 0).value).toBe(FD_CLOEXEC);
    guest.syscall('ioctl', copy, FIONCLEX, 0);
    expect(guest.syscall('fcntl', copy, F_GETFD, 0).value).toBe(0);
    expect(guest.syscall('dup3', 0, 20, O_CLOEXEC).value).toBe(20);
    expect(guest.syscall('fcntl', 20, F_GETFD, 0).value).toBe(FD_CLOEXEC);
  });

  it('should share status flags with their copies', ({ guest }) => {
    const fd = made(guest, '/tmp/f');
    const copy = guest.syscall('dup', fd).value;
    expect(guest.syscall('fcntl', fd, F_GETFL, 0).value).toBe(O_RDWR);
    guest.syscall('fcntl', fd, F_SETFL, O_APPEND | O_NONBLOCK);
    expect(guest.syscall('fcntl', copy, F_GETFL, 0).value).toBe(O_RDWR | O_APPEND | O_NONBLOCK);
  });

  it('should tell a terminal from a file', ({ guest }) => {
    expect(guest.syscall('fcntl', 0, F_ISATTY, 0).value).toBe(1);
    expect(guest.syscall('fcntl', made(guest, '/tmp/f'), F_ISATTY, 0).errno).toBe('ENOTTY');
  });

  it('should be counted and closed from a number on', ({ guest }) => {
    const before = guest.syscall('getdtablecount').value;
    guest.program([call('dup', 0), call('dup', 0), call('dup', 0)]);
    expect(guest.syscall('getdtablecount').value).toBe(before + 3);
    guest.syscall('closefrom', 4);
    expect(guest.syscall('getdtablecount').value).toBe(before + 1);
  });

  it('should be more than the first table has room for', ({ guest }) => {
    guest.become({ limits: { nofile: 200 } });
    const { result } = guest.program(Array.from({ length: 100 }, () => call('dup', 0)));
    expect(result(99).value).toBe(102);
    expect(guest.syscall('close', 102).errno).toBe(0);
    expect(guest.scratch.process.number('ps_fd.fd_lastfile')).toBe(101);
  });

  it('should be made in pairs by pipe2(2), with flags', ({ guest }) => {
    const ends = guest.user.buffer(8);
    guest.syscall('pipe2', ends, O_CLOEXEC | O_NONBLOCK);
    const { result } = guest.program([
      call('fcntl', intAt(ends), F_GETFD, 0),
      call('fcntl', intAt(ends, 4), F_GETFL, 0),
      call('read', intAt(ends), guest.user.buffer(4), 4),
    ]);
    expect(result(0).value).toBe(FD_CLOEXEC);
    expect(result(1).value & O_NONBLOCK).toBe(O_NONBLOCK);
    expect(result(2).errno).toBe('EAGAIN');
  });
});
