import { isZeroPage, PAGE_WORDS } from './pages.ts';

/** Odd multipliers with well-spread bits; the rotation brings the high bits, where a product mixes best, back down. */
const MULTIPLIER_A = 0x9e37_79b1;
const MULTIPLIER_B = 0x85eb_ca77;
const SEED_A = 0x243f_6a88;
const SEED_B = 0x1319_8a2e;

/**
 * A 64-bit hash in two 32-bit lanes: each word is added into both lanes, which are rotated by different amounts and
 * multiplied. Fast, and not cryptographic: it tells accidents apart, not attacks.
 */
export class StateHash {
  #a = SEED_A | 0;
  #b = SEED_B | 0;

  /** One word of 32 bits. */
  word(value: number): void {
    const a = Math.imul(this.#a ^ value, MULTIPLIER_A);
    const b = Math.imul((this.#b + value) | 0, MULTIPLIER_B);
    this.#a = (a << 15) | (a >>> 17);
    this.#b = (b << 13) | (b >>> 19);
  }

  /** A non-negative integer below 2^53. */
  integer(value: number): void {
    this.word(value | 0);
    this.word(Math.floor(value / 2 ** 32));
  }

  text(value: string): void {
    this.integer(value.length);
    for (let index = 0; index < value.length; index++) this.word(value.charCodeAt(index));
  }

  /** RAM: the pages that are not all zeros, each with its number. */
  pages(ram: Uint8Array): void {
    const words = new Uint32Array(ram.buffer, ram.byteOffset, ram.length >>> 2);
    for (let start = 0; start < words.length; start += PAGE_WORDS) {
      if (isZeroPage(words, start)) continue;
      this.word(start);
      this.words(words, start, start + PAGE_WORDS);
    }
  }

  /** 16 hexadecimal digits. */
  digest(): string {
    return finish(this.#a ^ this.#b) + finish(this.#b);
  }

  /** Words `start` up to and without `end`. */
  words(words: Uint32Array, start: number, end: number): void {
    let a = this.#a;
    let b = this.#b;
    for (let at = start; at < end; at++) {
      const value = words[at] as number;
      a = Math.imul(a ^ value, MULTIPLIER_A);
      b = Math.imul((b + value) | 0, MULTIPLIER_B);
      a = (a << 15) | (a >>> 17);
      b = (b << 13) | (b >>> 19);
    }
    this.#a = a;
    this.#b = b;
  }
}

/** Lets every bit of a lane reach every bit of the digest. */
function finish(lane: number): string {
  let value = lane;
  value = Math.imul(value ^ (value >>> 16), MULTIPLIER_B);
  value = Math.imul(value ^ (value >>> 13), MULTIPLIER_A);
  value ^= value >>> 16;
  return (value >>> 0).toString(16).padStart(8, '0');
}
