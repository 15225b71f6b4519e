import * as layout from '../layout.ts';
import { CONDITION_FLAGS, CONDITION_NAMES, condition } from '../table/flags.ts';
import { type Row, row, type Semantics } from '../table/row.ts';
import { type I64, i32, i64, select } from '../wasm/expressions.ts';
import { signExtend } from './arithmetic.ts';

const mov: Semantics = (site) => site.operand(0).write(site.body.let64(site.operand(1).unsigned()));
/** A store of an immediate or a register needs no copy of the value first; the operand is sign-extended for 64-bit immediates. */
const movImmediate: Semantics = (site) => site.operand(0).write(site.operand(1).signed());
const movzx: Semantics = (site) => site.operand(0).write(site.operand(1).unsigned());
const movsx: Semantics = (site) => site.operand(0).write(site.operand(1).signed());
const lea: Semantics = (site) => site.operand(0).write(site.address());

const xchg: Semantics = (site) => {
  const first = site.body.let64(site.operand(0).unsigned());
  const second = site.body.let64(site.operand(1).unsigned());
  site.operand(0).write(second);
  site.operand(1).write(first);
};

/** 90+r: with RAX itself this is NOP (and PAUSE, with an F3 prefix), which does not clear the upper half of RAX. */
const xchgAccumulator: Semantics = (site) => {
  site.body.if(i32.ne(site.registerSlot(0), i32.const(layout.GPR)), () => xchg(site));
};

/** The low `size` bytes of `value` (evaluated often: a local) in reverse order. */
function reverseBytes(value: I64, size: number): I64 {
  let reversed = i64.const(0);
  for (let i = 0; i < size; i++) {
    const byte = i64.and(i64.shrU(value, i64.const(8 * i)), i64.const(0xff));
    reversed = i64.or(reversed, i64.shl(byte, i64.const(8 * (size - 1 - i))));
  }
  return reversed;
}

const bswap: Semantics = (site) => {
  const value = site.body.let64(site.operand(0).unsigned());
  // With a 16-bit operand the result is undefined; AMD processors store zero.
  site.operand(0).write(site.size === 2 ? i64.const(0) : reverseBytes(value, site.size));
};

const movbe: Semantics = (site) => {
  const value = site.body.let64(site.operand(1).unsigned());
  site.operand(0).write(reverseBytes(value, site.size));
};

/** CMOVcc always reads its source, and with a 32-bit operand always clears the upper half. */
const cmov =
  (code: number): Semantics =>
  (site) => {
    const source = site.body.let64(site.operand(1).unsigned());
    site.operand(0).write(select(condition(site, code), source, site.operand(0).unsigned()));
  };

const setcc =
  (code: number): Semantics =>
  (site) =>
    site.operand(0).write(i64.extendI32U(condition(site, code)));

/** CBW, CWDE, CDQE: the lower half of rAX, sign-extended. */
const convertAccumulator: Semantics = (site) => {
  const half = site.size / 2;
  const value = site.body.let64(signExtend(site.get64(layout.GPR), half));
  site.operand(0).write(value);
};

/** CWD, CDQ, CQO: rDX becomes the sign of rAX. */
const convertToDouble: Semantics = (site) => {
  const sign = i64.shrS(signExtend(site.get64(layout.GPR), site.size), i64.const(63));
  const rdx = layout.GPR + 2 * 8;
  if (site.size === 2) site.body.storeLow(2, i32.const(rdx), sign);
  else site.set64(rdx, site.size === 4 ? i64.and(sign, i64.const(0xffff_ffff)) : sign);
};

const xlat: Semantics = (site) => {
  const rbx = site.get64(layout.GPR + 3 * 8);
  const mask = site.addressSize === 8 ? -1n : (1n << BigInt(8 * site.addressSize)) - 1n;
  const al = i64.load8u(i32.const(layout.GPR));
  const offset = i64.add(i64.and(i64.add(rbx, al), i64.const(mask)), site.sourceBase());
  const address = site.long ? offset : i64.and(offset, i64.const(0xffff_ffff));
  const { pointer } = site.memory(address, 1, 'read');
  site.body.storeLow(1, i32.const(layout.GPR), i64.load8u(pointer));
};

