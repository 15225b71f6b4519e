import * as layout from '../layout.ts';
import type { State } from '../state.ts';
import * as record from './record.ts';

/** What the host is told of executed instructions. It may look at the guest, and must change nothing in it. */
export interface ExecutionListener {
  /**
   * Code of a linear page is about to be decoded: a number of the listener's by which `counted` will name it. Asked anew whenever the
   * page's bytes have changed or it is reached at another linear address; the processor stands at the code that it fetches.
   */
  ownerOf(linearPage: bigint, privilege: number): number;
  /**
   * How often instructions of a linear page were executed since they were told of last: for each three words, its offset in the page,
   * how often it was executed (FAULTED is set when it has faulted, too), and how often it branched, if it is a conditional branch.
   * The words are valid during the call.
   */
  counted(owner: number, linearPage: bigint, words: Uint32Array): void;
}

/** Words that `ExecutionListener.counted` is given for each instruction. */
export const COUNT_WORDS = 3;

/** Records of a page whose counts are collected together. */
export interface CountedPage {
  /** What each listener has said. */
  readonly owners: readonly number[];
  readonly linear: number;
  readonly runs: readonly CountedRun[];
}

export interface CountedRun {
  readonly start: number;
  readonly end: number;
  /** The page that its instructions begin in. */
  readonly page: CountedPage;
}

/** Takes the counts out of the records, before the records go or when somebody asks. */
export class ExecutionCounts {
  readonly #state: State;
  readonly #listeners: readonly ExecutionListener[];
  #words = new Uint32Array(COUNT_WORDS * 1024);
  #length = 0;

  constructor(state: State, listeners: readonly ExecutionListener[]) {
    this.#state = state;
    this.#listeners = listeners;
  }

  ownersOf(linearPage: number): number[] {
    const privilege = this.#state.get32(layout.CPL);
    return this.#listeners.map((listener) => listener.ownerOf(addressOfPage(linearPage), privilege));
  }

  /** Tells of the instructions that begin in a page. */
  collect(page: CountedPage): void {
    for (const run of page.runs) if (run.page === page) this.#take(run);
    this.#tell(page);
  }

  /** Tells of a run that reaches into a page from the page before it. */
  collectRun(run: CountedRun): void {
    this.#take(run);
    this.#tell(run.page);
  }

  #tell(page: CountedPage): void {
    if (this.#length === 0) return;
    const words = this.#words.subarray(0, this.#length);
    this.#length = 0;
    for (const [index, listener] of this.#listeners.entries()) {
      listener.counted(page.owners[index] as number, addressOfPage(page.linear), words);
    }
  }

  /** Moves the counts of a run out of its records. */
  #take({ start, end }: CountedRun): void {
    const { u8, u16, u32 } = this.#state;
    for (let at = start; at < end; at += record.RECORD_SIZE) {
      const executed = u32[(at + record.EXECUTED) >>> 2] as number;
      if (executed === 0) continue;
      u32[(at + record.EXECUTED) >>> 2] = 0;
      const kind = u8[at + record.KIND] as number;
      if ((kind & record.RecordKind.Instruction) === 0) continue;
      let taken = 0;
      if ((kind & record.RecordKind.ConditionalBranch) !== 0) {
        taken = u32[(at + record.TAKEN) >>> 2] as number;
        u32[(at + record.TAKEN) >>> 2] = 0;
      }
      if (this.#length + COUNT_WORDS > this.#words.length) this.#grow();
      this.#words[this.#length++] = u16[(at + record.OFFSET) >>> 1] as number;
      this.#words[this.#length++] = executed;
      this.#words[this.#length++] = taken;
    }
  }

  #grow(): void {
    const grown = new Uint32Array(2 * this.#words.length);
    grown.set(this.#words);
    this.#words = grown;
  }
}

const PAGE_SHIFT = 12n;

/** The linear address of the page with a number. */
export function addressOfPage(page: number): bigint {
  return BigInt(page) << PAGE_SHIFT;
}
