import {
  buffer,
  either,
  fd,
  flags,
  int,
  length,
  long,
  modeAndFlags,
  oneOf,
  only,
  optional,
  pgid,
  pid,
  pointer,
  resource,
  room,
  signal,
  structure,
} from '../arguments.ts';
import { THREAD_STACK_TOP } from '../layout.ts';
import { row } from './description.ts';
import { paths } from './paths.ts';

const RUSAGE_SIZE = 144;
const PTRACE_REQUESTS = [0, 1, 2, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 32, 33, 34, 35, 36];
const PT_ATTACH = 9;
const KTRFAC_INHERIT = 0x4000_0000;

/** A list of strings that ends with a null pointer. */
const strings = pointer(({ random }) => {
  const count = random.below(4);
  const pointers = Array.from({ length: count }, (_, index) => ({
    offset: 8 * index,
    to: { text: random.pick(['', 'x', '-l', 'A=b', 'y'.repeat(200)]) },
  }));
  return { bytes: '00'.repeat(8 * (count + 1)), pointers };
});

/** struct ptrace_io_desc. */
const ioDescription = structure(
  int(oneOf(1, 2, 3, 4)),
  int(only(0)),
  long(either(buffer, only(0x2100_0000, 0x2000_0000))),
  long(buffer),
  long(length),
);

/** Making, ending, waiting for and looking at processes and threads. */
export const PROCESS_CALLS = [
  row('fork', [], { child: true, result: 'pid', weight: 8 }),
  row('vfork', [], { child: true, result: 'pid', weight: 5 }),
  row(
    '__tfork',
    [structure(long(only(0)), long(only(0)), long(only(THREAD_STACK_TOP))), oneOf(24, 24, 24, 0, 25)],
    {
      child: true,
      result: 'tid',
      weight: 5,
    },
  ),
  row('exit', [oneOf(0, 1, 255)], { weight: 1 }),
  row('__threxit', [optional(room(4))], { weight: 1 }),
  row(
    'wait4',
    [resource('pid', only(-1, 0, -99_999)), optional(room(4)), flags(1, 2, 8), optional(room(RUSAGE_SIZE))],
    { weight: 8 },
  ),
  row('execve', [paths.program, strings, strings], { weight: 3 }),
  row('getpid', [], { result: 'pid', weight: 1 }),
  row('getppid', [], { weight: 1 }),
  row('getpgrp', [], { result: 'pgid', weight: 1 }),
  row('getpgid', [pid], { weight: 1 }),
  row('getsid', [pid], { weight: 1 }),
  row('setpgid', [pid, pgid], { weight: 5 }),
  row('setsid'),
  row('getthrid', [], { result: 'tid', weight: 1 }),
  row('sched_yield', [], { weight: 5 }),
  row(
    'ptrace',
    [
      oneOf(...PTRACE_REQUESTS, PT_ATTACH, 0),
      pid,
      either(only(1, 0, 0x2100_0000), ioDescription),
      either(oneOf(0, 1, 8, 24), signal),
    ],
    {
      weight: 10,
    },
  ),
  row(
    'ktrace',
    [
      paths.file,
      modeAndFlags([0, 1], [4]),
      flags(2, 4, 8, 16, 32, 256, 512, 1024, 4096, KTRFAC_INHERIT),
      resource('pid', only(99_999)),
    ],
    {
      weight: 3,
    },
  ),
  row('utrace', [only({ text: 'label' }, { text: 'z'.repeat(30) }), buffer, length], { weight: 1 }),
  row('getrusage', [oneOf(0, -1, 1), room(RUSAGE_SIZE)], { weight: 1 }),
  row(
    'pledge',
    [
      optional(
        only(
          { text: 'stdio proc' },
          { text: 'stdio rpath wpath cpath' },
          { text: 'stdio proc exec id tty' },
          { text: 'junk' },
          { text: '' },
        ),
      ),
      optional(only({ text: 'stdio' }, { text: 'stdio proc exec rpath' }, { text: 'error stdio' })),
    ],
    { weight: 2 },
  ),
  row('getdtablecount', [], { weight: 1 }),
  row('__set_tcb', [oneOf(0, 0x2100_0000)], { weight: 1 }),
  row('__get_tcb', [], { weight: 1 }),
  row('fchdir', [fd], { weight: 6 }),
];
