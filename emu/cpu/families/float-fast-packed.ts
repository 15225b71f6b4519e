import {
  PRECISION_SUPPRESSED,
  ROUND_BY_MXCSR,
  ROUND_DOWN,
  ROUND_NEAREST,
  ROUND_UP,
  ROUNDING_BITS,
} from '../float/environment.ts';
import { type I32, i32, i64, select, type V128 } from '../wasm/expressions.ts';
import { f32x4, f64x2, i8x16, i32x4, i64x2, v128, ZERO_VECTOR } from '../wasm/vector.ts';
import type { FastOperation, FastPath } from './float-fast.ts';

type Operation = (a: V128, b: V128) => V128;

/** What is looked at in the elements of one of the two formats: lanes of all ones where it holds. */
interface Packed {
  readonly suffix: 'PS' | 'PD';
  readonly wasm: typeof f32x4 | typeof f64x2;
  readonly eq: Operation;
  readonly gtS: Operation;
  readonly splat: (value: number) => V128;
  /** The bits without the sign, shifted up by one. */
  magnitude(value: V128): V128;
  /** The exponent field. */
  exponent(value: V128): V128;
  /** Exponent field of infinities and NaNs. */
  readonly highestExponent: number;
  readonly bias: number;
  /** Bytes of the elements with an even and an odd number, of two vectors. */
  readonly even: readonly number[];
  readonly odd: readonly number[];
  /** Bytes of the even elements of one vector between the odd elements of another. */
  readonly alternating: readonly number[];
}

const bytes = (size: number, elements: readonly number[]): number[] =>
  elements.flatMap((element) => Array.from({ length: size }, (_, i) => element * size + i));

const SINGLES: Packed = {
  suffix: 'PS',
  wasm: f32x4,
  eq: i32x4.eq,
  gtS: i32x4.gtS,
  splat: (value) => i32x4.splat(i32.const(value)),
  magnitude: (value) => i32x4.shl(value, i32.const(1)),
  exponent: (value) => i32x4.shrU(i32x4.shl(value, i32.const(1)), i32.const(24)),
  highestExponent: 0xff,
  bias: 127,
  even: bytes(4, [0, 2, 4, 6]),
  odd: bytes(4, [1, 3, 5, 7]),
  alternating: bytes(4, [0, 5, 2, 7]),
};

const DOUBLES: Packed = {
  suffix: 'PD',
  wasm: f64x2,
  eq: i64x2.eq,
  gtS: i64x2.gtS,
  splat: (value) => i64x2.splat(i64.const(value)),
  magnitude: (value) => i64x2.shl(value, i32.const(1)),
  exponent: (value) => i64x2.shrU(i64x2.shl(value, i32.const(1)), i32.const(53)),
  highestExponent: 0x7ff,
  bias: 1023,
  even: bytes(8, [0, 2]),
  odd: bytes(8, [1, 3]),
  alternating: bytes(8, [0, 3]),
};

const zero = ({ eq, magnitude }: Packed, value: V128): V128 => eq(magnitude(value), ZERO_VECTOR);
const denormal = (packed: Packed, value: V128): V128 =>
  v128.andNot(packed.eq(packed.exponent(value), ZERO_VECTOR), zero(packed, value));
/** Normal numbers, but not the smallest, which may be the rounded form of something that was tiny. */
const settled = ({ gtS, splat, exponent, highestExponent }: Packed, value: V128): V128 =>
  v128.and(gtS(exponent(value), splat(1)), gtS(splat(highestExponent), exponent(value)));
/** At least 2^`power`, infinite or a NaN. */
const atLeast = ({ gtS, splat, exponent, bias }: Packed, value: V128, power: number): V128 =>
  gtS(exponent(value), splat(bias + power - 1));

const any = v128.anyTrue;
const all = (lanes: V128): I32 => i32.eqz(v128.anyTrue(v128.not(lanes)));
const never = i32.const(0);

const operations = new Map<string, FastOperation>();

interface Arithmetic {
  compute(packed: Packed, a: V128, b: V128): V128;
  /** Lanes whose result may be zero with nothing lost. */
  zero(packed: Packed, a: V128, b: V128): V128;
  /** Lanes whose result is exact, where that can be told. */
  exact?(packed: Packed, a: V128, b: V128, result: V128): V128;
}

