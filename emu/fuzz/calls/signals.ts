import {
  array,
  either,
  fdNumber,
  flags,
  int,
  long,
  oneOf,
  only,
  optional,
  resource,
  room,
  short,
  signal,
  signalSet,
  structure,
} from '../arguments.ts';
import { row } from './description.ts';

const SIGACTION_SIZE = 16;
const ITIMERVAL_SIZE = 32;
const SIGALTSTACK_SIZE = 24;
/** Whoever sleeps is mostly awake before the program's time is up. */
const microseconds = oneOf(0, 1, 1000, 10_000, 20_000);
const nanoseconds = oneOf(0, 1, 1_000_000, 10_000_000, 20_000_000, 999_999_999, 1_000_000_000);
const seconds = only(0, 0, 0, 0, 0, -1);
const timespec = structure(long(seconds), long(nanoseconds));
const itimerval = structure(long(seconds), long(microseconds), long(seconds), long(microseconds));
const handler = only({ handler: true }, { handler: true }, 0, 1, 0x2100_0000);
const sigaction = structure(long(handler), int(signalSet), int(flags(1, 2, 4, 8, 16, 32, 64)));
const kevent = structure(
  long(either(fdNumber, fdNumber, fdNumber, signal, oneOf(1, 10))),
  short(oneOf(-1, -2, -5, -6, -7, -1, -2, -3)),
  short(either(only(1, 1, 0x21, 2), flags(1, 1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80))),
  int(either(flags(1, 0x8000_0000, 0x4000_0000, 0x2000_0000), only(0))),
  long(oneOf(0, 1, 10, 50)),
  long(only(0)),
);

/** Signals, timers, sleeping and events. */
export const SIGNAL_CALLS = [
  row('kill', [resource('pid', only(0, 99_999, 0)), signal], { weight: 9 }),
  row('thrkill', [resource('tid', only(0)), signal, only(0, 0, 1)], { weight: 3 }),
  row('sigaction', [signal, optional(sigaction), optional(room(SIGACTION_SIZE))], { weight: 8 }),
  row('sigprocmask', [oneOf(1, 2, 3), signalSet], { weight: 5 }),
  row('sigpending', [], { weight: 1 }),
  row('sigsuspend', [signalSet], { weight: 2 }),
  row(
    'sigaltstack',
    [
      optional(
        structure(long(oneOf(0x2100_8000)), long(oneOf(0, 12_288, 28_672)), int(flags(1, 4)), int(only(0))),
      ),
      optional(room(SIGALTSTACK_SIZE)),
    ],
    {
      weight: 2,
    },
  ),
  row('sigreturn', [either(room(400), only(0))], { weight: 1 }),
  row('setitimer', [oneOf(0, 1, 2), optional(itimerval), optional(room(ITIMERVAL_SIZE))], { weight: 4 }),
  row('getitimer', [oneOf(0, 1, 2), room(ITIMERVAL_SIZE)], { weight: 1 }),
  row('nanosleep', [timespec, optional(room(16))], { weight: 4 }),
  row('gettimeofday', [optional(room(16)), optional(room(8))], { weight: 1 }),
  row('clock_gettime', [oneOf(0, 2, 3, 5), room(16)], { weight: 1 }),
  row('clock_getres', [oneOf(0, 2, 3, 5), room(16)], { weight: 1 }),
  row(
    'kevent',
    [
      resource('kqueue', oneOf(3, 4)),
      optional(array(kevent, 4)),
      oneOf(0, 1, 2, 4),
      optional(room(128)),
      oneOf(0, 1, 4),
      structure(long(only(0)), long(oneOf(0, 1_000_000, 30_000_000))),
    ],
    { weight: 10 },
  ),
];
