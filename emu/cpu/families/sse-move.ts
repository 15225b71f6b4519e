import * as layout from '../layout.ts';
import { type Row, row, type Semantics } from '../table/row.ts';
import type { Site } from '../table/site.ts';
import { type I32, i64, type V128 } from '../wasm/expressions.ts';
import { i8x16, i32x4, i64x2, v128, ZERO_VECTOR } from '../wasm/vector.ts';
import { mmx, xmm } from './vector-site.ts';

const HALF = 8;

/** Moves between registers, or between a register and memory, of one size. */
export const move: Semantics = (site) =>
  site.operand(0).writeVector(site.body.let128(site.operand(1).vector()));

/** A scalar: from memory it clears what is above it in the register, from a register it does not. */
const moveScalar: Semantics = (site) => {
  const source = site.operand(1);
  if (source.isMemory) writeWhole(site, source.vector());
  else move(site);
};

/** Writes all 16 bytes of the XMM register that is operand 0, whatever the operand's size. */
export function writeWhole(site: Site, value: V128): void {
  const kept = site.body.let128(value);
  site.body.storeVector(16, site.registerSlot(0), kept);
}

/** Into an XMM register, clearing what is above the source. */
const moveExtended: Semantics = (site) => writeWhole(site, site.operand(1).vector());

/** MOVD and MOVQ between a general register or memory and an XMM or MMX register. */
const moveIn: Semantics = (site) => {
  const value = site.body.let64(site.operand(1).unsigned());
  if (site.operand(0).size === 16) writeWhole(site, i64x2.replaceLane0(ZERO_VECTOR, value));
  else site.operand(0).write(value);
};
const moveOut: Semantics = (site) => {
  const load = site.operand(0).size === 8 ? i64.load : i64.load32u;
  site.operand(0).write(site.body.let64(load(site.operand(1).pointer())));
};

/** 8 bytes from one half of operand 1 to one half of operand 0; a memory operand has only the bytes that are moved. */
const moveHalf =
  (to: number, from: number): Semantics =>
  (site) => {
    const [destination, source] = [site.operand(0), site.operand(1)];
    const value = site.body.let64(i64.load(source.pointer(), source.isMemory ? 0 : from));
    if (destination.isMemory) destination.write(value);
    else site.body.store64(site.registerSlot(0), value, to);
  };

/** MOVQ xmm/m64, xmm: a register destination is cleared above, as when it is loaded. */
const storeQuadword: Semantics = (site) => {
  if (site.operand(0).isMemory) move(site);
  else writeWhole(site, site.operand(1).vector());
};

/** MOVQ2DQ: an MMX register into an XMM register, zero above. */
const moveMmxToXmm: Semantics = (site) => writeWhole(site, site.operand(1).vector());

const signs =
  (bits: (value: V128) => I32): Semantics =>
  (site) => {
    site.operand(0).write(i64.extendI32U(bits(site.operand(1).vector())));
  };

/**
 * MASKMOVQ and MASKMOVDQU: bytes whose mask has its sign bit set go to DS:rDI. The other bytes must be writable too, even when the mask
 * is empty, as on AMD's processors; but then nothing is written.
 */
const maskedStore =
  (size: 8 | 16): Semantics =>
  (site) => {
    const { body } = site;
    const mask = body.let128(i8x16.gtS(ZERO_VECTOR, site.operand(1).vector()));
    const rdi = site.get64(layout.GPR + 7 * 8);
    const address =
      site.addressSize === 8 ? rdi : i64.and(rdi, i64.const((1n << BigInt(8 * site.addressSize)) - 1n));
    const sum = i64.add(address, site.sourceBase());
    const linear = site.long ? sum : i64.and(sum, i64.const(0xffff_ffff));
    const { pointer, commit } = site.memory(linear, size, 'modify');
    body.if(i8x16.bitmask(mask), () => {
      const old = size === 16 ? v128.load(pointer) : v128.load64Zero(pointer);
      body.storeVector(size, pointer, v128.select(site.operand(0).vector(), old, mask));
      commit();
    });
  };

const SSE = { feature: 'SSE' };
const SSE2 = { feature: 'SSE2' };
const ANYWHERE = { unaligned: true };
/** Common in user programs: copies, clearing, and scalar floating point. */
const HOT = { hot: [0] };
const HOT_WIDTHS = { hot: [4, 8] };

/** MOVAPS and its relatives: loads and stores of 16 bytes. */
function wholeMoves(): Row[] {
  const moves: [string, string, string, string, Partial<Row>][] = [
    ['MOVUPS', 'NP', '10', '11', { ...SSE, ...ANYWHERE, ...HOT }],
    ['MOVUPD', '66', '10', '11', { ...SSE2, ...ANYWHERE }],
    ['MOVAPS', 'NP', '28', '29', { ...SSE, ...HOT }],
    ['MOVAPD', '66', '28', '29', { ...SSE2, ...HOT }],
    ['MOVDQA', '66', '6F', '7F', { ...SSE2, ...HOT }],
    ['MOVDQU', 'F3', '6F', '7F', { ...SSE2, ...ANYWHERE, ...HOT }],
  ];
  return moves.flatMap(([name, prefix, load, store, options]) => [
    row(name, `${prefix} 0F ${load} /r`, 'Vdq,Wdq', xmm(move), options),
    row(name, `${prefix} 0F ${store} /r`, 'Wdq,Vdq', xmm(move), options),
  ]);
}

