import { overflow, setCarryOnly, setFlags, setLogicFlags } from '../table/flags.ts';
import { type Row, row, type Semantics } from '../table/row.ts';
import type { MemoryAccess, Site } from '../table/site.ts';
import { type I32, type I64, i32, i64, select } from '../wasm/expressions.ts';

/**
 * Linear address of the memory operand with `delta` added to its offset before the offset is cut to the address size. With an address
 * size below 8 the record holds the sum that is not yet cut as base, and the segment's base where a string's destination has it.
 */
function addressBeyond(site: Site, delta: I64): I64 {
  if (site.addressSize === 8) return i64.add(site.address(), delta);
  const mask = i64.const(site.addressSize === 4 ? 0xffff_ffff : 0xffff);
  const offset = i64.and(i64.add(i64.load(site.baseSlot()), delta), mask);
  const linear = i64.add(offset, site.destinationBase());
  return site.long ? linear : i64.and(linear, i64.const(0xffff_ffff));
}

type Change = ((value: I64, mask: I64) => I64) | undefined;

/**
 * BT, BTS, BTR, BTC. With a register as bit offset and memory as operand the offset reaches beyond the operand: bits are counted
 * from the operand's address in both directions. Only CF is defined; the other flags stay.
 */
const bitTest =
  (change: Change): Semantics =>
  (site) => {
    const { body } = site;
    const operand = site.operand(0);
    const offset = site.operand(1);
    const width = operand.size * 8;
    const isImmediate = offset.size === 1;
    const position = body.let64(i64.and(offset.unsigned(), i64.const(width - 1)));
    const access: MemoryAccess = change === undefined ? 'read' : 'modify';
    let value: I64;
    let write: (result: I64) => void;
    if (operand.isMemory && !isImmediate) {
      const element = i64.shrS(offset.signed(), i64.const(Math.log2(width)));
      const address = addressBeyond(site, i64.mul(element, i64.const(operand.size)));
      const target = site.memory(address, operand.size, access, site.throughStack());
      const load = { 2: i64.load16u, 4: i64.load32u, 8: i64.load }[operand.size as 2 | 4 | 8];
      value = body.let64(load(target.pointer));
      write = (result) => {
        body.storeLow(operand.size, target.pointer, result);
        target.commit();
      };
    } else {
      value = body.let64(operand.unsigned());
      write = (result) => operand.write(result);
    }
    const tested = body.let32(i32.and(i32.wrap(i64.shrU(value, position)), i32.const(1)));
    if (change !== undefined) write(change(value, i64.shl(i64.const(1), position)));
    setCarryOnly(site, tested);
  };

const bt = bitTest(undefined);
const bts = bitTest(i64.or);
const btr = bitTest((value, mask) => i64.and(value, i64.xor(mask, i64.const(-1))));
const btc = bitTest(i64.xor);

/** A bit beyond the low byte, from which PF comes, and below the sign. */
const NOT_ZERO = 0x100;

/**
 * BSF and BSR: a source of zero sets ZF and leaves the destination. Of the other flags, undefined in the manuals, AMD's processors make PF
 * from the index and clear the rest.
 */
const bitScan =
  (index: (value: I64) => I64): Semantics =>
  (site) => {
    const { body } = site;
    const value = body.let64(site.operand(1).unsigned());
    const isZero = body.let32(i64.eqz(value));
    const found = body.let64(index(value));
    body.if(i32.eqz(isZero), () => site.operand(0).write(found));
    setLogicFlags(site, select(isZero, i64.const(0), i64.or(found, i64.const(NOT_ZERO))));
  };

const bsf = bitScan(i64.ctz);
const bsr = bitScan((value) => i64.sub(i64.const(63), i64.clz(value)));

