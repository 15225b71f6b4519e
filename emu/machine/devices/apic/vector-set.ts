const WORDS = 8;
const WORD_SHIFT = 5;
const BIT_MASK = 31;

/** No vector. */
export const NO_VECTOR = -1;

/** A set of interrupt vectors: 256 bits, as eight registers of 32. */
export class VectorSet {
  readonly #words = new Uint32Array(WORDS);

  has(vector: number): boolean {
    return ((this.word(vector >>> WORD_SHIFT) >>> (vector & BIT_MASK)) & 1) === 1;
  }

  add(vector: number): void {
    const index = vector >>> WORD_SHIFT;
    this.#words[index] = this.word(index) | (1 << (vector & BIT_MASK));
  }

  delete(vector: number): void {
    const index = vector >>> WORD_SHIFT;
    this.#words[index] = this.word(index) & ~(1 << (vector & BIT_MASK));
  }

  /** The highest vector, or `NO_VECTOR`. */
  highest(): number {
    for (let index = WORDS - 1; index >= 0; index--) {
      const word = this.word(index);
      if (word !== 0) return (index << WORD_SHIFT) + BIT_MASK - Math.clz32(word);
    }
    return NO_VECTOR;
  }

  /** Vectors 32 × index to 32 × index + 31 as bits. */
  word(index: number): number {
    return this.#words[index] as number;
  }

  clear(): void {
    this.#words.fill(0);
  }

  save(): number[] {
    return [...this.#words];
  }

  restore(words: readonly number[]): void {
    this.#words.set(words);
  }
}
