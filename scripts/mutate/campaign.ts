import { type Baseline, measureBaseline, measureSessions } from './baseline.ts';
import { inSeedsOrder, type Mutant } from './mutants.ts';
import { PlayerProcess } from './player-process.ts';
import { readBaseline, readVerdicts, writeBaseline, writeVerdicts } from './progress-file.ts';
import type { Equivalents } from './report.ts';
import { Shadow } from './shadow.ts';
import { type Judge, type Outcome, tryMutant, type Verdict } from './trial.ts';

export interface CampaignOptions {
  readonly mutants: readonly Mutant[];
  /** Decides which mutants make the sample, and in which order. */
  readonly seed: number;
  /** Size of the sample: mutants that compile to other code. */
  readonly count: number;
  /** How many are tried at a time. */
  readonly jobs: number;
  /** Keep what an earlier campaign with this seed found of functions that are still the same. */
  readonly resume: boolean;
  /** Resume, but try again what survived, since there may be new tests: but for what is known to be equivalent. */
  readonly retry: boolean;
  readonly equivalents: Equivalents;
  /** Run no test files. */
  readonly quick: boolean;
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

const SURVIVED: ReadonlySet<Outcome> = new Set(['survived', 'unreached']);

/** What earlier campaigns with this seed have found of these mutants, by id. */
function storedVerdicts(mutants: readonly Mutant[], seed: number): Map<string, Verdict> {
  const digests = new Map(mutants.map(({ id, digest }) => [id, digest]));
  const known = readVerdicts(seed).filter(({ id, digest }) => digests.get(id) === digest);
  return new Map(known.map((verdict) => [verdict.id, verdict]));
}

/** The sample of a campaign as it is judged. Several workers share it. */
class Sample {
  readonly #options: CampaignOptions;
  readonly #order: readonly Mutant[];
  readonly #verdicts: Map<string, Verdict>;
  #next = 0;

  constructor(options: CampaignOptions) {
    this.#options = options;
    const { mutants, seed, resume, retry, equivalents } = options;
    this.#order = inSeedsOrder(mutants, seed);
    this.#verdicts = resume || retry ? storedVerdicts(mutants, seed) : new Map();
    for (const [id, { outcome }] of this.#verdicts) {
      if (retry && SURVIVED.has(outcome) && equivalents[id] === undefined) this.#verdicts.delete(id);
    }
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
  const verdicts = storedVerdicts(mutants, seed);
  return inSeedsOrder(mutants, seed).flatMap((mutant) => {
    const verdict = verdicts.get(mutant.id);
    return verdict !== undefined && counts(verdict.outcome) ? [{ mutant, verdict }] : [];
  });
}

/** What the tests cost and enter: as it was stored, unless what lies in the checkout has changed. */
async function baselineOf({ shadow, player }: Judge, options: CampaignOptions): Promise<Baseline> {
  if (options.quick) return { sessions: await measureSessions(player), files: [] };
  const contents = shadow.contents();
  const stored = options.resume || options.retry ? readBaseline(contents) : undefined;
  if (stored !== undefined) return stored;
  const baseline = await measureBaseline(shadow, player);
  writeBaseline(contents, baseline);
  return baseline;
}

/** Tries a sample of the mutants. Throws MutateError 'tests-fail', 'no-result'. */
export async function runCampaign(options: CampaignOptions): Promise<Judged[]> {
  const sample = new Sample(options);
  const judges: Judge[] = [];
  const remove = (): void => {
    for (const { shadow, player } of judges) {
      player.end();
      shadow.remove();
    }
  };
  process.once('exit', remove);
  try {
    options.progress('the tests with the kernel as it is');
    // All are copied now: the checkout may change while we are at work.
    const first = newJudge(judges);
    while (judges.length < options.jobs) newJudge(judges);
    const baseline = await baselineOf(first, options);
    await Promise.all(judges.map((judge) => work(judge, sample, baseline)));
    return sample.judged();
  } finally {
    process.off('exit', remove);
    remove();
  }
}

function newJudge(judges: Judge[]): Judge {
  const shadow = new Shadow();
  const judge = { shadow, player: new PlayerProcess(shadow) };
  judges.push(judge);
  return judge;
}

async function work(judge: Judge, sample: Sample, baseline: Baseline): Promise<void> {
  for (let mutant = sample.next(); mutant !== undefined; mutant = sample.next()) {
    sample.add(mutant, await tryMutant(judge, mutant, baseline));
  }
}
