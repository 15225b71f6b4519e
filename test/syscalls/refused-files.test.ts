import type { BootedGuest } from '../../emu/vitest/index.ts';
import {
  AT_FDCWD,
  NAME_MAX,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_RDONLY,
  O_RDWR,
  O_WRONLY,
  PATH_MAX,
  R_OK,
  SEEK_SET,
  USER,
  W_OK,
  X_OK,
} from './support/constants.ts';
import { type Refusal, refuses } from './support/refusals.ts';

const LONG_NAME = `/tmp/${'n'.repeat(NAME_MAX + 1)}`;
const LONG_PATH = `/${'tmp/'.repeat(PATH_MAX / 4)}`;

const open = (guest: BootedGuest, path: string, flags: number): number =>
  guest.syscall('open', path, flags, 0o644).value;
const makeDirectory = (guest: BootedGuest, path: string): void => {
  guest.syscall('mkdir', path, 0o755);
};
const asUser = (guest: BootedGuest): void => guest.become({ uid: USER, gid: USER });

/** What every call says of a path that cannot be followed; `rest` are the arguments after it. */
const pathRefusals = (...rest: readonly number[]): Refusal[] => [
  ['ENOENT', 'for a name that nothing has', () => ['/tmp/nothing', ...rest]],
  ['ENOENT', 'for an empty path', () => ['', ...rest]],
  ['ENOTDIR', 'below a file', () => ['/etc/passwd/below', ...rest]],
  ['ENAMETOOLONG', 'for a name of 256 characters', () => [LONG_NAME, ...rest]],
  ['ENAMETOOLONG', 'for a path without an end', () => [LONG_PATH, ...rest]],
  ['EFAULT', 'for a path that is not mapped', ({ user }) => [user.unmapped, ...rest]],
  ['EFAULT', 'for a path in the kernel', ({ user }) => [user.ofKernel, ...rest]],
  [
    'EFAULT',
    'for a path whose end is not mapped',
    ({ user }) => [user.atEnd(new TextEncoder().encode('/tm')), ...rest],
  ],
  [
    'ELOOP',
    'for links in a circle',
    (guest) => {
      guest.syscall('symlink', '/tmp/second', '/tmp/first');
      guest.syscall('symlink', '/tmp/first', '/tmp/second');
      return ['/tmp/first/x', ...rest];
    },
  ],
];

refuses('open', [
  ...pathRefusals(O_RDONLY, 0),
  ['EISDIR', 'for writing a directory', () => ['/tmp', O_WRONLY, 0]],
  ['EISDIR', 'for reading and writing a directory', () => ['/tmp', O_RDWR, 0]],
  ['ENOTDIR', 'for a file that should be a directory', () => ['/etc/passwd', O_RDONLY | O_DIRECTORY, 0]],
  ['EEXIST', 'for making what is there', () => ['/etc/passwd', O_WRONLY | O_CREAT | O_EXCL, 0o644]],
  [
    'ENOENT',
    'for making a file in a directory that is not there',
    () => ['/tmp/no/file', O_WRONLY | O_CREAT, 0o644],
  ],
  [
    'ELOOP',
    'for a link that is not to be followed',
    (guest) => {
      guest.syscall('symlink', '/etc/passwd', '/tmp/link');
      return ['/tmp/link', O_RDONLY | O_NOFOLLOW, 0];
    },
  ],
  [
    'EACCES',
    'for writing what belongs to root',
    (guest) => {
      asUser(guest);
      return ['/etc/passwd', O_WRONLY, 0];
    },
  ],
  [
    'EACCES',
    'for making a file in a directory of root',
    (guest) => {
      asUser(guest);
      return ['/etc/new', O_WRONLY | O_CREAT, 0o644];
    },
  ],
  [
    'EACCES',
    'for a file in a directory that cannot be searched',
    (guest) => {
      guest.syscall('mkdir', '/tmp/closed', 0o700);
      asUser(guest);
      return ['/tmp/closed/file', O_RDONLY, 0];
    },
  ],
  [
    'EMFILE',
    'when all descriptors are taken',
    (guest) => {
      guest.become({ limits: { nofile: 3 } });
      return ['/etc/passwd', O_RDONLY, 0];
    },
  ],
]);

