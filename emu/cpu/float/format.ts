/** A binary interchange format of IEEE 754. Values travel as their bits, in a bigint. */
export interface FloatFormat {
  /** Bytes of a value. */
  readonly size: 4 | 8;
  /** Bits of the fraction; the precision is one more. */
  readonly fractionBits: number;
  /** The exponent field of infinities and NaNs. */
  readonly exponentMask: number;
  readonly bias: number;
  readonly quietBit: bigint;
  /** The NaN that an invalid operation gives: negative on x86 (Intel SDM volume 1, 4.8.3.7). */
  readonly defaultNaN: bigint;
  readonly infinity: bigint;
  readonly largest: bigint;
  readonly signShift: bigint;
}

function format(size: 4 | 8, fractionBits: number): FloatFormat {
  const exponentBits = 8 * size - 1 - fractionBits;
  const exponentMask = 2 ** exponentBits - 1;
  const infinity = BigInt(exponentMask) << BigInt(fractionBits);
  const quietBit = 1n << BigInt(fractionBits - 1);
  const signShift = BigInt(8 * size - 1);
  return {
    size,
    fractionBits,
    exponentMask,
    bias: (exponentMask - 1) / 2,
    quietBit,
    infinity,
    largest: infinity - 1n,
    defaultNaN: (1n << signShift) | infinity | quietBit,
    signShift,
  };
}

export const BINARY32: FloatFormat = format(4, 23);
export const BINARY64: FloatFormat = format(8, 52);

/** A value taken apart. A finite one is (-1)^sign × significand × 2^exponent. */
export interface Unpacked {
  readonly kind: 'zero' | 'finite' | 'infinity' | 'quiet' | 'signaling';
  readonly sign: 0 | 1;
  readonly significand: bigint;
  readonly exponent: number;
  readonly denormal: boolean;
  readonly bits: bigint;
}

/** Takes a value apart; with `denormalsAreZero` a denormal is a zero of its sign. */
export function unpack(bits: bigint, of: FloatFormat, denormalsAreZero: boolean): Unpacked {
  const sign = (bits >> of.signShift) & 1n ? 1 : 0;
  const exponentField = Number(bits >> BigInt(of.fractionBits)) & of.exponentMask;
  const fraction = BigInt.asUintN(of.fractionBits, bits);
  const base = { sign, bits, denormal: false, significand: 0n, exponent: 0 } as const;
  if (exponentField === of.exponentMask) {
    if (fraction === 0n) return { ...base, kind: 'infinity' };
    return { ...base, kind: (fraction & of.quietBit) === 0n ? 'signaling' : 'quiet' };
  }
  const lowest = 1 - of.bias - of.fractionBits;
  if (exponentField === 0) {
    if (fraction === 0n) return { ...base, kind: 'zero' };
    if (denormalsAreZero) return { ...base, kind: 'zero', bits: signed(sign, 0n, of) };
    return { ...base, kind: 'finite', significand: fraction, exponent: lowest, denormal: true };
  }
  const significand = fraction | (1n << BigInt(of.fractionBits));
  return { ...base, kind: 'finite', significand, exponent: lowest + exponentField - 1 };
}

/** `magnitude` with a sign bit. */
export function signed(sign: 0 | 1, magnitude: bigint, of: FloatFormat): bigint {
  return sign === 1 ? magnitude | (1n << of.signShift) : magnitude;
}

export const isNaNKind = ({ kind }: Unpacked): boolean => kind === 'quiet' || kind === 'signaling';
