/**
 * The double-extended format (AMD APM volume 1, 6.3): 64 bits of significand with an explicit integer bit, 15 bits of exponent, a sign.
 * A register's contents travel as `high` (sign and exponent) and `low` (significand).
 */
export interface Extended {
  readonly high: number;
  readonly low: bigint;
}

export const SIGN = 0x8000;
export const EXPONENT_MASK = 0x7fff;
export const BIAS = 16383;
/** Exponents of the value of the significand's lowest bit: in the smallest numbers, and for an exponent field of zero plus that field. */
export const LOWEST_EXPONENT = 1 - BIAS - 63;
export const INTEGER_BIT = 1n << 63n;
export const QUIET_BIT = 1n << 62n;
const ALL_ONES = (1n << 64n) - 1n;

export type Sign = 0 | 1;

/** The real indefinite: the NaN that a masked invalid operation gives. */
export const INDEFINITE: Extended = { high: SIGN | EXPONENT_MASK, low: INTEGER_BIT | QUIET_BIT };

export const signBits = (sign: Sign): number => (sign === 1 ? SIGN : 0);
export const zero = (sign: Sign): Extended => ({ high: signBits(sign), low: 0n });
export const infinity = (sign: Sign): Extended => ({
  high: signBits(sign) | EXPONENT_MASK,
  low: INTEGER_BIT,
});
/** The finite number of largest magnitude with a precision in bits. */
export const largest = (sign: Sign, precision: number): Extended => ({
  high: signBits(sign) | (EXPONENT_MASK - 1),
  low: (ALL_ONES >> BigInt(64 - precision)) << BigInt(64 - precision),
});

/** What an encoding stands for. Unsupported: pseudo-NaNs, pseudo-infinities and unnormals, which no operation takes. */
export type Kind = 'zero' | 'finite' | 'infinity' | 'quiet' | 'signaling' | 'unsupported';

/** An encoding taken apart. A finite value is (-1)^sign × significand × 2^exponent. */
export interface Unpacked {
  readonly kind: Kind;
  readonly sign: Sign;
  readonly significand: bigint;
  readonly exponent: number;
  /** A denormal or pseudo-denormal. */
  readonly denormal: boolean;
  readonly value: Extended;
}

export function unpack(value: Extended): Unpacked {
  const { high, low } = value;
  const sign = (high & SIGN) === 0 ? 0 : 1;
  const field = high & EXPONENT_MASK;
  const exponent = LOWEST_EXPONENT + (field === 0 ? 0 : field - 1);
  let kind: Kind = 'finite';
  if (field === 0) {
    if (low === 0n) kind = 'zero';
  } else if (low < INTEGER_BIT) kind = 'unsupported';
  else if (field === EXPONENT_MASK) {
    if (low === INTEGER_BIT) kind = 'infinity';
    else kind = (low & QUIET_BIT) === 0n ? 'signaling' : 'quiet';
  }
  return { kind, sign, significand: low, exponent, denormal: field === 0 && kind === 'finite', value };
}

export const isNaNKind = ({ kind }: Unpacked): boolean => kind === 'quiet' || kind === 'signaling';
export const quieted = ({ high, low }: Extended): Extended => ({ high, low: low | QUIET_BIT });
export const negated = ({ high, low }: Extended): Extended => ({ high: high ^ SIGN, low });
export const opposite = (sign: Sign): Sign => (sign === 1 ? 0 : 1);
