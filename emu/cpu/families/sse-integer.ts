import { type Row, row, type Semantics } from '../table/row.ts';
import { type I32, type I64, i32, i64, select, type V128 } from '../wasm/expressions.ts';
import { i8x16, i16x8, i32x4, i64x2, v128, ZERO_VECTOR } from '../wasm/vector.ts';
import { mmx, xmm } from './vector-site.ts';

export type Operation = (a: V128, b: V128) => V128;

/** destination = operation(destination, source). Operands are in locals: operations may use them more than once. */
export const binary =
  (operation: Operation): Semantics =>
  (site) => {
    const b = site.body.let128(site.operand(1).vector());
    const a = site.body.let128(site.operand(0).vector());
    site.operand(0).writeVector(operation(a, b));
  };

/** The upper words of eight products, from the products' halves. */
const UPPER_WORDS = [2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27, 30, 31];
const LOW_DOUBLEWORDS = v128.const(0xffff_ffffn, 0xffff_ffffn);

const multiplyHighS: Operation = (a, b) =>
  i8x16.shuffle(i32x4.multiplyLowS(a, b), i32x4.multiplyHighS(a, b), UPPER_WORDS);
const multiplyHighU: Operation = (a, b) =>
  i8x16.shuffle(i32x4.multiplyLowU(a, b), i32x4.multiplyHighU(a, b), UPPER_WORDS);
const multiplyDoublewords: Operation = (a, b) =>
  i64x2.mul(v128.and(a, LOW_DOUBLEWORDS), v128.and(b, LOW_DOUBLEWORDS));

/** PSADBW: the absolute differences of bytes, summed for each half. */
const sumOfDifferences: Operation = (a, b) => {
  const sums = i32x4.addPairsU(i16x8.addPairsU(i8x16.sub(i8x16.maxU(a, b), i8x16.minU(a, b))));
  return v128.and(i64x2.add(sums, i64x2.shrU(sums, i32.const(32))), LOW_DOUBLEWORDS);
};

const andNot: Operation = (a, b) => v128.andNot(b, a);

/** [mnemonic, last opcode byte, operation, feature of the MMX form when it is not MMX]. */
type Entry = readonly [string, number, Operation, ('MMX' | 'SSE' | 'SSE2')?];

const BINARY: readonly Entry[] = [
  ['PADDB', 0xfc, i8x16.add],
  ['PADDW', 0xfd, i16x8.add],
  ['PADDD', 0xfe, i32x4.add],
  ['PADDQ', 0xd4, i64x2.add, 'SSE2'],
  ['PADDSB', 0xec, i8x16.addSaturatingS],
  ['PADDSW', 0xed, i16x8.addSaturatingS],
  ['PADDUSB', 0xdc, i8x16.addSaturatingU],
  ['PADDUSW', 0xdd, i16x8.addSaturatingU],
  ['PSUBB', 0xf8, i8x16.sub],
  ['PSUBW', 0xf9, i16x8.sub],
  ['PSUBD', 0xfa, i32x4.sub],
  ['PSUBQ', 0xfb, i64x2.sub, 'SSE2'],
  ['PSUBSB', 0xe8, i8x16.subSaturatingS],
  ['PSUBSW', 0xe9, i16x8.subSaturatingS],
  ['PSUBUSB', 0xd8, i8x16.subSaturatingU],
  ['PSUBUSW', 0xd9, i16x8.subSaturatingU],
  ['PMULLW', 0xd5, i16x8.mul],
  ['PMULHW', 0xe5, multiplyHighS],
  ['PMULHUW', 0xe4, multiplyHighU, 'SSE'],
  ['PMULUDQ', 0xf4, multiplyDoublewords, 'SSE2'],
  ['PMADDWD', 0xf5, i32x4.dot],
  ['PAVGB', 0xe0, i8x16.averageU, 'SSE'],
  ['PAVGW', 0xe3, i16x8.averageU, 'SSE'],
  ['PSADBW', 0xf6, sumOfDifferences, 'SSE'],
  ['PMINUB', 0xda, i8x16.minU, 'SSE'],
  ['PMAXUB', 0xde, i8x16.maxU, 'SSE'],
  ['PMINSW', 0xea, i16x8.minS, 'SSE'],
  ['PMAXSW', 0xee, i16x8.maxS, 'SSE'],
  ['PCMPEQB', 0x74, i8x16.eq],
  ['PCMPEQW', 0x75, i16x8.eq],
  ['PCMPEQD', 0x76, i32x4.eq],
  ['PCMPGTB', 0x64, i8x16.gtS],
  ['PCMPGTW', 0x65, i16x8.gtS],
  ['PCMPGTD', 0x66, i32x4.gtS],
  ['PAND', 0xdb, v128.and],
  ['PANDN', 0xdf, andNot],
  ['POR', 0xeb, v128.or],
  ['PXOR', 0xef, v128.xor],
];

/** XMM forms that live in the main loop: what compilers and libraries copy, clear, compare and add with. */
const HOT = new Set([
  ...['PXOR', 'POR', 'PAND', 'PANDN', 'PCMPEQB', 'PCMPEQD', 'PMINUB'],
  ...['PADDB', 'PADDD', 'PADDQ', 'PSUBB', 'PSUBD', 'PSUBQ'],
]);

