import { readFileSync } from 'node:fs';
import { type KnownTest, testsReaching } from './baseline.ts';
import { KernelVariant } from './kernel-variant.ts';
import { applied, type Mutant } from './mutants.ts';
import type { Shadow } from './shadow.ts';
import { runTests } from './test-run.ts';

/**
 * What became of a mutant. `invalid`: it does not compile; `same-code`: the compiler makes the same of it; `unreached`: no test
 * enters its function, which counts as survival.
 */
export type Outcome = 'killed' | 'survived' | 'unreached' | 'invalid' | 'same-code';

export interface Verdict {
  readonly id: string;
  readonly outcome: Outcome;
  /** The test that failed, and how. */
  readonly killer?: string;
}

const LEAST_LIMIT = 120_000;
const LIMIT_FACTOR = 10;

/** Builds the kernel with one fault and runs the tests that enter the function, cheapest first, to the first failure. */
export async function tryMutant(
  shadow: Shadow,
  mutant: Mutant,
  tests: readonly KnownTest[],
): Promise<Verdict> {
  const { id, file } = mutant;
  const variant = new KernelVariant(shadow, file);
  try {
    const compiled = await variant.build(applied(readFileSync(shadow.path(file), 'utf8'), mutant));
    if (compiled !== 'changed') return { id, outcome: compiled };
    const reaching = testsReaching(tests, mutant.function);
    if (reaching.length === 0) return { id, outcome: 'unreached' };
    const usual = reaching.reduce((sum, { duration }) => sum + duration, 0);
    const { failure } = await runTests(shadow, {
      files: reaching.map((test) => test.file),
      quick: true,
      limit: Math.max(LEAST_LIMIT, usual * LIMIT_FACTOR),
    });
    return failure === undefined ? { id, outcome: 'survived' } : { id, outcome: 'killed', killer: failure };
  } finally {
    variant.restore();
  }
}
