/**
 * Elementary functions of fixed-point numbers: integers that stand for multiples of 2^-`bits`. Each result is off by less than 2^8 units,
 * which is far below what callers, who take 64 bits and more beyond those they keep, look at.
 */

/** Fraction bits of the constants below. */
const CONSTANT_BITS = 640;
/** Extra bits for making the constants. */
const GUARD = 32;

/** arctan(1/n) × 2^bits, or with `hyperbolic` artanh(1/n). */
function inverse(n: bigint, bits: number, hyperbolic: boolean): bigint {
  const square = n * n;
  let power = (1n << BigInt(bits)) / n;
  let sum = 0n;
  for (let k = 1n; power !== 0n; k += 2n) {
    const negative = !hyperbolic && (k & 2n) !== 0n;
    sum += negative ? -(power / k) : power / k;
    power /= square;
  }
  return sum;
}

const WORKING = CONSTANT_BITS + GUARD;
/** Machin's formula. */
const PI = (16n * inverse(5n, WORKING, false) - 4n * inverse(239n, WORKING, false)) >> BigInt(GUARD);
const LN2 = (2n * inverse(3n, WORKING, true)) >> BigInt(GUARD);

export const pi = (bits: number): bigint => PI >> BigInt(CONSTANT_BITS - bits);
export const ln2 = (bits: number): bigint => LN2 >> BigInt(CONSTANT_BITS - bits);

/** sin and cos of an angle of at most pi/4 in magnitude. */
export function sine(angle: bigint, bits: number): bigint {
  return alternating(angle, angle, 1n, bits);
}

export function cosine(angle: bigint, bits: number): bigint {
  return alternating(1n << BigInt(bits), angle, 0n, bits);
}

/** first − first·angle²/((n+1)(n+2)) + …, from the power `n` on. */
function alternating(first: bigint, angle: bigint, from: bigint, bits: number): bigint {
  const shift = BigInt(bits);
  const square = (angle * angle) >> shift;
  let term = first;
  let sum = first;
  for (let n = from; term !== 0n && term !== -1n; n += 2n) {
    term = -((term * square) >> shift) / ((n + 1n) * (n + 2n));
    sum += term;
  }
  return sum;
}

/** e^x − 1 for |x| < 1. */
export function exponentialLessOne(x: bigint, bits: number): bigint {
  const shift = BigInt(bits);
  let term = x;
  let sum = x;
  for (let n = 2n; term !== 0n && term !== -1n; n++) {
    term = ((term * x) >> shift) / n;
    sum += term;
  }
  return sum;
}

/** Arc tangent of a ratio from 0 to 1. */
export function arcTangent(ratio: bigint, bits: number): bigint {
  const shift = BigInt(bits);
  const one = 1n << shift;
  // Halved three times: arctan t = 2 arctan(t / (1 + sqrt(1 + t²))).
  let t = ratio;
  for (let i = 0; i < HALVINGS; i++) t = (t << shift) / (one + root(one + ((t * t) >> shift), bits));
  const square = (t * t) >> shift;
  let power = t;
  let sum = t;
  for (let n = 3n; power !== 0n && power !== -1n; n += 2n) {
    power = -((power * square) >> shift);
    sum += power / n;
  }
  return sum << BigInt(HALVINGS);
}
const HALVINGS = 3;

function root(value: bigint, bits: number): bigint {
  const radicand = value << BigInt(bits);
  let guess = 1n << BigInt(bits + 1);
  for (;;) {
    const next = (guess + radicand / guess) >> 1n;
    if (next >= guess) return guess;
    guess = next;
  }
}

/** ln((1 + z) / (1 − z)), that is 2 artanh z, for |z| < 1/2. */
export function logarithmOfRatio(z: bigint, bits: number): bigint {
  const shift = BigInt(bits);
  const square = (z * z) >> shift;
  let power = z;
  let sum = z;
  for (let n = 3n; power !== 0n && power !== -1n; n += 2n) {
    power = (power * square) >> shift;
    sum += power / n;
  }
  return sum << 1n;
}
