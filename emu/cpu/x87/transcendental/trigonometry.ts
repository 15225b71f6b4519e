import { noteDenormals, ofNaNs } from '../arithmetic.ts';
import { type Extended, type Sign, type Unpacked, zero } from '../extended.ts';
import type { Rules } from '../rules.ts';
import {
  type Approximation,
  approximation,
  fixed,
  magnitude,
  NEGLIGIBLE,
  rounded,
  slightlyLess,
} from './approximation.ts';
import { arcTangent, cosine, pi, sine } from './fixed-point.ts';

/**
 * The pi that angles are reduced by: 66 bits of it, as the processors have had since the 8087 (AMD APM volume 1, 6.4.5; Intel SDM volume 1,
 * 8.3.8). FSIN of the extended value next to pi shows it: the result is what these bits lack, -2^-64.
 */
const PI_66 = 0xc90f_daa2_2168_c234_cn;
const PI_66_BITS = 66;
/** A half of it, in the same digits. */
const HALF_PI_BITS = PI_66_BITS + 1;

/** Angles from 2^63 on are not taken. */
export const ANGLE_LIMIT = 63;
/** Fraction bits of the computation, besides those that a small angle needs. */
const WORKING_BITS = 140;

export interface SineAndCosine {
  readonly sine: Approximation;
  readonly cosine: Approximation;
}

/** sin and cos of a finite angle other than zero and below 2^63. */
export function sineAndCosine(angle: Unpacked): SineAndCosine {
  if (magnitude(angle) < -NEGLIGIBLE) {
    const one = { sign: 0, significand: 1n, exponent: 0 } as const;
    return { sine: slightlyLess(angle), cosine: slightlyLess({ ...one, exact: true }) };
  }
  // Exactly: the angle less a multiple of pi/2, in units of 2^unit.
  const unit = Math.min(angle.exponent, -HALF_PI_BITS);
  const half = PI_66 << BigInt(-HALF_PI_BITS - unit);
  const value = angle.significand << BigInt(angle.exponent - unit);
  const quotient = (2n * value + half) / (2n * half);
  const rest = value - quotient * half;
  const reduced = approximation(rest, -unit, true);
  const bits = WORKING_BITS + Math.max(0, -magnitude(reduced));
  const small = reduced.sign === 1 ? -fixed(reduced, bits) : fixed(reduced, bits);
  const [s, c] = [sine(small, bits), cosine(small, bits)];
  const quadrant = Number(quotient & 3n);
  const values = [
    [s, c],
    [c, -s],
    [-s, -c],
    [-c, s],
  ][quadrant] as [bigint, bigint];
  return {
    sine: approximation(angle.sign === 1 ? -values[0] : values[0], bits),
    cosine: approximation(values[1], bits),
  };
}

/** Their ratio. */
export function quotientOf(a: Approximation, b: Approximation): Approximation {
  const sign = a.sign === b.sign ? 0 : 1;
  const wanted = 2 * NEGLIGIBLE;
  const significand = (a.significand << BigInt(wanted)) / b.significand;
  return { sign, significand, exponent: a.exponent - b.exponent - wanted, exact: false };
}

/** Fraction bits of arc tangents: enough for the smallest that is not negligible. */
const ARC_BITS = 2 * NEGLIGIBLE + 20;

/** FPATAN: the angle of the point (x, y). */
export function arcTangentOf(y: Unpacked, x: Unpacked, rules: Rules): Extended {
  const nan = ofNaNs(x, y, rules);
  if (nan !== undefined) return nan;
  noteDenormals(rules, x, y);
  const angle = (eighths: bigint): Extended => {
    const { significand, exponent } = approximation(pi(ARC_BITS) * eighths, ARC_BITS + 3);
    return rounded({ sign: y.sign, significand, exponent, exact: false }, rules);
  };
  if (y.kind === 'zero' || (x.kind === 'infinity' && y.kind !== 'infinity')) {
    return x.sign === 1 ? angle(8n) : zero(y.sign);
  }
  if (x.kind === 'infinity') return angle(x.sign === 1 ? 6n : 2n);
  if (x.kind === 'zero' || y.kind === 'infinity') return angle(4n);
  const ratio = magnitude(y) - magnitude(x);
  if (ratio < -NEGLIGIBLE && x.sign === 0) {
    const exact = { sign: y.sign, significand: y.significand, exponent: y.exponent, exact: true };
    const divisor = { sign: 0 as Sign, significand: x.significand, exponent: x.exponent, exact: true };
    return rounded(slightlyLess(quotientOf(exact, divisor)), rules);
  }
  const whole = pi(ARC_BITS);
  let result: bigint;
  if (Math.abs(ratio) > NEGLIGIBLE) result = ratio > 0 ? whole >> 1n : whole;
  else result = arcOf(y, x, x.sign === 1, whole);
  return rounded({ ...approximation(result, ARC_BITS), sign: y.sign }, rules);
}

function arcOf(y: Unpacked, x: Unpacked, left: boolean, whole: bigint): bigint {
  const unit = Math.min(x.exponent, y.exponent);
  const a = y.significand << BigInt(y.exponent - unit);
  const b = x.significand << BigInt(x.exponent - unit);
  const shift = BigInt(ARC_BITS);
  const first =
    a <= b ? arcTangent((a << shift) / b, ARC_BITS) : (whole >> 1n) - arcTangent((b << shift) / a, ARC_BITS);
  return left ? whole - first : first;
}