/** ZF from a result of 0 without the PF that goes with it by the lazy encoding (see layout.ts): its parity delta, and the lazy result. */
const PARITY_DELTA = 1 << 2;
const isNotZero = (result: I64): I64 => i64.extendI32U(i64.ne(result, i64.const(0)));
const withoutParity = (result: I64): I32 => i32.mul(i64.eqz(result), i32.const(PARITY_DELTA));

/**
 * TZCNT and LZCNT: CF = source is zero, ZF = result is zero. Of the other flags, undefined in the manuals, AMD's processors leave OF and
 * clear the rest.
 */
const count =
  (counted: (value: I64, width: number) => I64): Semantics =>
  (site) => {
    const { body } = site;
    const operand = site.operand(1);
    const width = operand.size * 8;
    const value = body.let64(operand.unsigned());
    const result = body.let64(counted(value, width));
    site.operand(0).write(result);
    const none = body.let32(i64.eqz(value));
    const aux = i64.shl(i64.extendI32U(i32.xor(overflow(site), none)), i64.const(63));
    setFlags(site, isNotZero(result), body.let64(aux), i32.or(none, withoutParity(result)));
  };

const tzcnt = count((value, width) =>
  i64.ctz(width === 64 ? value : i64.or(value, i64.const(1n << BigInt(width)))),
);
const lzcnt = count((value, width) => i64.sub(i64.clz(value), i64.const(64 - width)));

/** POPCNT: ZF = source is zero, all other flags cleared. */
const popcnt: Semantics = (site) => {
  const { body } = site;
  const result = body.let64(i64.popcnt(site.operand(1).unsigned()));
  site.operand(0).write(result);
  setFlags(site, isNotZero(result), i64.const(0), withoutParity(result));
};

const TEST = { access: 'read' as const, flags: { written: 'c' } };
const CHANGE = { access: 'modify' as const, lock: true, flags: { written: 'c' } };
/** The rows of one operation on a register, and on memory, whose address the bit offset takes part in. */
function byRegister(name: string, opcode: string, emit: Semantics, options: Partial<Row>): Row[] {
  return [
    row(name, `0F ${opcode} /r`, 'Rv,Gv', emit, options),
    row(name, `0F ${opcode} /r`, 'Mv,Gv', emit, { ...options, addressed: true, stack: true }),
  ];
}

const SCAN = {
  flags: { written: 'oszapc', undefined: 'osapc' },
  hot: [4, 8],
  profile:
    'A source of zero leaves the destination. PF is that of the index, set for a source of zero; OF, SF, AF and CF are cleared.',
};
const COUNT = {
  flags: { written: 'szapc', undefined: 'osap' },
  profile: 'OF stays; SF, AF and PF are cleared.',
};

export const bitRows: Row[] = [
  ...byRegister('BT', 'A3', bt, { ...TEST, hot: [4, 8] }),
  ...byRegister('BTS', 'AB', bts, CHANGE),
  ...byRegister('BTR', 'B3', btr, CHANGE),
  ...byRegister('BTC', 'BB', btc, CHANGE),
  row('BT', '0F BA /4', 'Ev,Ib', bt, { ...TEST, hot: [4, 8] }),
  row('BTS', '0F BA /5', 'Ev,Ib', bts, CHANGE),
  row('BTR', '0F BA /6', 'Ev,Ib', btr, CHANGE),
  row('BTC', '0F BA /7', 'Ev,Ib', btc, CHANGE),
  row('TZCNT', 'F3 0F BC /r', 'Gv,Ev', tzcnt, { ...COUNT, feature: 'BMI1' }),
  row('LZCNT', 'F3 0F BD /r', 'Gv,Ev', lzcnt, { ...COUNT, feature: 'LZCNT' }),
  row('BSF', '0F BC /r', 'Gv,Ev', bsf, SCAN),
  row('BSR', '0F BD /r', 'Gv,Ev', bsr, SCAN),
  row('POPCNT', 'F3 0F B8 /r', 'Gv,Ev', popcnt, { flags: { written: 'oszapc' }, feature: 'POPCNT' }),
];
