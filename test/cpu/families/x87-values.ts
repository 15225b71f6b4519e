import { FXSAVE_BYTES } from '../../oracles/user-case.ts';
import type { Random } from '../../oracles/user-case-random.ts';
import { doubleBits, MXCSR_DEFAULT, singleBits } from './fx-values.ts';

/** FXSAVE's image: offsets in bytes. */
const CONTROL = 0;
const STATUS = 2;
const TAGS = 4;
const MXCSR = 24;
const MXCSR_MASK = 28;
const REGISTERS = 32;
const SLOT = 16;
const STACK_REGISTERS = 8;
const MASK = 0x2_ffff;

const TOP_SHIFT = 11;
const CONDITION_CODES = 0x4700;
const ALL_MASKED = 0x3f;
const INTEGER_BIT = 1n << 63n;

export interface ExtendedBits {
  readonly high: number;
  readonly low: bigint;
}

/** Significands at the ends, with few bits, and of NaNs. */
const SIGNIFICANDS = [
  INTEGER_BIT,
  INTEGER_BIT | 1n,
  INTEGER_BIT - 1n,
  (1n << 64n) - 1n,
  3n << 62n,
  (3n << 62n) | 1n,
  INTEGER_BIT | 0x1234_5678n,
  1n,
  0n,
  1n << 62n,
  0xffff_ff00_0000_0000n,
  0xffff_ff80_0000_0000n,
  0xffff_ffff_ffff_f800n,
  0xffff_ffff_ffff_fc00n,
  0x8000_0080_0000_0000n,
  0x8000_0000_0000_0400n,
];
/** Exponent fields at the ends of the format, of the shorter formats and of integers. */
const EXPONENTS = [
  0, 1, 2, 63, 64, 8191, 8192, 8193, 15360, 15361, 16256, 16257, 16320, 16382, 16383, 16384, 16398, 16414,
  16446, 16447, 16510, 16511, 17406, 17407, 24574, 24575, 24576, 32703, 32765, 32766, 32767,
];

/** Extended values of the kind that finds mistakes, of all classes, unsupported ones among them. */
export function extendedBits(random: Random): ExtendedBits {
  const sign = random.below(2) << 15;
  const significand = random.u64() | INTEGER_BIT;
  switch (random.below(10)) {
    case 0:
      return { high: random.u32() & 0xffff, low: random.u64() };
    case 1:
      return { high: sign | random.pick(EXPONENTS), low: random.pick(SIGNIFICANDS) };
    case 2:
      return { high: sign | random.pick(EXPONENTS), low: significand };
    case 3:
      // Close to each other, so that sums cancel and round.
      return { high: sign | (16375 + random.below(16)), low: significand };
    case 4:
      // Few bits: exact results and ties.
      return {
        high: sign | (16350 + random.below(80)),
        low: INTEGER_BIT | (((random.u64() >> BigInt(random.below(40))) << 40n) % INTEGER_BIT),
      };
    case 5:
      // Ties of the shorter precisions.
      return {
        high: sign | (16380 + random.below(8)),
        low: INTEGER_BIT | (random.u64() & (0xfn << BigInt(random.pick([8, 9, 10, 37, 38, 39, 0])))),
      };
    case 6:
      // Integers, whole and with halves.
      return {
        high: sign | (16383 + random.below(66)),
        low: INTEGER_BIT | ((random.u64() & 0xffn) << BigInt(random.below(56))),
      };
    case 7: {
      // Exact zeros, infinities and NaNs.
      const low = random.pick([
        INTEGER_BIT,
        3n << 62n,
        significand,
        significand | (1n << 62n),
        significand & ~(1n << 62n),
      ]);
      return random.oneIn(2) ? { high: sign, low: 0n } : { high: sign | 0x7fff, low };
    }
    case 8:
      return random.oneIn(3)
        ? { high: sign, low: random.u64() >> BigInt(random.below(64)) }
        : { high: sign | (16383 + 4 * (random.below(9) - 4)), low: significand };
    default:
      return { high: sign | (16383 - 40 + random.below(80)), low: significand };
  }
}

/** The ten bytes of an extended value. */
export function extendedBytes({ high, low }: ExtendedBits): Uint8Array {
  const bytes = new Uint8Array(10);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, low, true);
  view.setUint16(8, high, true);
  return bytes;
}

/** Packed BCD, mostly with decimal digits. */
export function bcdBytes(random: Random): Uint8Array {
  const bytes = random.bytes(10);
  if (!random.oneIn(4)) {
    for (let i = 0; i < 9; i++) bytes[i] = random.below(10) | (random.below(10) << 4);
  }
  if (random.oneIn(4)) bytes.fill(0, random.below(9), 9);
  return bytes;
}

/** Bytes for a memory operand: any number of the format of so many bits, or of an integer. */
export function memoryBytes(
  random: Random,
  kind: 'single' | 'double' | 'extended' | 'bcd' | 'integer',
): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  switch (kind) {
    case 'single':
      view.setUint32(0, singleBits(random), true);
      break;
    case 'double':
      view.setBigUint64(0, doubleBits(random), true);
      break;
    case 'extended':
      bytes.set(extendedBytes(extendedBits(random)));
      break;
    case 'bcd':
      bytes.set(bcdBytes(random));
      break;
    default:
      view.setBigUint64(0, random.interesting(), true);
  }
  return bytes;
}

/** A control word: any rounding and precision, masks mostly closed. */
export function anyControl(random: Random): number {
  const masks = random.oneIn(3) ? random.below(64) : ALL_MASKED;
  const precision = random.oneIn(2) ? 3 : random.below(4);
  return (random.below(4) << 10) | (precision << 8) | 0x40 | masks;
}

export interface X87Values {
  readonly control?: (random: Random) => number;
  /** What the registers hold. */
  readonly register?: (random: Random, index: number) => ExtendedBits;
  /** Registers that are not empty, by their place in the stack; without it mostly those that leave room for a push. */
  readonly full?: (random: Random) => number;
  /** Exceptions may be pending when the code starts. */
  readonly pending?: boolean;
}

/** A maker of FXSAVE images with everything in the x87 state. */
export function x87Image(values: X87Values = {}): (random: Random) => Uint8Array {
  return (random) => {
    const image = new Uint8Array(FXSAVE_BYTES);
    const view = new DataView(image.buffer);
    const control = (values.control ?? anyControl)(random);
    const top = random.below(8);
    const flags = random.oneIn(2)
      ? 0
      : random.u32() & (values.pending === true ? 0x7f : (control & ALL_MASKED) | 0x40);
    view.setUint16(CONTROL, control, true);
    view.setUint16(STATUS, (top << TOP_SHIFT) | (random.u32() & CONDITION_CODES) | flags, true);
    const full =
      values.full?.(random) ?? random.pick([0x7f, 0x7f, 0xff, random.below(256), random.below(256) | 3]);
    image[TAGS] = ((full << top) | (full >> (8 - top))) & 0xff;
    view.setUint32(MXCSR, MXCSR_DEFAULT, true);
    view.setUint32(MXCSR_MASK, MASK, true);
    for (let index = 0; index < STACK_REGISTERS; index++) {
      image.set(extendedBytes((values.register ?? extendedBits)(random, index)), REGISTERS + index * SLOT);
    }
    return image;
  };
}