const ALL_ONES = v128.not(ZERO_VECTOR);
const ADD: Arithmetic = {
  compute: ({ wasm }, a, b) => wasm.add(a, b),
  zero: () => ALL_ONES,
  exact: ({ wasm }, a, b, sum) => {
    const ofB = wasm.sub(sum, a);
    return wasm.eq(wasm.sub(a, wasm.sub(sum, ofB)), wasm.sub(ofB, b));
  },
};
const SUB: Arithmetic = {
  compute: ({ wasm }, a, b) => wasm.sub(a, b),
  zero: () => ALL_ONES,
  exact: ({ wasm }, a, b, difference) => {
    const ofB = wasm.sub(difference, a);
    return wasm.eq(wasm.sub(a, wasm.sub(difference, ofB)), wasm.add(ofB, b));
  },
};
const ARITHMETIC: Readonly<Record<string, Arithmetic>> = {
  ADD,
  SUB,
  MUL: {
    compute: ({ wasm }, a, b) => wasm.mul(a, b),
    zero: (packed, a, b) => v128.or(zero(packed, a), zero(packed, b)),
  },
  DIV: { compute: ({ wasm }, a, b) => wasm.div(a, b), zero: (packed, a) => zero(packed, a) },
  SQRT: { compute: ({ wasm }, _a, b) => wasm.sqrt(b), zero: () => ALL_ONES },
  ADDSUB: {
    compute: ({ wasm, alternating }, a, b) => i8x16.shuffle(wasm.sub(a, b), wasm.add(a, b), alternating),
    zero: () => ALL_ONES,
  },
};

/** How the operands of an operation stand in both registers. */
type Arrange = (packed: Packed, a: V128, b: V128) => readonly [V128, V128];
const side: Arrange = (_packed, a, b) => [a, b];
const neighbours: Arrange = ({ even, odd }, a, b) => [i8x16.shuffle(a, b, even), i8x16.shuffle(a, b, odd)];

function arithmetic(name: string, packed: Packed, how: Arithmetic, arrange: Arrange): void {
  operations.set(name + packed.suffix, ({ body }, destination, source) => {
    const second = body.let128(v128.load(source));
    // The root's first operand is not used: it must not be looked at either.
    const first = name === 'SQRT' ? second : body.let128(v128.load(destination));
    const [left, right] = arrange(packed, first, second);
    const [a, b] = [body.let128(left), body.let128(right)];
    const result = body.let128(how.compute(packed, a, b));
    const rightZero = v128.and(zero(packed, result), how.zero(packed, a, b));
    const untrusted = v128.not(v128.or(settled(packed, result), rightZero));
    return {
      unsafe: any(v128.or(v128.or(denormal(packed, a), denormal(packed, b)), untrusted)),
      exact: how.exact === undefined ? never : all(how.exact(packed, a, b, result)),
      commit: () => body.storeVector(16, destination, result),
    };
  });
}

/** Denormals and NaNs, which have an exception to report. */
function oddOperands(packed: Packed, a: V128, b: V128): I32 {
  const { wasm } = packed;
  const nan = v128.or(wasm.ne(a, a), wasm.ne(b, b));
  return any(v128.or(v128.or(denormal(packed, a), denormal(packed, b)), nan));
}

/** CMPPS's predicates: bits 1–0 of the immediate choose among these, bit 2 negates. */
const EQUAL_IN = 0b0101;
const LESS_IN = 0b0110;
const NEGATE_BIT = 2;

function comparisons(packed: Packed): void {
  const { suffix, wasm } = packed;
  for (const [name, chooses] of [
    ['MIN', (a: V128, b: V128) => wasm.lt(a, b)],
    ['MAX', (a: V128, b: V128) => wasm.lt(b, a)],
  ] as const) {
    operations.set(name + suffix, ({ body }, destination, source) => {
      const [a, b] = [body.let128(v128.load(destination)), body.let128(v128.load(source))];
      return {
        unsafe: oddOperands(packed, a, b),
        commit: () => body.storeVector(16, destination, v128.select(a, b, chooses(a, b))),
      };
    });
  }
}

/** Elements of a register or of memory: all of them, or the lowest with zeros above. */
const LOADS = { 4: v128.load32Zero, 8: v128.load64Zero, 16: v128.load } as const;
type Bytes = keyof typeof LOADS;

/** CMPPS, CMPSS, CMPPD and CMPSD. */
function predicates(name: string, packed: Packed, size: Bytes): void {
  const { wasm } = packed;
  operations.set(name, ({ body }, destination, source, immediate) => {
    const [a, b] = [body.let128(LOADS[size](destination)), body.let128(LOADS[size](source))];
    const predicate = body.let32(immediate);
    /** All ones where a bit is set. */
    const lanes = (bit: I32): V128 => i32x4.splat(i32.sub(i32.const(0), i32.and(bit, i32.const(1))));
    const among = (set: number): V128 => lanes(i32.shrU(i32.const(set), i32.and(predicate, i32.const(3))));
    const holds = v128.or(v128.and(wasm.eq(a, b), among(EQUAL_IN)), v128.and(wasm.lt(a, b), among(LESS_IN)));
    const negated = lanes(i32.shrU(predicate, i32.const(NEGATE_BIT)));
    return {
      unsafe: oddOperands(packed, a, b),
      commit: () => body.storeVector(size, destination, v128.xor(holds, negated)),
    };
  });
}

