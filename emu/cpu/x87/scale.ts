import { bitLength } from '../float/round.ts';
import { invalid, noteDenormals, ofNaN, ofNaNs, type UnaryOperation } from './arithmetic.ts';
import { fromInteger } from './conversions.ts';
import { BIAS, type Extended, infinity, opposite, signBits, type Unpacked, zero } from './extended.ts';
import { roundExtended, roundInteger } from './round.ts';
import { DIVIDE_BY_ZERO, fullPrecision, type Rules } from './rules.ts';

/** FRNDINT. */
export const roundToInteger: UnaryOperation = (a, rules) => {
  const nan = ofNaN(a, rules);
  if (nan !== undefined) return nan;
  if (a.kind === 'zero' || a.kind === 'infinity') return a.value;
  noteDenormals(rules, a);
  if (a.exponent >= 0) return a.value;
  const magnitude = roundInteger(a.significand, -a.exponent, a.sign, rules);
  if (magnitude === 0n) return zero(a.sign);
  const { high, low } = fromInteger(magnitude);
  return { high: high | signBits(a.sign), low };
};

/** Beyond this power of two every value over- or underflows, even with its exponent adjusted. */
const SCALE_LIMIT = 1 << 17;

/** FSCALE: a × 2^trunc(b). Precision control does not count. */
export function scale(a: Unpacked, b: Unpacked, given: Rules): Extended {
  const nan = ofNaNs(a, b, given);
  if (nan !== undefined) return nan;
  if (b.kind === 'infinity') {
    if (a.kind === (b.sign === 0 ? 'zero' : 'infinity')) return invalid(given);
    noteDenormals(given, a);
    return b.sign === 0 ? infinity(a.sign) : zero(a.sign);
  }
  noteDenormals(given, a, b);
  if (a.kind === 'infinity' || a.kind === 'zero') return a.value;
  const rules = fullPrecision(given);
  const result = roundExtended(a.sign, a.significand, a.exponent + truncated(b), rules);
  given.flags |= rules.flags;
  given.up = rules.up;
  return result;
}

/** The integer part of a value, kept within what makes a difference to an exponent. */
function truncated(b: Unpacked): number {
  if (b.kind === 'zero' || b.exponent <= -64) return 0;
  const magnitude =
    b.exponent > 0 ? SCALE_LIMIT : Math.min(SCALE_LIMIT, Number(b.significand >> BigInt(-b.exponent)));
  return b.sign === 1 ? -magnitude : magnitude;
}

export interface Extracted {
  readonly exponent: Extended;
  readonly significand: Extended;
}

/** FXTRACT: a value's exponent as a number, and its significand with an exponent of zero. */
export function extract(a: Unpacked, rules: Rules): Extracted {
  const nan = ofNaN(a, rules);
  if (nan !== undefined) return { exponent: nan, significand: nan };
  if (a.kind === 'zero') {
    rules.flags |= DIVIDE_BY_ZERO;
    return { exponent: infinity(1), significand: a.value };
  }
  if (a.kind === 'infinity') return { exponent: infinity(0), significand: a.value };
  noteDenormals(rules, a);
  const length = bitLength(a.significand);
  return {
    exponent: fromInteger(BigInt(a.exponent + length - 1)),
    significand: { high: signBits(a.sign) | BIAS, low: a.significand << BigInt(64 - length) },
  };
}

/** What FPREM and FPREM1 give besides the remainder: the quotient's low bits, or that there is more to do. */
export interface Remainder {
  readonly value: Extended;
  /** Its low three bits; undefined when an operand is no number, or none can be divided so. */
  readonly quotient: number | undefined;
  readonly incomplete: boolean;
}

/** Differences of exponents below this are done at once; else this many bits of quotient are made, less what makes it even (see `partial`). */
const COMPLETE_BELOW = 64;

const whole = (value: Extended, quotient?: number): Remainder => ({ value, quotient, incomplete: false });

/** FPREM (`nearest` false: the quotient is truncated) and FPREM1 (it is rounded to nearest, as IEEE 754 wants). */
export function remainder(a: Unpacked, b: Unpacked, nearest: boolean, given: Rules): Remainder {
  const nan = ofNaNs(a, b, given);
  if (nan !== undefined) return whole(nan);
  if (a.kind === 'infinity' || b.kind === 'zero') return whole(invalid(given));
  noteDenormals(given, a, b);
  if (a.kind === 'zero') return whole(a.value, 0);
  const rules = fullPrecision(given);
  const packed = (sign: 0 | 1, significand: bigint, exponent: number): Extended => {
    const value = significand === 0n ? zero(sign) : roundExtended(sign, significand, exponent, rules);
    given.flags |= rules.flags;
    given.up = rules.up;
    return value;
  };
  if (b.kind === 'infinity') return whole(packed(a.sign, a.significand, a.exponent), 0);
  const top = a.exponent + bitLength(a.significand);
  const difference = top - (b.exponent + bitLength(b.significand));
  if (difference < -1) return whole(packed(a.sign, a.significand, a.exponent), 0);
  const exponent = Math.min(a.exponent, b.exponent);
  const dividend = a.significand << BigInt(a.exponent - exponent);
  const divisor = b.significand << BigInt(b.exponent - exponent);
  if (difference >= COMPLETE_BELOW) {
    const step = divisor << BigInt(difference - partial(difference));
    return { value: packed(a.sign, dividend % step, exponent), quotient: 0, incomplete: true };
  }
  let quotient = dividend / divisor;
  let rest = dividend - quotient * divisor;
  let sign = a.sign;
  if (nearest && (2n * rest > divisor || (2n * rest === divisor && (quotient & 1n) === 1n))) {
    quotient++;
    rest = divisor - rest;
    sign = opposite(sign);
  }
  if (rest === 0n) sign = a.sign;
  return { value: packed(sign, rest, exponent), quotient: Number(quotient & 7n), incomplete: false };
}

/** Bits of quotient that one incomplete step makes. */
function partial(difference: number): number {
  return (difference & 31) | 32;
}
