import { PRECISION_CONTROL, PRECISION_SILENT, ROUNDING_CONTROL } from '../float/environment.ts';
import * as layout from '../layout.ts';
import { PARITY_DELTA_SHIFT, setFlags } from '../table/flags.ts';
import type { Site } from '../table/site.ts';
import type { Body } from '../wasm/body.ts';
import { type Expression, type I32, i32, i64, select } from '../wasm/expressions.ts';
import { type F32, type F64, type FloatOperations, f32, f64 } from '../wasm/float.ts';

/**
 * A floating-point operation done by wasm's own arithmetic, where that is certain to give what x86 gives and no exception but an inexact
 * result can be met.
 */
export interface FastPath {
  /** Not zero where that is not certain: with NaNs, denormals, and results at or beyond the ends of the range. Without it it always is. */
  readonly unsafe?: I32;
  /** Not zero where the result is certainly exact. Without it the operation never rounds. */
  readonly exact?: I32;
  /** Writes the result. */
  commit(): void;
}

/** `destination`: slot of the register that is written; `source`: where the source's bytes lie; `immediate`: a comparison's predicate. */
export type FastOperation = (site: Site, destination: I32, source: I32, immediate: I32) => FastPath;

/** What is looked at in a value of one of the two formats. All but the sign counts. */
interface Scalar<T extends 'f32' | 'f64'> {
  readonly type: T;
  readonly suffix: 'SS' | 'SD';
  readonly wasm: FloatOperations<T>;
  denormal(value: Expression<T>): I32;
  zero(value: Expression<T>): I32;
  /** A normal number, and not the smallest, which may be the rounded form of something that was tiny. */
  settled(value: Expression<T>): I32;
  /** The lower bits of the significand that are zero, and some more, the same for every value. */
  trailingZeros(value: Expression<T>): I32;
  /** A product is exact when both factors together have at least so many trailing zeros. */
  readonly enoughZeros: number;
  /** Bits of an integer, counted from the top, that must all be equal for it to be converted exactly. */
  readonly integerSlack: number;
  /** The exponent field. */
  exponent(value: Expression<T>): I32;
  /** Exponent field of 2^63. */
  readonly beyondI64: number;
}

/** `low` <= value < `high`, unsigned. */
const between = (value: I32, low: number, high: number): I32 =>
  i32.ltU(i32.sub(value, i32.const(low)), i32.const(high - low));

// The masks are of 32 bits and the rest are shifts: the main loop would prepare wider constants on every step.
const exponent32 = (value: F32): I32 => i32.and(i32.shrU(f32.bits(value), i32.const(23)), i32.const(0xff));
const exponent64 = (value: F64): I32 =>
  i32.and(i32.wrap(i64.shrU(f64.bits(value), i64.const(52))), i32.const(0x7ff));

const SINGLE: Scalar<'f32'> = {
  type: 'f32',
  suffix: 'SS',
  wasm: f32,
  // Without the sign: eight zeros for the exponent, and a one somewhere below.
  denormal: (value) => between(i32.clz(i32.shl(f32.bits(value), i32.const(1))), 8, 32),
  zero: (value) => i32.eqz(i32.shl(f32.bits(value), i32.const(1))),
  settled: (value) => between(exponent32(value), 2, 0xff),
  trailingZeros: (value) => i32.ctz(i32.shl(f32.bits(value), i32.const(9))),
  enoughZeros: 42,
  integerSlack: 39,
  exponent: exponent32,
  beyondI64: 127 + 63,
};

const DOUBLE: Scalar<'f64'> = {
  type: 'f64',
  suffix: 'SD',
  wasm: f64,
  denormal: (value) => between(i32.wrap(i64.clz(i64.shl(f64.bits(value), i64.const(1)))), 11, 64),
  zero: (value) => i64.eqz(i64.shl(f64.bits(value), i64.const(1))),
  settled: (value) => between(exponent64(value), 2, 0x7ff),
  trailingZeros: (value) => i32.wrap(i64.ctz(i64.shl(f64.bits(value), i64.const(12)))),
  enoughZeros: 77,
  integerSlack: 11,
  exponent: exponent64,
  beyondI64: 1023 + 63,
};

const operations = new Map<string, FastOperation>();

const either = (a: I32, b: I32): I32 => i32.or(a, b);
const both = (a: I32, b: I32): I32 => i32.and(a, b);
const not = (condition: I32): I32 => i32.eqz(condition);

/** How an operation of two operands is done: its result, where that can be trusted when no operand is denormal, and where it is exact. */
interface Arithmetic {
  compute<T extends 'f32' | 'f64'>(scalar: Scalar<T>, a: Expression<T>, b: Expression<T>): Expression<T>;
  /** A result of zero that nothing was lost from. */
  zero<T extends 'f32' | 'f64'>(scalar: Scalar<T>, a: Expression<T>, b: Expression<T>): I32 | undefined;
  exact<T extends 'f32' | 'f64'>(
    scalar: Scalar<T>,
    a: Expression<T>,
    b: Expression<T>,
    result: Expression<T>,
  ): I32;
}

