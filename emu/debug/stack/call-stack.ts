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
  for (const [frame, caller] of frames(kernel, programs, origin)) {
    for (const level of levelsOf(programs, origin, frame, caller)) {
      if (count++ >= limit) return;
      yield level;
    }
  }
}

/** The frames, each with its caller. */
function* frames(
  kernel: Kernel,
  programs: Programs,
  origin: StackOrigin,
): Generator<readonly [Frame, Frame | undefined], void, undefined> {
  const { readMemory, thread } = origin;
  const tablesAt = tablesOf(programs, origin);
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

function tablesOf(programs: Programs, { thread, readMemory }: StackOrigin): TablesAt {
  const process = thread && attempt(() => thread.at('p_p'));
  return (address) => programs.at(address, process, readMemory)?.image;
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
): StackLevel[] {
  const process = origin.thread && attempt(() => origin.thread?.at('p_p'));
  const { pc: address, lookupPc } = frame;
  const program = programs.at(address, process, origin.readMemory);
  const common = { address, program, frame, caller };
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
