import { CF, ZF } from '../system/flags.ts';
import { unpackArithmetic } from '../table/flags.ts';
import { type Row, row, type Semantics } from '../table/row.ts';
import type { Site } from '../table/site.ts';
import { i32, i64, type V128 } from '../wasm/expressions.ts';
import { i8x16, i16x8, i32x4, i64x2, v128, ZERO_VECTOR } from '../wasm/vector.ts';
import { BYTE_NUMBERS, binary, hexByte, type Operation } from './sse-integer.ts';
import { writeWhole } from './sse-move.ts';
import { selected } from './sse-shuffle.ts';
import { xmm } from './vector-site.ts';

/** Doublewords 0 and 2 side by side. */
const EVEN_DOUBLEWORDS = [0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11];
const multiplySignedDoublewords: Operation = (a, b) =>
  i64x2.multiplyLowS(i8x16.shuffle(a, a, EVEN_DOUBLEWORDS), i8x16.shuffle(b, b, EVEN_DOUBLEWORDS));

/** [mnemonic, last opcode byte, operation] of the forms without an immediate. */
const BINARY: readonly (readonly [string, number, Operation])[] = [
  ['PMULDQ', 0x28, multiplySignedDoublewords],
  ['PCMPEQQ', 0x29, i64x2.eq],
  ['PACKUSDW', 0x2b, i16x8.narrowU],
  ['PMINSB', 0x38, i8x16.minS],
  ['PMINSD', 0x39, i32x4.minS],
  ['PMINUW', 0x3a, i16x8.minU],
  ['PMINUD', 0x3b, i32x4.minU],
  ['PMAXSB', 0x3c, i8x16.maxS],
  ['PMAXSD', 0x3d, i32x4.maxS],
  ['PMAXUW', 0x3e, i16x8.maxU],
  ['PMAXUD', 0x3f, i32x4.maxU],
  ['PMULLD', 0x40, i32x4.mul],
];

/** How far to turn a vector so that every word meets every other: by 4, 2 and 1 words. */
const TURNS = [8, 4, 2].map((bytes) => Array.from({ length: 16 }, (_, i) => (i + bytes) % 16));
const WORD_BITS = 16;

/** PHMINPOSUW: the smallest unsigned word, and the number of the first that has it. */
const minimumPosition: Semantics = (site) => {
  const { body } = site;
  const words = body.let128(site.operand(1).vector());
  let smallest = words;
  for (const turn of TURNS) {
    smallest = body.let128(i16x8.minU(smallest, i8x16.shuffle(smallest, smallest, turn)));
  }
  const position = i32.ctz(i16x8.bitmask(i16x8.eq(words, smallest)));
  const result = i32.or(i16x8.extractLaneU(smallest, 0), i32.shl(position, i32.const(WORD_BITS)));
  writeWhole(site, i64x2.replaceLane0(ZERO_VECTOR, i64.extendI32U(result)));
};

/** MPSADBW: where in the source the four bytes stand (bits 1–0 of the immediate) and in the destination the first of eleven (bit 2). */
const SOURCE_BLOCK = 0;
const DESTINATION_BLOCK = 2;
const BLOCK_BYTES = 4;

/** Eight sums of the absolute differences of four bytes of the source and each four neighbouring bytes of the destination. */
const multipleSums: Semantics = (site) => {
  const { body } = site;
  const source = body.let128(site.operand(1).vector());
  const destination = body.let128(site.operand(0).vector());
  const sourceAt = body.let32(selected(site, SOURCE_BLOCK, 2, BLOCK_BYTES));
  const destinationAt = body.let32(selected(site, DESTINATION_BLOCK, 1, BLOCK_BYTES));
  const difference = (i: number): V128 => {
    const one = i8x16.swizzle(source, i8x16.splat(i32.add(sourceAt, i32.const(i))));
    const from = i8x16.add(BYTE_NUMBERS, i8x16.splat(i32.add(destinationAt, i32.const(i))));
    const eight = i8x16.swizzle(destination, from);
    return i16x8.extendLowU(v128.or(i8x16.subSaturatingU(one, eight), i8x16.subSaturatingU(eight, one)));
  };
  const [first, ...rest] = [0, 1, 2, 3].map(difference) as [V128, ...V128[]];
  site.operand(0).writeVector(rest.reduce((sum, next) => i16x8.add(sum, next), first));
};

/** PTEST: ZF when no bit is set in both operands, CF when every bit of the source is set in the destination. */
const test: Semantics = (site: Site) => {
  const { body } = site;
  const source = body.let128(site.operand(1).vector());
  const destination = site.operand(0).vector();
  const zero = i32.mul(i32.eqz(v128.anyTrue(v128.and(source, destination))), i32.const(ZF));
  const carry = i32.mul(i32.eqz(v128.anyTrue(v128.andNot(source, destination))), i32.const(CF));
  unpackArithmetic(site, i32.or(zero, carry));
};

const SSE41 = { feature: 'SSE41' };
const MODIFY = { access: 'modify' as const, ...SSE41 };

export const sse41IntegerRows: Row[] = [
  ...BINARY.map(([name, opcode, operation]) =>
    row(name, `66 0F 38 ${hexByte(opcode)} /r`, 'Vdq,Wdq', xmm(binary(operation)), MODIFY),
  ),
  row('PHMINPOSUW', '66 0F 38 41 /r', 'Vdq,Wdq', xmm(minimumPosition), SSE41),
  row('MPSADBW', '66 0F 3A 42 /r', 'Vdq,Wdq,Ib', xmm(multipleSums), MODIFY),
  row('PTEST', '66 0F 38 17 /r', 'Vdq,Wdq', xmm(test), {
    access: 'read',
    flags: { written: 'oszapc' },
    ...SSE41,
  }),
];
