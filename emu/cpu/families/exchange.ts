import * as layout from '../layout.ts';
import { Vector } from '../system/exception.ts';
import { setFlags, setZeroOnly } from '../table/flags.ts';
import { type Row, row, type Semantics } from '../table/row.ts';
import { i32, i64, select } from '../wasm/expressions.ts';
import { signExtend } from './arithmetic.ts';

const RAX = layout.GPR;
const RCX = layout.GPR + 8;
const RDX = layout.GPR + 2 * 8;
const RBX = layout.GPR + 3 * 8;
const MASK32 = i64.const(0xffff_ffff);

/**
 * CMPXCHG always writes a memory destination, so that it always needs write permission. A register that it does not exchange is
 * not touched, not even its upper half.
 */
const cmpxchg: Semantics = (site) => {
  const { body } = site;
  const destination = site.operand(0);
  const size = destination.size;
  const old = body.let64(destination.signed());
  const accumulator = body.let64(signExtend(site.get64(RAX), size));
  const equal = body.let32(i64.eq(old, accumulator));
  const source = body.let64(site.operand(1).signed());
  if (destination.isMemory) destination.write(body.let64(select(equal, source, old)));
  else body.if(equal, () => destination.write(source));
  body.if(i32.eqz(equal), () => {
    if (size === 4) site.set64(RAX, i64.and(old, MASK32));
    else body.storeLow(size, i32.const(RAX), old);
  });
  const result = body.let64(signExtend(i64.sub(accumulator, old), size));
  setFlags(site, result, i64.xor(i64.xor(accumulator, old), result), i64.ltU(accumulator, old));
};

/** CMPXCHG8B and CMPXCHG16B: rDX:rAX with memory; only ZF is written. Sixteen bytes must be aligned. */
const cmpxchgPair =
  (half: 4 | 8): Semantics =>
  (site) => {
    const { body } = site;
    const low = (slot: number) => (half === 8 ? site.get64(slot) : i64.and(site.get64(slot), MASK32));
    const address = body.let64(site.address());
    if (half === 8) {
      const misaligned = i64.ne(i64.and(address, i64.const(15)), i64.const(0));
      body.if(misaligned, () => site.raise(Vector.GeneralProtection, 0));
    }
    const target = site.memory(address, 2 * half, 'modify', site.throughStack());
    const load = half === 8 ? i64.load : i64.load32u;
    const oldLow = body.let64(load(target.pointer));
    const oldHigh = body.let64(load(target.pointer, half));
    const equal = body.let32(i32.and(i64.eq(oldLow, low(RAX)), i64.eq(oldHigh, low(RDX))));
    body.storeLow(half, target.pointer, select(equal, low(RBX), oldLow));
    body.storeLow(half, target.pointer, select(equal, low(RCX), oldHigh), half);
    target.commit();
    body.if(i32.eqz(equal), () => {
      site.set64(RAX, oldLow);
      site.set64(RDX, oldHigh);
    });
    setZeroOnly(site, equal);
  };

const xadd: Semantics = (site) => {
  const { body } = site;
  const size = site.operand(0).size;
  const a = body.let64(site.operand(0).signed());
  const b = body.let64(site.operand(1).signed());
  const result = body.let64(signExtend(i64.add(a, b), size));
  if (site.operand(0).isMemory) {
    site.operand(0).write(result);
    site.operand(1).write(a);
  } else {
    // With the same register twice the sum wins.
    site.operand(1).write(a);
    site.operand(0).write(result);
  }
  setFlags(site, result, i64.xor(i64.xor(a, b), result), i64.ltU(result, a));
};

const LOCKED = { access: 'modify' as const, lock: true };
const ALL = { written: 'oszapc' };
const PAIR = { ...LOCKED, flags: { written: 'z' } };

export const exchangeRows: Row[] = [
  row('CMPXCHG', '0F B0 /r', 'Eb,Gb', cmpxchg, { ...LOCKED, flags: ALL }),
  row('CMPXCHG', '0F B1 /r', 'Ev,Gv', cmpxchg, { ...LOCKED, flags: ALL, hot: [4, 8] }),
  row('CMPXCHG16B', 'REX.W 0F C7 /1', 'M', cmpxchgPair(8), { ...PAIR, mode: '64', feature: 'CMPXCHG16B' }),
  row('CMPXCHG8B', '0F C7 /1', 'M', cmpxchgPair(4), PAIR),
  row('XADD', '0F C0 /r', 'Eb,Gb', xadd, { ...LOCKED, flags: ALL }),
  row('XADD', '0F C1 /r', 'Ev,Gv', xadd, { ...LOCKED, flags: ALL }),
];
