import { type CodeLevel, codeLevels, KERNEL_HALF, type Kernel, type View } from '../../kernel/index.ts';
import type { RegisterName } from '../../machine/index.ts';
import {
  callerOf,
  DWARF_REGISTER_NAMES,
  type Frame,
  innermostFrame,
  type MemoryReader,
  type RegisterValues,
  type TablesAt,
} from '../../symbols/index.ts';
import type { Program } from '../programs/program.ts';
import { attempt, type Programs } from '../programs/programs.ts';
import {
  isInTrampoline,
  SIGNAL_HANDLER_CALLED,
  type SignalTrampoline,
  signalTrampoline,
  trampolineTables,
} from './signal-trampoline.ts';

/** One function of a back-trace. A function inlined into another has a level of its own and shares the other's `frame`. */
export interface StackLevel extends CodeLevel {
  /** The next instruction, or in a caller the return address. */
  readonly address: bigint;
  /** Whose code it is; undefined where nobody's symbols cover it. */
  readonly program: Program | undefined;
  /** 0 for the innermost of the functions that share a frame: `LocalVariable.level`. */
  readonly inlineLevel: number;
  readonly frame: Frame;
  /** The frame that called this one, where it is known: values may only be found there. */
  readonly caller: Frame | undefined;
}

/** Where a stack begins: the processor, or what the kernel has kept of a thread that does not run. */
export interface StackOrigin {
  /** By DWARF number; rip must be known. */
  readonly registers: RegisterValues;
  /** The thread whose stack it is; undefined before there are threads. */
  readonly thread: View | undefined;
  /** Memory as the thread's address space has it. */
  readonly readMemory: MemoryReader;
}

export const DEFAULT_STACK_LIMIT = 64;
const USER_PRIVILEGE = 3n;
const PRIVILEGE_MASK = 3n;

/**
 * The calls that led here, innermost first: through the kernel, from its trapframe on through the program that made the system call or was
 * interrupted. Levels are found as they are asked for.
 */
export function* walkStack(
  kernel: Kernel,
  programs: Programs,
  origin: StackOrigin,
  limit = DEFAULT_STACK_LIMIT,
): Generator<StackLevel, void, undefined> {
  let count = 0;
  const process = origin.thread && attempt(() => origin.thread?.at('p_p'));
  const trampoline = signalTrampoline(kernel, process);
  const tables = trampoline && trampolineTables(kernel, trampoline);
  const tablesAt: TablesAt = (address) =>
    trampoline !== undefined && isInTrampoline(trampoline, address)
      ? tables
      : programs.at(address, process, origin.readMemory)?.image;
  for (const [frame, caller] of frames(kernel, origin, tablesAt)) {
    for (const level of levelsOf(programs, origin, frame, caller, trampoline)) {
      if (count++ >= limit) return;
      yield level;
    }
  }
}

/** The frames, each with its caller. */
function* frames(
  kernel: Kernel,
  origin: StackOrigin,
  tablesAt: TablesAt,
): Generator<readonly [Frame, Frame | undefined], void, undefined> {
  const { readMemory, thread } = origin;
  let frame = innermostFrame(origin.registers, readMemory, tablesAt);
  while (frame !== undefined) {
    let caller = callerOf(frame, readMemory, tablesAt);
    // An entry point without call-frame information does not say where it was entered from; the kernel's own structures do.
    if (caller === undefined && frame.rules === undefined && frame.pc >= KERNEL_HALF) {
      const user = thread && userRegisters(kernel, thread);
      caller = user && innermostFrame(user, readMemory, tablesAt);
    }
    yield [frame, caller];
    frame = caller;
  }
}

/** The user's registers as the last entry into the kernel has saved them; undefined for a thread that has no user mode. */
function userRegisters(kernel: Kernel, thread: View): RegisterValues | undefined {
  return attempt(() => {
    const address = thread.pointer('p_md.md_regs');
    if (address === 0n) return undefined;
    const trapframe = kernel.struct('trapframe').at(address);
    if ((trapframe.integer('tf_cs') & PRIVILEGE_MASK) !== USER_PRIVILEGE) return undefined;
    return DWARF_REGISTER_NAMES.map((name: RegisterName) =>
      BigInt.asUintN(64, trapframe.integer(`tf_${name}`)),
    );
  });
}

/** The function that has the code, and before it those that are inlined there. */
function levelsOf(
  programs: Programs,
  origin: StackOrigin,
  frame: Frame,
  caller: Frame | undefined,
  trampoline: SignalTrampoline | undefined,
): StackLevel[] {
  const process = origin.thread && attempt(() => origin.thread?.at('p_p'));
  const { pc: address, lookupPc } = frame;
  const program = programs.at(address, process, origin.readMemory);
  const common = { address, program, frame, caller };
  if (trampoline !== undefined && isInTrampoline(trampoline, address)) {
    const offset = Number(address - trampoline.start);
    return [{ ...common, ...UNKNOWN_CODE, function: SIGNAL_HANDLER_CALLED, offset, inlineLevel: 0 }];
  }
  if (program === undefined) return [{ ...common, ...UNKNOWN_CODE, inlineLevel: 0 }];
  return codeLevels(program.image, address, lookupPc).map((level, inlineLevel) => ({
    ...common,
    ...level,
    inlineLevel,
  }));
}

const UNKNOWN_CODE: CodeLevel = {
  function: undefined,
  offset: undefined,
  file: undefined,
  line: undefined,
  isInlined: false,
};
