import {
  array,
  buffer,
  either,
  fd,
  fdNumber,
  flags,
  int,
  length,
  long,
  modeAndFlags,
  oneOf,
  only,
  optional,
  resource,
  room,
  short,
  structure,
} from '../arguments.ts';
import { row } from './description.ts';
import { paths } from './paths.ts';

const STAT_SIZE = 128;
const TERMIOS_SIZE = 44;
const AT_FDCWD = -100;
const OPEN_FLAGS = [0x4, 0x8, 0x100, 0x200, 0x200, 0x400, 0x800, 0x8000, 0x1_0000, 0x2_0000];
const mode = oneOf(0o644, 0o755, 0, 0o7777, 0o200);
const offset = oneOf(0, 1, 4096, 65_536, -1, 0x800_0000);
const vectors = array(structure(long(buffer), long(length)), 4);
const directory = resource('fd', only(AT_FDCWD));
/** struct timespec twice. */
const times = structure(
  long(oneOf(0, 1)),
  long(oneOf(0, 999_999_999, 1_000_000_000, -1, -2)),
  long(oneOf(0, 5)),
  long(oneOf(0, -1, -2)),
);
const timevals = structure(
  long(oneOf(0, 1)),
  long(oneOf(0, 1_000_000)),
  long(oneOf(0, 5)),
  long(oneOf(0, -1)),
);
const ioctls = [
  0x2000_740d, 0x2000_740e, 0x8004_7410, 0x402c_7413, 0x2000_745e, 0x2000_7461, 0x4004_7463, 0x4008_7468,
  0x2000_746f, 0x2000_7471, 0x4004_7473, 0x8004_7476, 0x4004_7477, 0x2000_6601, 0x2000_6602, 0x4004_667b,
  0x8004_667c, 0x8004_667d, 0x8004_667e, 0x4004_667f,
];

/** Descriptors, files, directories, pipes and terminals. */
export const FILE_CALLS = [
  row('open', [paths.file, modeAndFlags([0, 0, 1, 2], OPEN_FLAGS), mode], { result: 'fd', weight: 16 }),
  row('openat', [directory, paths.file, modeAndFlags([0, 1, 2], OPEN_FLAGS), mode], {
    result: 'fd',
    weight: 2,
  }),
  row('close', [fd], { weight: 10 }),
  row('read', [fd, buffer, length], { weight: 5 }),
  row('write', [resource('fd', oneOf(1, 3, 4)), buffer, oneOf(0, 1, 8, 64, 512, 20_000)], { weight: 5 }),
  row('readv', [fd, vectors, oneOf(0, 1, 2, 3, 1024, 1025)], { weight: 2 }),
  row('writev', [resource('fd', oneOf(3, 4)), vectors, oneOf(0, 1, 2, 3, 1025)], { weight: 2 }),
  row('lseek', [fd, only(0), offset, oneOf(0, 1, 2)], { weight: 2 }),
  row('dup', [fd], { result: 'fd', weight: 6 }),
  row('dup2', [fd, either(fd, oneOf(0, 5, 19, 20, 63, 127, 128))], { result: 'fd', weight: 8 }),
  row('dup3', [fd, either(fd, oneOf(5, 20)), flags(0x1_0000, 4)], { result: 'fd', weight: 3 }),
  row('fcntl', [fd, oneOf(0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11), oneOf(0, 1, 4, 8, 19, 20, 100, 128)], {
    result: 'fd',
    weight: 6,
  }),
  row('closefrom', [oneOf(0, 3, 5, 20, 128)], { weight: 2 }),
  row('pipe', [room(8)], { pipe: true, weight: 8 }),
  row('pipe2', [room(8), flags(0x1_0000, 4)], { pipe: true, weight: 4 }),
  row('ioctl', [fd, oneOf(...ioctls), room(TERMIOS_SIZE)], { weight: 4 }),
  row(
    'poll',
    [
      array(structure(int(fdNumber), short(flags(1, 4, 0x40)), short(only(0))), 4),
      oneOf(0, 1, 2, 4, 129),
      oneOf(0, 1, 30),
    ],
    { weight: 3 },
  ),
  row('stat', [paths.file, room(STAT_SIZE)]),
  row('lstat', [paths.file, room(STAT_SIZE)], { weight: 2 }),
  row('fstat', [fd, room(STAT_SIZE)], { weight: 2 }),
  row('fstatat', [directory, paths.file, room(STAT_SIZE), flags(2)], { weight: 2 }),
  row('access', [paths.file, flags(1, 2, 4)], { weight: 2 }),
  row('mkdir', [paths.own, mode]),
  row('rmdir', [paths.own]),
  row('unlink', [paths.own]),
  row('link', [paths.own, paths.own]),
  row('symlink', [paths.file, paths.own]),
  row('readlink', [paths.file, buffer, length], { weight: 2 }),
  row('rename', [paths.own, paths.own]),
  // A device with another number might be the memory of the kernel.
  row('mknod', [paths.own, oneOf(0o020_644, 0o100_644, 0o010_644), only(0x202, 0x100)], { weight: 1 }),
  row('chmod', [paths.own, mode], { weight: 2 }),
  row('fchmod', [fd, mode], { weight: 1 }),
  row('chown', [paths.own, oneOf(0, 1000, -1), oneOf(0, 1000, -1)], { weight: 2 }),
  row('fchown', [fd, oneOf(0, 1000, -1), oneOf(0, 1000, -1)], { weight: 1 }),
  row('truncate', [paths.own, only(0), offset], { weight: 2 }),
  row('ftruncate', [fd, only(0), offset], { weight: 2 }),
  row('utimes', [paths.own, optional(timevals)], { weight: 1 }),
  row('utimensat', [directory, paths.own, optional(times), flags(2)], { weight: 1 }),
  row('futimens', [fd, optional(times)], { weight: 1 }),
  row('chdir', [paths.file], { weight: 3 }),
  row('chroot', [paths.file], { weight: 1 }),
  row('__getcwd', [buffer, oneOf(0, 1, 2, 64, 1024)], { weight: 1 }),
  row('getdents', [fd, buffer, oneOf(64, 512, 3000)], { weight: 3 }),
  row('pathconf', [paths.file, oneOf(1, 4, 5, 6, 9)], { weight: 1 }),
  row('fpathconf', [fd, oneOf(1, 4, 5, 6, 9)], { weight: 1 }),
  row('fsync', [fd], { weight: 1 }),
  row('sync', [], { weight: 1 }),
  row('umask', [oneOf(0, 0o22, 0o777)], { weight: 1 }),
  row('getentropy', [buffer, oneOf(0, 8, 256, 257)], { weight: 1 }),
  row('kqueue', [], { result: 'kqueue', weight: 6 }),
];
