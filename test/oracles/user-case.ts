/**
 * A user case: a piece of ring-3 machine code with everything it starts from, and what became of it.
 * The host's processor, Unicorn and puffer all run the same cases; `compare.ts` says where two outcomes differ.
 */

export const PAGE_BYTES = 4096;

/** General registers in encoding order. */
export const registerNames = [
  'rax',
  'rcx',
  'rdx',
  'rbx',
  'rsp',
  'rbp',
  'rsi',
  'rdi',
  'r8',
  'r9',
  'r10',
  'r11',
  'r12',
  'r13',
  'r14',
  'r15',
] as const;
export type RegisterName = (typeof registerNames)[number];
export const GPRS = registerNames.length;

/** Bits of RFLAGS. */
export const CF = 0x0001;
export const PF = 0x0004;
export const AF = 0x0010;
export const ZF = 0x0040;
export const SF = 0x0080;
export const TF = 0x0100;
export const IF = 0x0200;
export const DF = 0x0400;
export const OF = 0x0800;
/** The flags that arithmetic writes. */
export const STATUS_FLAGS = CF | PF | AF | ZF | SF | OF;
/** The flags of a case: what a case may start with, and what is compared. */
export const CASE_FLAGS = STATUS_FLAGS | DF;
/** What every case has besides: interrupts on, and the bit that always reads as one. */
export const FIXED_FLAGS = IF | 0x0002;

/** Exception vectors that user code can raise. */
export const DIVIDE_ERROR = 0;
export const DEBUG = 1;
export const BREAKPOINT = 3;
export const INVALID_OPCODE = 6;
export const STACK_FAULT = 12;
export const GENERAL_PROTECTION = 13;
export const PAGE_FAULT = 14;
export const ALIGNMENT_CHECK = 17;

/** A stretch of memory that every case finds mapped, zero (the code region: INT3) but for the case's own bytes. */
export interface Region {
  readonly start: bigint;
  /** In bytes, a multiple of the page. */
  readonly length: number;
  readonly permissions: 'rx' | 'rw' | 'r';
}

/** Where a case's code starts. The rest of its region is INT3, so that running off the end of the code ends the case. */
export const CODE = 0x10_0000_0000n;
/** Two writable pages, one that can only be read, one that is not mapped, and one writable again. */
export const DATA = 0x10_0001_0000n;
export const READ_ONLY = 0x10_0001_2000n;
export const UNMAPPED = 0x10_0001_3000n;
export const AFTER_UNMAPPED = 0x10_0001_4000n;
/** Two pages; nothing is mapped below or above. */
export const STACK = 0x10_0003_0000n;
export const STACK_END = 0x10_0003_2000n;
/** Two writable pages that a 32-bit address reaches. */
export const LOW = 0x4000_0000n;

/** The same again where 32-bit code lives and reaches. */
export const CODE_32 = 0x5000_0000n;
export const DATA_32 = 0x5001_0000n;
export const READ_ONLY_32 = 0x5001_2000n;
export const UNMAPPED_32 = 0x5001_3000n;
export const AFTER_UNMAPPED_32 = 0x5001_4000n;
export const STACK_32 = 0x5003_0000n;
export const STACK_END_32 = 0x5003_2000n;

export const regions: readonly Region[] = [
  { start: CODE, length: 2 * PAGE_BYTES, permissions: 'rx' },
  { start: DATA, length: 2 * PAGE_BYTES, permissions: 'rw' },
  { start: READ_ONLY, length: PAGE_BYTES, permissions: 'r' },
  { start: AFTER_UNMAPPED, length: PAGE_BYTES, permissions: 'rw' },
  { start: STACK, length: 2 * PAGE_BYTES, permissions: 'rw' },
  { start: LOW, length: 2 * PAGE_BYTES, permissions: 'rw' },
  { start: CODE_32, length: 2 * PAGE_BYTES, permissions: 'rx' },
  { start: DATA_32, length: 2 * PAGE_BYTES, permissions: 'rw' },
  { start: READ_ONLY_32, length: PAGE_BYTES, permissions: 'r' },
  { start: AFTER_UNMAPPED_32, length: PAGE_BYTES, permissions: 'rw' },
  { start: STACK_32, length: 2 * PAGE_BYTES, permissions: 'rw' },
];

/** Selectors, as 64-bit Linux has them: code and data of ring 3, and entry 0 of the LDT. */
export const USER_CODE_32 = 0x23;
export const USER_DATA = 0x2b;
export const USER_CODE_64 = 0x33;
export const LDT_DATA = 0x07;
/** Base of the LDT's entry 0, a data segment: 16-bit addresses reach `DATA_32` through it. */
export const LDT_DATA_BASE = DATA_32;

/** A descriptor of the LDT, in the words of Linux's modify_ldt. */
export interface LocalSegment {
  readonly base: bigint;
  /** The raw limit: bytes, or pages with `pages`. */
  readonly limit: number;
  readonly pages?: boolean;
  readonly kind: 'data' | 'expand-down' | 'code';
  /** Data that may not be written, code that may not be read. */
  readonly restricted?: boolean;
  /** B or D clear. */
  readonly short?: boolean;
  readonly absent?: boolean;
}

