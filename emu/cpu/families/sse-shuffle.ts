import { type Row, row, type Semantics } from '../table/row.ts';
import type { Site } from '../table/site.ts';
import { type I32, type I64, i32, i64 } from '../wasm/expressions.ts';
import { i8x16, i16x8, v128 } from '../wasm/vector.ts';
import { binary, type Operation } from './sse-integer.ts';
import { mmx, xmm } from './vector-site.ts';

/** Interleaves the elements of `size` bytes in the low (`half` 0) or high (8) halves of two vectors. */
function interleave(size: number, half: 0 | 8): Operation {
  const lanes: number[] = [];
  for (let element = half; element < half + 8; element += size) {
    for (const source of [0, 16]) {
      for (let byte = 0; byte < size; byte++) lanes.push(source + element + byte);
    }
  }
  return (a, b) => i8x16.shuffle(a, b, lanes);
}

/** An MMX register lies in the low half of its vector: what comes of its upper half is in the upper half of the interleaved bytes. */
const UPPER_HALF = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15];
const interleaveUpperMmx =
  (size: number): Operation =>
  (a, b) =>
    i8x16.shuffle(interleave(size, 0)(a, b), v128.const(0n, 0n), UPPER_HALF);

/** Packing two MMX registers: the low doublewords of both packed halves. */
const PACKED_MMX = [0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11];
const packMmx =
  (narrow: Operation): Operation =>
  (a, b) =>
    i8x16.shuffle(narrow(a, b), v128.const(0n, 0n), PACKED_MMX);

const MODIFY = { access: 'modify' as const };
const hex = (value: number): string => value.toString(16).toUpperCase();

function packRows(): Row[] {
  const packs: [string, number, Operation][] = [
    ['PACKSSWB', 0x63, i8x16.narrowS],
    ['PACKUSWB', 0x67, i8x16.narrowU],
    ['PACKSSDW', 0x6b, i16x8.narrowS],
  ];
  const unpacks: [string, number, number, 0 | 8][] = [
    ['PUNPCKLBW', 0x60, 1, 0],
    ['PUNPCKLWD', 0x61, 2, 0],
    ['PUNPCKLDQ', 0x62, 4, 0],
    ['PUNPCKHBW', 0x68, 1, 8],
    ['PUNPCKHWD', 0x69, 2, 8],
    ['PUNPCKHDQ', 0x6a, 4, 8],
  ];
  const forms: [string, number, string, Operation, Operation][] = [
    ...packs.map(([name, opcode, narrow]): [string, number, string, Operation, Operation] => [
      name,
      opcode,
      'Qq',
      packMmx(narrow),
      narrow,
    ]),
    // The low forms read 4 bytes of an MMX source.
    ...unpacks.map(([name, opcode, size, half]): [string, number, string, Operation, Operation] => [
      name,
      opcode,
      half === 0 ? 'Qd' : 'Qq',
      half === 0 ? interleave(size, 0) : interleaveUpperMmx(size),
      interleave(size, half),
    ]),
  ];
  return forms.flatMap(([name, opcode, source, ofMmx, ofXmm]) => [
    row(name, `NP 0F ${hex(opcode)} /r`, `Pq,${source}`, mmx(binary(ofMmx)), { ...MODIFY, feature: 'MMX' }),
    row(name, `66 0F ${hex(opcode)} /r`, 'Vdq,Wdq', xmm(binary(ofXmm)), { ...MODIFY, feature: 'SSE2' }),
  ]);
}

/** The bits `at`, `at + 1`, … of the immediate as a number of elements, in bytes. */
export function selected(site: Site, at: number, bits: number, size: number): I32 {
  const field = i32.and(i32.shrU(i32.wrap(site.immediate()), i32.const(at)), i32.const((1 << bits) - 1));
  return i32.mul(field, i32.const(size));
}

/** Where the elements of a shuffle's result come from: which operand, and the offset that the chosen element counts from. */
interface Source {
  readonly operand: 0 | 1;
  readonly offset: number;
}

const LOADS: Readonly<Record<number, (address: I32, offset?: number) => I64>> = {
  2: i64.load16u,
  4: i64.load32u,
  8: i64.load,
};

/**
 * A shuffle whose elements (of `size` bytes) the immediate chooses, `bits` bits each. They go to operand 0 from `at` on; `copied` is a
 * half of the source that is taken over as it is.
 */
const shuffle =
  (size: 2 | 4 | 8, bits: number, sources: readonly Source[], at = 0, copied?: number): Semantics =>
  (site) => {
    const { body } = site;
    const pointers = [site.operand(1).pointer(), site.operand(0).pointer()].reverse();
    const load = LOADS[size] as (address: I32, offset?: number) => I64;
    const elements = sources.map(({ operand, offset }, index) =>
      body.let64(load(i32.add(pointers[operand] as I32, selected(site, index * bits, bits, size)), offset)),
    );
    const rest = copied === undefined ? undefined : body.let64(i64.load(pointers[1] as I32, copied));
    const destination = site.registerSlot(0);
    elements.forEach((element, index) => {
      body.storeLow(size, destination, element, at + index * size);
    });
    if (rest !== undefined) body.store64(destination, rest, copied ?? 0);
  };

