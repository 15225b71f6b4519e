import * as entry from '../../cpu/interpreter/call-entry.ts';

/** An entry of the call log. */
export type LogEntry = {
  /** Steps, as the processor counts them. */
  readonly position: number;
  /** The low 48 bits of RSP, which are enough to compare two. */
  readonly stackPointer: number;
  /** It lies in the kernel's half. */
  readonly isKernelStack: boolean;
} & (
  | { readonly kind: 'call'; readonly function: number; readonly arguments: readonly bigint[] }
  | { readonly kind: 'return'; readonly function: number; readonly result: bigint }
  | { readonly kind: 'delivery'; readonly vector: number }
  | { readonly kind: 'systemCall'; readonly number: number; readonly arguments: readonly bigint[] }
  /** IRET or SYSRET. */
  | {
      readonly kind: 'leave';
      readonly privilege: number;
      readonly carry: boolean;
      readonly result: bigint;
    }
);

const WORD = 4;
const HIGH_WORD = 2 ** 32;
const HIGH_MASK = 0xffff;
const SIGN = 0x8000_0000;
const PRIVILEGE = 3;

/** The entry that begins at a word. */
export function entryOf(words: Uint32Array, at: number): LogEntry {
  const detail = words[at + entry.DETAIL / WORD] as number;
  const pointer = at + entry.STACK_POINTER / WORD;
  const high = words[pointer + 1] as number;
  const place = at + entry.POSITION / WORD;
  const header = {
    position: (words[place] as number) + (words[place + 1] as number) * HIGH_WORD,
    stackPointer: (words[pointer] as number) + (high & HIGH_MASK) * HIGH_WORD,
    isKernelStack: high >= SIGN,
  };
  switch (words[at + entry.KIND / WORD]) {
    case entry.CallEntry.Call:
      return { ...header, kind: 'call', function: detail, arguments: registers(words, at, 0, 6) };
    case entry.CallEntry.Return:
      return { ...header, kind: 'return', function: detail, result: register(words, at, 0) };
    case entry.CallEntry.Delivery:
      return { ...header, kind: 'delivery', vector: detail };
    case entry.CallEntry.SystemCall: {
      const number = Number(BigInt.asIntN(32, register(words, at, 0)));
      return { ...header, kind: 'systemCall', number, arguments: registers(words, at, 1, 6) };
    }
    default:
      return {
        ...header,
        kind: 'leave',
        privilege: detail & PRIVILEGE,
        carry: (detail & entry.DETAIL_CARRY) !== 0,
        result: register(words, at, 0),
      };
  }
}

/** All entries of a piece of the log, with the word at which each begins. */
export function* entriesOf(words: Uint32Array): Generator<readonly [at: number, entry: LogEntry]> {
  for (let at = 0; at < words.length; at += entry.ENTRY_WORDS[words[at] as number] as number) {
    yield [at, entryOf(words, at)];
  }
}

function register(words: Uint32Array, at: number, index: number): bigint {
  const word = at + entry.REGISTERS / WORD + 2 * index;
  return (BigInt(words[word + 1] as number) << 32n) | BigInt(words[word] as number);
}

function registers(words: Uint32Array, at: number, first: number, count: number): bigint[] {
  return Array.from({ length: count }, (_, index) => register(words, at, first + index));
}
