import { bitLength } from '../../float/round.ts';
import { invalid, noteDenormals, ofNaN, ofNaNs } from '../arithmetic.ts';
import {
  BIAS,
  type Extended,
  INTEGER_BIT,
  infinity,
  opposite,
  SIGN,
  type Unpacked,
  zero,
} from '../extended.ts';
import { DIVIDE_BY_ZERO, PRECISION, type Rules } from '../rules.ts';
import {
  type Approximation,
  approximation,
  fixed,
  magnitude,
  NEGLIGIBLE,
  rounded,
  times,
} from './approximation.ts';
import { exponentialLessOne, ln2, logarithmOfRatio } from './fixed-point.ts';

/** Fraction bits: 64 for the distance of an argument from one, and what is left is precise to far beyond the last place. */
const LOG_BITS = 320;
const SQUARE_ROOT_OF_2 = 0xb504_f333_f9de_6484n;

/** log2 of a ratio a/b of positive integers that lies between 1/2 and 2, as a fixed-point number. */
function logarithm(a: bigint, b: bigint, bits: number): bigint {
  const shift = BigInt(bits);
  const z = ((a - b) << shift) / (a + b);
  return (logarithmOfRatio(z, bits) << shift) / ln2(bits);
}

/** log2 of a positive value. */
function binaryLogarithm(x: Unpacked): Approximation {
  const length = bitLength(x.significand);
  const significand = x.significand << BigInt(64 - length);
  let power = x.exponent + length - 1;
  if (significand === INTEGER_BIT) return approximation(BigInt(power), 0, true);
  let unit = INTEGER_BIT;
  if (significand > SQUARE_ROOT_OF_2) {
    unit <<= 1n;
    power++;
  }
  return approximation(
    (BigInt(power) << BigInt(LOG_BITS)) + logarithm(significand, unit, LOG_BITS),
    LOG_BITS,
  );
}

/** log2(1 + x) of a value above -1 that is not zero. */
function logarithmOfOnePlus(x: Unpacked): Approximation {
  const top = magnitude(x);
  if (top < -NEGLIGIBLE) {
    // log2(1 + x) = x / ln 2, but for what is negligible.
    const factor = {
      sign: x.sign,
      significand: (1n << BigInt(2 * LOG_BITS)) / ln2(LOG_BITS),
      exponent: -LOG_BITS,
      exact: false,
    };
    return times(factor, { ...x, sign: 0 });
  }
  const unit = Math.min(0, x.exponent);
  const one = 1n << BigInt(-unit);
  const distance = x.significand << BigInt(x.exponent - unit);
  const sum = x.sign === 1 ? one - distance : one + distance;
  const power = bitLength(sum) - 1 + unit;
  if (sum === 1n << BigInt(bitLength(sum) - 1)) return approximation(BigInt(power), 0, true);
  // Near one the whole is kept as it is; else the power of two is taken out.
  const near = top < -1 ? 0 : power;
  const scaled = near >= 0 ? one << BigInt(near) : one;
  const value = near >= 0 ? sum : sum << BigInt(-near);
  return approximation((BigInt(near) << BigInt(LOG_BITS)) + logarithm(value, scaled, LOG_BITS), LOG_BITS);
}

/** y × log2(x): FYL2X. */
export function timesLogarithm(x: Unpacked, y: Unpacked, rules: Rules): Extended {
  const nan = ofNaNs(x, y, rules);
  if (nan !== undefined) return nan;
  if (x.kind === 'zero') {
    if (y.kind === 'zero') return invalid(rules);
    if (y.kind === 'finite') rules.flags |= DIVIDE_BY_ZERO;
    return infinity(opposite(y.sign));
  }
  if (x.sign === 1) return invalid(rules);
  if (x.kind === 'infinity') {
    if (y.kind === 'zero') return invalid(rules);
    noteDenormals(rules, y);
    return infinity(y.sign);
  }
  const isOne = x.significand === INTEGER_BIT && x.exponent === -63;
  if (isOne && y.kind === 'infinity') return invalid(rules);
  noteDenormals(rules, x, y);
  if (isOne) return zero(y.sign);
  const sign = magnitude(x) < 0 ? opposite(y.sign) : y.sign;
  if (y.kind === 'infinity') return infinity(sign);
  if (y.kind === 'zero') return zero(sign);
  return rounded(times(binaryLogarithm(x), y), rules);
}

/** y × log2(x + 1): FYL2XP1. An x not above -1, for which it is undefined, is given back. */
export function timesLogarithmOfOnePlus(x: Unpacked, y: Unpacked, rules: Rules): Extended {
  const nan = ofNaNs(x, y, rules);
  if (nan !== undefined) return nan;
  const sign = x.sign === y.sign ? 0 : 1;
  if (x.kind === 'zero' && y.kind === 'infinity') return invalid(rules);
  if (x.kind === 'infinity' && (x.sign === 1 || y.kind === 'zero')) return invalid(rules);
  noteDenormals(rules, x, y);
  if (x.kind === 'infinity' || y.kind === 'infinity') return infinity(sign);
  if (x.kind === 'zero' || y.kind === 'zero') return zero(sign);
  if (x.sign === 1 && magnitude(x) >= 0) return unchanged(x, rules);
  return rounded(times(logarithmOfOnePlus(x), y), rules);
}

function unchanged(x: Unpacked, rules: Rules): Extended {
  rules.flags |= PRECISION;
  return x.value;
}

const EXPONENTIAL_BITS = 200;

/** 2^x − 1: F2XM1. An x outside -1 to 1, for which it is undefined, is given back. */
export function exponential(x: Unpacked, rules: Rules): Extended {
  const nan = ofNaN(x, rules);
  if (nan !== undefined) return nan;
  if (x.kind === 'zero') return x.value;
  if (x.kind === 'infinity') return x.sign === 1 ? { high: SIGN | BIAS, low: INTEGER_BIT } : x.value;
  noteDenormals(rules, x);
  const top = magnitude(x);
  if (top >= 0) {
    const isOne = x.significand === INTEGER_BIT && top === 0;
    if (!isOne || x.sign === 0) return unchanged(x, rules);
    rules.flags |= PRECISION;
    return { high: SIGN | (BIAS - 1), low: INTEGER_BIT };
  }
  if (top < -NEGLIGIBLE) {
    const factor = approximation(ln2(EXPONENTIAL_BITS), EXPONENTIAL_BITS);
    return rounded(times(factor, x), rules);
  }
  const bits = EXPONENTIAL_BITS - top;
  const argument = (fixed(x, bits) * ln2(bits)) >> BigInt(bits);
  return rounded(approximation(exponentialLessOne(x.sign === 1 ? -argument : argument, bits), bits), rules);
}