/** Entry 0 of the LDT and those behind it. All lie where a case's memory is. */
export const LOCAL_SEGMENTS: readonly LocalSegment[] = [
  { base: LDT_DATA_BASE, limit: 0xf_ffff, pages: true, kind: 'data' },
  { base: DATA_32, limit: 0x0fff, kind: 'data' },
  { base: DATA_32, limit: 0x0fff, kind: 'expand-down' },
  { base: DATA_32, limit: 0x0fff, kind: 'expand-down', short: true },
  { base: DATA_32, limit: 1, pages: true, kind: 'data', restricted: true },
  { base: DATA_32, limit: 0x1fff, kind: 'code', restricted: true },
  { base: DATA_32, limit: 0x1fff, kind: 'code' },
  { base: STACK_32, limit: 0x1fff, kind: 'data', short: true },
  { base: DATA_32, limit: 0x1fff, kind: 'data', absent: true },
  { base: CODE_32, limit: 0x3f, kind: 'code' },
  { base: STACK_32, limit: 0x0fff, kind: 'expand-down' },
];

/** The selector of one of `LOCAL_SEGMENTS`. */
export const localSelector = (index: number): number => index * 8 + LDT_DATA;

/** Selectors in the data segment registers. */
export interface DataSegments {
  readonly ds: number;
  readonly es: number;
  readonly fs: number;
  readonly gs: number;
}
/** What 64-bit and 32-bit cases start with when they do not say. */
export const NULL_SEGMENTS: DataSegments = { ds: 0, es: 0, fs: 0, gs: 0 };
export const FLAT_SEGMENTS: DataSegments = { ds: USER_DATA, es: USER_DATA, fs: USER_DATA, gs: USER_DATA };

export const INT3 = 0xcc;
export const FXSAVE_BYTES = 512;

/** Bytes at an address. */
export interface MemoryChunk {
  readonly address: bigint;
  readonly bytes: Uint8Array;
}

/** What a run starts from. */
export interface UserCase {
  readonly name?: string;
  /** 32-bit code runs in compatibility mode, at `CODE_32`; default 64. */
  readonly bits?: 32 | 64;
  readonly code: Uint8Array;
  /** In encoding order. */
  readonly registers: BigUint64Array;
  /** Any of `CASE_FLAGS`. */
  readonly flags: number;
  /** Default 0. */
  readonly fsBase?: bigint;
  /** Default 0. */
  readonly gsBase?: bigint;
  /** Default: null in 64-bit code, flat data in 32-bit code. The bases of FS and GS are those above whatever the selectors say. */
  readonly segments?: DataSegments;
  /** FXSAVE image to start from; the outcome then has one too. Without it: FNINIT's state, MXCSR 0x1f80, XMM zero. */
  readonly fx?: Uint8Array;
  /** Initial bytes inside `regions`. */
  readonly memory: readonly MemoryChunk[];
}

/** An exception. An oracle that cannot tell a detail leaves it out. */
export interface Fault {
  readonly vector: number;
  /** Undefined when the oracle cannot tell; zero when the exception has none. */
  readonly errorCode?: number;
  /** CR2 of a page fault. */
  readonly address?: bigint;
}

/** What became of a case. */
export interface Outcome {
  /** The code ran to its end; an exception was raised; a loop did not end; a system call was tried (and prevented). */
  readonly end: 'end' | 'fault' | 'hang' | 'system call';
  readonly fault?: Fault;
  /** In encoding order. */
  readonly registers: BigUint64Array;
  /** RFLAGS whole; only `CASE_FLAGS` are compared. */
  readonly flags: number;
  /** RIP less the start of the code. */
  readonly ripOffset: bigint;
  readonly fsBase: bigint;
  readonly gsBase: bigint;
  /** All segment registers, where the oracle can tell. */
  readonly segments?: DataSegments & { readonly cs: number; readonly ss: number };
  readonly fx?: Uint8Array;
  /** Maximal runs of bytes that differ from the initial memory, by ascending address within each region of `regions`. */
  readonly memory: readonly MemoryChunk[];
}

/** Runs cases; outcomes come back in the order of the cases. */
export interface Runner {
  readonly name: string;
  run(cases: readonly UserCase[]): Promise<Outcome[]>;
  close(): void;
}

/** Where a case's code starts. */
export function codeAddress(test: UserCase): bigint {
  return test.bits === 32 ? CODE_32 : CODE;
}

/** What a case's data segment registers start with. */
export function startSegments(test: UserCase): DataSegments {
  return test.segments ?? (test.bits === 32 ? FLAT_SEGMENTS : NULL_SEGMENTS);
}

/** Where a case's code lies next to its end: running to here is the good ending. */
export function endAddress(test: UserCase): bigint {
  return codeAddress(test) + BigInt(test.code.length);
}

/**
 * An INT3 trap right behind the code is the good ending; every other one is a breakpoint of the case's own.
 * `rip` is the address after the INT3.
 */
export function isEndTrap(test: UserCase, vector: number, rip: bigint): boolean {
  return vector === BREAKPOINT && rip === endAddress(test) + 1n;
}

/** Index in encoding order. */
export function registerIndex(name: RegisterName): number {
  return registerNames.indexOf(name);
}

/** The changed runs between two images of a region. */
export function changedRuns(region: Region, before: Uint8Array, after: Uint8Array): MemoryChunk[] {
  const runs: MemoryChunk[] = [];
  for (let at = 0; at < region.length; at++) {
    if (at % PAGE_BYTES === 0) {
      const page = before.subarray(at, at + PAGE_BYTES);
      if (Buffer.compare(page, after.subarray(at, at + PAGE_BYTES)) === 0) {
        at += PAGE_BYTES - 1;
        continue;
      }
    }
    if (before[at] === after[at]) continue;
    const start = at;
    while (at < region.length && before[at] !== after[at]) at++;
    runs.push({ address: region.start + BigInt(start), bytes: after.slice(start, at) });
  }
  return runs;
}