export const hexByte = (value: number): string => value.toString(16).padStart(2, '0').toUpperCase();

/** The MMX and the XMM form of an instruction that reads and writes operand 0. */
export function bothWidths(
  name: string,
  opcode: number,
  emit: Semantics,
  mmxFeature: 'MMX' | 'SSE' | 'SSE2' = 'MMX',
  mmxSource = 'Qq',
): Row[] {
  return [
    row(name, `NP 0F ${hexByte(opcode)} /r`, `Pq,${mmxSource}`, mmx(emit), {
      access: 'modify',
      feature: mmxFeature,
    }),
    row(name, `66 0F ${hexByte(opcode)} /r`, 'Vdq,Wdq', xmm(emit), {
      access: 'modify',
      feature: 'SSE2',
      ...(HOT.has(name) && { hot: [0] }),
    }),
  ];
}

/** A shift of every lane by one count, which may be larger than the lane. `count` is evaluated more than once. */
type Shift = (value: V128, count: I64) => V128;

const logicalShift =
  (shift: (a: V128, count: I32) => V128, width: number): Shift =>
  (value, count) =>
    select(i64.ltU(count, i64.const(width)), shift(value, i32.wrap(count)), ZERO_VECTOR);
/** Every bit becomes the sign when the count is larger than the lane. */
const arithmeticShift =
  (shift: (a: V128, count: I32) => V128, width: number): Shift =>
  (value, count) =>
    shift(value, i32.wrap(select(i64.ltU(count, i64.const(width)), count, i64.const(width - 1))));

/** The count is the low quadword of the source, or an immediate byte. */
const byVector =
  (shift: Shift): Semantics =>
  (site) => {
    const count = site.body.let64(i64.load(site.operand(1).pointer()));
    const value = site.body.let128(site.operand(0).vector());
    site.operand(0).writeVector(shift(value, count));
  };
const byImmediate =
  (shift: Shift): Semantics =>
  (site) => {
    const count = site.body.let64(i64.and(site.immediate(), i64.const(0xff)));
    const value = site.body.let128(site.operand(0).vector());
    site.operand(0).writeVector(shift(value, count));
  };

/** [mnemonic, opcode of the vector count, opcode and digit of the immediate count, shift]. */
const SHIFTS: readonly (readonly [string, number, number, number, Shift])[] = [
  ['PSRLW', 0xd1, 0x71, 2, logicalShift(i16x8.shrU, 16)],
  ['PSRLD', 0xd2, 0x72, 2, logicalShift(i32x4.shrU, 32)],
  ['PSRLQ', 0xd3, 0x73, 2, logicalShift(i64x2.shrU, 64)],
  ['PSRAW', 0xe1, 0x71, 4, arithmeticShift(i16x8.shrS, 16)],
  ['PSRAD', 0xe2, 0x72, 4, arithmeticShift(i32x4.shrS, 32)],
  ['PSLLW', 0xf1, 0x71, 6, logicalShift(i16x8.shl, 16)],
  ['PSLLD', 0xf2, 0x72, 6, logicalShift(i32x4.shl, 32)],
  ['PSLLQ', 0xf3, 0x73, 6, logicalShift(i64x2.shl, 64)],
];

function shiftRows(): Row[] {
  return SHIFTS.flatMap(([name, opcode, group, digit, shift]) => [
    ...bothWidths(name, opcode, byVector(shift)),
    row(name, `NP 0F ${hexByte(group)} /${digit}`, 'Nq,Ib', mmx(byImmediate(shift)), {
      access: 'modify',
      feature: 'MMX',
    }),
    row(name, `66 0F ${hexByte(group)} /${digit}`, 'Udq,Ib', xmm(byImmediate(shift)), {
      access: 'modify',
      feature: 'SSE2',
    }),
  ]);
}

export const BYTE_NUMBERS = v128.const(0x0706_0504_0302_0100n, 0x0f0e_0d0c_0b0a_0908n);
const REGISTER_BYTES = 16;

/** PSLLDQ and PSRLDQ: each byte takes the one `count` places away; bytes from beyond the register are zero. */
const shiftBytes =
  (move: Operation): Semantics =>
  (site) => {
    const { body } = site;
    const count = body.let64(i64.and(site.immediate(), i64.const(0xff)));
    const whole = i64.const(REGISTER_BYTES);
    const bounded = i32.wrap(select(i64.ltU(count, whole), count, whole));
    const value = body.let128(site.operand(0).vector());
    site.operand(0).writeVector(i8x16.swizzle(value, move(BYTE_NUMBERS, i8x16.splat(bounded))));
  };
const SHIFT_BYTES = { access: 'modify' as const, feature: 'SSE2' };

export const sseIntegerRows: Row[] = [
  ...BINARY.flatMap(([name, opcode, operation, feature]) =>
    bothWidths(name, opcode, binary(operation), feature),
  ),
  ...shiftRows(),
  row('PSRLDQ', '66 0F 73 /3', 'Udq,Ib', xmm(shiftBytes(i8x16.add)), SHIFT_BYTES),
  row('PSLLDQ', '66 0F 73 /7', 'Udq,Ib', xmm(shiftBytes(i8x16.sub)), SHIFT_BYTES),
];