refuses('openat', [
  ['EBADF', 'for a directory that is not open', () => [77, 'passwd', O_RDONLY, 0]],
  ['ENOENT', 'for a name that nothing has', () => [AT_FDCWD, 'nothing', O_RDONLY, 0]],
  ['ENOTDIR', 'for a name below a file', (guest) => [open(guest, '/etc/passwd', O_RDONLY), 'x', O_RDONLY, 0]],
]);

refuses('stat', [
  ...pathRefusals(0).slice(0, 5),
  ['EFAULT', 'for a buffer that is not mapped', ({ user }) => ['/etc/passwd', user.unmapped]],
  ['EFAULT', 'for a buffer that cannot be written', ({ user }) => ['/etc/passwd', user.readOnly]],
  ['EFAULT', 'for a buffer in the kernel', ({ user }) => ['/etc/passwd', user.ofKernel]],
]);
refuses('lstat', [
  ['ENOENT', 'for a name that nothing has', ({ user }) => ['/tmp/nothing', user.buffer(256)]],
  ['EFAULT', 'for a buffer that is not mapped', ({ user }) => ['/etc/passwd', user.unmapped]],
]);
refuses('fstat', [
  ['EBADF', 'for a descriptor that is not open', ({ user }) => [77, user.buffer(256)]],
  ['EBADF', 'for a descriptor below 0', ({ user }) => [-1, user.buffer(256)]],
  ['EFAULT', 'for a buffer that is not mapped', ({ user }) => [0, user.unmapped]],
]);

