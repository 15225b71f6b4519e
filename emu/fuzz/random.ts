const GOLDEN = 0x9e37_79b9;
const TWO_32 = 2 ** 32;

/** Numbers that look random and are the same for the same seed (Mulberry32). */
export class Random {
  #state: number;

  /** Only the low 32 bits of the seed count. */
  constructor(seed: number) {
    this.#state = Math.imul(seed ^ GOLDEN, 0x85eb_ca6b) >>> 0;
  }

  /** 32 bits. */
  word(): number {
    this.#state = (this.#state + 0x6d2b_79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** An integer from 0 up to, and not including, `end`. */
  below(end: number): number {
    return Math.floor((this.word() / TWO_32) * end);
  }

  /** True once in `times`. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  /** One of several; they must not be none. */
  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  /** An index of `weights`, as likely as its weight. */
  weighted(weights: readonly number[]): number {
    let left = this.below(weights.reduce((sum, weight) => sum + weight, 0));
    return Math.max(
      0,
      weights.findIndex((weight) => {
        left -= weight;
        return left < 0;
      }),
    );
  }
}
