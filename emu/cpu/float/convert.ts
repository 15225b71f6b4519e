import {
  DENORMAL,
  type FloatEnvironment,
  INVALID,
  PRECISION,
  PRECISION_SUPPRESSED,
  ROUND_BY_MXCSR,
  ROUND_TO_ZERO,
  ROUNDING_BITS,
} from './environment.ts';
import { type FloatFormat, isNaNKind, signed, unpack } from './format.ts';
import { roundAndPack, roundShift } from './round.ts';

/** An integer as a floating-point value. */
export function fromInteger(value: bigint, to: FloatFormat, environment: FloatEnvironment): bigint {
  if (value === 0n) return 0n;
  return roundAndPack(value < 0n ? 1 : 0, value < 0n ? -value : value, 0, to, environment);
}

/**
 * The integer nearest to a value (or that of a truncation), as the unsigned bits of a signed integer of `width` bits. What does not fit
 * is invalid and gives the most negative integer. A denormal is no exception here.
 */
export function toInteger(
  bits: bigint,
  from: FloatFormat,
  width: 32 | 64,
  truncate: boolean,
  environment: FloatEnvironment,
): bigint {
  const value = unpack(bits, from, environment.denormalsAreZero);
  if (value.kind === 'zero') return 0n;
  const limit = 1n << BigInt(width - 1);
  if (value.kind === 'finite' && value.exponent < width) {
    const rounding = truncate ? ROUND_TO_ZERO : environment.rounding;
    const rounded = roundShift(value.significand, -value.exponent, value.sign, rounding);
    const integer = value.sign === 1 ? -rounded.value : rounded.value;
    if (integer >= -limit && integer < limit) {
      if (!rounded.exact) environment.flags |= PRECISION;
      return BigInt.asUintN(width, integer);
    }
  }
  environment.flags |= INVALID;
  return limit;
}

/** A value in another format. A NaN keeps its sign and the upper bits of its payload, and becomes quiet. */
export function changeFormat(
  bits: bigint,
  from: FloatFormat,
  to: FloatFormat,
  environment: FloatEnvironment,
): bigint {
  const value = unpack(bits, from, environment.denormalsAreZero);
  if (isNaNKind(value)) {
    if (value.kind === 'signaling') environment.flags |= INVALID;
    const payload = BigInt.asUintN(from.fractionBits, bits);
    const difference = to.fractionBits - from.fractionBits;
    const moved = difference >= 0 ? payload << BigInt(difference) : payload >> BigInt(-difference);
    return signed(value.sign, to.infinity | to.quietBit | moved, to);
  }
  if (value.denormal) environment.flags |= DENORMAL;
  if (value.kind === 'zero') return signed(value.sign, 0n, to);
  if (value.kind === 'infinity') return signed(value.sign, to.infinity, to);
  return roundAndPack(value.sign, value.significand, value.exponent, to, environment);
}

/** The integral value of the same format nearest to a value, as the immediate of ROUNDPS says. A denormal is no exception here. */
export function roundToIntegral(
  bits: bigint,
  of: FloatFormat,
  immediate: number,
  environment: FloatEnvironment,
): bigint {
  const value = unpack(bits, of, environment.denormalsAreZero);
  if (isNaNKind(value)) {
    if (value.kind === 'signaling') environment.flags |= INVALID;
    return bits | of.quietBit;
  }
  if (value.kind !== 'finite' || value.exponent >= 0) return value.bits;
  const rounding = (immediate & ROUND_BY_MXCSR) === 0 ? immediate & ROUNDING_BITS : environment.rounding;
  const rounded = roundShift(value.significand, -value.exponent, value.sign, rounding);
  if (!rounded.exact && (immediate & PRECISION_SUPPRESSED) === 0) environment.flags |= PRECISION;
  if (rounded.value === 0n) return signed(value.sign, 0n, of);
  return roundAndPack(value.sign, rounded.value, 0, of, environment);
}
