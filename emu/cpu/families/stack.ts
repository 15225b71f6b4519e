import * as layout from '../layout.ts';
import * as flags from '../system/flags.ts';
import { packArithmetic } from '../table/flags.ts';
import { type Row, row, type Semantics } from '../table/row.ts';
import type { Site } from '../table/site.ts';
import { type I64, i32, i64 } from '../wasm/expressions.ts';

const RSP = layout.GPR + 4 * 8;
const RBP = layout.GPR + 5 * 8;
const SS_BASE = layout.SEGMENTS + 2 * layout.SEGMENT_SIZE + layout.SEGMENT_BASE;
const MASK32 = i64.const(0xffff_ffff);

const stackMask = (site: Site): I64 => site.get64(layout.STACK_MASK);

/** The stack pointer with the bits that the stack has from `value`: in legacy code SP or ESP, as SS says. */
function withStackPointer(site: Site, value: I64): I64 {
  if (site.long) return value;
  const kept = i64.and(site.get64(RSP), i64.xor(stackMask(site), MASK32));
  return i64.or(kept, i64.and(value, stackMask(site)));
}

/** The stack pointer after `change` bytes. */
export function movedStackPointer(site: Site, change: number): I64 {
  return withStackPointer(site, i64.add(site.get64(RSP), i64.const(change)));
}

/** As `movedStackPointer`, and a number of bytes that is known when the code runs more. */
export function movedFurther(site: Site, change: number, more: I64): I64 {
  return withStackPointer(site, i64.add(i64.add(site.get64(RSP), i64.const(change)), more));
}

/** Linear address of a stack offset. */
export function stackAddress(site: Site, offset: I64): I64 {
  if (site.long) return offset;
  return i64.and(i64.add(i64.and(offset, stackMask(site)), site.get64(SS_BASE)), MASK32);
}

/** Pushes `value` (evaluated before the stack pointer moves). `check` may still raise once the stack is known to be writable. */
export function push(site: Site, value: I64, size: number, check: () => void = () => {}): void {
  const { body } = site;
  const pushed = body.let64(value);
  const pointer = body.let64(movedStackPointer(site, -size));
  const target = site.memory(stackAddress(site, pointer), size, 'write', i32.const(1));
  check();
  body.storeLow(size, target.pointer, pushed);
  target.commit();
  site.set64(RSP, pointer);
}

/** Loads the top of the stack without moving the pointer. */
export function top(site: Site, size: number): I64 {
  const { pointer } = site.memory(stackAddress(site, site.get64(RSP)), size, 'read', i32.const(1));
  const load = { 2: i64.load16u, 4: i64.load32u, 8: i64.load }[size as 2 | 4 | 8];
  return site.body.let64(load(pointer));
}

const pushOperand: Semantics = (site) => push(site, site.operand(0).signed(), site.size);

/** POP r: the stack pointer moves before the write, so that POP RSP keeps the popped value. */
const popRegister: Semantics = (site) => {
  const value = top(site, site.size);
  site.set64(RSP, movedStackPointer(site, site.size));
  site.operand(0).write(value);
};

/** POP m: the decoder has made the address one that counts with the moved stack pointer; the pointer moves once the store is done. */
const popMemory: Semantics = (site) => {
  const value = top(site, site.size);
  const target = site.memory(site.address(), site.size, 'write', site.throughStack());
  site.body.storeLow(site.size, target.pointer, value);
  target.commit();
  site.set64(RSP, movedStackPointer(site, site.size));
};

/** PUSHF: VM and RF are pushed as clear. */
const pushf: Semantics = (site) => {
  const system = i32.and(site.get32(layout.RFLAGS_SYSTEM), i32.const(~(flags.VM | flags.RF)));
  push(site, i64.extendI32U(i32.or(system, packArithmetic(site))), site.size);
};

/** POPF: the helper knows which flags the privilege level may change. */
const popf: Semantics = (site) => {
  const value = top(site, site.size);
  site.set64(RSP, movedStackPointer(site, site.size));
  site.helper('popf', i32.wrap(value), i32.const(site.size));
};

const leave: Semantics = (site) => {
  const { body } = site;
  const frame = body.let64(site.get64(RBP));
  const { pointer } = site.memory(stackAddress(site, frame), site.size, 'read', i32.const(1));
  const load = { 2: i64.load16u, 4: i64.load32u, 8: i64.load }[site.size as 2 | 4 | 8];
  const value = body.let64(load(pointer));
  site.set64(RSP, withStackPointer(site, i64.add(frame, i64.const(site.size))));
  writeFramePointer(site, value);
};

function writeFramePointer(site: Site, value: I64): void {
  if (site.size === 2) site.body.storeLow(2, i32.const(RBP), value);
  else site.set64(RBP, value);
}

/**
 * ENTER allocSize, level. All pages are touched before a register changes: the frames of the display are copied first, and the
 * new top of the stack is probed for writing as the manual asks.
 */
