import { type ArgumentType, pointer } from '../arguments.ts';
import type { FuzzArgument } from '../program.ts';

const texts = (...names: readonly string[]): readonly FuzzArgument[] => names.map((text) => ({ text }));

/** Names that programs may make, change and remove. */
const OWN = texts('/tmp/a', '/tmp/b', '/tmp/d', '/tmp/d/c', '/tmp/l', 'a', 'd/c', '/tmp/../tmp/a', '/tmp/a/');
/** Names that are there and stay. */
const THERE = texts(
  '/',
  '/tmp',
  '.',
  '..',
  '/etc/passwd',
  '/bin/ls',
  '/dev/null',
  '/dev/tty',
  '/dev/zero',
  '/etc',
);
/** Directories among them. */
const DIRECTORIES = texts('/', '/tmp', '.', '..', '/etc');
/** Names that lead nowhere. */
const WRONG = texts('', '/nonexistent', '/etc/passwd/x', `/tmp/${'n'.repeat(256)}`, `/${'p/'.repeat(520)}`);
/** Programs that end soon. */
const PROGRAMS = texts('/usr/bin/true', '/usr/bin/false', '/bin/echo', '/bin/pwd', '/usr/bin/id');

function choose(
  ...sets: readonly { readonly from: readonly FuzzArgument[]; readonly weight: number }[]
): ArgumentType {
  return pointer(({ random }) =>
    random.pick((sets[random.weighted(sets.map(({ weight }) => weight))] ?? sets[0])!.from),
  );
}

/** Kinds of names. */
export const paths = {
  /** A name that may be made or removed. */
  own: choose({ from: OWN, weight: 12 }, { from: WRONG, weight: 1 }),
  /** Any name. */
  file: choose(
    { from: OWN, weight: 8 },
    { from: THERE, weight: 4 },
    { from: DIRECTORIES, weight: 3 },
    { from: WRONG, weight: 1 },
  ),
  /** Something to execute. */
  program: choose(
    { from: PROGRAMS, weight: 8 },
    { from: OWN, weight: 2 },
    { from: THERE, weight: 1 },
    { from: WRONG, weight: 1 },
  ),
} as const;
