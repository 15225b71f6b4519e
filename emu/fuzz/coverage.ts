import type { ExecutionListener } from '../cpu/interpreter/execution-counts.ts';
import type { KernelImage } from '../kernel/index.ts';

const COUNT_WORDS = 3;
const EXECUTIONS = 0x7fff_ffff;
/** The kernel's own pages; user programs are not looked at. */
const KERNEL_OWNER = 1;
const OTHER_OWNER = 0;

/** What an instruction was seen to do. */
const Seen = { executed: 1, taken: 2, passed: 4 } as const;

/** Which instructions of the kernel were executed, and which way its branches went: what guides the fuzzer. */
export class KernelCoverage implements ExecutionListener {
  readonly #start: bigint;
  readonly #end: bigint;
  /** By offset in the kernel's text. */
  readonly #seen: Uint8Array;
  #fresh: number[] = [];
  #total = 0;

  constructor(image: KernelImage) {
    this.#start = image.address('kernel_text') & ~0xfffn;
    this.#end = image.address('etext');
    this.#seen = new Uint8Array(Number(this.#end - this.#start));
  }

  /** Edges and instructions seen so far. */
  get total(): number {
    return this.#total;
  }

  /** What was seen for the first time since it was asked last: offsets with what they did. */
  takeFresh(): number[] {
    const fresh = this.#fresh;
    this.#fresh = [];
    return fresh;
  }

  /** Counts as seen what another has seen. */
  merge(fresh: readonly number[]): void {
    for (const word of fresh) this.#mark(word >>> 3, word & 7);
    this.#fresh = [];
  }

  ownerOf(linearPage: bigint): number {
    return linearPage >= this.#start && linearPage < this.#end ? KERNEL_OWNER : OTHER_OWNER;
  }

  counted(owner: number, linearPage: bigint, words: Uint32Array): void {
    if (owner !== KERNEL_OWNER) return;
    const base = Number(linearPage - this.#start);
    for (let i = 0; i < words.length; i += COUNT_WORDS) {
      const executed = (words[i + 1] as number) & EXECUTIONS;
      const taken = words[i + 2] as number;
      let what: number = Seen.executed;
      if (taken > 0) what |= Seen.taken;
      if (executed > taken) what |= Seen.passed;
      const at = base + (words[i] as number);
      if (((this.#seen[at] as number) & what) !== what) this.#mark(at, what);
    }
  }

  #mark(at: number, what: number): void {
    const before = this.#seen[at] ?? 0;
    if ((before & what) === what) return;
    this.#seen[at] = before | what;
    this.#total++;
    this.#fresh.push((at << 3) | what);
  }
}
