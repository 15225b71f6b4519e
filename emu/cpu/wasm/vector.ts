import type { Expression, I32, I64, V128, ValueType } from './expressions.ts';

/** Vector instructions (WebAssembly core specification, 5.4.9): the prefix, then the opcode as LEB128. */
const PREFIX = 0xfd;

const operation =
  <R extends ValueType>(opcode: number, ...operands: Expression<ValueType>[]): Expression<R> =>
  (body) => {
    for (const operand of operands) operand(body);
    body.code.byte(PREFIX);
    body.code.unsigned(opcode);
  };

const unary =
  (opcode: number) =>
  (a: V128): V128 =>
    operation(opcode, a);
const binary =
  (opcode: number) =>
  (a: V128, b: V128): V128 =>
    operation(opcode, a, b);
/** The count is taken modulo the width of a lane. */
const shift =
  (opcode: number) =>
  (a: V128, count: I32): V128 =>
    operation(opcode, a, count);
/** From a vector to a number: one bit of each lane, or whether any or all of them are set. */
const summary =
  (opcode: number) =>
  (a: V128): I32 =>
    operation(opcode, a);

const extractLane =
  <R extends ValueType>(opcode: number) =>
  (a: V128, lane: number): Expression<R> =>
  (body) => {
    operation(opcode, a)(body);
    body.code.byte(lane);
  };

const load =
  (opcode: number) =>
  (address: I32, offset = 0): V128 =>
  (body) => {
    operation(opcode, address)(body);
    body.code.byte(0);
    body.code.unsigned(offset);
  };

export const v128 = {
  load: load(0x00),
  /** 4 or 8 bytes into the low lane, zero above. */
  load32Zero: load(0x5c),
  load64Zero: load(0x5d),
  /** From the value of each 64-bit half. */
  const:
    (low: bigint, high: bigint): V128 =>
    (body) => {
      operation(0x0c)(body);
      for (const half of [low, high]) {
        for (let i = 0; i < 8; i++) body.code.byte(Number((half >> BigInt(8 * i)) & 0xffn));
      }
    },
  not: unary(0x4d),
  and: binary(0x4e),
  /** a & ~b. */
  andNot: binary(0x4f),
  or: binary(0x50),
  xor: binary(0x51),
  /** Bits of `a` where `mask` is set, else of `b`. */
  select: (a: V128, b: V128, mask: V128): V128 => operation(0x52, a, b, mask),
  /** 1 when any bit is set. */
  anyTrue: summary(0x53),
} as const;

export const ZERO_VECTOR: V128 = v128.const(0n, 0n);

export const i8x16 = {
  /** Bytes 0–15 are `a`'s and 16–31 `b`'s. */
  shuffle:
    (a: V128, b: V128, lanes: readonly number[]): V128 =>
    (body) => {
      operation(0x0d, a, b)(body);
      for (const lane of lanes) body.code.byte(lane);
    },
  /** Bytes of `a` by the indices in `b`; an index above 15 gives zero. */
  swizzle: binary(0x0e),
  splat: (a: I32): V128 => operation(0x0f, a),
  eq: binary(0x23),
  gtS: binary(0x27),
  abs: unary(0x60),
  bitmask: summary(0x64),
  narrowS: binary(0x65),
  narrowU: binary(0x66),
  add: binary(0x6e),
  addSaturatingS: binary(0x6f),
  addSaturatingU: binary(0x70),
  sub: binary(0x71),
  subSaturatingS: binary(0x72),
  subSaturatingU: binary(0x73),
  minS: binary(0x76),
  minU: binary(0x77),
  maxS: binary(0x78),
  maxU: binary(0x79),
  averageU: binary(0x7b),
} as const;

