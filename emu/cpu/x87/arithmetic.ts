import { integerSquareRoot } from '../float/arithmetic.ts';
import { ROUND_DOWN } from '../float/environment.ts';
import { bitLength } from '../float/round.ts';
import {
  type Extended,
  INDEFINITE,
  infinity,
  isNaNKind,
  opposite,
  quieted,
  type Unpacked,
  zero,
} from './extended.ts';
import { roundExtended } from './round.ts';
import { DENORMAL, DIVIDE_BY_ZERO, INVALID, type Rules } from './rules.ts';

/** An operation on two values; exceptions are added to the rules. */
export type BinaryOperation = (a: Unpacked, b: Unpacked, rules: Rules) => Extended;
export type UnaryOperation = (a: Unpacked, rules: Rules) => Extended;

export function invalid(rules: Rules): Extended {
  rules.flags |= INVALID;
  return INDEFINITE;
}

/**
 * The result when an operand is no number, or undefined (AMD APM volume 1, 6.4.2): of two quiet or two signaling NaNs the one with the
 * larger significand, of equal ones the positive; of one of each the quiet one.
 */
export function ofNaNs(a: Unpacked, b: Unpacked, rules: Rules): Extended | undefined {
  if (a.kind === 'unsupported' || b.kind === 'unsupported') return invalid(rules);
  const aIs = isNaNKind(a);
  const bIs = isNaNKind(b);
  if (!aIs && !bIs) return undefined;
  if (a.kind === 'signaling' || b.kind === 'signaling') rules.flags |= INVALID;
  if (!bIs) return quieted(a.value);
  if (!aIs) return quieted(b.value);
  if (a.kind !== b.kind) return a.kind === 'quiet' ? a.value : b.value;
  if (a.significand !== b.significand) return quieted(a.significand > b.significand ? a.value : b.value);
  return quieted(a.sign === 0 ? a.value : b.value);
}

export function ofNaN(a: Unpacked, rules: Rules): Extended | undefined {
  if (a.kind === 'unsupported') return invalid(rules);
  if (a.kind === 'signaling') rules.flags |= INVALID;
  return isNaNKind(a) ? quieted(a.value) : undefined;
}

export function noteDenormals(rules: Rules, ...values: Unpacked[]): void {
  for (const { denormal } of values) if (denormal) rules.flags |= DENORMAL;
}

/** More bits than two significands have together: an operand smaller by this much counts as a sticky bit. */
const FAR = 140;

function sum(a: Unpacked, b: Unpacked, rules: Rules): Extended {
  if (a.kind === 'infinity' && b.kind === 'infinity' && a.sign !== b.sign) return invalid(rules);
  noteDenormals(rules, a, b);
  if (a.kind === 'infinity') return a.value;
  if (b.kind === 'infinity') return infinity(b.sign);
  if (a.kind === 'zero' && b.kind === 'zero') {
    return zero(a.sign === b.sign ? a.sign : rules.rounding === ROUND_DOWN ? 1 : 0);
  }
  if (a.kind === 'zero') return roundExtended(b.sign, b.significand, b.exponent, rules);
  if (b.kind === 'zero') return roundExtended(a.sign, a.significand, a.exponent, rules);
  const [larger, smaller] = a.exponent >= b.exponent ? [a, b] : [b, a];
  const distance = larger.exponent - smaller.exponent;
  const shift = Math.min(distance, FAR);
  const rest = distance > FAR ? 1n : smaller.significand;
  const shifted = larger.significand << BigInt(shift);
  const total = larger.sign === smaller.sign ? shifted + rest : shifted - rest;
  if (total === 0n) return zero(rules.rounding === ROUND_DOWN ? 1 : 0);
  const sign = total < 0n ? smaller.sign : larger.sign;
  return roundExtended(sign, total < 0n ? -total : total, larger.exponent - shift, rules);
}

export const add: BinaryOperation = (a, b, rules) => ofNaNs(a, b, rules) ?? sum(a, b, rules);

export const subtract: BinaryOperation = (a, b, rules) =>
  ofNaNs(a, b, rules) ?? sum(a, { ...b, sign: opposite(b.sign) }, rules);

export const multiply: BinaryOperation = (a, b, rules) => {
  const nan = ofNaNs(a, b, rules);
  if (nan !== undefined) return nan;
  const sign = a.sign === b.sign ? 0 : 1;
  const isZero = a.kind === 'zero' || b.kind === 'zero';
  const isInfinite = a.kind === 'infinity' || b.kind === 'infinity';
  if (isZero && isInfinite) return invalid(rules);
  noteDenormals(rules, a, b);
  if (isInfinite) return infinity(sign);
  if (isZero) return zero(sign);
  return roundExtended(sign, a.significand * b.significand, a.exponent + b.exponent, rules);
};

export const divide: BinaryOperation = (a, b, rules) => {
  const nan = ofNaNs(a, b, rules);
  if (nan !== undefined) return nan;
  const sign = a.sign === b.sign ? 0 : 1;
  if (a.kind === b.kind && (a.kind === 'zero' || a.kind === 'infinity')) return invalid(rules);
  if (b.kind === 'zero' && a.kind === 'finite') {
    rules.flags |= DIVIDE_BY_ZERO;
    return infinity(sign);
  }
  noteDenormals(rules, a, b);
  if (a.kind === 'infinity' || b.kind === 'zero') return infinity(sign);
  if (a.kind === 'zero' || b.kind === 'infinity') return zero(sign);
  // Two bits more than any precision, then one that stands for the rest.
  const shift = 67 + bitLength(b.significand) - bitLength(a.significand);
  const dividend = a.significand << BigInt(shift);
  const quotient = dividend / b.significand;
  const sticky = quotient * b.significand === dividend ? 0n : 1n;
  return roundExtended(sign, (quotient << 1n) | sticky, a.exponent - b.exponent - shift - 1, rules);
};

export const squareRoot: UnaryOperation = (a, rules) => {
  const nan = ofNaN(a, rules);
  if (nan !== undefined) return nan;
  if (a.kind === 'zero') return a.value;
  if (a.sign === 1) return invalid(rules);
  noteDenormals(rules, a);
  if (a.kind === 'infinity') return a.value;
  let shift = 136 - bitLength(a.significand);
  if (((a.exponent - shift) & 1) !== 0) shift++;
  const radicand = a.significand << BigInt(shift);
  const root = integerSquareRoot(radicand);
  const sticky = root * root === radicand ? 0n : 1n;
  return roundExtended(0, (root << 1n) | sticky, (a.exponent - shift) / 2 - 1, rules);
};

export const reversed =
  (operation: BinaryOperation): BinaryOperation =>
  (a, b, rules) =>
    operation(b, a, rules);