/** ROUNDPS, ROUNDSS, ROUNDPD and ROUNDSD, by the rounding in the immediate; MXCSR's is the float unit's business. */
function roundings(name: string, packed: Packed, size: Bytes): void {
  const { wasm } = packed;
  operations.set(name, ({ body }, destination, source, immediate) => {
    const value = body.let128(LOADS[size](source));
    const control = body.let32(immediate);
    const mode = body.let32(i32.and(control, i32.const(ROUNDING_BITS)));
    const is = (number: number): I32 => i32.eq(mode, i32.const(number));
    const upOrToZero = select(is(ROUND_UP), wasm.ceil(value), wasm.trunc(value));
    const directed = select(is(ROUND_DOWN), wasm.floor(value), upOrToZero);
    const result = body.let128(select(is(ROUND_NEAREST), wasm.nearest(value), directed));
    const suppressed = i32.and(control, i32.const(PRECISION_SUPPRESSED));
    return {
      unsafe: i32.or(i32.and(control, i32.const(ROUND_BY_MXCSR)), oddOperands(packed, value, value)),
      exact: i32.or(i32.ne(suppressed, i32.const(0)), all(wasm.eq(result, value))),
      commit: () => body.storeVector(size, destination, result),
    };
  });
}

/** An operation on the source alone; `path` says what is unsafe or exact about it. */
function conversion(
  name: string,
  convert: (value: V128) => V128,
  path: (value: V128, result: V128) => Omit<FastPath, 'commit'>,
  load: (address: I32) => V128 = v128.load,
): void {
  operations.set(name, ({ body }, destination, source) => {
    const value = body.let128(load(source));
    const result = body.let128(convert(value));
    return { ...path(value, result), commit: () => body.storeVector(16, destination, result) };
  });
}

/** Bits of an integer, from the top, that must be equal for it to be a single. */
const INTEGER_SLACK = i32.const(7);
const INTEGER_BITS = 31;

conversion('CVTDQ2PD', f64x2.convertI32, () => ({}), v128.load64Zero);
conversion('CVTDQ2PS', f32x4.convertI32, (integers) => ({
  exact: all(i32x4.eq(i32x4.shrS(i32x4.shl(integers, INTEGER_SLACK), INTEGER_SLACK), integers)),
}));
conversion(
  'CVTPS2PD',
  f64x2.promoteLow,
  (singles) => ({
    unsafe: any(v128.or(denormal(SINGLES, singles), atLeast(SINGLES, singles, SINGLES.bias + 1))),
  }),
  v128.load64Zero,
);
conversion('CVTPD2PS', f32x4.demoteLow, (doubles, singles) => {
  // Lanes of singles: the zeros of doubles are in both doublewords of theirs.
  const sourceZeros = i8x16.shuffle(zero(DOUBLES, doubles), ALL_ONES, bytes(4, [0, 2, 4, 5]));
  return {
    unsafe: any(v128.not(v128.or(settled(SINGLES, singles), sourceZeros))),
    exact: all(f64x2.eq(f64x2.promoteLow(singles), doubles)),
  };
});
for (const truncated of [false, true]) {
  const name = `CVT${truncated ? 'T' : ''}`;
  const rounded = (wasm: Packed['wasm'], value: V128): V128 => (truncated ? value : wasm.nearest(value));
  conversion(
    `${name}PS2DQ`,
    (singles) => f32x4.truncateToI32(rounded(f32x4, singles)),
    (singles, integers) => ({
      unsafe: any(atLeast(SINGLES, singles, INTEGER_BITS)),
      exact: all(f32x4.eq(f32x4.convertI32(integers), singles)),
    }),
  );
  conversion(
    `${name}PD2DQ`,
    (doubles) => f64x2.truncateToI32(rounded(f64x2, doubles)),
    (doubles, integers) => ({
      // A rounded value just below 2^31 may reach it.
      unsafe: any(atLeast(DOUBLES, doubles, INTEGER_BITS - 1)),
      exact: all(f64x2.eq(f64x2.convertI32(integers), doubles)),
    }),
  );
}

for (const packed of [SINGLES, DOUBLES]) {
  for (const [name, how] of Object.entries(ARITHMETIC)) arithmetic(name, packed, how, side);
  arithmetic('HADD', packed, ADD, neighbours);
  arithmetic('HSUB', packed, SUB, neighbours);
  comparisons(packed);
}
for (const [suffix, packed, size] of [
  ['PS', SINGLES, 16],
  ['SS', SINGLES, 4],
  ['PD', DOUBLES, 16],
  ['SD', DOUBLES, 8],
] as const) {
  predicates(`CMP${suffix}`, packed, size);
  roundings(`ROUND${suffix}`, packed, size);
}

/** Packed operations that have a fast path, and scalar ones that use the same code, by the names of `FLOAT_OPERATIONS`. */
export const FAST_PACKED_OPERATIONS: ReadonlyMap<string, FastOperation> = operations;
