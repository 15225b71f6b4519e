import * as layout from '../layout.ts';
import { type Row, row, type Semantics } from '../table/row.ts';
import type { Site } from '../table/site.ts';
import { type I32, i32, i64, type V128 } from '../wasm/expressions.ts';
import { i8x16, i16x8, i32x4, i64x2, v128, ZERO_VECTOR } from '../wasm/vector.ts';
import { hexByte } from './sse-integer.ts';
import { move, writeWhole } from './sse-move.ts';
import { selected } from './sse-shuffle.ts';
import { xmm } from './vector-site.ts';

/** PMOVSX and PMOVZX: the low elements of the source, widened once, twice or three times. */
const extend =
  (...steps: readonly ((value: V128) => V128)[]): Semantics =>
  (site) => {
    const source = site.operand(1);
    const low = source.size === 2 ? i64x2.replaceLane0(ZERO_VECTOR, source.unsigned()) : source.vector();
    writeWhole(
      site,
      steps.reduce((value, step) => step(value), low),
    );
  };

/** [suffix, last opcode byte of PMOVSX, source operand, widening by sign, by zeros]. */
type Steps = readonly ((value: V128) => V128)[];
const { extendLowS: wordS, extendLowU: wordU } = i16x8;
const { extendLowS: doubleS, extendLowU: doubleU } = i32x4;
const { extendLowS: quadS, extendLowU: quadU } = i64x2;
const EXTENSIONS: readonly (readonly [string, number, string, Steps, Steps])[] = [
  ['BW', 0x20, 'Wq', [wordS], [wordU]],
  ['BD', 0x21, 'Wd', [wordS, doubleS], [wordU, doubleU]],
  ['BQ', 0x22, 'Ww', [wordS, doubleS, quadS], [wordU, doubleU, quadU]],
  ['WD', 0x23, 'Wq', [doubleS], [doubleU]],
  ['WQ', 0x24, 'Wd', [doubleS, quadS], [doubleU, quadU]],
  ['DQ', 0x25, 'Wq', [quadS], [quadU]],
];
/** PMOVZX follows PMOVSX in the opcode map. */
const ZERO_EXTENSION = 0x10;

/** PINSRB, PINSRD and PINSRQ: an element of a register, which the immediate names. */
const insert =
  (size: 1 | 4 | 8, bits: number): Semantics =>
  (site) => {
    const value = site.body.let64(site.operand(1).unsigned());
    site.body.storeLow(size, i32.add(site.registerSlot(0), selected(site, 0, bits, size)), value);
  };

/** PINSRD and PINSRQ are one encoding, whose element is as wide as the operand size. */
const insertWide: Semantics = (site) => (site.operand(1).size === 8 ? insert(8, 1) : insert(4, 2))(site);

const EXTRACTING_LOADS = { 1: i64.load8u, 2: i64.load16u, 4: i64.load32u, 8: i64.load } as const;

/** PEXTRB, PEXTRW, PEXTRD, PEXTRQ and EXTRACTPS: a general register is cleared above the element. */
const extract =
  (size: 1 | 2 | 4 | 8, bits: number): Semantics =>
  (site) => {
    const from = i32.add(site.operand(1).pointer(), selected(site, 0, bits, size));
    site.operand(0).write(site.body.let64(EXTRACTING_LOADS[size](from)));
  };
const extractWide: Semantics = (site) => (site.operand(0).size === 8 ? extract(8, 1) : extract(4, 2))(site);

/** All bits of the lanes whose bit (in `bits`, lane by lane) is set in the immediate's low byte. */
function chosenLanes(
  site: Site,
  splat: (immediate: I32) => V128,
  eq: (a: V128, b: V128) => V128,
  bits: V128,
): V128 {
  return eq(v128.and(splat(i32.wrap(site.immediate())), bits), bits);
}

/** The bits 1, 2, 4, … in lanes of 2, 4 and 8 bytes. */
const WORD_BITS = v128.const(0x0008_0004_0002_0001n, 0x0080_0040_0020_0010n);
const DOUBLEWORD_BITS = v128.const(0x0000_0002_0000_0001n, 0x0000_0008_0000_0004n);
const QUADWORD_BITS = v128.const(1n, 2n);

/** Takes the source where the mask is set. */
const blend =
  (mask: (site: Site) => V128): Semantics =>
  (site) => {
    const source = site.body.let128(site.operand(1).vector());
    const destination = site.operand(0);
    destination.writeVector(v128.select(source, destination.vector(), mask(site)));
  };

/** The masks of the forms with an implicit XMM0: the sign of each element. */
const xmm0 = v128.load(i32.const(layout.XMM));
const byteSigns = (): V128 => i8x16.gtS(ZERO_VECTOR, xmm0);
const doublewordSigns = (): V128 => i32x4.shrS(xmm0, i32.const(31));
const quadwordSigns = (): V128 => i64x2.shrS(xmm0, i32.const(63));