/** Whether a product of two values is exact. */
function exactProduct<T extends 'f32' | 'f64'>(
  { trailingZeros, enoughZeros }: Scalar<T>,
  a: Expression<T>,
  b: Expression<T>,
): I32 {
  return i32.geU(i32.add(trailingZeros(a), trailingZeros(b)), i32.const(enoughZeros));
}

const ARITHMETIC: Readonly<Record<string, Arithmetic>> = {
  // What the result has of each operand is all of it (Knuth's two-sum). A sum of zero never lost anything.
  ADD: {
    compute: ({ wasm }, a, b) => wasm.add(a, b),
    zero: () => undefined,
    exact: ({ wasm }, a, b, sum) => {
      const ofB = wasm.sub(sum, a);
      return wasm.eq(wasm.sub(a, wasm.sub(sum, ofB)), wasm.sub(ofB, b));
    },
  },
  SUB: {
    compute: ({ wasm }, a, b) => wasm.sub(a, b),
    zero: () => undefined,
    exact: ({ wasm }, a, b, difference) => {
      const ofB = wasm.sub(difference, a);
      return wasm.eq(wasm.sub(a, wasm.sub(difference, ofB)), wasm.add(ofB, b));
    },
  },
  MUL: {
    compute: ({ wasm }, a, b) => wasm.mul(a, b),
    zero: ({ zero }, a, b) => either(zero(a), zero(b)),
    exact: (scalar, a, b) => exactProduct(scalar, a, b),
  },
  DIV: {
    compute: ({ wasm }, a, b) => wasm.div(a, b),
    zero: ({ zero }, a) => zero(a),
    exact: (scalar, a, b, quotient) =>
      both(exactProduct(scalar, quotient, b), scalar.wasm.eq(scalar.wasm.mul(quotient, b), a)),
  },
  // The first operand is not used.
  SQRT: {
    compute: ({ wasm }, _a, b) => wasm.sqrt(b),
    zero: () => undefined,
    exact: (scalar, _a, b, root) =>
      both(exactProduct(scalar, root, root), scalar.wasm.eq(scalar.wasm.mul(root, root), b)),
  },
};

function arithmetic<T extends 'f32' | 'f64'>(
  name: string,
  scalar: Scalar<T>,
  { compute, zero, exact }: Arithmetic,
): void {
  operations.set(name + scalar.suffix, ({ body }, destination, source) => {
    const b = body.let(scalar.type, scalar.wasm.load(source));
    const a = name === 'SQRT' ? b : body.let(scalar.type, scalar.wasm.load(destination));
    const result = body.let(scalar.type, compute(scalar, a, b));
    const denormal = name === 'SQRT' ? scalar.denormal(b) : either(scalar.denormal(a), scalar.denormal(b));
    const rightZero = zero(scalar, a, b);
    const isZero = scalar.zero(result);
    const trusted = either(
      scalar.settled(result),
      rightZero === undefined ? isZero : both(isZero, rightZero),
    );
    return {
      unsafe: either(denormal, not(trusted)),
      exact: exact(scalar, a, b, result),
      commit: () => body.storeFloat(scalar.type, destination, result),
    };
  });
}

/** Operands of a comparison: one that is denormal or a NaN has an exception to report. */
function compared<T extends 'f32' | 'f64'>(
  body: Body,
  { type, wasm, denormal }: Scalar<T>,
  destination: I32,
  source: I32,
): { a: Expression<T>; b: Expression<T>; unsafe: I32 } {
  const a = body.let(type, wasm.load(destination));
  const b = body.let(type, wasm.load(source));
  const nan = either(wasm.ne(a, a), wasm.ne(b, b));
  return { a, b, unsafe: either(either(denormal(a), denormal(b)), nan) };
}

function comparisons<T extends 'f32' | 'f64'>(scalar: Scalar<T>): void {
  const { type, suffix, wasm } = scalar;
  for (const [name, chooses] of [
    ['MIN', wasm.lt],
    ['MAX', wasm.gt],
  ] as const) {
    operations.set(name + suffix, ({ body }, destination, source) => {
      const { a, b, unsafe } = compared(body, scalar, destination, source);
      return {
        unsafe,
        commit: () => body.storeFloat(type, destination, select(chooses(a, b), a, b)),
      };
    });
  }
  for (const name of ['COMI', 'UCOMI']) {
    operations.set(name + suffix, (site, destination, source) => {
      const { a, b, unsafe } = compared(site.body, scalar, destination, source);
      return {
        unsafe,
        commit: () => setComparisonFlags(site, wasm.eq(a, b), wasm.lt(a, b)),
      };
    });
  }
}

