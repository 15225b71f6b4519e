import {
  DENORMAL,
  DIVIDE_BY_ZERO,
  EXCEPTIONS,
  INVALID,
  OVERFLOW,
  PRECISION,
  UNDERFLOW,
} from '../float/environment.ts';

export { DENORMAL, DIVIDE_BY_ZERO, INVALID, OVERFLOW, PRECISION, UNDERFLOW };

/** Exceptions that keep an unmasked instruction from computing. */
export const PRE_COMPUTATION = INVALID | DENORMAL | DIVIDE_BY_ZERO;

const PRECISION_SHIFT = 8;
const ROUNDING_SHIFT = 10;
/** Bits of significand by the precision-control field; the reserved encoding counts as the full 64. */
const PRECISIONS = [24, 64, 53, 64] as const;
export const FULL_PRECISION = 64;

/** How one instruction computes, and what it met on the way. */
export interface Rules {
  readonly rounding: number;
  /** Bits of significand that results are rounded to. */
  readonly precision: number;
  /** Exceptions that are masked. */
  readonly masked: number;
  /** Exceptions met: only added to. */
  flags: number;
  /** The result's magnitude was rounded up: C1. */
  up: boolean;
}

/** The rules that a control word sets (AMD APM volume 1, 6.2.3). */
export function rulesOf(control: number): Rules {
  return {
    rounding: (control >>> ROUNDING_SHIFT) & 3,
    precision: PRECISIONS[(control >>> PRECISION_SHIFT) & 3] as number,
    masked: control & EXCEPTIONS,
    flags: 0,
    up: false,
  };
}

/** Rules for what precision control does not touch. */
export function fullPrecision(rules: Rules): Rules {
  return { ...rules, precision: FULL_PRECISION };
}
