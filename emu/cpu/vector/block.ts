/** An operand of 16 bytes: its bytes, and its doublewords from the lowest on. */
export interface Block {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
}

export interface BlockOperands {
  /** The destination before the instruction. */
  readonly first: Block;
  readonly second: Block;
  /** XMM0, an implicit operand of SHA256RNDS2. */
  readonly xmm0: Block;
  /** The immediate's low byte. */
  readonly immediate: number;
}

/** What an instruction makes of its operands: the doublewords of its result, from the lowest on. */
export type BlockOperation = (operands: BlockOperands) => readonly number[];

export const rotateLeft = (word: number, bits: number): number =>
  (word << bits) | (word >>> ((32 - bits) & 31));
