import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { filesBelow } from '../guest/sources.ts';
import { MutateError } from './errors.ts';
import type { PlayerProcess } from './player-process.ts';
import type { Shadow } from './shadow.ts';
import { runTests } from './test-run.ts';

/** What every session begins with: a test that ends there. */
export const BOOTING = 'booting';

/** A test file or a session, what it costs, and the functions of the kernel that it enters. */
export interface KnownTest {
  readonly file: string;
  /** ms of the host. */
  readonly duration: number;
  /** Steps from power-on to a session's end. */
  readonly steps?: number;
  readonly functions: readonly string[];
}

/**
 * These compare with QEMU, which is slow; are of the kit itself; hold the way through the kernel against a file, so that one that changed
 * without changing what the kernel does would count; or are played as sessions.
 */
const LEFT_OUT = [
  /on-qemu/,
  /guest\/matchers\//,
  /syscalls\/(coverage-|faults|golden-paths|kit|layout|looking|matchers)/,
  /life\/(regress|conservation)/,
  /invariants\/consistency/,
];

/** The test files that a broken kernel is given: those of the guest and its system calls, without QEMU. */
export function guestTests(): string[] {
  return [...filesBelow('test/guest'), ...filesBelow('test/syscalls')].filter(
    (path) => path.endsWith('.test.ts') && LEFT_OUT.every((pattern) => !pattern.test(path)),
  );
}

/** What a broken kernel is given, each from cheap to dear. The sessions come first. */
export interface Baseline {
  /** Sessions at the console: see sessions.ts. */
  readonly sessions: readonly KnownTest[];
  /** Test files. */
  readonly files: readonly KnownTest[];
}

const byDuration = (tests: readonly KnownTest[]): KnownTest[] =>
  [...tests].sort((left, right) => left.duration - right.duration);

/** Plays all sessions with the kernel as it is. Throws MutateError 'tests-fail', 'no-result'. */
export async function measureSessions(player: PlayerProcess): Promise<readonly KnownTest[]> {
  return byDuration(await player.measure());
}

/** Runs all tests with the kernel as it is. Throws MutateError 'tests-fail': then nothing can be said of a broken one. */
export async function measureBaseline(shadow: Shadow, player: PlayerProcess): Promise<Baseline> {
  const directory = shadow.path('kernel-coverage');
  mkdirSync(directory);
  const { failure, files } = await runTests(shadow, {
    files: guestTests(),
    quick: false,
    setupFiles: ['scripts/mutate/coverage-setup.ts'],
    environment: { PUFFER_KERNEL_COVERAGE: directory },
  });
  if (failure !== undefined) {
    throw new MutateError('tests-fail', `the tests fail with the kernel as it is: ${failure}`);
  }
  const entered = new Map(
    readdirSync(directory).map((name) => {
      const text = readFileSync(join(directory, name), 'utf8');
      const { file, functions } = JSON.parse(text) as { file: string; functions: string[] };
      return [relative(shadow.root, file), functions] as const;
    }),
  );
  const known = files.map(({ file, duration }) => ({ file, duration, functions: entered.get(file) ?? [] }));
  return { sessions: await measureSessions(player), files: byDuration(known) };
}

/** The tests that enter a function, cheapest first. What is entered only to boot is behind all that comes then: they are all of its tests. */
export function testsReaching(tests: readonly KnownTest[], name: string): KnownTest[] {
  const reaching = tests.filter(({ functions }) => functions.includes(name));
  return reaching.length > 0 && reaching.every(({ file }) => file === BOOTING) ? [...tests] : reaching;
}
