import { FXSAVE_BYTES } from '../../oracles/user-case.ts';
import type { Random } from '../../oracles/user-case-random.ts';

/** FXSAVE's image: offsets in bytes. */
const X87_CONTROL = 0;
const MXCSR = 24;
const MXCSR_MASK = 28;
const X87 = 32;
const XMM = 160;
const X87_REGISTERS = 8;
const XMM_REGISTERS = 16;
const REGISTER_BYTES = 16;
const X87_REGISTER_BYTES = 10;
/** FNINIT's control word, and the mask of the processors that serve as oracles. */
const X87_DEFAULT = 0x37f;
const MASK = 0x2_ffff;

/** Why Unicorn is not asked about vector instructions. */
export const NO_VECTORS_ON_UNICORN = 'its runner carries no vector registers';

/** All exceptions masked, no flag set, round to nearest. */
export const MXCSR_DEFAULT = 0x1f80;

const SINGLES = [
  0x0000_0000, 0x8000_0000, 0x0000_0001, 0x8000_0001, 0x007f_ffff, 0x807f_ffff, 0x0080_0000, 0x8080_0000,
  0x0080_0001, 0x7f7f_ffff, 0xff7f_ffff, 0x7f80_0000, 0xff80_0000, 0x7fc0_0000, 0xffc0_0000, 0x7fa1_2345,
  0xff81_0001, 0x7fff_ffff, 0xffea_bcde, 0x3f80_0000, 0xbf80_0000, 0x3f80_0001, 0x3f7f_ffff, 0x4b00_0001,
  0x4f00_0000, 0xcf00_0000, 0x4eff_ffff, 0x5f00_0000, 0xdf00_0000, 0x3f00_0000, 0x3fc0_0000, 0x4020_0000,
];
const FRACTION_SINGLE = 23;
const FRACTION_DOUBLE = 52n;

/** Singles of the kind that finds mistakes: zeros, denormals, NaNs, infinities, the ends of the ranges, neighbours of one. */
export function singleBits(random: Random): number {
  switch (random.below(5)) {
    case 0:
      return random.u32();
    case 1:
      // Exponents close to each other, so that sums cancel and round.
      return (((random.u32() & 0x807f_ffff) >>> 0) + (120 + random.below(16)) * 2 ** FRACTION_SINGLE) >>> 0;
    case 2:
      // Few fraction bits: exact results and ties.
      return ((random.u32() & 0x80e0_0000) | ((96 + random.below(64)) << FRACTION_SINGLE)) >>> 0;
    case 3:
      // Products and quotients that over- or underflow a little.
      return (
        ((random.u32() & 0x807f_ffff) |
          (random.pick([1, 2, 30, 62, 64, 66, 190, 192, 253, 254]) << FRACTION_SINGLE)) >>>
        0
      );
    default:
      return random.pick(SINGLES);
  }
}

/** Doubles of the same kinds. */
export function doubleBits(random: Random): bigint {
  const sign = BigInt(random.below(2)) << 63n;
  const fraction = BigInt.asUintN(52, random.u64());
  const withExponent = (exponent: number, bits: bigint): bigint =>
    sign | (BigInt(exponent) << FRACTION_DOUBLE) | bits;
  switch (random.below(6)) {
    case 0:
      return random.u64();
    case 1:
      return withExponent(1015 + random.below(16), fraction);
    case 2:
      return withExponent(1000 + random.below(70), fraction & (7n << 49n));
    case 3:
      return withExponent(random.pick([0, 1, 2, 500, 511, 512, 513, 1534, 1535, 2045, 2046]), fraction);
    case 4:
      // The range of singles and its ends, for conversions.
      return withExponent(
        random.pick([872, 873, 874, 896, 897, 1150, 1151, 1053, 1054, 1085, 1086]),
        random.oneIn(2) ? fraction : fraction & (0xfn << 28n),
      );
    default:
      return withExponent(
        random.pick([0, 2047, 1023]),
        random.pick([0n, 1n, (1n << 52n) - 1n, 1n << 51n, 0x7_1234_5678_9abcn]),
      );
  }
}

/** An MXCSR: any rounding, FTZ and DAZ, masks mostly closed, any flags. */
export function anyMxcsr(random: Random): number {
  const masks = random.oneIn(3) ? random.below(64) : 0x3f;
  const control = random.oneIn(3)
    ? 0
    : (random.below(4) << 13) | (random.oneIn(3) ? 0x8000 : 0) | (random.oneIn(3) ? 0x40 : 0);
  const flags = random.pick([0, 0x20, random.below(64)]);
  return control | (masks << 7) | flags;
}

export interface FxValues {
  readonly mxcsr?: (random: Random) => number;
  /** What the XMM registers hold; random bytes of interesting quadwords without it. */
  readonly elements?: 'single' | 'double' | 'integer';
  /** x87 registers as MMX leaves them, with interesting quadwords. */
  readonly mmx?: boolean;
}

/** A maker of FXSAVE images. */
export function fxImage(values: FxValues = {}): (random: Random) => Uint8Array {
  return (random) => {
    const image = new Uint8Array(FXSAVE_BYTES);
    const view = new DataView(image.buffer);
    view.setUint16(X87_CONTROL, X87_DEFAULT, true);
    view.setUint32(MXCSR, values.mxcsr?.(random) ?? MXCSR_DEFAULT, true);
    view.setUint32(MXCSR_MASK, MASK, true);
    if (values.mmx === true) {
      for (let i = 0; i < X87_REGISTERS; i++) {
        view.setBigUint64(X87 + i * REGISTER_BYTES, random.interesting(), true);
        view.setUint16(X87 + i * REGISTER_BYTES + X87_REGISTER_BYTES - 2, random.u32() & 0xffff, true);
      }
    }
    for (let at = XMM; at < XMM + XMM_REGISTERS * REGISTER_BYTES; at += 8) {
      if (values.elements === 'single') {
        view.setUint32(at, singleBits(random), true);
        view.setUint32(at + 4, singleBits(random), true);
      } else if (values.elements === 'double') view.setBigUint64(at, doubleBits(random), true);
      else view.setBigUint64(at, random.oneIn(3) ? random.interesting() : random.u64(), true);
    }
    return image;
  };
}