const enter: Semantics = (site) => {
  const { body, size } = site;
  const allocate = body.let64(i64.and(site.immediate(), i64.const(0xffff)));
  const level = body.let64(i64.and(i64.shrU(site.immediate(), i64.const(16)), i64.const(31)));
  const pointer = body.local('i64');
  const source = body.local('i64');
  const wrap = (value: I64): I64 => withStackPointer(site, value);
  const pushAt = (value: I64): void => {
    const pushed = body.let64(value);
    body.set(pointer, wrap(i64.sub(pointer.get, i64.const(size))));
    const target = site.memory(stackAddress(site, pointer.get), size, 'write', i32.const(1));
    body.storeLow(size, target.pointer, pushed);
    target.commit();
  };
  body.set(pointer, site.get64(RSP));
  pushAt(site.get64(RBP));
  const frame = body.let64(pointer.get);
  body.if(i32.wrap(level), () => {
    body.set(source, site.get64(RBP));
    const count = body.local('i64');
    body.set(count, level);
    body.loop((more) => {
      body.set(count, i64.sub(count.get, i64.const(1)));
      body.if(i64.ne(count.get, i64.const(0)), () => {
        body.set(source, wrap(i64.sub(source.get, i64.const(size))));
        const from = site.memory(stackAddress(site, source.get), size, 'read', i32.const(1));
        const load = { 2: i64.load16u, 4: i64.load32u, 8: i64.load }[size as 2 | 4 | 8];
        pushAt(load(from.pointer));
        body.br(more);
      });
    });
    pushAt(frame);
  });
  const end = body.let64(wrap(i64.sub(pointer.get, allocate)));
  site.memory(stackAddress(site, end), size, 'write', i32.const(1));
  body.store32(i32.const(0), i32.const(0), layout.BOUNCE_SIZE);
  site.set64(RSP, end);
  writeFramePointer(site, frame);
};

/** PUSHA and POPA, in legacy code only. */
const pusha: Semantics = (site) => {
  const { body, size } = site;
  const first = body.let64(movedStackPointer(site, -8 * size));
  // Registers are pushed from the top down: the first that cannot be stored is the one that faults.
  for (let i = 0; i < 8; i++) {
    site.memory(stackAddress(site, movedStackPointer(site, -(i + 1) * size)), size, 'write', i32.const(1));
  }
  body.store32(i32.const(0), i32.const(0), layout.BOUNCE_SIZE);
  const target = site.memory(stackAddress(site, first), 8 * size, 'write', i32.const(1));
  for (let i = 0; i < 8; i++)
    body.storeLow(size, target.pointer, site.get64(layout.GPR + 8 * i), size * (7 - i));
  target.commit();
  site.set64(RSP, first);
};

const popa: Semantics = (site) => {
  const { body, size } = site;
  const { pointer } = site.memory(stackAddress(site, site.get64(RSP)), 8 * size, 'read', i32.const(1));
  const load = size === 2 ? i64.load16u : i64.load32u;
  for (let i = 0; i < 8; i++) {
    if (i === 4) continue;
    const value = load(pointer, size * (7 - i));
    if (size === 2) body.storeLow(2, i32.const(layout.GPR + 8 * i), value);
    else site.set64(layout.GPR + 8 * i, value);
  }
  site.set64(RSP, movedStackPointer(site, 8 * size));
};

const OPTIONS = { stack: true, size64: 'default' as const, sized: true };
const HOT = { ...OPTIONS, hot: [8] };

export const stackRows: Row[] = [
  row('PUSH', '50+r', 'Zv', pushOperand, { ...HOT, access: 'read' }),
  row('PUSH', 'FF /6', 'Ev', pushOperand, { ...HOT, access: 'read' }),
  row('PUSH', '68', 'Iz', pushOperand, { ...HOT, access: 'read' }),
  row('PUSH', '6A', 'Ibs', pushOperand, { ...HOT, access: 'read' }),
  row('POP', '58+r', 'Zv', popRegister, HOT),
  row('POP', '8F /0', 'Rv', popRegister, HOT),
  row('POP', '8F /0', 'M', popMemory, { ...OPTIONS, addressAfterPop: true }),
  row('PUSHF', '9C', '', pushf, { ...OPTIONS, flags: { read: 'oszapcdi' } }),
  row('POPF', '9D', '', popf, { ...OPTIONS, flags: { written: 'oszapcdi' } }),
  row('LEAVE', 'C9', '', leave, HOT),
  row('ENTER', 'C8', 'Iw,Ib', enter, { ...OPTIONS, access: 'read' }),
  row('PUSHA', '60', '', pusha, { ...OPTIONS, mode: 'legacy' }),
  row('POPA', '61', '', popa, { ...OPTIONS, mode: 'legacy' }),
];
