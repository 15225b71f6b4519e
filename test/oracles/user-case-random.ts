/** Seeded random numbers (SplitMix's mixing over a 32-bit counter); the same seed gives the same cases everywhere. */
export class Random {
  private counter: number;

  /** `seed`: a 32-bit integer, or text that is hashed to one. */
  constructor(seed: number | string) {
    this.counter = typeof seed === 'number' ? seed >>> 0 : hashText(seed);
  }

  /** 32 random bits, unsigned. */
  u32(): number {
    this.counter = (this.counter + 0x9e37_79b9) >>> 0;
    let z = this.counter;
    z = Math.imul(z ^ (z >>> 16), 0x21f0_aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a_2d97);
    return (z ^ (z >>> 15)) >>> 0;
  }

  /** An integer from 0 to `limit` - 1. */
  below(limit: number): number {
    return Math.floor((this.u32() / 2 ** 32) * limit);
  }

  /** True once in `n` times. */
  oneIn(n: number): boolean {
    return this.below(n) === 0;
  }

  u64(): bigint {
    return (BigInt(this.u32()) << 32n) | BigInt(this.u32());
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  bytes(length: number): Uint8Array {
    const words = new Uint32Array(Math.ceil(length / 4));
    for (let i = 0; i < words.length; i++) words[i] = this.u32();
    return new Uint8Array(words.buffer, 0, length);
  }

  /** A 64-bit value of the kind that finds mistakes: edges of all widths, small numbers, sparse and dense bits. */
  interesting(): bigint {
    switch (this.below(6)) {
      case 0:
        return this.u64();
      case 1:
        return BigInt.asUintN(64, BigInt(this.below(33) - 16));
      case 2:
        return BigInt.asUintN(64, this.pick(edges) + BigInt(this.below(5) - 2));
      case 3:
        return 1n << BigInt(this.below(64));
      case 4:
        return this.u64() >> BigInt(this.below(64));
      default:
        return BigInt.asUintN(64, this.pick(edges)) ^ ((this.u64() << 32n) % 2n ** 64n);
    }
  }
}

/** The last and first values of each width, signed and unsigned. */
export const edges: readonly bigint[] = [
  0n,
  0x7fn,
  0x80n,
  0xffn,
  0x100n,
  0x7fffn,
  0x8000n,
  0xffffn,
  0x1_0000n,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  0x1_0000_0000n,
  0x7fff_ffff_ffff_ffffn,
  0x8000_0000_0000_0000n,
  0xffff_ffff_ffff_ffffn,
];

/** FNV-1a, 32 bits. */
function hashText(text: string): number {
  let hash = 0x811c_9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193);
  return hash >>> 0;
}