/** ZF and CF, the other flags clear; PF's bit in the carry's word undoes the even parity of a result of zero. */
function setComparisonFlags(site: Site, equal: I32, less: I32): void {
  const zero = site.body.let32(equal);
  const carry = site.body.let32(less);
  const aux = i64.shl(i64.extendI32U(carry), i64.const(63));
  setFlags(
    site,
    i64.extendI32U(i32.eqz(zero)),
    aux,
    i32.or(carry, i32.shl(zero, i32.const(PARITY_DELTA_SHIFT))),
  );
}

/** Integers to values. Few bits are always converted exactly. */
function fromIntegers<T extends 'f32' | 'f64'>({ type, suffix, wasm, integerSlack }: Scalar<T>): void {
  for (const width of [32, 64]) {
    operations.set(`CVTSI2${suffix}${width}`, ({ body }, destination, source) => {
      const integer = body.let64(width === 32 ? i64.load32s(source) : i64.load(source));
      const slack = i64.const(integerSlack);
      return {
        ...((width === 64 || type === 'f32') && {
          exact: i64.eq(i64.shrS(i64.shl(integer, slack), slack), integer),
        }),
        commit: () => body.storeFloat(type, destination, wasm.convertI64(integer)),
      };
    });
  }
}

/** And back, rounded or truncated, when the value lies between -2^63 and 2^63. */
function toIntegers<T extends 'f32' | 'f64'>({ type, suffix, wasm, exponent, beyondI64 }: Scalar<T>): void {
  for (const width of [32, 64]) {
    for (const truncated of [false, true]) {
      operations.set(`CVT${truncated ? 'T' : ''}${suffix}2SI${width}`, ({ body }, destination, source) => {
        const value = body.let(type, wasm.load(source));
        const integer = body.let64(wasm.truncateToI64(truncated ? value : wasm.nearest(value)));
        const beyond = i32.geU(exponent(value), i32.const(beyondI64));
        return {
          unsafe: width === 64 ? beyond : either(beyond, i64.ne(i64.extend32S(integer), integer)),
          exact: wasm.eq(wasm.convertI64(integer), value),
          commit: () => body.store64(destination, width === 64 ? integer : i64.extendI32U(i32.wrap(integer))),
        };
      });
    }
  }
}

operations.set('CVTSS2SD', ({ body }, destination, source) => {
  const value = body.let('f32', f32.load(source));
  const infiniteOrNaN = i32.eq(SINGLE.exponent(value), i32.const(0xff));
  return {
    unsafe: either(SINGLE.denormal(value), infiniteOrNaN),
    commit: () => body.storeFloat('f64', destination, f64.promote(value)),
  };
});
operations.set('CVTSD2SS', ({ body }, destination, source) => {
  const value = body.let('f64', f64.load(source));
  const result = body.let('f32', f32.demote(value));
  return {
    unsafe: not(either(SINGLE.settled(result), DOUBLE.zero(value))),
    exact: f64.eq(f64.promote(result), value),
    commit: () => body.storeFloat('f32', destination, result),
  };
});

function define<T extends 'f32' | 'f64'>(scalar: Scalar<T>): void {
  for (const [name, how] of Object.entries(ARITHMETIC)) arithmetic(name, scalar, how);
  comparisons(scalar);
  fromIntegers(scalar);
  toIntegers(scalar);
}
define(SINGLE);
define(DOUBLE);

/** Scalar operations that have a fast path, by the names of `FLOAT_OPERATIONS`. */
export const FAST_OPERATIONS: ReadonlyMap<string, FastOperation> = operations;

/**
 * Writes an operation: by its fast path where that is safe and, when the result may be inexact, nothing would have to be noted; else by
 * `exactly`, which asks the float unit.
 */
export function emitFast(site: Site, path: FastPath, exactly: () => void): void {
  const { body } = site;
  const { unsafe, exact, commit } = path;
  if (exact === undefined) {
    if (unsafe !== undefined) site.rarely(unsafe, exactly);
    commit();
    return;
  }
  const mxcsr = site.get32(layout.MXCSR);
  const noted = i32.ne(i32.and(mxcsr, i32.const(PRECISION_CONTROL)), i32.const(PRECISION_SILENT));
  site.rarely(unsafe === undefined ? noted : either(unsafe, noted), () => {
    const nearest = i32.eqz(i32.and(mxcsr, i32.const(ROUNDING_CONTROL)));
    const certain = both(nearest, exact);
    body.if(unsafe === undefined ? certain : both(certain, not(unsafe)), commit, exactly);
  });
  commit();
}
