import * as layout from '../layout.ts';
import { Vector } from '../system/exception.ts';
import { CR0_PE } from '../system/registers.ts';
import { adjust, carry, setFlags, setLogicFlags, setZeroOnly } from '../table/flags.ts';
import { type Row, row, type Semantics } from '../table/row.ts';
import type { Site } from '../table/site.ts';
import { type I32, type I64, i32, i64, select } from '../wasm/expressions.ts';

const RAX = layout.GPR;
const AH = RAX + 1;
/** The largest digit, and the largest pair of packed digits. */
const DIGIT_MAX = 9;
const PACKED_MAX = 0x99;
/** What a digit that went beyond its range is corrected by: 16 values stand for 10 digits. */
const DIGIT_CORRECTION = 6;
const HIGH_DIGIT_CORRECTION = 0x60;
/** The correction of AAA and AAS: one more in AH, six more in AL. */
const UNPACKED_CORRECTION = 0x106;
const SELECTOR_RPL_MASK = 3;

const accumulatorByte = (site: Site): I64 => site.body.let64(i64.load8u(i32.const(RAX)));

/** 1 when the low digit of AL is beyond nine or AF says that it overflowed. */
const lowDigitWrong = (site: Site, al: I64): I32 =>
  site.body.let32(i32.or(i64.gtU(i64.and(al, i64.const(0xf)), i64.const(DIGIT_MAX)), adjust(site)));

/** FLAG_AUX from AF, OF and CF. */
const auxOf = (adjustFlag: I32, overflowFlag: I32, carryFlag: I32): I64 =>
  i64.or(
    i64.shl(i64.extendI32U(adjustFlag), i64.const(4)),
    i64.shl(i64.extendI32U(i32.xor(overflowFlag, carryFlag)), i64.const(63)),
  );

/**
 * AAA and AAS: AX ± 106h and CF = AF = 1 when the digit in AL is wrong; the upper half of AL is cleared in any case. The other flags,
 * undefined, are those of the addition to AX.
 */
const unpackedAdjust =
  (correct: (a: I64, b: I64) => I64): Semantics =>
  (site) => {
    const { body } = site;
    const wrong = lowDigitWrong(site, accumulatorByte(site));
    const ax = body.let64(i64.load16s(i32.const(RAX)));
    const sum = body.let64(select(wrong, correct(ax, i64.const(UNPACKED_CORRECTION)), ax));
    const result = body.let64(i64.extend16S(sum));
    body.storeLow(2, i32.const(RAX), i64.and(sum, i64.const(0xff0f)));
    setFlags(site, result, auxOf(wrong, i64.ne(sum, result), wrong), wrong);
  };

/** DAA and DAS: each of the two digits in AL is corrected for itself, by what AL, AF and CF were before. OF, undefined, is the addition's. */
const packedAdjust =
  (correct: (a: I64, b: I64) => I64, lowStepCarries: (al: I64) => I32): Semantics =>
  (site) => {
    const { body } = site;
    const al = accumulatorByte(site);
    const lowWrong = lowDigitWrong(site, al);
    const highWrong = body.let32(i32.or(i64.gtU(al, i64.const(PACKED_MAX)), carry(site)));
    const low = i64.mul(i64.extendI32U(lowWrong), i64.const(DIGIT_CORRECTION));
    const high = i64.mul(i64.extendI32U(highWrong), i64.const(HIGH_DIGIT_CORRECTION));
    const sum = body.let64(correct(i64.extend8S(al), i64.add(low, high)));
    const result = body.let64(i64.extend8S(sum));
    body.storeLow(1, i32.const(RAX), result);
    const carryOut = body.let32(i32.or(highWrong, i32.and(lowWrong, lowStepCarries(al))));
    setFlags(site, result, body.let64(auxOf(lowWrong, i64.ne(sum, result), carryOut)), carryOut);
  };

const aaa = unpackedAdjust(i64.add);
const aas = unpackedAdjust(i64.sub);
// The low digit's own carry needs an AL above F9h, for which the high digit is wrong anyway; its borrow does not.
const daa = packedAdjust(i64.add, () => i32.const(0));
const das = packedAdjust(i64.sub, (al) => i64.ltU(al, i64.const(DIGIT_CORRECTION)));

const base = (site: Site): I64 => site.body.let64(i64.and(site.immediate(), i64.const(0xff)));

/** AAM: AH = AL / base, AL = the remainder. #DE for a base of zero. */
const aam: Semantics = (site) => {
  const { body } = site;
  const divisor = base(site);
  body.if(i64.eqz(divisor), () => site.raise(Vector.DivideError));
  const al = accumulatorByte(site);
  const remainder = body.let64(i64.remU(al, divisor));
  body.storeLow(1, i32.const(AH), i64.divU(al, divisor));
  body.storeLow(1, i32.const(RAX), remainder);
  setLogicFlags(site, i64.extend8S(remainder));
};

