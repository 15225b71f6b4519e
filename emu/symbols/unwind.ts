import type { CallFrameRow, CfaRule, RegisterRule } from './call-frame-program.ts';
import type { CallFrameTable } from './call-frame-table.ts';
import { evaluateAddress, littleEndian } from './expression.ts';
import {
  DWARF_RBP,
  DWARF_REGISTER_COUNT,
  DWARF_RIP,
  DWARF_RSP,
  type MemoryReader,
  type RegisterValues,
} from './registers.ts';

/** One call on the stack. */
export interface Frame {
  /** Where this frame executes: the next instruction, or in a caller the return address. */
  readonly pc: bigint;
  /**
   * The address to look up lines, scopes and locations with. In a caller it lies inside the call, one byte before the
   * return address, which may already belong to another line or function.
   */
  readonly lookupPc: bigint;
  /**
   * By DWARF number. Of a caller's registers only those that a callee must preserve are certain. The others are what
   * the callee has in them: where a location list names one of them across a call, the compiler has seen that the
   * callee leaves it alone (gcc's -fipa-ra); elsewhere it ends the range before the return address.
   */
  readonly registers: RegisterValues;
  /** The canonical frame address, when call-frame information covers the pc. */
  readonly cfa: bigint | undefined;
  /** How the frame was found. */
  readonly foundBy: 'start' | 'call-frame' | 'frame-pointer';
}

/** Deeper stacks are taken for damage. */
const DEFAULT_FRAME_LIMIT = 256;
const WORD_SIZE = 8;
const WORD = 8n;

/** Offsets are small signed numbers; addresses wrap at 2^64. */
function plus(address: bigint, offset: number): bigint {
  return BigInt.asUintN(64, address + BigInt(offset));
}

/** The frame the processor is in. `registers` are by DWARF number; rip must be known. */
export function innermostFrame(
  registers: RegisterValues,
  readMemory: MemoryReader,
  table: CallFrameTable,
): Frame | undefined {
  const pc = registers[DWARF_RIP];
  if (pc === undefined) return undefined;
  const row = table.rowAt(pc);
  const cfa = row && evaluateCfa(row.cfa, registers, readMemory);
  return { pc, lookupPc: pc, registers, cfa, foundBy: 'start' };
}

/**
 * The caller of a frame, or undefined at the end of the stack or when memory or rules run out.
 * Call-frame information decides where there is any; elsewhere (hand-written assembly) the chain of frame pointers.
 * Throws DwarfError when the call-frame information is damaged.
 */
export function callerOf(frame: Frame, readMemory: MemoryReader, table: CallFrameTable): Frame | undefined {
  const row = table.rowAt(frame.lookupPc);
  const step =
    row !== undefined && frame.cfa !== undefined
      ? unwindByRules(row, frame, frame.cfa, readMemory)
      : unwindByFramePointer(frame.registers, readMemory);
  const pc = step?.[DWARF_RIP];
  if (step === undefined || pc === undefined || pc === 0n) return undefined;
  const lookupPc = row?.isSignalFrame ? pc : pc - 1n;
  const callerRow = table.rowAt(lookupPc);
  return {
    pc,
    lookupPc,
    registers: step,
    cfa: callerRow && evaluateCfa(callerRow.cfa, step, readMemory),
    foundBy: row === undefined ? 'frame-pointer' : 'call-frame',
  };
}

/** The stack from the processor's frame outwards. Stops where the stack does not grow or after `limit` frames. */
export function* unwind(
  registers: RegisterValues,
  readMemory: MemoryReader,
  table: CallFrameTable,
  limit = DEFAULT_FRAME_LIMIT,
): Generator<Frame, void, undefined> {
  let frame = innermostFrame(registers, readMemory, table);
  for (let count = 0; frame !== undefined && count < limit; count++) {
    yield frame;
    const caller: Frame | undefined = callerOf(frame, readMemory, table);
    const isSame = caller?.pc === frame.pc && caller.registers[DWARF_RSP] === frame.registers[DWARF_RSP];
    frame = isSame ? undefined : caller;
  }
}

function readWord(address: bigint, readMemory: MemoryReader): bigint | undefined {
  const bytes = readMemory(address, WORD_SIZE);
  return bytes === undefined || bytes.length < WORD_SIZE
    ? undefined
    : littleEndian(bytes.subarray(0, WORD_SIZE));
}

function evaluateCfa(
  rule: CfaRule | undefined,
  registers: RegisterValues,
  readMemory: MemoryReader,
): bigint | undefined {
  if (rule === undefined) return undefined;
  if (rule.kind === 'register') {
    const base = registers[rule.register];
    return base === undefined ? undefined : plus(base, rule.offset);
  }
  return evaluateAddress(rule.expression, { register: (index) => registers[index], readMemory });
}

function unwindByRules(
  row: CallFrameRow,
  frame: Frame,
  cfa: bigint,
  readMemory: MemoryReader,
): RegisterValues {
  // Registers without a rule are unchanged, or not asked for (see Frame).
  const caller = frame.registers.slice(0, DWARF_REGISTER_COUNT);
  caller[DWARF_RSP] = cfa;
  for (const [register, rule] of row.registers) {
    if (register < DWARF_REGISTER_COUNT) caller[register] = applyRule(rule, register, frame, cfa, readMemory);
  }
  const returnRule = row.registers.get(row.returnAddressRegister);
  caller[DWARF_RIP] = returnRule && applyRule(returnRule, row.returnAddressRegister, frame, cfa, readMemory);
  return caller;
}

function applyRule(
  rule: RegisterRule,
  register: number,
  frame: Frame,
  cfa: bigint,
  readMemory: MemoryReader,
): bigint | undefined {
  switch (rule.kind) {
    case 'undefined':
      return undefined;
    case 'same':
      return frame.registers[register];
    case 'offset':
      return readWord(plus(cfa, rule.offset), readMemory);
    case 'val-offset':
      return plus(cfa, rule.offset);
    case 'register':
      return frame.registers[rule.register];
    default: {
      const context = {
        register: (index: number) => frame.registers[index],
        readMemory,
        initialStack: [cfa],
      };
      const value = evaluateAddress(rule.expression, context);
      return rule.kind === 'val-expression' || value === undefined ? value : readWord(value, readMemory);
    }
  }
}

/** The convention of -fno-omit-frame-pointer: rbp points at the caller's rbp, and above it is the return address. */
function unwindByFramePointer(
  registers: RegisterValues,
  readMemory: MemoryReader,
): RegisterValues | undefined {
  const framePointer = registers[DWARF_RBP];
  const stackPointer = registers[DWARF_RSP];
  if (framePointer === undefined || framePointer % WORD !== 0n) return undefined;
  // A frame pointer below the stack pointer is no frame pointer; the stack grows downwards.
  if (stackPointer !== undefined && framePointer < stackPointer) return undefined;
  const savedFramePointer = readWord(framePointer, readMemory);
  const returnAddress = readWord(plus(framePointer, WORD_SIZE), readMemory);
  if (savedFramePointer === undefined || returnAddress === undefined) return undefined;
  const caller: (bigint | undefined)[] = new Array(DWARF_REGISTER_COUNT).fill(undefined);
  caller[DWARF_RBP] = savedFramePointer;
  caller[DWARF_RSP] = plus(framePointer, 2 * WORD_SIZE);
  caller[DWARF_RIP] = returnAddress;
  return caller;
}
