import { setFlags } from '../table/flags.ts';
import { type Row, row, type Semantics } from '../table/row.ts';
import type { Site } from '../table/site.ts';
import { type I32, type I64, i32, i64, select } from '../wasm/expressions.ts';
import { signExtend } from './arithmetic.ts';

/** BMI1 and BMI2 without their multiplication: VEX-encoded, on 32 and 64 bits (AMD APM volume 3; Intel SDM volume 2). */

const ONE = i64.const(1);
const ALL_ONES = i64.const(-1);
const INDEX_MASK = 0xff;

const width = (site: Site): number => 8 * site.operand(0).size;

/** Writes operand 0 and sets SF and ZF from it, CF from `carry`; OF and AF are cleared; PF, undefined too, comes from the result. */
function finish(site: Site, value: I64, carry: I32 = i32.const(0)): void {
  const result = site.body.let64(signExtend(value, site.operand(0).size));
  const carryOut = site.body.let32(carry);
  site.operand(0).write(result);
  setFlags(site, result, i64.shl(i64.extendI32U(carryOut), i64.const(63)), carryOut);
}

const andn: Semantics = (site) =>
  finish(site, i64.and(i64.xor(site.operand(1).unsigned(), ALL_ONES), site.operand(2).unsigned()));

/** BLSI, BLSMSK and BLSR: something with the lowest bit that is set in the source. */
const lowestBit =
  (operation: (value: I64, less: I64) => I64, carry: (value: I64) => I32): Semantics =>
  (site) => {
    const value = site.body.let64(site.operand(1).unsigned());
    finish(site, operation(value, i64.sub(value, ONE)), carry(value));
  };

const blsi = lowestBit(
  (value, less) => i64.and(value, i64.xor(less, ALL_ONES)),
  (value) => i64.ne(value, i64.const(0)),
);
const blsmsk = lowestBit(i64.xor, i64.eqz);
const blsr = lowestBit(i64.and, i64.eqz);

/** The lowest `count` bits of `value`: all of them from a count of 64. */
const lowBits = (value: I64, count: I64): I64 =>
  select(i64.ltU(count, i64.const(64)), i64.and(value, i64.sub(i64.shl(ONE, count), ONE)), value);

/** What AMD's processors leave in the flags that BEXTR does not define: AF set, PF from the result, SF clear (by the lazy sign delta). */
const ADJUST = 1 << 4;
const SIGN_DELTA_SHIFT = 1;

/** BEXTR: start in bits 7–0 of the control operand, length in bits 15–8. */
const bextr: Semantics = (site) => {
  const { body } = site;
  const source = body.let64(site.operand(1).unsigned());
  const control = body.let64(site.operand(2).unsigned());
  const start = body.let64(i64.and(control, i64.const(INDEX_MASK)));
  const length = body.let64(i64.and(i64.shrU(control, i64.const(8)), i64.const(INDEX_MASK)));
  const shifted = body.let64(select(i64.ltU(start, i64.const(64)), i64.shrU(source, start), i64.const(0)));
  const result = body.let64(lowBits(shifted, length));
  site.operand(0).write(result);
  const sign = i32.wrap(i64.shrU(result, i64.const(63)));
  setFlags(site, result, i64.const(ADJUST), i32.shl(sign, i32.const(SIGN_DELTA_SHIFT)));
};

/** BZHI: CF tells that the index lies beyond the operand, of which nothing is then cleared. */
const bzhi: Semantics = (site) => {
  const { body } = site;
  const source = body.let64(site.operand(1).unsigned());
  const index = body.let64(i64.and(site.operand(2).unsigned(), i64.const(INDEX_MASK)));
  const beyond = i64.geU(index, i64.const(width(site)));
  finish(site, lowBits(source, index), beyond);
};

/** SARX, SHLX, SHRX: the count is masked to the operand's width; no flag changes. */
const shiftWithoutFlags =
  (operation: (value: I64, count: I64) => I64, signed: boolean): Semantics =>
  (site) => {
    const source = site.operand(1);
    const value = site.body.let64(signed ? source.signed() : source.unsigned());
    const count = i64.and(site.operand(2).unsigned(), i64.const(width(site) - 1));
    site.operand(0).write(operation(value, count));
  };