const HOT = { hot: [1, 2, 4, 8] };
const EXTEND = { hot: [4, 8] };
const LOCKED = { access: 'modify' as const, lock: true };
const nop: Semantics = () => {};

const conditional = CONDITION_NAMES.flatMap((name, code) => {
  const hex = (base: number): string => (base + code).toString(16).toUpperCase();
  const flags = { read: CONDITION_FLAGS[code >> 1] as string };
  return [
    row(`CMOV${name}`, `0F ${hex(0x40)} /r`, 'Gv,Ev', cmov(code), { flags, hot: [4, 8] }),
    row(`SET${name}`, `0F ${hex(0x90)} /r`, 'Eb', setcc(code), { flags, hot: [0] }),
  ];
});

export const moveRows: Row[] = [
  row('MOV', '88 /r', 'Eb,Gb', mov, HOT),
  row('MOV', '89 /r', 'Ev,Gv', mov, HOT),
  row('MOV', '8A /r', 'Gb,Eb', mov, HOT),
  row('MOV', '8B /r', 'Gv,Ev', mov, HOT),
  row('MOV', 'A0', 'AL,Ob', mov),
  row('MOV', 'A1', 'rAX,Ov', mov),
  row('MOV', 'A2', 'Ob,AL', mov),
  row('MOV', 'A3', 'Ov,rAX', mov),
  row('MOV', 'B0+r', 'Zb,Ib', movImmediate, HOT),
  row('MOV', 'B8+r', 'Zv,Iv', movImmediate, HOT),
  row('MOV', 'C6 /0', 'Eb,Ib', movImmediate, HOT),
  row('MOV', 'C7 /0', 'Ev,Iz', movImmediate, HOT),
  row('LEA', '8D /r', 'Gv,M', lea, { hot: [4, 8] }),
  row('MOVZX', '0F B6 /r', 'Gv,Eb', movzx, EXTEND),
  row('MOVZX', '0F B7 /r', 'Gv,Ew', movzx, EXTEND),
  row('MOVSX', '0F BE /r', 'Gv,Eb', movsx, EXTEND),
  row('MOVSX', '0F BF /r', 'Gv,Ew', movsx, EXTEND),
  // The source has 32 bits whatever the prefixes say.
  row('MOVSXD', '63 /r', 'Gv,Ed', movsx, { ...EXTEND, mode: '64' }),
  row('XCHG', '86 /r', 'Eb,Gb', xchg, LOCKED),
  row('XCHG', '87 /r', 'Ev,Gv', xchg, { ...LOCKED, hot: [4, 8] }),
  row('XCHG', '90+r', 'Zv,rAX', xchgAccumulator, { access: 'modify', hot: [2, 4, 8] }),
  row('NOP', '0F 1F /r', 'Ev', nop, { access: 'read', hot: [2, 4, 8] }),
  ...[0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e].map((opcode) =>
    row('NOP', `0F ${opcode.toString(16).toUpperCase()} /r`, 'Ev', nop, { access: 'read', hot: [2, 4, 8] }),
  ),
  row('PREFETCH', '0F 0D /r', 'M', nop, { access: 'read', feature: 'PREFETCHW' }),
  row('BSWAP', '0F C8+r', 'Zv', bswap, {
    access: 'modify',
    profile: 'With a 16-bit operand, which the manuals leave undefined, the result is zero.',
  }),
  row('CBW', '98', 'rAX', convertAccumulator, { sized: true, hot: [4, 8] }),
  row('CWD', '99', '', convertToDouble, { sized: true, hot: [4, 8] }),
  row('XLAT', 'D7', '', xlat, { addressed: true, stack: true }),
  row('MOVBE', 'NFx 0F 38 F0 /r', 'Gv,Mv', movbe, { feature: 'MOVBE' }),
  row('MOVBE', 'NFx 0F 38 F1 /r', 'Mv,Gv', movbe, { feature: 'MOVBE' }),
  row('MOVNTI', 'NP 0F C3 /r', 'My,Gy', mov, { feature: 'SSE2' }),
  ...conditional,
];
