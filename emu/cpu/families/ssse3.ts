import { type Row, row, type Semantics } from '../table/row.ts';
import { i32, i64, select, type V128 } from '../wasm/expressions.ts';
import { i8x16, i16x8, i32x4, v128, ZERO_VECTOR } from '../wasm/vector.ts';
import { BYTE_NUMBERS, binary, hexByte, type Operation } from './sse-integer.ts';
import { mmx, xmm } from './vector-site.ts';

/** The even elements of `size` bytes of two vectors, and the odd ones. */
function everyOther(size: 2 | 4, first: 0 | 1): number[] {
  const lanes: number[] = [];
  for (let at = first * size; at < 32; at += 2 * size) {
    for (let byte = 0; byte < size; byte++) lanes.push(at + byte);
  }
  return lanes;
}

/** Combines neighbouring elements: those of the first operand give the lower half of the result, those of the second the upper half. */
const horizontal =
  (size: 2 | 4, combine: Operation): Operation =>
  (a, b) =>
    combine(i8x16.shuffle(a, b, everyOther(size, 0)), i8x16.shuffle(a, b, everyOther(size, 1)));

/** Two MMX registers in one vector. */
const JOINED = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
const horizontalMmx = (size: 2 | 4, combine: Operation): Operation => {
  const ofWhole = horizontal(size, combine);
  return (a, b) => {
    const joined = i8x16.shuffle(a, b, JOINED);
    return ofWhole(joined, joined);
  };
};

/** The bytes of an index that count: its sign, which asks for a zero, and the number of a byte of the register. */
const INDEX_XMM = i8x16.splat(i32.const(0x8f));
const INDEX_MMX = i8x16.splat(i32.const(0x87));
const shuffleBytes =
  (index: V128): Operation =>
  (a, b) =>
    i8x16.swizzle(a, v128.and(b, index));

/** PMADDUBSW: unsigned bytes of the first operand times signed bytes of the second. */
const multiplyAddBytes: Operation = (a, b) => {
  const eight = i32.const(8);
  const even = i16x8.mul(v128.and(a, i16x8.splat(i32.const(0xff))), i16x8.shrS(i16x8.shl(b, eight), eight));
  const odd = i16x8.mul(i16x8.shrU(a, eight), i16x8.shrS(b, eight));
  return i16x8.addSaturatingS(even, odd);
};

/** PMULHRSW does not saturate: the square of the most negative word comes out as that word. */
const multiplyRounded: Operation = (a, b) => {
  const lowest = i16x8.splat(i32.const(0x8000));
  return v128.xor(i16x8.multiplyRoundedS(a, b), v128.and(i16x8.eq(a, lowest), i16x8.eq(b, lowest)));
};

interface Lanes {
  readonly eq: Operation;
  readonly gtS: Operation;
  readonly sub: Operation;
  readonly abs: (a: V128) => V128;
}

/** PSIGN: the first operand with its sign turned where the second is negative, zero where the second is zero. */
const sign =
  ({ eq, gtS, sub }: Lanes): Operation =>
  (a, b) =>
    v128.andNot(v128.select(sub(ZERO_VECTOR, a), a, gtS(ZERO_VECTOR, b)), eq(b, ZERO_VECTOR));

const unary =
  (operation: (a: V128) => V128): Semantics =>
  (site) =>
    site.operand(0).writeVector(operation(site.body.let128(site.operand(1).vector())));

/** PALIGNR: bytes of both operands in a row, the second below, from the byte that the immediate names. */
const alignRight =
  (size: 8 | 16): Semantics =>
  (site) => {
    const { body } = site;
    const below = body.let128(site.operand(1).vector());
    const above = site.operand(0).vector();
    const count = body.let64(i64.and(site.immediate(), i64.const(0xff)));
    const whole = i64.const(2 * size);
    const bounded = i32.wrap(select(i64.ltU(count, whole), count, whole));
    const index = body.let128(i8x16.add(BYTE_NUMBERS, i8x16.splat(bounded)));
    if (size === 8) {
      site.operand(0).writeVector(i8x16.swizzle(i8x16.shuffle(below, above, JOINED), index));
      return;
    }
    const indexAbove = i8x16.sub(index, i8x16.splat(i32.const(size)));
    site.operand(0).writeVector(v128.or(i8x16.swizzle(below, index), i8x16.swizzle(above, indexAbove)));
  };

const MODIFY = { access: 'modify' as const, feature: 'SSSE3' };

function bothWidths(
  name: string,
  opcode: number,
  ofMmx: Semantics,
  ofXmm: Semantics,
  options: Partial<Row> = MODIFY,
): Row[] {
  return [
    row(name, `NP 0F 38 ${hexByte(opcode)} /r`, 'Pq,Qq', mmx(ofMmx), options),
    row(name, `66 0F 38 ${hexByte(opcode)} /r`, 'Vdq,Wdq', xmm(ofXmm), options),
  ];
}

const HORIZONTAL: readonly (readonly [string, number, 2 | 4, Operation])[] = [
  ['PHADDW', 0x01, 2, i16x8.add],
  ['PHADDD', 0x02, 4, i32x4.add],
  ['PHADDSW', 0x03, 2, i16x8.addSaturatingS],
  ['PHSUBW', 0x05, 2, i16x8.sub],
  ['PHSUBD', 0x06, 4, i32x4.sub],
  ['PHSUBSW', 0x07, 2, i16x8.subSaturatingS],
];
const BY_SIZE: readonly (readonly [string, number, number, Lanes])[] = [
  ['B', 0x08, 0x1c, i8x16],
  ['W', 0x09, 0x1d, i16x8],
  ['D', 0x0a, 0x1e, i32x4],
];

export const ssse3Rows: Row[] = [
  ...bothWidths('PSHUFB', 0x00, binary(shuffleBytes(INDEX_MMX)), binary(shuffleBytes(INDEX_XMM))),
  ...HORIZONTAL.flatMap(([name, opcode, size, combine]) =>
    bothWidths(name, opcode, binary(horizontalMmx(size, combine)), binary(horizontal(size, combine))),
  ),
  ...bothWidths('PMADDUBSW', 0x04, binary(multiplyAddBytes), binary(multiplyAddBytes)),
  ...bothWidths('PMULHRSW', 0x0b, binary(multiplyRounded), binary(multiplyRounded)),
  ...BY_SIZE.flatMap(([letter, signOpcode, absOpcode, lanes]) => [
    ...bothWidths(`PSIGN${letter}`, signOpcode, binary(sign(lanes)), binary(sign(lanes))),
    ...bothWidths(`PABS${letter}`, absOpcode, unary(lanes.abs), unary(lanes.abs), { feature: 'SSSE3' }),
  ]),
  row('PALIGNR', 'NP 0F 3A 0F /r', 'Pq,Qq,Ib', mmx(alignRight(8)), MODIFY),
  row('PALIGNR', '66 0F 3A 0F /r', 'Vdq,Wdq,Ib', xmm(alignRight(16)), MODIFY),
];
