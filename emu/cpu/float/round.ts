import {
  type FloatEnvironment,
  OVERFLOW,
  PRECISION,
  ROUND_DOWN,
  ROUND_NEAREST,
  ROUND_UP,
  UNDERFLOW,
} from './environment.ts';
import { type FloatFormat, signed } from './format.ts';

const TWO_64 = 1n << 64n;

/** Bits of a positive integer without leading zeros. */
export function bitLength(value: bigint): number {
  let rest = value;
  let length = 0;
  while (rest >= TWO_64) {
    rest >>= 64n;
    length += 64;
  }
  const high = Number(rest >> 32n);
  return length + (high === 0 ? 32 - Math.clz32(Number(rest)) : 64 - Math.clz32(high));
}

/** `value` / 2^`shift`, rounded to an integer; `shift` may be negative. */
export function roundShift(
  value: bigint,
  shift: number,
  sign: 0 | 1,
  rounding: number,
): { value: bigint; exact: boolean } {
  if (shift <= 0) return { value: value << BigInt(-shift), exact: true };
  const quotient = value >> BigInt(shift);
  const rest = value - (quotient << BigInt(shift));
  if (rest === 0n) return { value: quotient, exact: true };
  let up: boolean;
  if (rounding === ROUND_NEAREST) {
    const half = 1n << BigInt(shift - 1);
    up = rest > half || (rest === half && (quotient & 1n) === 1n);
  } else if (rounding === ROUND_UP) up = sign === 0;
  else up = rounding === ROUND_DOWN && sign === 1;
  return { value: up ? quotient + 1n : quotient, exact: false };
}

/**
 * The bits of (-1)^sign × significand × 2^exponent (significand > 0) in a format, with overflow, underflow and precision exceptions. An
 * unmasked exception faults, so that the bits then mean nothing.
 * An inexact significand must have its lowest bit set and two bits more than the precision. Underflow is detected after rounding
 * (Intel SDM volume 1, 4.9.1.5).
 */
export function roundAndPack(
  sign: 0 | 1,
  significand: bigint,
  exponent: number,
  to: FloatFormat,
  environment: FloatEnvironment,
): bigint {
  const { rounding } = environment;
  const precision = to.fractionBits + 1;
  const smallest = 1 - to.bias;
  const length = bitLength(significand);
  const rounded = roundShift(significand, length - precision, sign, rounding);
  const carried = bitLength(rounded.value) > precision;
  const top = exponent + length - 1 + (carried ? 1 : 0);
  const inexact = rounded.exact ? 0 : PRECISION;
  if (top > to.bias) {
    // A handler would see the result with its exponent wrapped: inexact only if rounding lost something.
    const unmasked = (environment.masked & OVERFLOW) === 0;
    environment.flags |= OVERFLOW | (unmasked ? inexact : PRECISION);
    const toInfinity =
      rounding === ROUND_NEAREST ||
      (rounding === ROUND_UP && sign === 0) ||
      (rounding === ROUND_DOWN && sign === 1);
    return signed(sign, toInfinity ? to.infinity : to.largest, to);
  }
  if (top >= smallest) {
    environment.flags |= inexact;
    const fraction = BigInt.asUintN(to.fractionBits, carried ? rounded.value >> 1n : rounded.value);
    return signed(sign, (BigInt(top + to.bias) << BigInt(to.fractionBits)) | fraction, to);
  }
  if ((environment.masked & UNDERFLOW) === 0) {
    environment.flags |= UNDERFLOW | inexact;
    return signed(sign, 0n, to);
  }
  if (environment.flushToZero) {
    environment.flags |= UNDERFLOW | PRECISION;
    return signed(sign, 0n, to);
  }
  const denormal = roundShift(significand, smallest - to.fractionBits - exponent, sign, rounding);
  if (!denormal.exact) environment.flags |= UNDERFLOW | PRECISION;
  return signed(sign, denormal.value, to);
}
