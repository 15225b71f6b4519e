import * as layout from '../layout.ts';
import { Vector } from '../system/exception.ts';
import { CONDITION_NAMES, condition } from '../table/flags.ts';
import { type Row, row, type Semantics } from '../table/row.ts';
import type { Site } from '../table/site.ts';
import { type I32, type I64, i32, i64, select } from '../wasm/expressions.ts';
import { movedFurther, movedStackPointer, push, top } from './stack.ts';

const RSP = layout.GPR + 4 * 8;
const RCX = layout.GPR + 8;

const CS_LIMIT = layout.SEGMENTS + layout.SEGMENT_SIZE + layout.SEGMENT_LIMIT;

/** With a 16-bit operand size only IP is left of the target, on AMD processors in 64-bit code too. */
const cutTarget = (site: Site): I64 => i64.and(site.branchTarget(), i64.const(0xffff));

/** Takes the relative branch. */
function branch(site: Site): void {
  requireWithinLimit(site, i32.const(1));
  if (site.size === 2) site.jump(cutTarget(site));
  else site.branch();
}

/** Takes the relative branch when `taken` is not zero. */
function branchIf(site: Site, condition: I32): void {
  const taken = site.size === 8 ? condition : site.body.let32(condition);
  requireWithinLimit(site, taken);
  if (site.size === 2) site.jump(select(taken, cutTarget(site), site.nextInstruction()));
  else site.body.if(taken, () => site.branch());
}

/** A relative branch of legacy code beyond the code segment faults itself, before it changes anything. */
function requireWithinLimit(site: Site, taken: I32): void {
  if (site.size === 8) return;
  const { body } = site;
  body.if(i32.and(site.get32(layout.SEGMENT_CHECKS), i32.ne(taken, i32.const(0))), () => {
    const target = site.size === 2 ? cutTarget(site) : i64.and(site.branchTarget(), i64.const(0xffff_ffff));
    raiseBeyondLimit(site, target);
  });
}

function raiseBeyondLimit(site: Site, target: I64): void {
  const limit = i64.extendI32U(site.get32(CS_LIMIT));
  site.body.if(i64.gtU(target, limit), () => {
    site.set32(layout.BOUNCE_SIZE, i32.const(0)); // CALL has prepared its push already
    site.raise(Vector.GeneralProtection, 0);
  });
}

/** A branch to a non-canonical address faults itself, before it changes anything. */
function requireCanonical(site: Site, target: I64): void {
  if (site.size !== 8) {
    site.body.if(site.get32(layout.SEGMENT_CHECKS), () => raiseBeyondLimit(site, target));
    return;
  }
  const extended = i64.shrS(i64.shl(target, i64.const(16)), i64.const(16));
  site.body.if(i64.ne(extended, target), () => {
    site.set32(layout.BOUNCE_SIZE, i32.const(0)); // CALL has prepared its push already
    site.raise(Vector.GeneralProtection, 0);
  });
}

const jmp: Semantics = branch;
const jmpIndirect: Semantics = (site) => {
  const target = site.body.let64(site.operand(0).unsigned());
  requireCanonical(site, target);
  site.jump(target);
};

const jcc =
  (code: number): Semantics =>
  (site) =>
    branchIf(site, condition(site, code));

const call: Semantics = (site) => {
  push(site, site.nextInstruction(), site.size, () => requireWithinLimit(site, i32.const(1)));
  if (site.size === 2) site.jump(cutTarget(site));
  else site.branch();
};

const callIndirect: Semantics = (site) => {
  const target = site.body.let64(site.operand(0).unsigned());
  push(site, site.nextInstruction(), site.size, () => requireCanonical(site, target));
  site.jump(target);
};

const ret: Semantics = (site) => {
  const target = top(site, site.size);
  requireCanonical(site, target);
  site.set64(RSP, movedStackPointer(site, site.size));
  site.jump(target);
};

const retAndPop: Semantics = (site) => {
  const target = top(site, site.size);
  requireCanonical(site, target);
  site.set64(RSP, movedFurther(site, site.size, i64.and(site.immediate(), i64.const(0xffff))));
  site.jump(target);
};

/** rCX under the address size. */
function counter(site: Site): I64 {
  const rcx = site.get64(RCX);
  return site.addressSize === 8
    ? rcx
    : i64.and(rcx, i64.const(site.addressSize === 4 ? 0xffff_ffff : 0xffff));
}

const jcxz: Semantics = (site) => branchIf(site, i64.eqz(counter(site)));

const loop =
  (also: (site: Site) => I32): Semantics =>
  (site) => {
    const { body } = site;
    const mask = site.addressSize === 8 ? -1n : (1n << BigInt(8 * site.addressSize)) - 1n;
    const count = body.let64(i64.and(i64.sub(site.get64(RCX), i64.const(1)), i64.const(mask)));
    const taken = body.let32(i32.and(i64.ne(count, i64.const(0)), also(site)));
    requireWithinLimit(site, taken);
    if (site.addressSize === 2) body.storeLow(2, i32.const(RCX), count);
    else site.set64(RCX, count);
    branchIf(site, taken);
  };

const NEAR = {
  size64: 'default' as const,
  sized: true,
  hot: [4, 8],
  access: 'read' as const,
  profile:
    'With an operand-size prefix the target is cut to 16 bits in 64-bit code too; Intel ignores the prefix.',
};
const STACK = { ...NEAR, stack: true };
const COUNTED = { ...NEAR, addressed: true };

export const controlRows: Row[] = [
  row('JMP', 'EB', 'Jb', jmp, { ...NEAR, ends: true }),
  row('JMP', 'E9', 'Jz', jmp, { ...NEAR, ends: true }),
  row('JMP', 'FF /4', 'Ev', jmpIndirect, { ...NEAR, ends: true }),
  ...CONDITION_NAMES.flatMap((name, code) => [
    row(`J${name}`, (0x70 + code).toString(16).toUpperCase(), 'Jb', jcc(code), NEAR),
    row(`J${name}`, `0F ${(0x80 + code).toString(16).toUpperCase()}`, 'Jz', jcc(code), NEAR),
  ]),
  row('CALL', 'E8', 'Jz', call, STACK),
  row('CALL', 'FF /2', 'Ev', callIndirect, STACK),
  row('RET', 'C3', '', ret, { ...STACK, ends: true }),
  row('RET', 'C2', 'Iw', retAndPop, { ...STACK, ends: true }),
  row(
    'LOOPNE',
    'E0',
    'Jb',
    loop((site) => condition(site, 5)),
    COUNTED,
  ),
  row(
    'LOOPE',
    'E1',
    'Jb',
    loop((site) => condition(site, 4)),
    COUNTED,
  ),
  row(
    'LOOP',
    'E2',
    'Jb',
    loop(() => i32.const(1)),
    COUNTED,
  ),
  row('JCXZ', 'E3', 'Jb', jcxz, COUNTED),
];
