import { type Baseline, measureBaseline } from './baseline.ts';
import { type Mutant, shuffled } from './mutants.ts';
import { readVerdicts, writeVerdicts } from './progress-file.ts';
import { Shadow } from './shadow.ts';
import { type Outcome, tryMutant, type Verdict } from './trial.ts';

export interface CampaignOptions {
  readonly mutants: readonly Mutant[];
  /** Decides which mutants make the sample, and in which order. */
  readonly seed: number;
  /** Size of the sample: mutants that compile to other code. */
  readonly count: number;
  /** How many are tried at a time. */
  readonly workers: number;
  /** Keep what an earlier campaign with this seed found. What survived is tried again, since there may be new tests. */
  readonly resume: boolean;
  readonly progress: (text: string) => void;
  readonly found: (mutant: Mutant, verdict: Verdict) => void;
}

export interface Judged {
  readonly mutant: Mutant;
  readonly verdict: Verdict;
}

/** Whether a verdict is about a kernel that differs from the right one. */
export function counts(outcome: Outcome): boolean {
  return outcome !== 'invalid' && outcome !== 'same-code';
}

const KEPT: ReadonlySet<Outcome> = new Set(['killed', 'invalid', 'same-code']);

/** The sample of a campaign as it is judged. Several workers share it. */
class Sample {
  readonly #options: CampaignOptions;
  readonly #order: readonly Mutant[];
  readonly #verdicts: Map<string, Verdict>;
  #next = 0;

  constructor(options: CampaignOptions) {
    this.#options = options;
    this.#order = shuffled(options.mutants, options.seed);
    const earlier = options.resume ? readVerdicts(options.seed) : [];
    this.#verdicts = new Map(
      earlier.filter(({ outcome }) => KEPT.has(outcome)).map((verdict) => [verdict.id, verdict]),
    );
  }

  /** The next mutant to try; undefined when the sample is as large as it should be. */
  next(): Mutant | undefined {
    while (this.#next < this.#order.length && this.judged().length < this.#options.count) {
      const mutant = this.#order[this.#next++];
      if (mutant !== undefined && !this.#verdicts.has(mutant.id)) return mutant;
    }
    return undefined;
  }

  add(mutant: Mutant, verdict: Verdict): void {
    this.#verdicts.set(mutant.id, verdict);
    writeVerdicts(this.#options.seed, [...this.#verdicts.values()]);
    const judged = this.judged();
    const killed = judged.filter((each) => each.verdict.outcome === 'killed').length;
    this.#options.progress(`${judged.length} of ${this.#options.count}, ${killed} killed`);
    this.#options.found(mutant, verdict);
  }

  /** Those before the next one that count, in the order of the seed, as many as were wanted. */
  judged(): Judged[] {
    const judged: Judged[] = [];
    for (const mutant of this.#order.slice(0, this.#next)) {
      const verdict = this.#verdicts.get(mutant.id);
      if (verdict !== undefined && counts(verdict.outcome)) judged.push({ mutant, verdict });
    }
    return judged.slice(0, this.#options.count);
  }
}

/** What earlier campaigns with this seed have found of these mutants, in the order of the seed; tries none. */
export function storedSample(mutants: readonly Mutant[], seed: number): Judged[] {
  const verdicts = new Map(readVerdicts(seed).map((verdict) => [verdict.id, verdict]));
  return shuffled(mutants, seed).flatMap((mutant) => {
    const verdict = verdicts.get(mutant.id);
    return verdict !== undefined && counts(verdict.outcome) ? [{ mutant, verdict }] : [];
  });
}

/** Tries a sample of the mutants. Throws MutateError 'tests-fail', 'no-result'. */
export async function runCampaign(options: CampaignOptions): Promise<Judged[]> {
  const sample = new Sample(options);
  const shadows: Shadow[] = [];
  const remove = (): void => {
    for (const shadow of shadows) shadow.remove();
  };
  process.once('exit', remove);
  try {
    options.progress('the tests with the kernel as it is');
    const first = new Shadow();
    shadows.push(first);
    // All are copied now: the checkout may change while we are at work.
    while (shadows.length < options.workers) shadows.push(new Shadow());
    const baseline = await measureBaseline(first);
    await Promise.all(shadows.map((shadow) => work(shadow, sample, baseline)));
    return sample.judged();
  } finally {
    process.off('exit', remove);
    remove();
  }
}

async function work(shadow: Shadow, sample: Sample, baseline: Baseline): Promise<void> {
  for (let mutant = sample.next(); mutant !== undefined; mutant = sample.next()) {
    sample.add(mutant, await tryMutant(shadow, mutant, baseline));
  }
}
