import type { RegisterName } from '../machine/index.ts';
import { DWARF_REGISTER_NAMES, unwind } from '../symbols/index.ts';
import { hex64 } from './hexadecimal.ts';
import type { Kernel } from './kernel.ts';
import type { KernelImage } from './kernel-image.ts';

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
const WORD_SIZE = 8;
/** CALL rel32 (Intel SDM vol. 2, CALL): e8 and four bytes. */
const CALL_REL32 = 0xe8;
const CALL_SIZE = 5;

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
    const found = framesOf(image, frame.pc, frame.lookupPc);
    trace.push(...found);
    if (found[0]?.function === undefined) break;
    const caller = frame.foundBy === 'start' ? framelessCaller(kernel) : undefined;
    if (caller !== undefined) trace.push(...framesOf(image, caller, caller - 1n));
  }
  return trace;
}

/** The function that has the code, and before it those that are inlined there. */
function framesOf(image: KernelImage, address: bigint, lookup: bigint): TraceFrame[] {
  const hit = image.symbols.at(lookup);
  if (hit === undefined) {
    // A trap on a function's first instruction: no call ends just before it.
    return lookup === address ? [unknownFrame(address)] : framesOf(image, address, address);
  }
  const symbol = hit.symbol.name;
  const offset = hit.offset + Number(address - lookup);
  const sources = image.debug.framesAt(lookup);
  if (sources.length === 0) {
    const { file, line } = image.place(lookup);
    return [{ address, function: symbol, offset, file, line, inlined: false }];
  }
  return sources.map(({ name, file, line, isInlined }) => {
    const known = { address, file, line, inlined: isInlined };
    return isInlined
      ? { ...known, function: name, offset: undefined }
      : { ...known, function: symbol, offset };
  });
}

/**
 * The return address on top of the stack, where assembly without a frame of its own runs: its caller is missing from the chain of frame
 * pointers. It is taken for one only if the instruction before it is a call of this very function.
 */
function framelessCaller({ image, memory, registers }: Kernel): bigint | undefined {
  const rip = registers.get('rip');
  const hit = image.symbols.at(rip);
  if (hit === undefined || image.frames.rowAt(rip) !== undefined) return undefined;
  const stack = memory.tryRead(registers.get('rsp'), WORD_SIZE);
  if (stack === undefined) return undefined;
  const returnAddress = new DataView(stack.buffer, stack.byteOffset).getBigUint64(0, true);
  const call = memory.tryRead(returnAddress - BigInt(CALL_SIZE), CALL_SIZE);
  if (call === undefined || call[0] !== CALL_REL32) return undefined;
  const distance = new DataView(call.buffer, call.byteOffset).getInt32(1, true);
  const target = BigInt.asUintN(64, returnAddress + BigInt(distance));
  return target === hit.symbol.address ? returnAddress : undefined;
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