const fromSource = (offset: number): Source => ({ operand: 1, offset });
const fromDestination: Source = { operand: 0, offset: 0 };
const four = (source: Source): Source[] => [source, source, source, source];

/** PSHUFW goes through the operand's own store, which marks the register as MMX's. */
const shuffleMmx: Semantics = (site) => {
  const from = site.operand(1).pointer();
  let result: I64 = i64.const(0);
  for (let i = 0; i < 4; i++) {
    const word = i64.load16u(i32.add(from, selected(site, 2 * i, 2, 2)));
    result = i64.or(result, i64.shl(word, i64.const(16 * i)));
  }
  site.operand(0).write(site.body.let64(result));
};

/** PINSRW and PEXTRW: the immediate's low bits choose a word of a register. */
const insertWord =
  (bits: number): Semantics =>
  (site) => {
    const value = site.body.let64(site.operand(1).unsigned());
    const whole = site.operand(0);
    site.body.storeLow(2, i32.add(whole.pointer(), selected(site, 0, bits, 2)), value);
    if (whole.size === 8) whole.write(whole.unsigned());
  };
const extractWord =
  (bits: number): Semantics =>
  (site) =>
    site.operand(0).write(i64.load16u(i32.add(site.operand(1).pointer(), selected(site, 0, bits, 2))));

const HIGH = 8;

export const sseShuffleRows: Row[] = [
  ...packRows(),
  row('PUNPCKLQDQ', '66 0F 6C /r', 'Vdq,Wdq', xmm(binary(interleave(8, 0))), { ...MODIFY, feature: 'SSE2' }),
  row('PUNPCKHQDQ', '66 0F 6D /r', 'Vdq,Wdq', xmm(binary(interleave(8, 8))), { ...MODIFY, feature: 'SSE2' }),
  row('UNPCKLPS', 'NP 0F 14 /r', 'Vps,Wps', xmm(binary(interleave(4, 0))), { ...MODIFY, feature: 'SSE' }),
  row('UNPCKLPD', '66 0F 14 /r', 'Vpd,Wpd', xmm(binary(interleave(8, 0))), { ...MODIFY, feature: 'SSE2' }),
  row('UNPCKHPS', 'NP 0F 15 /r', 'Vps,Wps', xmm(binary(interleave(4, 8))), { ...MODIFY, feature: 'SSE' }),
  row('UNPCKHPD', '66 0F 15 /r', 'Vpd,Wpd', xmm(binary(interleave(8, 8))), { ...MODIFY, feature: 'SSE2' }),
  row('PSHUFW', 'NP 0F 70 /r', 'Pq,Qq,Ib', mmx(shuffleMmx), { feature: 'SSE' }),
  row('PSHUFD', '66 0F 70 /r', 'Vdq,Wdq,Ib', xmm(shuffle(4, 2, four(fromSource(0)))), { feature: 'SSE2' }),
  row('PSHUFLW', 'F2 0F 70 /r', 'Vdq,Wdq,Ib', xmm(shuffle(2, 2, four(fromSource(0)), 0, HIGH)), {
    feature: 'SSE2',
  }),
  row('PSHUFHW', 'F3 0F 70 /r', 'Vdq,Wdq,Ib', xmm(shuffle(2, 2, four(fromSource(HIGH)), HIGH, 0)), {
    feature: 'SSE2',
  }),
  row(
    'SHUFPS',
    'NP 0F C6 /r',
    'Vps,Wps,Ib',
    xmm(shuffle(4, 2, [fromDestination, fromDestination, fromSource(0), fromSource(0)])),
    { ...MODIFY, feature: 'SSE' },
  ),
  row('SHUFPD', '66 0F C6 /r', 'Vpd,Wpd,Ib', xmm(shuffle(8, 1, [fromDestination, fromSource(0)])), {
    ...MODIFY,
    feature: 'SSE2',
  }),
  row('PINSRW', 'NP 0F C4 /r', 'Pq,Ew,Ib', mmx(insertWord(2)), { ...MODIFY, feature: 'SSE' }),
  row('PINSRW', '66 0F C4 /r', 'Vdq,Ew,Ib', xmm(insertWord(3)), { ...MODIFY, feature: 'SSE2' }),
  row('PEXTRW', 'NP 0F C5 /r', 'Gd,Nq,Ib', mmx(extractWord(2)), { feature: 'SSE' }),
  row('PEXTRW', '66 0F C5 /r', 'Gd,Udq,Ib', xmm(extractWord(3)), { feature: 'SSE2' }),
];
