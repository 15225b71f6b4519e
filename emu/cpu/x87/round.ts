import { ROUND_DOWN, ROUND_NEAREST, ROUND_UP } from '../float/environment.ts';
import { bitLength, roundShift } from '../float/round.ts';
import {
  BIAS,
  type Extended,
  infinity,
  LOWEST_EXPONENT,
  largest,
  type Sign,
  signBits,
  zero,
} from './extended.ts';
import { FULL_PRECISION, OVERFLOW, PRECISION, type Rules, UNDERFLOW } from './rules.ts';

/** What is added to or taken from the exponent of a result whose under- or overflow is not masked (AMD APM volume 1, 6.8.2). */
const EXPONENT_ADJUSTMENT = 24576;
const SMALLEST = 1 - BIAS;

/** `value` rounded to a multiple of 2^`shift`, in those units; notes inexactness and its direction. */
export function roundInteger(value: bigint, shift: number, sign: Sign, rules: Rules): bigint {
  if (shift <= 0) return value << BigInt(-shift);
  const rounded = roundShift(value, shift, sign, rules.rounding);
  if (!rounded.exact) {
    rules.flags |= PRECISION;
    rules.up = rounded.value << BigInt(shift) > value;
  }
  return rounded.value;
}

/** Whether an overflow of a sign goes to infinity. */
export function overflowsToInfinity(sign: Sign, rounding: number): boolean {
  return (
    rounding === ROUND_NEAREST ||
    (rounding === ROUND_UP && sign === 0) ||
    (rounding === ROUND_DOWN && sign === 1)
  );
}

/**
 * (-1)^sign × significand × 2^exponent (significand > 0) as a register's contents, with overflow, underflow and precision exceptions.
 * Where one of the first two is not masked the exponent is adjusted, for a handler to see. An inexact significand has its lowest bit set
 * and at least two bits more than the precision.
 */
export function roundExtended(sign: Sign, significand: bigint, exponent: number, rules: Rules): Extended {
  const { precision } = rules;
  const length = bitLength(significand);
  const shift = length - precision;
  const before = rules.flags;
  let rounded = roundInteger(significand, shift, sign, rules);
  let top = exponent + length - 1;
  if (rounded >> BigInt(precision) !== 0n) {
    rounded >>= 1n;
    top++;
  }
  if (top > BIAS) {
    rules.flags |= OVERFLOW;
    if ((rules.masked & OVERFLOW) !== 0) return overflowed(sign, rules);
    top -= EXPONENT_ADJUSTMENT;
    if (top > BIAS) return lost(infinity(sign), true, rules);
  } else if (top < SMALLEST) {
    if ((rules.masked & UNDERFLOW) !== 0) {
      rules.flags = before;
      rules.up = false;
      return denormal(sign, significand, exponent, rules);
    }
    rules.flags |= UNDERFLOW;
    top += EXPONENT_ADJUSTMENT;
    if (top < SMALLEST) return lost(zero(sign), false, rules);
  }
  const low = rounded << BigInt(FULL_PRECISION - precision);
  return { high: signBits(sign) | (top + BIAS), low };
}

/** The masked response to an overflow. */
function overflowed(sign: Sign, rules: Rules): Extended {
  rules.flags |= PRECISION;
  rules.up = overflowsToInfinity(sign, rules.rounding);
  return rules.up ? infinity(sign) : largest(sign, rules.precision);
}

/** The masked response to an underflow: precision is lost below the smallest exponent, and if any is, the exception is noted. */
function denormal(sign: Sign, significand: bigint, exponent: number, rules: Rules): Extended {
  const spare = FULL_PRECISION - rules.precision;
  const before = rules.flags;
  rules.flags = 0;
  const rounded = roundInteger(significand, LOWEST_EXPONENT + spare - exponent, sign, rules) << BigInt(spare);
  if (rules.flags !== 0) rules.flags |= UNDERFLOW;
  rules.flags |= before;
  return { high: signBits(sign) | (rounded >> 63n === 1n ? 1 : 0), low: rounded };
}

/** Out of range even with the exponent adjusted, which FSCALE alone can reach. */
function lost(value: Extended, up: boolean, rules: Rules): Extended {
  rules.flags |= PRECISION;
  rules.up = up;
  return value;
}