const rorx: Semantics = (site) => {
  const value = site.body.let64(site.operand(1).unsigned());
  const count = site.body.let64(i64.and(site.immediate(), i64.const(width(site) - 1)));
  const back = i64.and(i64.sub(i64.const(width(site)), count), i64.const(width(site) - 1));
  const rotated =
    width(site) === 64 ? i64.rotr(value, count) : i64.or(i64.shrU(value, count), i64.shl(value, back));
  site.operand(0).write(rotated);
};

/** PDEP and PEXT: one turn for each bit that is set in the mask, from the lowest. */
const byMask =
  (turn: (bit: I64, position: I64, source: I64) => I64): Semantics =>
  (site) => {
    const { body } = site;
    const source = body.let64(site.operand(1).unsigned());
    const mask = body.local('i64');
    const position = body.local('i64');
    const result = body.local('i64');
    body.set(mask, site.operand(2).unsigned());
    body.set(position, i64.const(0));
    body.set(result, i64.const(0));
    body.block((done) => {
      body.loop((again) => {
        body.brIf(done, i64.eqz(mask.get));
        const bit = i64.ctz(mask.get);
        body.set(result, i64.or(result.get, turn(bit, position.get, source)));
        body.set(mask, i64.and(mask.get, i64.sub(mask.get, ONE)));
        body.set(position, i64.add(position.get, ONE));
        body.br(again);
      });
    });
    site.operand(0).write(result.get);
  };

/** Moves one bit of `source`. */
const moveBit = (source: I64, from: I64, to: I64): I64 => i64.shl(i64.and(i64.shrU(source, from), ONE), to);

const pdep = byMask((bit, position, source) => moveBit(source, position, bit));
const pext = byMask((bit, position, source) => moveBit(source, bit, position));

const LOGIC = {
  flags: { written: 'oszapc', undefined: 'ap' },
  profile: 'AF is cleared; PF is that of the result.',
};
const BMI1 = { feature: 'BMI1', ...LOGIC };
const BMI2 = { feature: 'BMI2' };

export const bitManipulationRows: Row[] = [
  row('ANDN', 'VEX.LZ.NP.0F38 F2 /r', 'Gy,By,Ey', andn, BMI1),
  row('BLSR', 'VEX.LZ.NP.0F38 F3 /1', 'By,Ey', blsr, BMI1),
  row('BLSMSK', 'VEX.LZ.NP.0F38 F3 /2', 'By,Ey', blsmsk, BMI1),
  row('BLSI', 'VEX.LZ.NP.0F38 F3 /3', 'By,Ey', blsi, BMI1),
  row('BEXTR', 'VEX.LZ.NP.0F38 F7 /r', 'Gy,Ey,By', bextr, {
    feature: 'BMI1',
    flags: { written: 'oszapc', undefined: 'sap' },
    profile: 'AF is set, SF is cleared, PF is that of the result.',
  }),
  row('BZHI', 'VEX.LZ.NP.0F38 F5 /r', 'Gy,Ey,By', bzhi, { ...BMI2, ...LOGIC }),
  row('PEXT', 'VEX.LZ.F3.0F38 F5 /r', 'Gy,By,Ey', pext, BMI2),
  row('PDEP', 'VEX.LZ.F2.0F38 F5 /r', 'Gy,By,Ey', pdep, BMI2),
  row('SHLX', 'VEX.LZ.66.0F38 F7 /r', 'Gy,Ey,By', shiftWithoutFlags(i64.shl, false), BMI2),
  row('SARX', 'VEX.LZ.F3.0F38 F7 /r', 'Gy,Ey,By', shiftWithoutFlags(i64.shrS, true), BMI2),
  row('SHRX', 'VEX.LZ.F2.0F38 F7 /r', 'Gy,Ey,By', shiftWithoutFlags(i64.shrU, false), BMI2),
  row('RORX', 'VEX.LZ.F2.0F3A F0 /r', 'Gy,Ey,Ib', rorx, BMI2),
];
