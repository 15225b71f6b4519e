/** MXCSR's exception flags (Intel SDM volume 1, 10.2.3); their masks lie 7 bits above them. */
export const INVALID = 1 << 0;
export const DENORMAL = 1 << 1;
export const DIVIDE_BY_ZERO = 1 << 2;
export const OVERFLOW = 1 << 3;
export const UNDERFLOW = 1 << 4;
export const PRECISION = 1 << 5;
export const EXCEPTIONS = 0x3f;
/** Exceptions that are found before anything is computed. */
export const PRE_COMPUTATION = INVALID | DENORMAL | DIVIDE_BY_ZERO;

const DENORMALS_ARE_ZERO = 1 << 6;
const MASK_SHIFT = 7;
const ROUNDING_SHIFT = 13;
const FLUSH_TO_ZERO = 1 << 15;

/** Rounding control. */
export const ROUND_NEAREST = 0;
export const ROUND_DOWN = 1;
export const ROUND_UP = 2;
export const ROUND_TO_ZERO = 3;

/**
 * The bits of MXCSR that decide whether an inexact result is worth noting, and what they are when it is not: it is masked, its flag is
 * set already, and rounding goes to nearest, as wasm's does.
 */
export const PRECISION_CONTROL = (3 << ROUNDING_SHIFT) | (PRECISION << MASK_SHIFT) | PRECISION;
export const PRECISION_SILENT = (PRECISION << MASK_SHIFT) | PRECISION;
/** Not zero when rounding does not go to nearest. */
export const ROUNDING_CONTROL = 3 << ROUNDING_SHIFT;

/** ROUNDPS's immediate: the rounding, whether MXCSR's is taken instead, and whether an inexact result is no exception. */
export const ROUNDING_BITS = 3;
export const ROUND_BY_MXCSR = 1 << 2;
export const PRECISION_SUPPRESSED = 1 << 3;

/** How to compute, and the exceptions met on the way. */
export interface FloatEnvironment {
  rounding: number;
  denormalsAreZero: boolean;
  flushToZero: boolean;
  /** Exceptions that are masked. */
  masked: number;
  /** Exceptions met: they are only added to. */
  flags: number;
}

/** The environment that MXCSR asks for, with no exception met yet. */
export function environment(mxcsr: number): FloatEnvironment {
  const masked = (mxcsr >>> MASK_SHIFT) & EXCEPTIONS;
  const rounding = (mxcsr >>> ROUNDING_SHIFT) & 3;
  return {
    rounding,
    denormalsAreZero: (mxcsr & DENORMALS_ARE_ZERO) !== 0,
    flushToZero: (mxcsr & FLUSH_TO_ZERO) !== 0,
    masked,
    flags: 0,
  };
}
