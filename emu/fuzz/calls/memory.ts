import {
  either,
  long,
  modeAndFlags,
  oneOf,
  only,
  optional,
  resource,
  room,
  structure,
} from '../arguments.ts';
import { row } from './description.ts';

const PAGE = 4096;
const FREE_ADDRESS = 0x3100_0000;
const RLIM_INFINITY = '0x7fffffffffffffff';
const address = resource(
  'address',
  oneOf(FREE_ADDRESS, FREE_ADDRESS + PAGE, 0x2100_0000, 0x2100_8000, 0x2200_0000, 0),
);
const size = oneOf(PAGE, 2 * PAGE, 5 * PAGE, 64 * PAGE, 1, 0, 0x4000_0000);
const protection = oneOf(0, 1, 3, 3, 5, 7, 2);

/** Memory, limits, identities and what the kernel tells of itself. */
export const MEMORY_CALLS = [
  row(
    'mmap',
    [
      either(only(0), address),
      size,
      protection,
      modeAndFlags([0x1001, 0x1002, 0x1002, 0x1000, 0x2], [0x10, 0x800, 0x4000]),
      only(-1, -1, -1, 3),
      only(0),
      only(0),
    ],
    { result: 'address', weight: 10 },
  ),
  row('munmap', [address, size], { weight: 5 }),
  row('mprotect', [address, size, protection], { weight: 6 }),
  row('minherit', [address, size, oneOf(0, 1, 2, 3)], { weight: 4 }),
  row('break', [oneOf(0, 0x0100_0000, 0x0100_1000, 0x0200_0000, 0x2000_0000)], { weight: 2 }),
  row('getrlimit', [oneOf(0, 1, 2, 3, 4, 5, 6, 7, 8, 9), room(16)], { weight: 2 }),
  row(
    'setrlimit',
    [
      oneOf(0, 1, 2, 3, 4, 5, 6, 7, 7, 7, 8, 8, 9),
      structure(
        long(oneOf(0, 1, 1, 5, 10, 25, 65_536, RLIM_INFINITY)),
        long(oneOf(0, 10, 25, 65_536, RLIM_INFINITY, RLIM_INFINITY)),
      ),
    ],
    { weight: 8 },
  ),
  row('setpriority', [oneOf(0, 1), only(0), oneOf(-20, 0, 5, 20)], { weight: 1 }),
  row('getpriority', [oneOf(0, 1, 2), only(0)], { weight: 1 }),
  row(
    'sysctl',
    [
      structure(
        { size: 4, type: only(1, 1, 6, 2) },
        { size: 4, type: oneOf(1, 4, 6, 8, 10, 25, 42, 47, 66, 66) },
        { size: 4, type: oneOf(0, 1, 2, 5, 6, 7) },
        { size: 4, type: only(0, 1) },
        { size: 4, type: only(400, 0) },
        { size: 4, type: only(10, 0) },
      ),
      oneOf(1, 2, 4, 6, 13),
      optional(room(2048)),
      optional(structure(long(oneOf(0, 8, 512, 2048)))),
      only(0),
      only(0),
    ],
    { weight: 3 },
  ),
];

/** Users and groups. Others than these would leave a count of their processes behind for ever. */
const USERS = [0, 1000, 32_767];
const user = only(...USERS);

export const IDENTITY_CALLS = [
  row('setuid', [user], { weight: 2 }),
  row('seteuid', [user], { weight: 3 }),
  row('setgid', [oneOf(0, 1000)], { weight: 1 }),
  row('setegid', [oneOf(0, 1000)], { weight: 1 }),
  row('setgroups', [oneOf(0, 1, 2, 16, 17), structure(long(oneOf(0, 1)), long(oneOf(2)))], { weight: 1 }),
  row('getgroups', [oneOf(0, 1, 16), room(64)], { weight: 1 }),
  row('getuid', [], { weight: 1 }),
  row('geteuid', [], { weight: 1 }),
  row('getgid', [], { weight: 1 }),
  row('getegid', [], { weight: 1 }),
  row('issetugid', [], { weight: 1 }),
];
