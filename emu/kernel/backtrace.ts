import type { RegisterName } from '../machine/index.ts';
import { DWARF_REGISTER_NAMES, unwind } from '../symbols/index.ts';
import { hex64 } from './hexadecimal.ts';
import type { Kernel } from './kernel.ts';

/** One function of a back-trace, innermost first. */
export interface TraceFrame {
  /** The next instruction, or in a caller the return address. */
  readonly address: bigint;
  /** undefined where no symbol covers the address: user code, or damage. */
  readonly function: string | undefined;
  /** Bytes from the function's start; undefined for an inlined call. */
  readonly offset: number | undefined;
  readonly file: string | undefined;
  readonly line: number | undefined;
  /** Inlined into the next frame. */
  readonly inlined: boolean;
}

export interface BacktraceOptions {
  /** The most frames to follow; 64 if not given. */
  readonly limit?: number | undefined;
}

const DEFAULT_LIMIT = 64;

/**
 * The calls the processor is in, innermost first, through the call-frame information and frame pointers of the kernel; entries from
 * traps and interrupts are gone through as the entry code links them. Ends where user mode begins.
 */
export function backtrace(kernel: Kernel, options: BacktraceOptions = {}): TraceFrame[] {
  const { image, memory, registers } = kernel;
  const values = DWARF_REGISTER_NAMES.map((name) => registers.get(name satisfies RegisterName));
  const read = (address: bigint, size: number): Uint8Array | undefined => memory.tryRead(address, size);
  const trace: TraceFrame[] = [];
  for (const frame of unwind(values, read, image.frames, options.limit ?? DEFAULT_LIMIT)) {
    const hit = image.symbols.at(frame.lookupPc);
    if (hit === undefined) {
      trace.push(unknownFrame(frame.pc));
      break;
    }
    const offset = hit.offset + Number(frame.pc - frame.lookupPc);
    const sources = image.debug.framesAt(frame.lookupPc);
    if (sources.length === 0) {
      const { file, line } = image.place(frame.lookupPc);
      trace.push({ address: frame.pc, function: hit.symbol.name, offset, file, line, inlined: false });
    }
    for (const source of sources) {
      const { file, line, isInlined } = source;
      const known = { address: frame.pc, file, line, inlined: isInlined };
      trace.push(
        isInlined
          ? { ...known, function: source.name, offset: undefined }
          : { ...known, function: hit.symbol.name, offset },
      );
    }
  }
  return trace;
}

function unknownFrame(address: bigint): TraceFrame {
  return {
    address,
    function: undefined,
    offset: undefined,
    file: undefined,
    line: undefined,
    inlined: false,
  };
}

/** A back-trace as text, one line a frame: `#0  panic+0x12 (guest/sys/kern/subr_prf.c:274)`. */
export function formatBacktrace(trace: readonly TraceFrame[]): string {
  const width = String(Math.max(0, trace.length - 1)).length;
  return trace.map((frame, index) => `#${String(index).padEnd(width)} ${formatFrame(frame)}\n`).join('');
}

function formatFrame(frame: TraceFrame): string {
  if (frame.function === undefined) return `${hex64(frame.address)} (no symbol of the kernel)`;
  const place =
    frame.file === undefined ? '' : ` (${frame.file}${frame.line === undefined ? '' : `:${frame.line}`})`;
  const offset = frame.inlined
    ? ' [inlined]'
    : frame.offset === 0
      ? ''
      : `+0x${(frame.offset ?? 0).toString(16)}`;
  return `${frame.function}${offset}${place}`;
}
