import * as layout from '../layout.ts';
import type { State } from '../state.ts';
import { readFlags } from './flags.ts';

const SEED_A = 0x811c_9dc5;
const SEED_B = 0x9e37_79b9;
const PRIME_A = 0x0100_0193;
const PRIME_B = 0x85eb_ca6b;

/**
 * State slots that say nothing about the guest: what is left over from the last slow path, derived from other slots,
 * or an encoding of flags that has equals. [from, to).
 */
const NOT_ARCHITECTURAL: readonly (readonly [number, number])[] = [
  [layout.ZERO, layout.RIP],
  [layout.PAGE_BASE, layout.CR0],
  [layout.CODE_SIZE, layout.FX],
];

/** A 64-bit hash over words, as two independent 32-bit lanes. Not cryptographic: it tells states apart. */
class WordHash {
  #a = SEED_A;
  #b = SEED_B;

  add(word: number): void {
    this.addWords(Uint32Array.of(word));
  }

  addWords(words: Uint32Array): void {
    let a = this.#a;
    let b = this.#b;
    for (let index = 0; index < words.length; index++) {
      const word = words[index] as number;
      a = Math.imul(a ^ word, PRIME_A);
      a ^= a >>> 15;
      b = (Math.imul((b << 13) | (b >>> 19), 5) + Math.imul(word, PRIME_B)) | 0;
    }
    this.#a = a;
    this.#b = b;
  }

  digest(): string {
    const half = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');
    return half(this.#a) + half(this.#b);
  }
}

/** Hash of the processor's architectural state as 16 hex digits: registers, flags, segments, MSRs, FPU. RAM is not part of it. */
export function hashRegisters(state: State): string {
  const words = state.u32.slice(0, layout.STATE_END >>> 2);
  for (const [from, to] of NOT_ARCHITECTURAL) words.fill(0, from >>> 2, to >>> 2);
  const hash = new WordHash();
  hash.addWords(words);
  hash.add(readFlags(state));
  return hash.digest();
}

/** Hash of the processor's architectural state and all of RAM, as 16 hex digits. */
export function hashState(state: State): string {
  const hash = new WordHash();
  hash.addWords(new Uint32Array(state.memory.buffer, layout.RAM, state.ram.length >>> 2));
  for (const character of hashRegisters(state)) hash.add(character.charCodeAt(0));
  return hash.digest();
}
