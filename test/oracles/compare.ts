import { disassemble } from './assemble.ts';
import {
  AF,
  CASE_FLAGS,
  CF,
  DF,
  type MemoryChunk,
  OF,
  type Outcome,
  PF,
  registerNames,
  SF,
  type UserCase,
  ZF,
} from './user-case.ts';

export interface CompareOptions {
  /** Flags that the manual leaves undefined after this case; they are not compared. */
  readonly undefinedFlags?: number;
  /** Bits of each general register that are not compared. */
  readonly openBits?: BigUint64Array;
  /** The relative error that the manual allows numbers in XMM registers: two processors may lie twice as far apart. */
  readonly approximate?: number | undefined;
  /**
   * How many units in the last place x87 registers lie from the exact result, less than that: two processors are less than twice as far
   * apart. Whether the result was rounded up (C1) is not compared then.
   */
  readonly ulps?: number | undefined;
}

const flagNames: readonly (readonly [number, string])[] = [
  [CF, 'CF'],
  [PF, 'PF'],
  [AF, 'AF'],
  [ZF, 'ZF'],
  [SF, 'SF'],
  [DF, 'DF'],
  [OF, 'OF'],
];

/** `CF ZF`, or `-` when none is set. */
export function describeFlags(flags: number): string {
  const set = flagNames.filter(([bit]) => flags & bit).map(([, name]) => name);
  return set.join(' ') || '-';
}

export function hex(value: bigint | number): string {
  return `0x${value.toString(16)}`;
}

function hexBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

function describeEnd(outcome: Outcome): string {
  const at = `at offset ${hex(outcome.ripOffset)}`;
  if (!outcome.fault) return `${outcome.end} ${at}`;
  const { vector, errorCode, address } = outcome.fault;
  const details = [`exception ${vector}`];
  if (errorCode !== undefined) details.push(`error code ${hex(errorCode)}`);
  if (address !== undefined) details.push(`address ${hex(address)}`);
  return `${details.join(', ')} ${at}`;
}

/** A detail that one side cannot tell agrees with anything. */
function agree<T>(a: T | undefined, b: T | undefined): boolean {
  return a === undefined || b === undefined || a === b;
}

function sameEnd(a: Outcome, b: Outcome): boolean {
  if (a.end !== b.end) return false;
  if (a.end === 'hang') return true;
  if (a.ripOffset !== b.ripOffset) return false;
  if (!a.fault || !b.fault) return !a.fault && !b.fault;
  return (
    a.fault.vector === b.fault.vector &&
    agree(a.fault.errorCode, b.fault.errorCode) &&
    agree(a.fault.address, b.fault.address)
  );
}

/** The first byte that one side changed otherwise than the other, described, or undefined. */
function memoryDifference(expected: readonly MemoryChunk[], got: readonly MemoryChunk[]): string | undefined {
  const count = Math.max(expected.length, got.length);
  for (let i = 0; i < count; i++) {
    const want = expected[i];
    const have = got[i];
    if (want && have && want.address === have.address && hexBytes(want.bytes) === hexBytes(have.bytes))
      continue;
    const describe = (chunk: MemoryChunk | undefined) =>
      chunk ? `${hexBytes(chunk.bytes)} at ${hex(chunk.address)}` : 'no change';
    return `memory: expected ${describe(want)}, got ${describe(have)}`;
  }
  return undefined;
}

const XMM = 160;

/** Whether two single-precision numbers in XMM registers are the same number but for a relative error. */
function closeSingles(expected: Uint8Array, got: Uint8Array, at: number, error: number): boolean {
  if (at < XMM) return false;
  const read = (image: Uint8Array) => new DataView(image.buffer, image.byteOffset).getFloat32(at & ~3, true);
  const [want, have] = [read(expected), read(got)];
  return Math.abs(want - have) <= 2 * error * Math.abs(want);
}

const STATUS = 2;
const X87 = 32;
const REGISTER = 16;
const CONDITION_1 = 0x02;
const MAGNITUDE = (1n << 79n) - 1n;

/** An 80-bit number without its sign as an integer: neighbours differ by one, but for the integer bit at a power of two. */
function magnitude(image: Uint8Array, at: number): bigint {
  const view = new DataView(image.buffer, image.byteOffset);
  const value = (BigInt(view.getUint16(at + 8, true)) << 64n) | view.getBigUint64(at, true);
  const exponent = (value & MAGNITUDE) >> 64n;
  return (exponent << 63n) | (value & ((1n << 63n) - 1n));
}

