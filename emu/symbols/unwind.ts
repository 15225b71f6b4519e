import type { CallFrameRow, CfaRule, RegisterRule } from './call-frame-program.ts';
import type { CallFrameTable } from './call-frame-table.ts';
import { evaluateAddress } from './expression.ts';
import {
  DWARF_REGISTER_COUNT,
  DWARF_RIP,
  DWARF_RSP,
  type MemoryReader,
  type RegisterValues,
} from './registers.ts';
import type { SymbolTable } from './symbol-table.ts';
import { plus, readWord, unwindByFramePointer, unwindFrameless } from './unwind-conventions.ts';

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
  /** What call-frame information says here; undefined where it says nothing. */
  readonly rules: CallFrameRow | undefined;
  /** How the frame was found. */
  readonly foundBy: FrameSource;
}

export type FrameSource = 'start' | 'call-frame' | 'return-address' | 'frame-pointer';

/** What the file that has some code knows of its calls. */
export interface CodeTables {
  readonly frames: Pick<CallFrameTable, 'rowAt'>;
  /** Without them, assembly that has neither call-frame information nor a frame pointer misses its caller. */
  readonly symbols?: SymbolTable;
}

/** Whose code is at an address, one object for one file: a stack goes from file to file, as from the kernel into a program. */
export type TablesAt = (address: bigint) => CodeTables | undefined;

/** Deeper stacks are taken for damage. */
const DEFAULT_FRAME_LIMIT = 256;

/** The frame the processor is in. `registers` are by DWARF number; rip must be known. */
export function innermostFrame(
  registers: RegisterValues,
  readMemory: MemoryReader,
  tablesAt: TablesAt,
): Frame | undefined {
  const pc = registers[DWARF_RIP];
  return pc === undefined ? undefined : frameAt(pc, pc, registers, readMemory, tablesAt, 'start');
}

/**
 * The caller of a frame, or undefined at the end of the stack or when memory or rules run out.
 * Call-frame information decides where there is any; elsewhere (hand-written assembly) the return address on the stack and the chain of
 * frame pointers. Throws DwarfError when the call-frame information is damaged.
 */
export function callerOf(frame: Frame, readMemory: MemoryReader, tablesAt: TablesAt): Frame | undefined {
  const { rules, cfa } = frame;
  let foundBy: FrameSource = 'call-frame';
  let registers: RegisterValues | undefined;
  if (rules !== undefined && cfa !== undefined) {
    registers = unwindByRules(rules, frame, cfa, readMemory);
  } else {
    const symbols = frame.foundBy === 'start' ? tablesAt(frame.pc)?.symbols : undefined;
    foundBy = 'return-address';
    registers = symbols && unwindFrameless(frame.registers, readMemory, symbols);
    if (registers === undefined) {
      foundBy = 'frame-pointer';
      registers = unwindByFramePointer(frame.registers, readMemory);
    }
  }
  const pc = registers?.[DWARF_RIP];
  if (registers === undefined || pc === undefined || pc === 0n) return undefined;
  const isSame = pc === frame.pc && registers[DWARF_RSP] === frame.registers[DWARF_RSP];
  if (isSame) return undefined;
  // From file to file, as from the kernel to a program, there are no calls: the program goes on at this very place.
  const isCall = !rules?.isSignalFrame && tablesAt(pc) === tablesAt(frame.pc);
  const lookupPc = isCall ? pc - 1n : pc;
  return frameAt(pc, lookupPc, registers, readMemory, tablesAt, foundBy);
}

/** The stack from the processor's frame outwards. Stops where the stack does not grow or after `limit` frames. */
export function* unwind(
  registers: RegisterValues,
  readMemory: MemoryReader,
  tablesAt: TablesAt,
  limit = DEFAULT_FRAME_LIMIT,
): Generator<Frame, void, undefined> {
  let frame = innermostFrame(registers, readMemory, tablesAt);
  for (let count = 0; frame !== undefined && count < limit; count++) {
    yield frame;
    frame = callerOf(frame, readMemory, tablesAt);
  }
}

function frameAt(
  pc: bigint,
  lookupPc: bigint,
  registers: RegisterValues,
  readMemory: MemoryReader,
  tablesAt: TablesAt,
  foundBy: FrameSource,
): Frame {
  const rules = tablesAt(lookupPc)?.frames.rowAt(lookupPc);
  // Where nothing ends just before the return address nobody has called: a thread or a program begins there.
  const isBeginning = rules === undefined && lookupPc !== pc;
  const beginning = isBeginning ? tablesAt(pc)?.frames.rowAt(pc) : undefined;
  if (beginning !== undefined) return frameAt(pc, pc, registers, readMemory, tablesAt, foundBy);
  const cfa = rules && evaluateCfa(rules.cfa, registers, readMemory);
  return { pc, lookupPc, registers, cfa, rules, foundBy };
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
