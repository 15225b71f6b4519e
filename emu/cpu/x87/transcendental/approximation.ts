import { bitLength } from '../../float/round.ts';
import { EXPONENT_MASK, type Extended, type Sign, type Unpacked, zero } from '../extended.ts';
import { roundExtended } from '../round.ts';
import { fullPrecision, PRECISION, type Rules, UNDERFLOW } from '../rules.ts';

/**
 * A number close to the wanted one: (-1)^sign × significand × 2^exponent, with an error below 2^-120 of it unless it is exact. The
 * instructions of this room round it once, so that what they give is off by at most half a unit in the last place and 2^-50 of one.
 */
export interface Approximation {
  readonly sign: Sign;
  readonly significand: bigint;
  readonly exponent: number;
  readonly exact: boolean;
}

/** A signed fixed-point number. */
export function approximation(value: bigint, bits: number, exact = false): Approximation {
  return { sign: value < 0n ? 1 : 0, significand: value < 0n ? -value : value, exponent: -bits, exact };
}

/** Bits by which something is so much smaller than what it is added to that it only says that a result is inexact. */
export const NEGLIGIBLE = 130;

/** A value changed towards zero by something negligible. */
export function slightlyLess({ sign, significand, exponent }: Unpacked | Approximation): Approximation {
  return {
    sign,
    significand: (significand << BigInt(NEGLIGIBLE)) - 1n,
    exponent: exponent - NEGLIGIBLE,
    exact: false,
  };
}

/** The magnitude as a fixed-point number; what is lost below makes it smaller. */
export function fixed({ significand, exponent }: Unpacked | Approximation, bits: number): bigint {
  const shift = exponent + bits;
  return shift >= 0 ? significand << BigInt(shift) : significand >> BigInt(-shift);
}

/** Position of the highest bit: 0 for a value from 1 to 2. */
export function magnitude({ significand, exponent }: Unpacked | Approximation): number {
  return exponent + bitLength(significand) - 1;
}

export function times(a: Approximation, b: Unpacked): Approximation {
  return {
    sign: a.sign === b.sign ? 0 : 1,
    significand: a.significand * b.significand,
    exponent: a.exponent + b.exponent,
    exact: a.exact,
  };
}

/**
 * Rounds once, to the full precision whatever precision control says. The result counts as inexact even if it is not, and so a denormal
 * one always as an underflow.
 */
export function rounded(value: Approximation, given: Rules): Extended {
  given.flags |= PRECISION;
  if (value.significand === 0n) return zero(value.sign);
  const rules = fullPrecision(given);
  // An inexact value has bits enough for one more below them to be no change.
  const shift = value.exact ? 0 : 1;
  const sticky = value.exact ? 0n : 1n;
  const significand = (value.significand << BigInt(shift)) | sticky;
  const result = roundExtended(value.sign, significand, value.exponent - shift, rules);
  given.flags |= rules.flags;
  if ((result.high & EXPONENT_MASK) === 0) given.flags |= UNDERFLOW;
  given.up = rules.up;
  return result;
}