/** Whether an x87 register holds the same number but for a few units in the last place, or the status word differs in C1 alone. */
function closeExtended(expected: Uint8Array, got: Uint8Array, at: number, ulps: number): boolean {
  if (at === STATUS + 1) return (((expected[at] ?? 0) ^ (got[at] ?? 0)) & ~CONDITION_1) === 0;
  if (at < X87 || at >= XMM) return false;
  const from = at - (at % REGISTER);
  const sign = from + 9;
  if ((((expected[sign] ?? 0) ^ (got[sign] ?? 0)) & 0x80) !== 0) return false;
  const distance = magnitude(expected, from) - magnitude(got, from);
  return (distance < 0n ? -distance : distance) < 2n * BigInt(ulps);
}

function fxDifference(
  expected: Uint8Array,
  got: Uint8Array,
  { approximate, ulps }: CompareOptions,
): string | undefined {
  const USED = 416; // the sixteen bytes that follow, and the rest, are the system's
  for (let at = 0; at < USED; at++) {
    if (expected[at] === got[at]) continue;
    if (approximate !== undefined && closeSingles(expected, got, at, approximate)) continue;
    if (ulps !== undefined && closeExtended(expected, got, at, ulps)) continue;
    const from = at & ~15;
    const show = (image: Uint8Array) => hexBytes(image.subarray(from, from + 16));
    return `FXSAVE image at ${hex(from)}: expected ${show(expected)}, got ${show(got)}`;
  }
  return undefined;
}

/** A null selector without its RPL: the host's system loses it when it leaves the kernel for the handler. */
const visible = (selector: number): number => (selector > NULL_SELECTOR_MAX ? selector : 0);
const NULL_SELECTOR_MAX = 3;

/**
 * Says in one line where two outcomes of the same case first differ, or undefined when they agree. State after a hang is
 * not compared: it depends on when the loop was stopped.
 */
export function compareOutcomes(
  expected: Outcome,
  got: Outcome,
  options: CompareOptions = {},
): string | undefined {
  if (!sameEnd(expected, got)) return `end: expected ${describeEnd(expected)}, got ${describeEnd(got)}`;
  if (expected.end === 'hang') return undefined;
  for (let i = 0; i < registerNames.length; i++) {
    const want = expected.registers[i] as bigint;
    const have = got.registers[i] as bigint;
    if (((want ^ have) & ~(options.openBits?.[i] ?? 0n)) !== 0n)
      return `${registerNames[i]}: expected ${hex(want)}, got ${hex(have)}`;
  }
  const compared = CASE_FLAGS & ~(options.undefinedFlags ?? 0);
  if ((expected.flags ^ got.flags) & compared) {
    return `flags: expected ${describeFlags(expected.flags & compared)}, got ${describeFlags(got.flags & compared)}`;
  }
  if (expected.fsBase !== got.fsBase)
    return `FS base: expected ${hex(expected.fsBase)}, got ${hex(got.fsBase)}`;
  if (expected.gsBase !== got.gsBase)
    return `GS base: expected ${hex(expected.gsBase)}, got ${hex(got.gsBase)}`;
  const { segments: want } = expected;
  const { segments: have } = got;
  for (const name of ['cs', 'ss', 'ds', 'es', 'fs', 'gs'] as const) {
    if (want && have && visible(want[name]) !== visible(have[name])) {
      return `${name.toUpperCase()}: expected ${hex(want[name])}, got ${hex(have[name])}`;
    }
  }
  return (
    memoryDifference(expected.memory, got.memory) ??
    (expected.fx && got.fx && fxDifference(expected.fx, got.fx, options))
  );
}

/** Bytes of a piece of initial memory that are shown. */
const SHOWN_BYTES = 32;

/** The case as a person reads it: its code as assembly text and everything it starts from. */
export function describeCase(test: UserCase): string {
  const lines = [test.name ?? 'case', disassemble(test.code, test.bits)];
  registerNames.forEach((name, index) => {
    lines.push(`  ${name.padEnd(3)} = ${hex(test.registers[index] as bigint)}`);
  });
  lines.push(`  flags = ${describeFlags(test.flags)}`);
  if (test.fsBase) lines.push(`  FS base = ${hex(test.fsBase)}`);
  if (test.gsBase) lines.push(`  GS base = ${hex(test.gsBase)}`);
  if (test.segments) {
    const { ds, es, fs, gs } = test.segments;
    lines.push(`  DS ES FS GS = ${[ds, es, fs, gs].map(hex).join(' ')}`);
  }
  for (const { address, bytes } of test.memory) {
    const more = bytes.length > SHOWN_BYTES ? ` … (${bytes.length} bytes)` : '';
    lines.push(`  ${hex(address)}: ${hexBytes(bytes.subarray(0, SHOWN_BYTES))}${more}`);
  }
  return lines.join('\n');
}