refuses('read', [
  ['EBADF', 'for a descriptor that is not open', ({ user }) => [77, user.buffer(8), 8]],
  ['EBADF', 'for a descriptor that is far beyond the table', ({ user }) => [0x7fff_ffff, user.buffer(8), 8]],
  [
    'EBADF',
    'for a file that is open for writing alone',
    (guest) => [open(guest, '/tmp/f', O_WRONLY | O_CREAT), guest.user.buffer(8), 8],
  ],
  ['EISDIR', 'for a directory', (guest) => [open(guest, '/tmp', O_RDONLY), guest.user.buffer(8), 8]],
  [
    'EFAULT',
    'into memory that is not mapped',
    (guest) => [open(guest, '/etc/passwd', O_RDONLY), guest.user.unmapped, 8],
  ],
  [
    'EFAULT',
    'into memory that cannot be written',
    (guest) => [open(guest, '/etc/passwd', O_RDONLY), guest.user.readOnly, 8],
  ],
  ['EFAULT', 'into the kernel', (guest) => [open(guest, '/etc/passwd', O_RDONLY), guest.user.ofKernel, 8]],
  [
    'EINVAL',
    'for more bytes than there can be',
    (guest) => [open(guest, '/etc/passwd', O_RDONLY), guest.user.buffer(8), -1n],
  ],
]);
refuses('write', [
  ['EBADF', 'for a descriptor that is not open', ({ user }) => [77, user.buffer(8), 8]],
  [
    'EBADF',
    'for a file that is open for reading alone',
    (guest) => [open(guest, '/etc/passwd', O_RDONLY), guest.user.buffer(8), 8],
  ],
  ['EFAULT', 'from memory that is not mapped', ({ user }) => [1, user.unmapped, 8]],
  [
    'EINVAL',
    'for more bytes than there can be',
    (guest) => [open(guest, '/tmp/f', O_WRONLY | O_CREAT), guest.user.buffer(8), -1n],
  ],
]);
refuses('lseek', [
  ['EBADF', 'for a descriptor that is not open', () => [77, 0, 0, SEEK_SET]],
  ['EINVAL', 'for no such origin', (guest) => [open(guest, '/etc/passwd', O_RDONLY), 0, 0, 9]],
  ['EINVAL', 'before the beginning', (guest) => [open(guest, '/etc/passwd', O_RDONLY), 0, -1, SEEK_SET]],
  [
    'ESPIPE',
    'in a pipe',
    (guest) => {
      const ends = guest.user.buffer(8);
      guest.syscall('pipe', ends);
      return [ends.int(), 0, 0, SEEK_SET];
    },
  ],
]);
refuses('access', [
  ...pathRefusals(R_OK).slice(0, 3),
  ['EINVAL', 'for a right that there is not', () => ['/etc/passwd', 0x10]],
  ['EACCES', 'for executing what nobody may execute', () => ['/etc/passwd', X_OK]],
  [
    'EACCES',
    'for writing what belongs to root',
    (guest) => {
      asUser(guest);
      return ['/etc/passwd', W_OK];
    },
  ],
]);
refuses('chdir', [
  ...pathRefusals(),
  ['ENOTDIR', 'for a file', () => ['/etc/passwd']],
  [
    'EACCES',
    'for a directory that cannot be searched',
    (guest) => {
      guest.syscall('mkdir', '/tmp/closed', 0o600);
      asUser(guest);
      return ['/tmp/closed'];
    },
  ],
]);
refuses('fchdir', [
  ['EBADF', 'for a descriptor that is not open', () => [77]],
  ['ENOTDIR', 'for a file', (guest) => [open(guest, '/etc/passwd', O_RDONLY)]],
]);
refuses('mkdir', [
  ...pathRefusals(0o755).slice(1),
  ['EEXIST', 'for what is there', () => ['/tmp', 0o755]],
  ['EEXIST', 'for the root', () => ['/', 0o755]],
  [
    'EACCES',
    'in a directory of root',
    (guest) => {
      asUser(guest);
      return ['/etc/d', 0o755];
    },
  ],
]);
refuses('rmdir', [
  ...pathRefusals().slice(0, 7),
  ['ENOTDIR', 'for a file', () => ['/etc/passwd']],
  ['EBUSY', 'for the root', () => ['/']],
  [
    'ENOTEMPTY',
    'for a directory with something in it',
    (guest) => {
      makeDirectory(guest, '/tmp/d');
      makeDirectory(guest, '/tmp/d/e');
      return ['/tmp/d'];
    },
  ],
  [
    'EINVAL',
    'for the last component .',
    (guest) => {
      makeDirectory(guest, '/tmp/d');
      return ['/tmp/d/.'];
    },
  ],
]);
refuses('unlink', [
  ...pathRefusals().slice(0, 7),
  ['EPERM', 'for a directory', () => ['/tmp']],
  [
    'EACCES',
    'in a directory of root',
    (guest) => {
      asUser(guest);
      return ['/etc/passwd'];
    },
  ],
  [
    'EPERM',
    'for another’s file in a sticky directory',
    (guest) => {
      open(guest, '/tmp/roots', O_WRONLY | O_CREAT);
      asUser(guest);
      return ['/tmp/roots'];
    },
  ],
]);
refuses('link', [
  ['ENOENT', 'for a file that is not there', () => ['/tmp/nothing', '/tmp/second']],
  ['EEXIST', 'when the new name is taken', () => ['/etc/passwd', '/tmp']],
  ['EPERM', 'for a directory', () => ['/etc', '/tmp/second']],
  ['ENOENT', 'into a directory that is not there', () => ['/etc/passwd', '/tmp/no/second']],
]);
refuses('symlink', [
  ['EEXIST', 'when the name is taken', () => ['anything', '/tmp']],
  ['ENOENT', 'into a directory that is not there', () => ['anything', '/tmp/no/link']],
  ['EFAULT', 'for a target that is not mapped', ({ user }) => [user.unmapped, '/tmp/link']],
]);
refuses('readlink', [
  ['EINVAL', 'for what is no link', ({ user }) => ['/etc/passwd', user.buffer(8), 8]],
  ['ENOENT', 'for a name that nothing has', ({ user }) => ['/tmp/nothing', user.buffer(8), 8]],
  [
    'EFAULT',
    'into memory that is not mapped',
    (guest) => {
      guest.syscall('symlink', '/etc/passwd', '/tmp/link');
      return ['/tmp/link', guest.user.unmapped, 8];
    },
  ],
]);
refuses('rename', [
  ['ENOENT', 'for a file that is not there', () => ['/tmp/nothing', '/tmp/second']],
  [
    'EISDIR',
    'of a file onto a directory',
    (guest) => {
      open(guest, '/tmp/f', O_WRONLY | O_CREAT);
      makeDirectory(guest, '/tmp/d');
      return ['/tmp/f', '/tmp/d'];
    },
  ],
  [
    'ENOTDIR',
    'of a directory onto a file',
    (guest) => {
      open(guest, '/tmp/f', O_WRONLY | O_CREAT);
      makeDirectory(guest, '/tmp/d');
      return ['/tmp/d', '/tmp/f'];
    },
  ],
  [
    'EINVAL',
    'of a directory into itself',
    (guest) => {
      makeDirectory(guest, '/tmp/d');
      return ['/tmp/d', '/tmp/d/e'];
    },
  ],
  [
    'ENOTEMPTY',
    'onto a directory with something in it',
    (guest) => {
      makeDirectory(guest, '/tmp/d');
      makeDirectory(guest, '/tmp/e');
      makeDirectory(guest, '/tmp/e/f');
      return ['/tmp/d', '/tmp/e'];
    },
  ],
]);
refuses('chmod', [
  ...pathRefusals(0o644).slice(0, 3),
  ['EINVAL', 'for a mode with a file type', () => ['/tmp', 0o200644]],
  [
    'EPERM',
    'for what belongs to another',
    (guest) => {
      asUser(guest);
      return ['/etc/passwd', 0o666];
    },
  ],
]);
refuses('chown', [
  ['ENOENT', 'for a name that nothing has', () => ['/tmp/nothing', 0, 0]],
  [
    'EPERM',
    'for giving a file away',
    (guest) => {
      asUser(guest);
      guest.syscall('open', '/tmp/mine', O_WRONLY | O_CREAT, 0o644);
      return ['/tmp/mine', 0, 0];
    },
  ],
]);
refuses('truncate', [
  ['ENOENT', 'for a name that nothing has', () => ['/tmp/nothing', 0, 0]],
  ['EISDIR', 'for a directory', () => ['/tmp', 0, 0]],
  [
    'EINVAL',
    'to less than nothing',
    (guest) => {
      open(guest, '/tmp/f', O_WRONLY | O_CREAT);
      return ['/tmp/f', 0, -1];
    },
  ],
]);
refuses('ftruncate', [
  ['EBADF', 'for a descriptor that is not open', () => [77, 0, 0]],
  [
    'EINVAL',
    'for a file that is open for reading alone',
    (guest) => [open(guest, '/etc/passwd', O_RDONLY), 0, 0],
  ],
]);
refuses('getdents', [
  ['EBADF', 'for a descriptor that is not open', ({ user }) => [77, user.buffer(512), 512]],
  ['EINVAL', 'for a file', (guest) => [open(guest, '/etc/passwd', O_RDONLY), guest.user.buffer(512), 512]],
  [
    'EFAULT',
    'into memory that is not mapped',
    (guest) => [open(guest, '/tmp', O_RDONLY), guest.user.unmapped, 512],
  ],
]);
refuses('mknod', [
  ['EEXIST', 'when the name is taken', () => ['/tmp', 0o020600, 0]],
  [
    'EPERM',
    'for one who is not root',
    (guest) => {
      asUser(guest);
      return ['/tmp/node', 0o020600, 0x202];
    },
  ],
]);
refuses('chroot', [
  ['ENOTDIR', 'for a file', () => ['/etc/passwd']],
  [
    'EPERM',
    'for one who is not root',
    (guest) => {
      asUser(guest);
      return ['/tmp'];
    },
  ],
]);
refuses('__getcwd', [
  [
    'ERANGE',
    'for a buffer that is too short',
    (guest) => {
      guest.syscall('chdir', '/usr/bin');
      return [guest.user.buffer(4), 4];
    },
  ],
  ['EFAULT', 'into memory that is not mapped', (guest) => [guest.user.unmapped, 64]],
]);
refuses('pathconf', [['EINVAL', 'for no such property', () => ['/tmp', 99]]]);
refuses('utimes', [['ENOENT', 'for a name that nothing has', () => ['/tmp/nothing', null]]]);
