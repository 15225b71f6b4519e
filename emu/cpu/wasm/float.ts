import { binary, type Expression, type I32, type I64, load, unary, type ValueType } from './expressions.ts';

/** Scalar floating-point instructions (WebAssembly core specification, 5.4.8). Which NaN an operation returns is not defined. */

export type F32 = Expression<'f32'>;
export type F64 = Expression<'f64'>;

/** Truncation that saturates and makes zero of a NaN: a prefix, then the opcode. */
const SATURATING_PREFIX = 0xfc;
const truncate =
  <A extends ValueType>(opcode: number) =>
  (a: Expression<A>): I64 =>
  (body) => {
    a(body);
    body.code.byte(SATURATING_PREFIX);
    body.code.byte(opcode);
  };

const f32binary = binary<'f32', 'f32'>;
const f32compare = binary<'f32', 'i32'>;
const f64binary = binary<'f64', 'f64'>;
const f64compare = binary<'f64', 'i32'>;

/** A scalar type's operations, by what they are named in both. */
export interface FloatOperations<T extends 'f32' | 'f64'> {
  load(address: I32, offset?: number): Expression<T>;
  eq(a: Expression<T>, b: Expression<T>): I32;
  ne(a: Expression<T>, b: Expression<T>): I32;
  lt(a: Expression<T>, b: Expression<T>): I32;
  gt(a: Expression<T>, b: Expression<T>): I32;
  nearest(a: Expression<T>): Expression<T>;
  sqrt(a: Expression<T>): Expression<T>;
  add(a: Expression<T>, b: Expression<T>): Expression<T>;
  sub(a: Expression<T>, b: Expression<T>): Expression<T>;
  mul(a: Expression<T>, b: Expression<T>): Expression<T>;
  div(a: Expression<T>, b: Expression<T>): Expression<T>;
  convertI32(a: I32): Expression<T>;
  convertI64(a: I64): Expression<T>;
  truncateToI64(a: Expression<T>): I64;
}

export const f32 = {
  load: load<'f32'>(0x2a),
  eq: f32compare(0x5b),
  ne: f32compare(0x5c),
  lt: f32compare(0x5d),
  gt: f32compare(0x5e),
  nearest: unary<'f32', 'f32'>(0x90),
  sqrt: unary<'f32', 'f32'>(0x91),
  add: f32binary(0x92),
  sub: f32binary(0x93),
  mul: f32binary(0x94),
  div: f32binary(0x95),
  convertI32: unary<'i32', 'f32'>(0xb2),
  convertI64: unary<'i64', 'f32'>(0xb4),
  truncateToI64: truncate<'f32'>(0x04),
  demote: unary<'f64', 'f32'>(0xb6),
  /** The value's bits. */
  bits: unary<'f32', 'i32'>(0xbc),
} as const satisfies FloatOperations<'f32'> & Record<string, unknown>;

export const f64 = {
  load: load<'f64'>(0x2b),
  eq: f64compare(0x61),
  ne: f64compare(0x62),
  lt: f64compare(0x63),
  gt: f64compare(0x64),
  nearest: unary<'f64', 'f64'>(0x9e),
  sqrt: unary<'f64', 'f64'>(0x9f),
  add: f64binary(0xa0),
  sub: f64binary(0xa1),
  mul: f64binary(0xa2),
  div: f64binary(0xa3),
  convertI32: unary<'i32', 'f64'>(0xb7),
  convertI64: unary<'i64', 'f64'>(0xb9),
  truncateToI64: truncate<'f64'>(0x06),
  promote: unary<'f32', 'f64'>(0xbb),
  /** The value's bits. */
  bits: unary<'f64', 'i64'>(0xbd),
} as const satisfies FloatOperations<'f64'> & Record<string, unknown>;
