import { type Row, row, type Semantics } from '../table/row.ts';
import type { Site } from '../table/site.ts';
import { type I64, i64 } from '../wasm/expressions.ts';
import { i64x2, ZERO_VECTOR } from '../wasm/vector.ts';
import { move, writeWhole } from './sse-move.ts';
import { xmm } from './vector-site.ts';

/** A field of a quadword: its length and where it begins, in bits. Six bits of each count; a length of zero is all 64. */
interface BitField {
  readonly length: I64;
  readonly index: I64;
}

const SIX_BITS = i64.const(0x3f);
const INDEX_BITS = i64.const(8);
/** The decoder puts a second immediate this far above the first. */
const SECOND_IMMEDIATE = i64.const(16);
const HALF = 8;

const fieldOfImmediates = (site: Site): BitField => ({
  length: i64.and(site.immediate(), SIX_BITS),
  index: i64.and(i64.shrU(site.immediate(), SECOND_IMMEDIATE), SIX_BITS),
});
/** The length is in the register's lowest byte from `at` on, the index in the one above. */
const fieldOfRegister =
  (at: number) =>
  (site: Site): BitField => {
    const control = i64.load(site.operand(1).pointer(), at);
    return { length: i64.and(control, SIX_BITS), index: i64.and(i64.shrU(control, INDEX_BITS), SIX_BITS) };
  };

/** As many ones as the length says. */
const ones = ({ length }: BitField): I64 =>
  i64.shrU(i64.const(-1), i64.and(i64.sub(i64.const(0), length), SIX_BITS));

/** The manual leaves the upper quadword undefined; AMD's processors clear it. */
function writeQuadword(site: Site, value: I64): void {
  writeWhole(site, i64x2.replaceLane0(ZERO_VECTOR, value));
}

const extract =
  (fieldOf: (site: Site) => BitField): Semantics =>
  (site) => {
    const field = fieldOf(site);
    const value = i64.load(site.registerSlot(0));
    writeQuadword(site, i64.and(i64.shrU(value, field.index), ones(field)));
  };

const insert =
  (fieldOf: (site: Site) => BitField): Semantics =>
  (site) => {
    const { body } = site;
    const field = fieldOf(site);
    const index = body.let64(field.index);
    const mask = body.let64(i64.shl(ones(field), index));
    const inserted = i64.and(i64.shl(i64.load(site.operand(1).pointer()), index), mask);
    const kept = i64.and(i64.load(site.registerSlot(0)), i64.xor(mask, i64.const(-1)));
    writeQuadword(site, i64.or(kept, inserted));
  };

const SSE4A = { feature: 'SSE4A' };
const MODIFY = { access: 'modify' as const, ...SSE4A };

/** AMD's own extension (AMD APM volume 4). */
export const sse4aRows: Row[] = [
  row('EXTRQ', '66 0F 78 /0', 'Udq,Ib,Ib', xmm(extract(fieldOfImmediates)), MODIFY),
  row('EXTRQ', '66 0F 79 /r', 'Vdq,Udq', xmm(extract(fieldOfRegister(0))), MODIFY),
  row('INSERTQ', 'F2 0F 78 /r', 'Vdq,Udq,Ib,Ib', xmm(insert(fieldOfImmediates)), MODIFY),
  row('INSERTQ', 'F2 0F 79 /r', 'Vdq,Udq', xmm(insert(fieldOfRegister(HALF))), MODIFY),
  row('MOVNTSS', 'F3 0F 2B /r', 'Md,Vss', xmm(move), SSE4A),
  row('MOVNTSD', 'F2 0F 2B /r', 'Mq,Vsd', xmm(move), SSE4A),
];
