import { DENORMAL, DIVIDE_BY_ZERO, type FloatEnvironment, INVALID, ROUND_DOWN } from './environment.ts';
import { type FloatFormat, isNaNKind, signed, type Unpacked, unpack } from './format.ts';
import { bitLength, roundAndPack } from './round.ts';

/** An operation on the bits of one or two values of a format; exceptions are added to the environment. */
export type FloatFunction = (a: bigint, b: bigint, of: FloatFormat, environment: FloatEnvironment) => bigint;

/**
 * The result when an operand is a NaN, or undefined: the first operand that is one, made quiet (Intel SDM volume 1, table 4-7, for SSE).
 * A denormal beside it is no exception.
 */
function ofNaNs(
  a: Unpacked,
  b: Unpacked,
  of: FloatFormat,
  environment: FloatEnvironment,
): bigint | undefined {
  if (!isNaNKind(a) && !isNaNKind(b)) return undefined;
  if (a.kind === 'signaling' || b.kind === 'signaling') environment.flags |= INVALID;
  return (isNaNKind(a) ? a : b).bits | of.quietBit;
}

function invalid(of: FloatFormat, environment: FloatEnvironment): bigint {
  environment.flags |= INVALID;
  return of.defaultNaN;
}

function noteDenormals(a: Unpacked, b: Unpacked, environment: FloatEnvironment): void {
  if (a.denormal || b.denormal) environment.flags |= DENORMAL;
}

function sum(a: Unpacked, b: Unpacked, of: FloatFormat, environment: FloatEnvironment): bigint {
  if (a.kind === 'infinity' && b.kind === 'infinity' && a.sign !== b.sign) return invalid(of, environment);
  noteDenormals(a, b, environment);
  if (a.kind === 'infinity') return a.kind === b.kind ? a.bits : signed(a.sign, of.infinity, of);
  if (b.kind === 'infinity') return signed(b.sign, of.infinity, of);
  const exponent = Math.min(
    a.kind === 'zero' ? b.exponent : a.exponent,
    b.kind === 'zero' ? a.exponent : b.exponent,
  );
  const term = ({ sign, kind, significand, exponent: own }: Unpacked): bigint => {
    if (kind === 'zero') return 0n;
    const magnitude = significand << BigInt(own - exponent);
    return sign === 1 ? -magnitude : magnitude;
  };
  const total = term(a) + term(b);
  if (total === 0n) {
    // Zeros of one sign keep it; else the sum of opposites is positive, but when rounding down.
    const sign = a.kind === 'zero' && b.kind === 'zero' && a.sign === b.sign ? a.sign : undefined;
    return signed(sign ?? (environment.rounding === ROUND_DOWN ? 1 : 0), 0n, of);
  }
  const magnitude = total < 0n ? -total : total;
  return roundAndPack(total < 0n ? 1 : 0, magnitude, exponent, of, environment);
}

export const add: FloatFunction = (aBits, bBits, of, environment) => {
  const a = unpack(aBits, of, environment.denormalsAreZero);
  const b = unpack(bBits, of, environment.denormalsAreZero);
  return ofNaNs(a, b, of, environment) ?? sum(a, b, of, environment);
};

export const subtract: FloatFunction = (aBits, bBits, of, environment) => {
  const a = unpack(aBits, of, environment.denormalsAreZero);
  const b = unpack(bBits, of, environment.denormalsAreZero);
  return ofNaNs(a, b, of, environment) ?? sum(a, { ...b, sign: b.sign === 1 ? 0 : 1 }, of, environment);
};

export const multiply: FloatFunction = (aBits, bBits, of, environment) => {
  const a = unpack(aBits, of, environment.denormalsAreZero);
  const b = unpack(bBits, of, environment.denormalsAreZero);
  const nan = ofNaNs(a, b, of, environment);
  if (nan !== undefined) return nan;
  const sign = a.sign === b.sign ? 0 : 1;
  const zero = a.kind === 'zero' || b.kind === 'zero';
  const infinite = a.kind === 'infinity' || b.kind === 'infinity';
  if (zero && infinite) return invalid(of, environment);
  noteDenormals(a, b, environment);
  if (infinite) return signed(sign, of.infinity, of);
  if (zero) return signed(sign, 0n, of);
  return roundAndPack(sign, a.significand * b.significand, a.exponent + b.exponent, of, environment);
};

export const divide: FloatFunction = (aBits, bBits, of, environment) => {
  const a = unpack(aBits, of, environment.denormalsAreZero);
  const b = unpack(bBits, of, environment.denormalsAreZero);
  const nan = ofNaNs(a, b, of, environment);
  if (nan !== undefined) return nan;
  const sign = a.sign === b.sign ? 0 : 1;
  if (a.kind === b.kind && (a.kind === 'zero' || a.kind === 'infinity')) return invalid(of, environment);
  if (b.kind === 'zero' && a.kind === 'finite') {
    environment.flags |= DIVIDE_BY_ZERO;
    return signed(sign, of.infinity, of);
  }
  noteDenormals(a, b, environment);
  if (a.kind === 'infinity' || b.kind === 'zero') return signed(sign, of.infinity, of);
  if (a.kind === 'zero' || b.kind === 'infinity') return signed(sign, 0n, of);
  // Enough bits for the precision and two more, then one that stands for the rest.
  const shift = Math.max(0, of.fractionBits + 4 + bitLength(b.significand) - bitLength(a.significand));
  const dividend = a.significand << BigInt(shift);
  const quotient = dividend / b.significand;
  const sticky = quotient * b.significand === dividend ? 0n : 1n;
  const exponent = a.exponent - b.exponent - shift - 1;
  return roundAndPack(sign, (quotient << 1n) | sticky, exponent, of, environment);
};

/** The square root of the second operand; the first is not used. */
export const squareRoot: FloatFunction = (_unused, bits, of, environment) => {
  const a = unpack(bits, of, environment.denormalsAreZero);
  const nan = ofNaNs(a, a, of, environment);
  if (nan !== undefined) return nan;
  if (a.kind === 'zero') return a.bits;
  if (a.sign === 1) return invalid(of, environment);
  noteDenormals(a, a, environment);
  if (a.kind === 'infinity') return a.bits;
  const wanted = 2 * (of.fractionBits + 4);
  let shift = Math.max(0, wanted - bitLength(a.significand));
  if (((a.exponent - shift) & 1) !== 0) shift++;
  const radicand = a.significand << BigInt(shift);
  const root = integerSquareRoot(radicand);
  const sticky = root * root === radicand ? 0n : 1n;
  return roundAndPack(0, (root << 1n) | sticky, (a.exponent - shift) / 2 - 1, of, environment);
};

/** The largest integer whose square is not larger (Newton's iteration from above). */
export function integerSquareRoot(value: bigint): bigint {
  let root = 1n << BigInt((bitLength(value) + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