export const sseMoveRows: Row[] = [
  ...wholeMoves(),
  row('MOVNTPS', 'NP 0F 2B /r', 'Mdq,Vdq', xmm(move), SSE),
  row('MOVNTPD', '66 0F 2B /r', 'Mdq,Vdq', xmm(move), SSE2),
  row('MOVNTDQ', '66 0F E7 /r', 'Mdq,Vdq', xmm(move), SSE2),
  row('MOVNTQ', 'NP 0F E7 /r', 'Mq,Pq', mmx(move), SSE),
  row('MOVSS', 'F3 0F 10 /r', 'Vss,Wss', xmm(moveScalar), { ...SSE, ...HOT }),
  row('MOVSS', 'F3 0F 11 /r', 'Wss,Vss', xmm(move), { ...SSE, ...HOT }),
  row('MOVSD', 'F2 0F 10 /r', 'Vsd,Wsd', xmm(moveScalar), { ...SSE2, ...HOT }),
  row('MOVSD', 'F2 0F 11 /r', 'Wsd,Vsd', xmm(move), { ...SSE2, ...HOT }),
  row('MOVHLPS', 'NP 0F 12 /r', 'Vq,Udq', xmm(moveHalf(0, HALF)), SSE),
  row('MOVLPS', 'NP 0F 12 /r', 'Vq,Mq', xmm(moveHalf(0, 0)), SSE),
  row('MOVLPD', '66 0F 12 /r', 'Vq,Mq', xmm(moveHalf(0, 0)), SSE2),
  row('MOVLPS', 'NP 0F 13 /r', 'Mq,Vq', xmm(moveHalf(0, 0)), SSE),
  row('MOVLPD', '66 0F 13 /r', 'Mq,Vq', xmm(moveHalf(0, 0)), SSE2),
  row('MOVLHPS', 'NP 0F 16 /r', 'Vdq,Uq', xmm(moveHalf(HALF, 0)), SSE),
  row('MOVHPS', 'NP 0F 16 /r', 'Vdq,Mq', xmm(moveHalf(HALF, 0)), SSE),
  row('MOVHPD', '66 0F 16 /r', 'Vdq,Mq', xmm(moveHalf(HALF, 0)), SSE2),
  row('MOVHPS', 'NP 0F 17 /r', 'Mq,Vdq', xmm(moveHalf(0, HALF)), SSE),
  row('MOVHPD', '66 0F 17 /r', 'Mq,Vdq', xmm(moveHalf(0, HALF)), SSE2),
  row('MOVD', '66 0F 6E /r', 'Vdq,Ey', xmm(moveIn), { ...SSE2, ...HOT_WIDTHS }),
  row('MOVD', '66 0F 7E /r', 'Ey,Vdq', xmm(moveOut), { ...SSE2, ...HOT_WIDTHS }),
  row('MOVQ', 'F3 0F 7E /r', 'Vdq,Wq', xmm(moveExtended), { ...SSE2, ...HOT }),
  row('MOVQ', '66 0F D6 /r', 'Wq,Vq', xmm(storeQuadword), { ...SSE2, ...HOT }),
  row('MOVD', 'NP 0F 6E /r', 'Pq,Ey', mmx(moveIn), { feature: 'MMX' }),
  row('MOVD', 'NP 0F 7E /r', 'Ey,Pq', mmx(moveOut), { feature: 'MMX' }),
  row('MOVQ', 'NP 0F 6F /r', 'Pq,Qq', mmx(move), { feature: 'MMX' }),
  row('MOVQ', 'NP 0F 7F /r', 'Qq,Pq', mmx(move), { feature: 'MMX' }),
  row('MOVQ2DQ', 'F3 0F D6 /r', 'Vdq,Nq', mmx(moveMmxToXmm, true), SSE2),
  row('MOVDQ2Q', 'F2 0F D6 /r', 'Pq,Uq', mmx(move, true), SSE2),
  row('MOVMSKPS', 'NP 0F 50 /r', 'Gd,Udq', xmm(signs(i32x4.bitmask)), SSE),
  row('MOVMSKPD', '66 0F 50 /r', 'Gd,Udq', xmm(signs(i64x2.bitmask)), SSE2),
  row('PMOVMSKB', '66 0F D7 /r', 'Gd,Udq', xmm(signs(i8x16.bitmask)), { ...SSE2, ...HOT }),
  row('PMOVMSKB', 'NP 0F D7 /r', 'Gd,Nq', mmx(signs(i8x16.bitmask)), SSE),
  row('MASKMOVDQU', '66 0F F7 /r', 'Vdq,Udq', xmm(maskedStore(16)), {
    ...SSE2,
    addressed: true,
    stack: true,
    access: 'read',
  }),
  row('MASKMOVQ', 'NP 0F F7 /r', 'Pq,Nq', mmx(maskedStore(8)), {
    ...SSE,
    addressed: true,
    stack: true,
    access: 'read',
  }),
];
