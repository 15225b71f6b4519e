import type { Kernel, View } from '../../kernel/index.ts';
import type { CodeTables } from '../../symbols/index.ts';
import { attempt } from '../programs/programs.ts';

/** What a stack shows for the trampoline, in gdb's words. */
export const SIGNAL_HANDLER_CALLED = '<signal handler called>';

/** The page that a process returns to from the handler of a signal: a copy of the kernel's `sigcode`. */
export interface SignalTrampoline {
  /** The user address of the copy. */
  readonly start: bigint;
  readonly size: bigint;
  /** What is to be added to the kernel's addresses of it. */
  readonly bias: bigint;
}

/** The trampoline of a process; undefined where there is none, as in a process that has not executed a program. */
export function signalTrampoline(kernel: Kernel, process: View | undefined): SignalTrampoline | undefined {
  const [first, end] = ['sigcode', 'esigcode'].map((name) => kernel.image.addressOf(name));
  const start = process && attempt(() => process.integer('ps_sigcode'));
  if (first === undefined || end === undefined || start === undefined || start === 0n) return undefined;
  return { start, size: end - first, bias: start - first };
}

export function isInTrampoline({ start, size }: SignalTrampoline, address: bigint): boolean {
  return address >= start && address < start + size;
}

/** The call-frame information of the trampoline, by the addresses of its copy: all registers are in the sigcontext on the stack. */
export function trampolineTables(kernel: Kernel, { bias }: SignalTrampoline): CodeTables {
  return { frames: { rowAt: (address) => kernel.image.frames.rowAt(address - bias) } };
}