const TO_ELEMENT = 4;
const FROM_ELEMENT = 6;

/** INSERTPS: bits 7–6 of the immediate name an element of a register source, 5–4 where it goes, and 3–0 what is cleared then. */
const insertSingle: Semantics = (site) => {
  const { body } = site;
  const source = site.operand(1);
  const pointer = source.isMemory
    ? source.pointer()
    : i32.add(source.pointer(), selected(site, FROM_ELEMENT, 2, 4));
  const value = body.let64(i64.load32u(pointer));
  const destination = site.registerSlot(0);
  body.storeLow(4, i32.add(destination, selected(site, TO_ELEMENT, 2, 4)), value);
  const cleared = chosenLanes(site, i32x4.splat, i32x4.eq, DOUBLEWORD_BITS);
  body.storeVector(16, destination, v128.andNot(v128.load(destination), cleared));
};

const SSE41 = { feature: 'SSE41' };
const MODIFY = { access: 'modify' as const, ...SSE41 };

export const sse41MoveRows: Row[] = [
  ...EXTENSIONS.flatMap(([suffix, opcode, source, bySign, byZero]) => [
    row(`PMOVSX${suffix}`, `66 0F 38 ${hexByte(opcode)} /r`, `Vdq,${source}`, xmm(extend(...bySign)), SSE41),
    row(
      `PMOVZX${suffix}`,
      `66 0F 38 ${hexByte(opcode + ZERO_EXTENSION)} /r`,
      `Vdq,${source}`,
      xmm(extend(...byZero)),
      SSE41,
    ),
  ]),
  row('PINSRB', '66 0F 3A 20 /r', 'Vdq,Rd,Ib', xmm(insert(1, 4)), MODIFY),
  row('PINSRB', '66 0F 3A 20 /r', 'Vdq,Mb,Ib', xmm(insert(1, 4)), MODIFY),
  row('PINSRD', '66 0F 3A 22 /r', 'Vdq,Ey,Ib', xmm(insertWide), MODIFY),
  row('PEXTRB', '66 0F 3A 14 /r', 'Rd,Vdq,Ib', xmm(extract(1, 4)), SSE41),
  row('PEXTRB', '66 0F 3A 14 /r', 'Mb,Vdq,Ib', xmm(extract(1, 4)), SSE41),
  row('PEXTRW', '66 0F 3A 15 /r', 'Rd,Vdq,Ib', xmm(extract(2, 3)), SSE41),
  row('PEXTRW', '66 0F 3A 15 /r', 'Mw,Vdq,Ib', xmm(extract(2, 3)), SSE41),
  row('PEXTRD', '66 0F 3A 16 /r', 'Ey,Vdq,Ib', xmm(extractWide), SSE41),
  row('EXTRACTPS', '66 0F 3A 17 /r', 'Ed,Vdq,Ib', xmm(extract(4, 2)), SSE41),
  row('INSERTPS', '66 0F 3A 21 /r', 'Vdq,Udq,Ib', xmm(insertSingle), MODIFY),
  row('INSERTPS', '66 0F 3A 21 /r', 'Vdq,Md,Ib', xmm(insertSingle), MODIFY),
  row(
    'BLENDPS',
    '66 0F 3A 0C /r',
    'Vps,Wps,Ib',
    xmm(blend((site) => chosenLanes(site, i32x4.splat, i32x4.eq, DOUBLEWORD_BITS))),
    MODIFY,
  ),
  row(
    'BLENDPD',
    '66 0F 3A 0D /r',
    'Vpd,Wpd,Ib',
    xmm(
      blend((site) =>
        chosenLanes(site, (immediate) => i64x2.splat(i64.extendI32U(immediate)), i64x2.eq, QUADWORD_BITS),
      ),
    ),
    MODIFY,
  ),
  row(
    'PBLENDW',
    '66 0F 3A 0E /r',
    'Vdq,Wdq,Ib',
    xmm(blend((site) => chosenLanes(site, i16x8.splat, i16x8.eq, WORD_BITS))),
    MODIFY,
  ),
  // They have XMM0 as an operand that the encoding does not show.
  row('PBLENDVB', '66 0F 38 10 /r', 'Vdq,Wdq', xmm(blend(byteSigns)), MODIFY),
  row('BLENDVPS', '66 0F 38 14 /r', 'Vps,Wps', xmm(blend(doublewordSigns)), MODIFY),
  row('BLENDVPD', '66 0F 38 15 /r', 'Vpd,Wpd', xmm(blend(quadwordSigns)), MODIFY),
  row('MOVNTDQA', '66 0F 38 2A /r', 'Vdq,Mdq', xmm(move), SSE41),
];
