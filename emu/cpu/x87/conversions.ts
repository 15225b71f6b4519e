import { ROUND_TO_ZERO } from '../float/environment.ts';
import { type FloatFormat, signed, unpack as unpackBinary } from '../float/format.ts';
import { bitLength, roundAndPack } from '../float/round.ts';
import { ofNaN } from './arithmetic.ts';
import {
  BIAS,
  EXPONENT_MASK,
  type Extended,
  INDEFINITE,
  INTEGER_BIT,
  infinity,
  type Sign,
  signBits,
  type Unpacked,
  unpack,
  zero,
} from './extended.ts';
import { roundInteger } from './round.ts';
import { INVALID, PRECISION, type Rules } from './rules.ts';

/** An integer whose magnitude has at most 64 bits, exactly. */
export function fromInteger(value: bigint): Extended {
  if (value === 0n) return zero(0);
  const sign = value < 0n ? 1 : 0;
  const magnitude = value < 0n ? -value : value;
  const length = bitLength(magnitude);
  return { high: signBits(sign) | (BIAS + length - 1), low: magnitude << BigInt(64 - length) };
}

/** A binary32 or binary64 operand. It is exact, keeps a signaling NaN, and what is denormal in its own format counts as denormal. */
export function fromBinary(bits: bigint, format: FloatFormat): Unpacked {
  return normal(bits, format) ?? fromAnyBinary(bits, format);
}

/** A number that is neither zero nor denormal, the common case, or undefined. */
function normal(bits: bigint, { fractionBits, bias }: FloatFormat): Unpacked | undefined {
  const above = Number(bits >> BigInt(fractionBits));
  const largest = 2 * bias + 1;
  const field = above & largest;
  if (field === 0 || field === largest) return undefined;
  const sign = above > largest ? 1 : 0;
  const significand = INTEGER_BIT | (BigInt.asUintN(fractionBits, bits) << BigInt(63 - fractionBits));
  const exponent = field - bias - 63;
  const value = { high: signBits(sign) | (field - bias + BIAS), low: significand };
  return { kind: 'finite', sign, significand, exponent, denormal: false, value };
}

function fromAnyBinary(bits: bigint, format: FloatFormat): Unpacked {
  const from = unpackBinary(bits, format, false);
  const { sign, denormal } = from;
  if (from.kind === 'zero') return unpack(zero(sign));
  if (from.kind === 'infinity') return unpack(infinity(sign));
  if (from.kind !== 'finite') {
    const payload = BigInt.asUintN(format.fractionBits, bits) << BigInt(63 - format.fractionBits);
    return unpack({ high: signBits(sign) | EXPONENT_MASK, low: INTEGER_BIT | payload });
  }
  const length = bitLength(from.significand);
  const value = {
    high: signBits(sign) | (from.exponent + length - 1 + BIAS),
    low: from.significand << BigInt(64 - length),
  };
  return { ...unpack(value), denormal };
}

/** The bits of a value in a shorter format. */
export function toBinary(value: Unpacked, format: FloatFormat, rules: Rules): bigint {
  const { sign } = value;
  const nan = ofNaN(value, rules);
  if (nan !== undefined) {
    const payload = BigInt.asUintN(63, nan.low) >> BigInt(63 - format.fractionBits);
    return signed(nan === INDEFINITE ? 1 : sign, format.infinity | payload, format);
  }
  if (value.kind === 'zero') return signed(sign, 0n, format);
  if (value.kind === 'infinity') return signed(sign, format.infinity, format);
  const exact = exactly(value, format);
  if (exact !== undefined) return exact;
  const { rounding, masked } = rules;
  const environment = {
    rounding,
    masked,
    flags: 0,
    denormalsAreZero: false,
    flushToZero: false,
    fast: false,
  };
  const bits = roundAndPack(sign, value.significand, value.exponent, format, environment);
  rules.flags |= environment.flags;
  if ((environment.flags & PRECISION) !== 0) rules.up = isLarger(fromBinary(bits, format), value);
  return bits;
}

/** The bits of a finite value that the format holds as a normal number, or undefined. */
function exactly({ sign, significand, exponent }: Unpacked, format: FloatFormat): bigint | undefined {
  const { fractionBits, bias } = format;
  const spare = 63 - fractionBits;
  const field = exponent + 63 + bias;
  if (significand < INTEGER_BIT || field <= 0 || field > 2 * bias) return undefined;
  if (BigInt.asUintN(spare, significand) !== 0n) return undefined;
  // The integer bit adds the one that is missing in the exponent.
  return signed(sign, (BigInt(field - 1) << BigInt(fractionBits)) + (significand >> BigInt(spare)), format);
}

/** Whether the magnitude of `a` is larger than that of the finite value `b`. */
function isLarger(a: Unpacked, b: Unpacked): boolean {
  if (a.kind !== 'finite') return a.kind === 'infinity';
  const shift = BigInt(Math.abs(a.exponent - b.exponent));
  return a.exponent >= b.exponent
    ? a.significand << shift > b.significand
    : a.significand > b.significand << shift;
}

/** The nearest integer, or undefined for what is none or not below 2^`width` in magnitude. */
function nearest(value: Unpacked, width: number, rules: Rules): bigint | undefined {
  if (value.kind === 'zero') return 0n;
  if (value.kind !== 'finite' || value.exponent > width) return undefined;
  const magnitude = roundInteger(value.significand, -value.exponent, value.sign, rules);
  return value.sign === 1 ? -magnitude : magnitude;
}

/** A signed integer of `width` bits, as unsigned bits. What does not fit is invalid and gives the integer indefinite. */
export function toInteger(value: Unpacked, width: 16 | 32 | 64, truncate: boolean, rules: Rules): bigint {
  const how = truncate ? { ...rules, rounding: ROUND_TO_ZERO } : rules;
  const limit = 1n << BigInt(width - 1);
  const integer = nearest(value, width, how);
  if (integer === undefined || integer < -limit || integer >= limit) {
    rules.flags |= INVALID;
    rules.up = false;
    rules.flags &= ~PRECISION;
    return limit;
  }
  rules.flags |= how.flags;
  rules.up = how.up;
  return BigInt.asUintN(width, integer);
}

/** Packed BCD: 18 digits in 9 bytes, and a sign byte (AMD APM volume 1, 6.3.1). */
const BCD_DIGITS = 18;
const BCD_LIMIT = 10n ** BigInt(BCD_DIGITS);
const BCD_SIGN = 0x80n << 72n;
/** The BCD indefinite. */
const BCD_INDEFINITE = 0xffff_c000_0000_0000_0000n;

export function fromBcd(bits: bigint): Extended {
  let value = 0n;
  for (let digit = BCD_DIGITS - 1; digit >= 0; digit--)
    value = value * 10n + ((bits >> BigInt(4 * digit)) & 0xfn);
  const sign: Sign = (bits & BCD_SIGN) === 0n ? 0 : 1;
  const magnitude = fromInteger(value);
  return { high: magnitude.high | signBits(sign), low: magnitude.low };
}

export function toBcd(value: Unpacked, rules: Rules): bigint {
  const integer = nearest(value, 64, rules);
  const magnitude = integer === undefined || integer >= 0n ? integer : -integer;
  if (magnitude === undefined || magnitude >= BCD_LIMIT) {
    rules.flags = (rules.flags & ~PRECISION) | INVALID;
    rules.up = false;
    return BCD_INDEFINITE;
  }
  return BigInt(`0x${magnitude.toString()}`) | (value.sign === 1 ? BCD_SIGN : 0n);
}
