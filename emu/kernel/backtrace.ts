import type { RegisterName } from '../machine/index.ts';
import { DWARF_REGISTER_NAMES, type TablesAt, unwind } from '../symbols/index.ts';
import { KERNEL_HALF } from './address-space.ts';
import { type CodeLevel, codeLevels } from './code-levels.ts';
import { hex64 } from './hexadecimal.ts';
import type { Kernel } from './kernel.ts';

/** One function of a back-trace, innermost first. */
export interface TraceFrame extends CodeLevel {
  /** The next instruction, or in a caller the return address. */
  readonly address: bigint;
}

export interface BacktraceOptions {
  /** The most frames to follow; 64 if not given. */
  readonly limit?: number | undefined;
}

const DEFAULT_LIMIT = 64;

/**
 * The calls the processor is in, innermost first, through the call-frame information and frame pointers of the kernel; entries from
 * traps and interrupts are gone through as the entry code describes them. Ends where user mode begins.
 */
export function backtrace(kernel: Kernel, options: BacktraceOptions = {}): TraceFrame[] {
  const { image, memory, registers } = kernel;
  const values = DWARF_REGISTER_NAMES.map((name) => registers.get(name satisfies RegisterName));
  const read = (address: bigint, size: number): Uint8Array | undefined => memory.tryRead(address, size);
  const tablesAt: TablesAt = () => image;
  const trace: TraceFrame[] = [];
  let wasInKernel = false;
  for (const { pc: address, lookupPc } of unwind(values, read, tablesAt, options.limit ?? DEFAULT_LIMIT)) {
    const isInKernel = address >= KERNEL_HALF;
    if (wasInKernel && !isInKernel) break;
    wasInKernel = isInKernel;
    const levels = codeLevels(image, address, lookupPc);
    trace.push(...levels.map((level) => ({ ...level, address })));
    if (levels[0]?.function === undefined) break;
  }
  return trace;
}

/** A back-trace as text, one line a frame: `#0  panic+0x12 (guest/sys/kern/subr_prf.c:274)`. */
export function formatBacktrace(trace: readonly TraceFrame[]): string {
  const width = String(Math.max(0, trace.length - 1)).length;
  return trace.map((frame, index) => `#${String(index).padEnd(width)} ${formatFrame(frame)}\n`).join('');
}

/** One function of a back-trace as text: `panic+0x12 (guest/sys/kern/subr_prf.c:274)`. */
export function formatFrame(frame: TraceFrame): string {
  if (frame.function === undefined) return `${hex64(frame.address)} (no symbol of the kernel)`;
  const place =
    frame.file === undefined ? '' : ` (${frame.file}${frame.line === undefined ? '' : `:${frame.line}`})`;
  const offset = frame.isInlined
    ? ' [inlined]'
    : frame.offset === 0
      ? ''
      : `+0x${(frame.offset ?? 0).toString(16)}`;
  return `${frame.function}${offset}${place}`;
}
