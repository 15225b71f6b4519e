/**
 * What the decoder notes of an x87 instruction, for the pointers to the last one (AMD APM volume 1, 6.2.5): its opcode, and how its memory
 * operand's offset and selector follow from the linear address.
 */
export interface X87Reference {
  /** The low bits of the first opcode byte above the ModRM byte: 11 bits. */
  readonly opcode: number;
  /** Segment register of the memory operand, in encoding order. */
  readonly segment: number;
  /** The segment's base is part of the linear address. */
  readonly based: boolean;
}

/** Fields of the number that stands in a record. */
export const REFERENCE_SEGMENT_SHIFT = 16;
export const REFERENCE_BASED = 1 << 19;
export const REFERENCE_OPCODE = 0x7ff;
export const REFERENCE_SEGMENT = 7;

export function x87Reference({ opcode, segment, based }: X87Reference): number {
  return opcode | (segment << REFERENCE_SEGMENT_SHIFT) | (based ? REFERENCE_BASED : 0);
}
