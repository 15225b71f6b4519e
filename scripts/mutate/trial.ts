import { readFileSync } from 'node:fs';
import { type Baseline, type KnownTest, testsReaching } from './baseline.ts';
import { KernelVariant } from './kernel-variant.ts';
import { applied, type Mutant } from './mutants.ts';
import type { PlayerProcess } from './player-process.ts';
import type { Shadow } from './shadow.ts';
import { runTests } from './test-run.ts';

/**
 * What became of a mutant. `invalid`: it does not compile; `same-code`: the compiler makes the same of it; `unreached`: no test
 * enters its function, which counts as survival.
 */
export type Outcome = 'killed' | 'survived' | 'unreached' | 'invalid' | 'same-code';

export interface Verdict {
  readonly id: string;
  /** The mutant's `digest`: of what this was found. */
  readonly digest: string;
  readonly outcome: Outcome;
  /** The test that failed, and how. */
  readonly killer?: string;
}

/** Where a kernel is broken, and who plays with it. */
export interface Judge {
  readonly shadow: Shadow;
  readonly player: PlayerProcess;
}

const LEAST_LIMIT = 120_000;
const LIMIT_FACTOR = 10;

/** ms after which tests will not end any more: a broken kernel may lead them in a circle. */
function limitOf(tests: readonly KnownTest[]): number {
  const usual = tests.reduce((sum, { duration }) => sum + duration, 0);
  return Math.max(LEAST_LIMIT, usual * LIMIT_FACTOR);
}

/** The first failure among the tests that enter a function. */
async function failureOf(judge: Judge, name: string, baseline: Baseline): Promise<string | undefined> {
  const sessions = testsReaching(baseline.sessions, name);
  if (sessions.length > 0) {
    const failure = await judge.player.play(sessions);
    if (failure !== undefined) return failure;
  }
  const files = testsReaching(baseline.files, name);
  if (files.length === 0) return undefined;
  const limit = limitOf(files);
  return (await runTests(judge.shadow, { files: files.map(({ file }) => file), quick: true, limit })).failure;
}

/** Builds the kernel with one fault and runs the tests that enter the function, cheapest first, to the first failure. */
export async function tryMutant(judge: Judge, mutant: Mutant, baseline: Baseline): Promise<Verdict> {
  const { id, digest, file } = mutant;
  const { shadow } = judge;
  const variant = new KernelVariant(shadow, file);
  try {
    const compiled = await variant.build(applied(readFileSync(shadow.path(file), 'utf8'), mutant));
    if (compiled !== 'changed') return { id, digest, outcome: compiled };
    const known = [...baseline.sessions, ...baseline.files];
    if (testsReaching(known, mutant.function).length === 0) return { id, digest, outcome: 'unreached' };
    const failure = await failureOf(judge, mutant.function, baseline);
    return failure === undefined
      ? { id, digest, outcome: 'survived' }
      : { id, digest, outcome: 'killed', killer: failure };
  } finally {
    variant.restore();
  }
}
