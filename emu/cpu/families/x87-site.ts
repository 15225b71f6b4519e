import * as layout from '../layout.ts';
import { CS } from '../state.ts';
import { Vector } from '../system/exception.ts';
import { CR0_EM, CR0_MP, CR0_TS } from '../system/registers.ts';
import type { Semantics } from '../table/row.ts';
import type { Operand, Site } from '../table/site.ts';
import { type I32, i32, i64 } from '../wasm/expressions.ts';
import {
  REFERENCE_BASED,
  REFERENCE_OPCODE,
  REFERENCE_SEGMENT,
  REFERENCE_SEGMENT_SHIFT,
} from '../x87/last-instruction.ts';
import { x87OperationIndex } from '../x87/operations/index.ts';
import { STATUS_ERROR_SUMMARY } from '../x87/register-file.ts';

const SEGMENT_SIZE_SHIFT = Math.log2(layout.SEGMENT_SIZE);
const OFFSET_MASK = 0xffff_ffffn;
/** CODE_SIZE of 64-bit code. */
const LONG = 8;

/** #NM while x87 is emulated or its state belongs to another thread. */
export function requireX87(site: Site): void {
  site.body.if(i32.and(site.get32(layout.CR0), i32.const(CR0_EM | CR0_TS)), () =>
    site.raise(Vector.DeviceNotAvailable),
  );
}

/** WAIT looks at CR0.TS only together with MP. */
export function requireWait(site: Site): void {
  const both = CR0_MP | CR0_TS;
  site.body.if(i32.eq(i32.and(site.get32(layout.CR0), i32.const(both)), i32.const(both)), () =>
    site.raise(Vector.DeviceNotAvailable),
  );
}

/** #MF for an unmasked exception that an earlier instruction met. */
export function raisePending(site: Site): void {
  const status = i32.load16u(i32.const(layout.X87_STATUS));
  site.body.if(i32.and(status, i32.const(STATUS_ERROR_SUMMARY)), () => site.raise(Vector.FloatingPoint));
}

/** Remembers this instruction, and the operand that it has in memory, as the last. */
function remember(site: Site, memory: Operand | undefined): void {
  const { body } = site;
  const zero = i32.const(0);
  const reference = body.let32(i32.wrap(site.immediate()));
  const opcode = i64.extendI32U(i32.and(reference, i32.const(REFERENCE_OPCODE)));
  body.storeLow(2, zero, opcode, layout.X87_OPCODE);
  site.set64(layout.X87_INSTRUCTION, site.thisInstruction());
  const code = layout.SEGMENTS + CS * layout.SEGMENT_SIZE + layout.SEGMENT_SELECTOR;
  body.storeLow(2, zero, i64.load16u(zero, code), layout.X87_CODE_SELECTOR);
  if (memory === undefined) return;
  const number = i32.and(
    i32.shrU(reference, i32.const(REFERENCE_SEGMENT_SHIFT)),
    i32.const(REFERENCE_SEGMENT),
  );
  const segment = body.let32(i32.shl(number, i32.const(SEGMENT_SIZE_SHIFT)));
  const selector = i64.load16u(segment, layout.SEGMENTS + layout.SEGMENT_SELECTOR);
  body.storeLow(2, zero, selector, layout.X87_DATA_SELECTOR);
  site.set64(layout.X87_DATA, site.address());
  body.if(i32.and(reference, i32.const(REFERENCE_BASED)), () => {
    const base = i64.load(segment, layout.SEGMENTS + layout.SEGMENT_BASE);
    site.set64(layout.X87_DATA, i64.sub(site.get64(layout.X87_DATA), base));
  });
  body.if(i32.ne(site.get32(layout.CODE_SIZE), i32.const(LONG)), () =>
    site.set64(layout.X87_DATA, i64.and(site.get64(layout.X87_DATA), i64.const(OFFSET_MASK))),
  );
}

/** The operand that an x87 operation is told: where memory lies, or which register. */
function operandOf(site: Site, stackOperand: number): { operand: I32; memory: Operand | undefined } {
  const memory = site.operands.find(({ isMemory }) => isMemory);
  if (memory !== undefined) return { operand: site.body.let32(memory.pointer()), memory };
  const operand = stackOperand < 0 ? i32.const(0) : site.registerSlot(stackOperand);
  return { operand, memory };
}

export interface X87Options {
  /** Which operand of the row is STi. */
  readonly register?: number;
  /** A control instruction, which the pointers to the last instruction do not remember. */
  readonly control?: boolean;
  /** Executes though an exception is pending. */
  readonly noWait?: boolean;
}

/** Semantics of an x87 instruction: an operation by its name in `x87/operations/index.ts`. */
export function x87(
  name: string,
  { register = -1, control = false, noWait = false }: X87Options = {},
): Semantics {
  const index = x87OperationIndex(name);
  return (site) => {
    requireX87(site);
    if (!noWait) raisePending(site);
    const { operand, memory } = operandOf(site, register);
    if (!control) remember(site, memory);
    site.call('x87Operation', i32.const(index), operand);
  };
}

/** FCMOVcc: both outcomes are operations, since an empty register matters to both. */
export function conditionalMove(holds: (site: Site) => I32): Semantics {
  const taken = x87OperationIndex('FCMOV taken');
  const notTaken = x87OperationIndex('FCMOV not taken');
  return (site) => {
    requireX87(site);
    raisePending(site);
    remember(site, undefined);
    const operation = i32.sub(
      i32.const(notTaken),
      i32.mul(i32.ne(holds(site), i32.const(0)), i32.const(notTaken - taken)),
    );
    site.call('x87Operation', operation, site.registerSlot(1));
  };
}
