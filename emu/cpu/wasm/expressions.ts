import type { Body } from './body.ts';

/**
 * Typed WebAssembly expressions. An expression is a function that appends its instructions to a body; building one
 * emits nothing. An expression used twice is evaluated twice: keep a value with `Body.let`.
 */
export interface Expression<T extends ValueType> {
  (body: Body): void;
  /** The type, for the compiler only. */
  readonly __type?: T;
}
export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128';
export type I32 = Expression<'i32'>;
export type I64 = Expression<'i64'>;
export type V128 = Expression<'v128'>;

export const unary =
  <A extends ValueType, R extends ValueType>(opcode: number) =>
  (a: Expression<A>): Expression<R> =>
  (body) => {
    a(body);
    body.code.byte(opcode);
  };

export const binary =
  <A extends ValueType, R extends ValueType>(opcode: number) =>
  (a: Expression<A>, b: Expression<A>): Expression<R> =>
  (body) => {
    a(body);
    b(body);
    body.code.byte(opcode);
  };

/** A load: `address` is an i32 expression, `offset` a constant added to it. Alignment hints are given as 1: x86 does not promise any. */
export const load =
  <R extends ValueType>(opcode: number) =>
  (address: I32, offset = 0): Expression<R> =>
  (body) => {
    address(body);
    body.code.byte(opcode);
    body.code.byte(0);
    body.code.unsigned(offset);
  };

const i32binary = binary<'i32', 'i32'>;
const i64binary = binary<'i64', 'i64'>;
const i64compare = binary<'i64', 'i32'>;

export const i32 = {
  const:
    (value: number): I32 =>
    (body) => {
      body.code.byte(0x41);
      body.code.signed32(value);
    },
  load: load<'i32'>(0x28),
  load8u: load<'i32'>(0x2d),
  load16u: load<'i32'>(0x2f),
  eqz: unary<'i32', 'i32'>(0x45),
  eq: i32binary(0x46),
  ne: i32binary(0x47),
  ltS: i32binary(0x48),
  ltU: i32binary(0x49),
  gtU: i32binary(0x4b),
  leU: i32binary(0x4d),
  geU: i32binary(0x4f),
  clz: unary<'i32', 'i32'>(0x67),
  ctz: unary<'i32', 'i32'>(0x68),
  popcnt: unary<'i32', 'i32'>(0x69),
  add: i32binary(0x6a),
  sub: i32binary(0x6b),
  mul: i32binary(0x6c),
  divU: i32binary(0x6e),
  remU: i32binary(0x70),
  and: i32binary(0x71),
  or: i32binary(0x72),
  xor: i32binary(0x73),
  shl: i32binary(0x74),
  shrS: i32binary(0x75),
  shrU: i32binary(0x76),
  wrap: unary<'i64', 'i32'>(0xa7),
} as const;

export const i64 = {
  const:
    (value: bigint | number): I64 =>
    (body) => {
      body.code.byte(0x42);
      if (typeof value === 'number' && value === (value | 0)) body.code.signed32(value);
      else body.code.signed64(BigInt(value));
    },
  load: load<'i64'>(0x29),
  load8s: load<'i64'>(0x30),
  load8u: load<'i64'>(0x31),
  load16s: load<'i64'>(0x32),
  load16u: load<'i64'>(0x33),
  load32s: load<'i64'>(0x34),
  load32u: load<'i64'>(0x35),
  eqz: unary<'i64', 'i32'>(0x50),
  eq: i64compare(0x51),
  ne: i64compare(0x52),
  ltS: i64compare(0x53),
  ltU: i64compare(0x54),
  gtS: i64compare(0x55),
  gtU: i64compare(0x56),
  leS: i64compare(0x57),
  leU: i64compare(0x58),
  geS: i64compare(0x59),
  geU: i64compare(0x5a),
  clz: unary<'i64', 'i64'>(0x79),
  ctz: unary<'i64', 'i64'>(0x7a),
  popcnt: unary<'i64', 'i64'>(0x7b),
  add: i64binary(0x7c),
  sub: i64binary(0x7d),
  mul: i64binary(0x7e),
  divS: i64binary(0x7f),
  divU: i64binary(0x80),
  remS: i64binary(0x81),
  remU: i64binary(0x82),
  and: i64binary(0x83),
  or: i64binary(0x84),
  xor: i64binary(0x85),
  shl: i64binary(0x86),
  shrS: i64binary(0x87),
  shrU: i64binary(0x88),
  rotl: i64binary(0x89),
  rotr: i64binary(0x8a),
  extendI32S: unary<'i32', 'i64'>(0xac),
  extendI32U: unary<'i32', 'i64'>(0xad),
  extend8S: unary<'i64', 'i64'>(0xc2),
  extend16S: unary<'i64', 'i64'>(0xc3),
  extend32S: unary<'i64', 'i64'>(0xc4),
} as const;

/** `condition ? whenTrue : whenFalse`; both are evaluated. */
export const select =
  <T extends ValueType>(condition: I32, whenTrue: Expression<T>, whenFalse: Expression<T>): Expression<T> =>
  (body) => {
    whenTrue(body);
    whenFalse(body);
    condition(body);
    body.code.byte(0x1b);
  };