/** AAD: AL = AL + AH × base, AH = 0. OF, AF and CF, undefined, are those of the addition of two bytes. */
const aad: Semantics = (site) => {
  const { body } = site;
  const al = accumulatorByte(site);
  const product = i64.mul(i64.load8u(i32.const(AH)), base(site));
  const addend = body.let64(i64.and(product, i64.const(0xff)));
  const sum = body.let64(i64.add(al, addend));
  const result = body.let64(i64.extend8S(sum));
  body.storeLow(2, i32.const(RAX), i64.and(sum, i64.const(0xff)));
  const changes = i64.xor(i64.xor(i64.extend8S(al), i64.extend8S(addend)), result);
  setFlags(site, result, body.let64(changes), i64.gtU(sum, i64.const(0xff)));
};

/** BOUND: #BR unless the signed index lies between the two bounds in memory, which belong to the range. */
const bound: Semantics = (site) => {
  const { body, size } = site;
  const index = body.let64(site.operand(0).signed());
  const { pointer } = site.memory(site.address(), 2 * size, 'read', site.throughStack());
  const load = size === 2 ? i64.load16s : i64.load32s;
  const outside = i32.or(i64.ltS(index, load(pointer)), i64.gtS(index, load(pointer, size)));
  body.if(outside, () => site.raise(Vector.BoundRange));
};

/**
 * ARPL: raises the destination selector's RPL to the source's; ZF says whether it was lower. Memory that stays as it is needs no permission
 * to write. #UD in real mode.
 */
const arpl: Semantics = (site) => {
  const { body } = site;
  const isProtected = i32.and(site.get32(layout.CR0), i32.const(CR0_PE));
  body.if(i32.eqz(isProtected), () => site.raise(Vector.InvalidOpcode));
  const rplMask = i64.const(SELECTOR_RPL_MASK);
  const destination = site.operand(0);
  const selector = body.let64(destination.unsigned());
  const rpl = body.let64(i64.and(site.operand(1).unsigned(), rplMask));
  const isLower = body.let32(i64.ltU(i64.and(selector, rplMask), rpl));
  const raised = body.let64(i64.or(i64.and(selector, i64.const(~SELECTOR_RPL_MASK)), rpl));
  body.if(isLower, () => {
    if (!destination.isMemory) {
      destination.write(raised);
      return;
    }
    const target = site.memory(site.address(), destination.size, 'modify', site.throughStack());
    body.storeLow(destination.size, target.pointer, raised);
    target.commit();
  });
  setZeroOnly(site, isLower);
};

/** SALC: AL becomes all ones or zero, as CF says. */
const salc: Semantics = (site) =>
  site.body.storeLow(1, i32.const(RAX), i64.sub(i64.const(0), i64.extendI32U(carry(site))));

const LEGACY = { mode: 'legacy' as const };
const UNPACKED = {
  ...LEGACY,
  flags: { read: 'a', written: 'ac', undefined: 'oszp' },
  profile: 'OF, SF, ZF and PF are those of the addition of 106h, or of nothing, to AX or its subtraction.',
};
const PACKED = {
  ...LEGACY,
  flags: { read: 'ac', written: 'szapc', undefined: 'o' },
  profile: 'OF is that of the addition of the whole correction to AL or its subtraction.',
};
const BASED = { ...LEGACY, access: 'read' as const, flags: { written: 'szp', undefined: 'oac' } };
const DIVIDES = { ...BASED, profile: 'OF, AF and CF are cleared.' };
const ADDS = { ...BASED, profile: 'OF, AF and CF are those of the addition of two bytes.' };

/** Instructions whose encodings mean something else, or nothing, in 64-bit code. No manual describes SALC; AMD's processors execute it. */
export const legacyRows: Row[] = [
  row('DAA', '27', '', daa, PACKED),
  row('DAS', '2F', '', das, PACKED),
  row('AAA', '37', '', aaa, UNPACKED),
  row('AAS', '3F', '', aas, UNPACKED),
  row('AAM', 'D4', 'Ib', aam, DIVIDES),
  row('AAD', 'D5', 'Ib', aad, ADDS),
  row('SALC', 'D6', '', salc, { ...LEGACY, flags: { read: 'c' } }),
  row('BOUND', '62 /r', 'Gv,M', bound, { ...LEGACY, access: 'read' }),
  row('ARPL', '63 /r', 'Ew,Gw', arpl, { ...LEGACY, access: 'read', flags: { written: 'z' } }),
];
