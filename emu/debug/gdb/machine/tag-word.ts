/** Offsets in FXSAVE's image (AMD APM vol. 2, section 11.4.4). */
const STATUS_WORD = 2;
const ABRIDGED_TAG = 4;
const ST0 = 32;
const SLOT = 16;

const STACK_REGISTERS = 8;
const TOP_SHIFT = 3;
const TOP_MASK = 7;

/** Kinds of contents as the tag word has them (AMD APM vol. 1, section 6.2.4). */
const VALID = 0;
const ZERO = 1;
const SPECIAL = 2;
const EMPTY = 3;

const EXPONENT_MASK = 0x7fff;
const INTEGER_BIT = 0x80;

/** The x87 tag word, which FXSAVE shortens to one bit a register: made again from the registers' contents. */
export function tagWord(image: Uint8Array): number {
  const top = ((image[STATUS_WORD + 1] as number) >> TOP_SHIFT) & TOP_MASK;
  let word = 0;
  for (let physical = 0; physical < STACK_REGISTERS; physical++) {
    const full = ((image[ABRIDGED_TAG] as number) >> physical) & 1;
    // The image has the registers in the order of the stack, the tags in that of the processor.
    const index = (physical - top) & TOP_MASK;
    const tag = full === 0 ? EMPTY : kindOf(image.subarray(ST0 + SLOT * index, ST0 + SLOT * index + 10));
    word |= tag << (2 * physical);
  }
  return word;
}

function kindOf(value: Uint8Array): number {
  const exponent = ((value[8] as number) | ((value[9] as number) << 8)) & EXPONENT_MASK;
  const integer = ((value[7] as number) & INTEGER_BIT) !== 0;
  if (exponent === EXPONENT_MASK) return SPECIAL;
  if (exponent !== 0) return integer ? VALID : SPECIAL;
  return value.subarray(0, 8).every((byte) => byte === 0) ? ZERO : SPECIAL;
}
