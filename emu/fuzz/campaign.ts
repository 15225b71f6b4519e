import type { Execution } from './executor.ts';
import type { Finding } from './findings.ts';
import { Generator } from './generate.ts';
import { mutate } from './mutate.ts';
import type { FuzzProgram } from './program.ts';
import { Random } from './random.ts';
import { shrink } from './shrink.ts';

/** Who runs programs: an Executor, or a test's own. */
export interface ProgramRunner {
  execute(program: FuzzProgram): Execution;
}

/** A defect, and the smallest program that shows it. */
export interface Crash {
  readonly finding: Finding;
  readonly program: FuzzProgram;
  /** How many programs had run when it was found. */
  readonly after: number;
}

/** What one step of a campaign brought. */
export interface CampaignStep {
  /** The program reached something new, and was kept to make others from. */
  readonly kept: { readonly program: FuzzProgram; readonly fresh: readonly number[] } | undefined;
  /** Defects that no earlier program showed. */
  readonly crashes: readonly Crash[];
}

/** New programs among changed ones: one in so many. */
const NEW_PROGRAMS = 6;
/** Steps of the guest that go into making a program small: some seconds. */
const SHRINKING_STEPS = 2_000_000_000;
/** Programs kept latest are changed as often as all the others. */
const LATEST = 30;

/** Makes programs, runs them, keeps those that reach something new, and shrinks those that break something. Depends on its seed alone. */
export class Campaign {
  readonly #runner: ProgramRunner;
  readonly #generator: Generator;
  readonly #corpus: FuzzProgram[] = [];
  readonly #waiting: FuzzProgram[] = [];
  readonly #known = new Set<string>();
  readonly #interrupted: () => boolean;
  #executions = 0;

  /**
   * `first`: programs to begin with, such as those kept by an earlier campaign. `interrupted`: whether somebody waits for the end; what was
   * found is then made no smaller.
   */
  constructor(
    runner: ProgramRunner,
    seed: number,
    first: readonly FuzzProgram[] = [],
    interrupted: () => boolean = () => false,
  ) {
    this.#runner = runner;
    this.#interrupted = interrupted;
    this.#generator = new Generator(new Random(seed));
    this.#waiting.push(...first);
  }

  /** Programs run so far; those of shrinking do not count. */
  get executions(): number {
    return this.#executions;
  }

  /** Programs kept. */
  get corpus(): readonly FuzzProgram[] {
    return this.#corpus;
  }

  /** Another campaign has kept this program. */
  adopt(program: FuzzProgram): void {
    this.#corpus.push(program);
  }

  /** Another campaign has found this defect. */
  forgive(key: string): void {
    this.#known.add(key);
  }

  /** Runs one program. */
  step(): CampaignStep {
    const program = this.#waiting.shift() ?? this.#next();
    this.#executions++;
    const { findings, fresh } = this.#runner.execute(program);
    const kept = fresh.length > 0;
    if (kept) this.#corpus.push(program);
    const [first] = findings;
    const news = first !== undefined && !this.#known.has(first.key);
    return {
      kept: kept ? { program, fresh } : undefined,
      crashes: news ? [this.#crash(program, first)] : [],
    };
  }

  #next(): FuzzProgram {
    const { random } = this.#generator;
    if (this.#corpus.length < 5 || random.oneIn(NEW_PROGRAMS)) return this.#generator.program();
    const { length } = this.#corpus;
    const index = random.oneIn(2) ? random.below(length) : Math.max(0, length - 1 - random.below(LATEST));
    return mutate(this.#corpus[index] as FuzzProgram, this.#generator, this.#corpus);
  }

  #crash(program: FuzzProgram, { key }: Finding): Crash {
    let left = SHRINKING_STEPS;
    const fails = (candidate: FuzzProgram): boolean => {
      if (left <= 0 || this.#interrupted()) return false;
      const { findings, steps } = this.#runner.execute(candidate);
      left -= steps;
      return findings.some((finding) => finding.key === key);
    };
    const smallest = shrink(program, fails);
    const { findings } = this.#runner.execute(smallest);
    for (const one of findings) this.#known.add(one.key);
    this.#known.add(key);
    const finding = findings.find((one) => one.key === key) ?? (findings[0] as Finding);
    return { finding, program: smallest, after: this.#executions };
  }
}
