import type { Form } from '../../emu/cpu/table/form.ts';
import { describeCase } from '../../test/oracles/compare.ts';
import type { Outcome, Runner } from '../../test/oracles/user-case.ts';
import { Coverage, stableName } from './coverage.ts';
import { executed, type GeneratedCase, generateCase, type Repertoire } from './generate.ts';
import { differenceOn, shrink } from './shrink.ts';
import type { ThirdOpinion } from './third-opinion.ts';
import { difference } from './verdict.ts';

/** A case on which puffer and the host's processor differ, made as simple as can be. */
export interface Mismatch {
  /** The case that was found, for `--case`. */
  readonly name: string;
  readonly what: string;
  /** The simplest case that still differs: listing and start state. */
  readonly listing: string;
}

export interface UserCampaignOptions {
  readonly repertoire: Repertoire;
  readonly seed: number;
  /** Compared executions wanted of each form. */
  readonly times: number;
  readonly host: Runner;
  readonly puffer: Runner;
  readonly thirdOpinion?: ThirdOpinion | undefined;
  /** Ends early after so many kinds of mismatches. */
  readonly failures: number;
  readonly coverage?: Coverage;
  /** Called after each batch. */
  readonly onBatch?: (campaign: UserCampaign) => void;
  readonly onMismatch?: (mismatch: Mismatch) => void;
}

const BATCH = 512;
/** A form that this many cases have not brought to execution will not be. */
const HOPELESS = 64;
/** Cases of a form for each execution wanted, at most. */
const PATIENCE = 8;

/** Random user code on the host's processor and on puffer, until every form has been executed often enough. */
export class UserCampaign {
  readonly coverage: Coverage;
  readonly mismatches: Mismatch[] = [];
  readonly #kinds = new Set<string>();
  readonly #options: UserCampaignOptions;
  /** Differences that count for nothing, by reason. */
  readonly known = new Map<string, number>();
  cases = 0;
  /** Forms of this campaign that still want executions. */
  pending = 0;

  constructor(options: UserCampaignOptions) {
    this.#options = options;
    this.coverage = options.coverage ?? new Coverage();
  }

  get forms(): readonly Form[] {
    return [...this.#options.repertoire.ways.keys()];
  }

  async run(): Promise<void> {
    for (;;) {
      const wanting = this.forms.filter((form) => this.#wants(form));
      this.pending = wanting.length;
      if (wanting.length === 0) return;
      for (let at = 0; at < wanting.length; at += BATCH) {
        await this.#batch(this.#filled(wanting.slice(at, at + BATCH)));
        if (this.#kinds.size >= this.#options.failures) return;
        this.#options.onBatch?.(this);
      }
    }
  }

  #wants(form: Form): boolean {
    const { times } = this.#options;
    const { tried, executed } = this.coverage.of(form);
    if (this.coverage.isCovered(form, times)) return false;
    if (executed === 0) return tried < HOPELESS;
    return tried < PATIENCE * Math.max(times, HOPELESS);
  }

  /** A batch of few forms is filled with more cases of each. */
  #filled(forms: readonly Form[]): Form[] {
    const { times } = this.#options;
    const rounds = Math.max(1, Math.min(Math.floor(BATCH / forms.length), times));
    return forms.flatMap((form) => new Array<Form>(rounds).fill(form));
  }

  async #batch(forms: readonly Form[]): Promise<void> {
    const { repertoire, seed, host, puffer, thirdOpinion } = this.#options;
    const found = forms.map((form) =>
      generateCase(repertoire, form, `${seed}:${stableName(form)}:${this.coverage.of(form).tried++}`),
    );
    const tests = found.map(({ test }) => test);
    const [expected, got] = await Promise.all([host.run(tests), puffer.run(tests)]);
    this.cases += found.length;
    for (let i = 0; i < found.length; i++) {
      await this.#judge(found[i] as GeneratedCase, expected[i] as Outcome, got[i] as Outcome);
    }
    await thirdOpinion?.hear(found, expected);
  }

  async #judge(found: GeneratedCase, expected: Outcome, got: Outcome): Promise<void> {
    this.#count(found, expected);
    const text = difference(found, expected, got, {
      onKnown: (reason) => this.known.set(reason, (this.known.get(reason) ?? 0) + 1),
    });
    if (text === undefined) return;
    const kind = kindOf(found, text);
    if (this.#kinds.has(kind)) return;
    this.#kinds.add(kind);
    const { host, puffer } = this.#options;
    const small = await shrink(found, host, puffer);
    const what = (await differenceOn(small, host, puffer)) ?? `${text} (but not when the case runs alone)`;
    const mismatch = {
      name: (found.test.name ?? '').replace(/^case /, ''),
      what,
      listing: describeCase(small.test),
    };
    this.mismatches.push(mismatch);
    this.#options.onMismatch?.(mismatch);
  }

  #count(found: GeneratedCase, outcome: Outcome): void {
    let offset = 0n;
    for (const { form, bytes } of executed(found, outcome)) {
      const count = this.coverage.of(form);
      count.executed++;
      if (outcome.end !== 'fault' || outcome.ripOffset !== offset) count.completed++;
      offset += BigInt(bytes.length);
    }
  }
}

/** What two differences have in common when they are likely the same mistake. */
function kindOf(found: GeneratedCase, text: string): string {
  const { form } = found.instructions[found.subject] as GeneratedCase['instructions'][number];
  const names = found.instructions.length > 1 ? 'several' : form.mnemonic;
  return `${names} ${text.replace(/0x-?[0-9a-f]+/g, '…').replace(/: .*/, '')}`;
}
