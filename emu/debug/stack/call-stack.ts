import { KERNEL_HALF, type Kernel, type View } from '../../kernel/index.ts';
import type { RegisterName } from '../../machine/index.ts';
import {
  callerOf,
  DWARF_REGISTER_NAMES,
  type Frame,
  innermostFrame,
  type MemoryReader,
  type RegisterValues,
} from '../../symbols/index.ts';
import type { Program } from '../programs/program.ts';
import { attempt, type Programs } from '../programs/programs.ts';

/** One function of a back-trace. A function inlined into another has a level of its own and shares the other's `frame`. */
export interface StackLevel {
  /** The next instruction, or in a caller the return address. */
  readonly address: bigint;
  /** Whose code it is; undefined where nobody's symbols cover it. */
  readonly program: Program | undefined;
  readonly function: string | undefined;
  /** Bytes from the function's start; undefined for an inlined call. */
  readonly offset: number | undefined;
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly isInlined: boolean;
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
const WORD_SIZE = 8;
/** CALL rel32 (Intel SDM vol. 2, CALL): e8 and four bytes. */
const CALL_REL32 = 0xe8;
const CALL_SIZE = 5;

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
  const process = thread && attempt(() => thread.at('p_p'));
  const programAt = (address: bigint): Program | undefined => programs.at(address, process, readMemory);
  const start = origin.registers;
  let frame = firstFrame(start, programAt, readMemory);
  let inKernel = frame !== undefined && frame.pc >= KERNEL_HALF;
  while (frame !== undefined) {
    const program = programAt(frame.lookupPc) ?? programAt(frame.pc);
    let caller = program && callerOf(frame, readMemory, program.image.frames);
    if (caller !== undefined && isSameCall(caller, frame)) caller = undefined;
    const frameless = frame.foundBy === 'start' ? framelessCaller(programs, frame, readMemory) : undefined;
    if (frameless !== undefined) {
      yield [frame, frameless];
      frame = frameless;
      continue;
    }
    if (caller === undefined && inKernel) {
      inKernel = false;
      const user = thread && userRegisters(kernel, thread);
      caller = user && firstFrame(user, programAt, readMemory);
    }
    yield [frame, caller];
    frame = caller;
  }
}

function isSameCall(one: Frame, other: Frame): boolean {
  const rsp = DWARF_REGISTER_NAMES.indexOf('rsp');
  return one.pc === other.pc && one.registers[rsp] === other.registers[rsp];
}

function firstFrame(
  registers: RegisterValues,
  programAt: (address: bigint) => Program | undefined,
  readMemory: MemoryReader,
): Frame | undefined {
  const rip = registers[DWARF_REGISTER_NAMES.indexOf('rip')];
  if (rip === undefined) return undefined;
  const program = programAt(rip);
  if (program !== undefined) return innermostFrame(registers, readMemory, program.image.frames);
  return { pc: rip, lookupPc: rip, registers, cfa: undefined, foundBy: 'start' };
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
  // A trap on a function's first instruction: no call ends just before it.
  const lookup = program?.image.symbols.at(lookupPc) === undefined ? address : lookupPc;
  const hit = program?.image.symbols.at(lookup);
  const offset = hit === undefined ? undefined : hit.offset + Number(address - lookup);
  const sources = program?.image.debug.framesAt(lookup) ?? [];
  if (sources.length === 0) {
    const place = program?.place(lookup);
    const { file, line } = place ?? { file: undefined, line: undefined };
    return [{ ...common, function: hit?.symbol.name, offset, file, line, isInlined: false, inlineLevel: 0 }];
  }
  // A caller is inside of its call; the innermost frame is about to begin a statement.
  const statement = lookup === address ? program?.image.lines.statementAt(address) : undefined;
  return sources.map(({ name, file, line, isInlined }, inlineLevel) => ({
    ...common,
    function: isInlined ? name : (hit?.symbol.name ?? name),
    offset: isInlined ? undefined : offset,
    file: inlineLevel === 0 ? (statement?.file ?? file) : file,
    line: inlineLevel === 0 ? (statement?.line ?? line) : line,
    isInlined,
    inlineLevel,
  }));
}

/**
 * The caller of assembly that has no frame of its own and no call-frame information: the return address on top of the stack, if the
 * instruction before it is a call of this very function.
 */
function framelessCaller(programs: Programs, frame: Frame, readMemory: MemoryReader): Frame | undefined {
  const program = programs.at(frame.pc);
  const hit = program?.image.symbols.at(frame.pc);
  const rsp = frame.registers[DWARF_REGISTER_NAMES.indexOf('rsp')];
  if (program === undefined || hit === undefined || rsp === undefined) return undefined;
  if (program.image.frames.rowAt(frame.pc) !== undefined) return undefined;
  const top = readMemory(rsp, WORD_SIZE);
  if (top === undefined) return undefined;
  const pc = new DataView(top.buffer, top.byteOffset).getBigUint64(0, true);
  const call = readMemory(pc - BigInt(CALL_SIZE), CALL_SIZE);
  if (call === undefined || call[0] !== CALL_REL32) return undefined;
  const distance = new DataView(call.buffer, call.byteOffset).getInt32(1, true);
  if (BigInt.asUintN(64, pc + BigInt(distance)) !== hit.symbol.address) return undefined;
  const registers = DWARF_REGISTER_NAMES.map((name, number) => {
    if (name === 'rip') return pc;
    return name === 'rsp' ? rsp + BigInt(WORD_SIZE) : frame.registers[number];
  });
  const lookupPc = pc - 1n;
  const found = innermostFrame(
    registers.map((value, number) => (DWARF_REGISTER_NAMES[number] === 'rip' ? lookupPc : value)),
    readMemory,
    program.image.frames,
  );
  return { pc, lookupPc, registers, cfa: found?.cfa, foundBy: 'frame-pointer' };
}
