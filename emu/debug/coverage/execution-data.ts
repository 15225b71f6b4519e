import { CoverageError } from './errors.ts';

const PAGE_SIZE = 4096;
/** Numbers that JSON has for an instruction. */
const INSTRUCTION_WORDS = 4;

/** What is counted of an instruction: how often it was executed, and how often it branched if it is a conditional branch. */
interface PageCounts {
  readonly executed: Float64Array;
  readonly taken: Float64Array;
  /** 1 where the instruction has faulted. */
  readonly faulted: Uint8Array;
}

/** A program's executed instructions as JSON has them: by page, for each instruction its offset, executed, taken, faulted (0 or 1). */
interface ProgramJson {
  readonly buildId: string | null;
  readonly pages: Readonly<Record<string, readonly number[]>>;
}

/** What `CoverageData.toJSON` gives: plain, so that it may pass between processes. */
export interface CoverageJson {
  readonly programs: Readonly<Record<string, ProgramJson>>;
}

/** An instruction that was executed. */
export interface ExecutedInstruction {
  /** Its address in the program's file, as a number: kernel addresses are negative (the address as a signed integer). */
  readonly key: number;
  /** An instruction that only ever faulted was reached: it counts once. */
  readonly executed: number;
  readonly taken: number;
}

/** How often the instructions of one program were executed. Addresses are those of its file, wherever it was loaded. */
export class ProgramExecutions {
  readonly name: string;
  /** Of the file that ran; undefined when it has none. */
  readonly buildId: string | undefined;
  readonly #pages = new Map<number, PageCounts>();

  constructor(name: string, buildId: string | undefined) {
    this.name = name;
    this.buildId = buildId;
  }

  /** The counts of a page; `pageKey` is the address of its first byte. */
  page(pageKey: number): PageCounts {
    let page = this.#pages.get(pageKey);
    if (page === undefined) {
      page = {
        executed: new Float64Array(PAGE_SIZE),
        taken: new Float64Array(PAGE_SIZE),
        faulted: new Uint8Array(PAGE_SIZE),
      };
      this.#pages.set(pageKey, page);
    }
    return page;
  }

  /** All executed instructions, in no order. */
  *instructions(): Generator<ExecutedInstruction, void, undefined> {
    for (const [pageKey, { executed, taken, faulted }] of this.#pages) {
      for (let offset = 0; offset < PAGE_SIZE; offset++) {
        const count = (executed[offset] as number) || (faulted[offset] as number);
        if (count > 0) yield { key: pageKey + offset, executed: count, taken: taken[offset] as number };
      }
    }
  }

  add(other: ProgramExecutions): void {
    for (const [pageKey, page] of other.#pages) {
      const own = this.page(pageKey);
      for (let offset = 0; offset < PAGE_SIZE; offset++) {
        (own.executed[offset] as number) += page.executed[offset] as number;
        (own.taken[offset] as number) += page.taken[offset] as number;
        (own.faulted[offset] as number) |= page.faulted[offset] as number;
      }
    }
  }

  toJSON(): ProgramJson {
    const pages: Record<string, number[]> = {};
    for (const [pageKey, { executed, taken, faulted }] of this.#pages) {
      const words: number[] = [];
      for (let offset = 0; offset < PAGE_SIZE; offset++) {
        const [count = 0, fault = 0] = [executed[offset], faulted[offset]];
        if (count > 0 || fault > 0) words.push(offset, count, taken[offset] as number, fault);
      }
      if (words.length > 0) pages[pageKey] = words;
    }
    return { buildId: this.buildId ?? null, pages };
  }

  static fromJSON(name: string, { buildId, pages }: ProgramJson): ProgramExecutions {
    const program = new ProgramExecutions(name, buildId ?? undefined);
    for (const [pageKey, words] of Object.entries(pages)) {
      const { executed, taken, faulted } = program.page(Number(pageKey));
      for (let at = 0; at < words.length; at += INSTRUCTION_WORDS) {
        const offset = words[at] as number;
        executed[offset] = words[at + 1] as number;
        taken[offset] = words[at + 2] as number;
        faulted[offset] = words[at + 3] as number;
      }
    }
    return program;
  }
}

/** What ran, program by program: of one run, one test, or many of them together. */
export class CoverageData {
  readonly #programs = new Map<string, ProgramExecutions>();

  get programs(): Iterable<ProgramExecutions> {
    return this.#programs.values();
  }

  /** The executions of a program, none yet if it is new. Throws CoverageError 'other-build' when another build of it has run. */
  program(name: string, buildId: string | undefined): ProgramExecutions {
    const known = this.#programs.get(name);
    if (known === undefined) {
      const program = new ProgramExecutions(name, buildId);
      this.#programs.set(name, program);
      return program;
    }
    if (known.buildId === buildId) return known;
    throw new CoverageError(
      'other-build',
      `coverage of two builds of '${name}' cannot be added (${known.buildId ?? 'no build id'} and ${buildId ?? 'no build id'}):` +
        ' measure again what was measured first',
    );
  }

  /** Adds what ran elsewhere. Throws CoverageError 'other-build'. */
  add(other: CoverageData): void {
    for (const program of other.programs) this.program(program.name, program.buildId).add(program);
  }

  /** The same executions of some programs only. */
  only(names: readonly string[]): CoverageData {
    const chosen = new CoverageData();
    for (const [name, program] of this.#programs)
      if (names.includes(name)) chosen.#programs.set(name, program);
    return chosen;
  }

  toJSON(): CoverageJson {
    return { programs: Object.fromEntries([...this.#programs].map(([name, one]) => [name, one.toJSON()])) };
  }

  /** Throws CoverageError 'bad-data' for what `toJSON` has not made. */
  static fromJSON(json: CoverageJson): CoverageData {
    const data = new CoverageData();
    try {
      for (const [name, one] of Object.entries(json.programs)) {
        data.#programs.set(name, ProgramExecutions.fromJSON(name, one));
      }
    } catch (error) {
      throw new CoverageError('bad-data', `this is no coverage data: ${(error as Error).message}`);
    }
    return data;
  }
}