export const i16x8 = {
  splat: (a: I32): V128 => operation(0x10, a),
  extractLaneU: extractLane<'i32'>(0x19),
  eq: binary(0x2d),
  gtS: binary(0x31),
  /** Sums of neighbouring unsigned bytes. */
  addPairsU: unary(0x7d),
  abs: unary(0x80),
  /** (a × b + 2^14) >> 15, saturated. */
  multiplyRoundedS: binary(0x82),
  bitmask: summary(0x84),
  narrowS: binary(0x85),
  narrowU: binary(0x86),
  /** The low eight bytes as words. */
  extendLowS: unary(0x87),
  extendLowU: unary(0x89),
  shl: shift(0x8b),
  shrS: shift(0x8c),
  shrU: shift(0x8d),
  add: binary(0x8e),
  addSaturatingS: binary(0x8f),
  addSaturatingU: binary(0x90),
  sub: binary(0x91),
  subSaturatingS: binary(0x92),
  subSaturatingU: binary(0x93),
  mul: binary(0x95),
  minS: binary(0x96),
  minU: binary(0x97),
  maxS: binary(0x98),
  maxU: binary(0x99),
  averageU: binary(0x9b),
} as const;

export const i32x4 = {
  splat: (a: I32): V128 => operation(0x11, a),
  eq: binary(0x37),
  gtS: binary(0x3b),
  addPairsU: unary(0x7f),
  abs: unary(0xa0),
  bitmask: summary(0xa4),
  extendLowS: unary(0xa7),
  extendLowU: unary(0xa9),
  shl: shift(0xab),
  shrS: shift(0xac),
  shrU: shift(0xad),
  add: binary(0xae),
  sub: binary(0xb1),
  mul: binary(0xb5),
  minS: binary(0xb6),
  minU: binary(0xb7),
  maxS: binary(0xb8),
  maxU: binary(0xb9),
  /** Sums of neighbouring products of signed words. */
  dot: binary(0xba),
  multiplyLowS: binary(0xbc),
  multiplyHighS: binary(0xbd),
  multiplyLowU: binary(0xbe),
  multiplyHighU: binary(0xbf),
} as const;

export const i64x2 = {
  splat: (a: I64): V128 => operation(0x12, a),
  replaceLane0:
    (a: V128, value: I64): V128 =>
    (body) => {
      operation(0x1e, a, value)(body);
      body.code.byte(0);
    },
  bitmask: summary(0xc4),
  extendLowS: unary(0xc7),
  extendLowU: unary(0xc9),
  shl: shift(0xcb),
  shrS: shift(0xcc),
  shrU: shift(0xcd),
  add: binary(0xce),
  sub: binary(0xd1),
  mul: binary(0xd5),
  eq: binary(0xd6),
  gtS: binary(0xd9),
  /** Products of the two low signed doublewords. */
  multiplyLowS: binary(0xdc),
} as const;

export const f32x4 = {
  eq: binary(0x41),
  ne: binary(0x42),
  lt: binary(0x43),
  /** The two low doubles as singles, zero above. */
  demoteLow: unary(0x5e),
  ceil: unary(0x67),
  floor: unary(0x68),
  trunc: unary(0x69),
  nearest: unary(0x6a),
  sqrt: unary(0xe3),
  add: binary(0xe4),
  sub: binary(0xe5),
  mul: binary(0xe6),
  div: binary(0xe7),
  convertI32: unary(0xfa),
  /** Saturates, and makes zero of a NaN. */
  truncateToI32: unary(0xf8),
} as const;

export const f64x2 = {
  eq: binary(0x47),
  ne: binary(0x48),
  lt: binary(0x49),
  /** The two low singles as doubles. */
  promoteLow: unary(0x5f),
  ceil: unary(0x74),
  floor: unary(0x75),
  trunc: unary(0x7a),
  nearest: unary(0x94),
  sqrt: unary(0xef),
  add: binary(0xf0),
  sub: binary(0xf1),
  mul: binary(0xf2),
  div: binary(0xf3),
  /** Of the two low doublewords. */
  convertI32: unary(0xfe),
  /** Into the two low doublewords, zero above; saturates, and makes zero of a NaN. */
  truncateToI32: unary(0xfc),
} as const;
