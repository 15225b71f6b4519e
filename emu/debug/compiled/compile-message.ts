import { stripType, type Type } from '../../symbols/index.ts';
import { type Conversion, type Piece, padded } from '../session/message.ts';
import type { Compiled } from './compile-expression.ts';
import { loadKind } from './compile-expression.ts';
import type { GuestWords } from './guest-words.ts';
import type { IntegerKind } from './word-arithmetic.ts';

/** Text of the guest's present state; undefined when something has to be asked of the evaluator, or told by it. */
export type Writing = () => string | undefined;

const HIGH_WORD = 2 ** 32;
const HALF_DIGITS = 8;
/** As many characters of a string are shown as the evaluator shows. */
const TEXT_LIMIT = 200;
/** What C writes as it is inside quotes: other characters are left to the evaluator. */
const FIRST_PLAIN = 0x20;
const LAST_PLAIN = 0x7e;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Halves of integers that doubles hold exactly. */
const EXACT_HIGH = 2 ** 20;

/** Joins the pieces of a message. `values` are those that the conversions take, in order. */
export function compileMessage(
  words: GuestWords,
  pieces: readonly Piece[],
  values: readonly Compiled[],
): Writing | undefined {
  const parts: (string | Writing)[] = [];
  let next = 0;
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      parts.push(piece);
      continue;
    }
    const value = values[next++];
    const part = value && compileConversion(words, piece, value);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  const [before, only, after = ''] = typeof parts[0] === 'string' ? parts : ['', ...parts];
  if (
    parts.length <= 3 &&
    typeof before === 'string' &&
    typeof only === 'function' &&
    typeof after === 'string'
  ) {
    return () => {
      const text = only();
      return text === undefined ? undefined : before + text + after;
    };
  }
  return () => {
    let text = '';
    for (const part of parts) {
      const more = typeof part === 'string' ? part : part();
      if (more === undefined) return undefined;
      text += more;
    }
    return text;
  };
}

function compileConversion(words: GuestWords, conversion: Conversion, value: Compiled): Writing | undefined {
  const { letter, flags, width } = conversion;
  const write = letter === 's' ? compileText(words, value) : compileNumber(words, conversion, value);
  if (write === undefined || (width === 0 && flags === '')) return write;
  return () => {
    const text = write();
    return text === undefined ? undefined : padded(text, conversion);
  };
}

function compileNumber(
  words: GuestWords,
  { letter, flags }: Conversion,
  { type, read }: Compiled,
): Writing | undefined {
  const kind = stripType(type).kind === 'array' ? undefined : loadKind(type);
  const write = kind && NUMBERS[letter]?.(words, kind, flags.includes('#'));
  if (read === undefined || write === undefined) return undefined;
  return () => (read() ? write() : undefined);
}

/** Writes what has been read, by the letter of a conversion. */
const NUMBERS: Readonly<
  Record<string, (words: GuestWords, kind: IntegerKind, alternate: boolean) => () => string>
> = {
  d:
    (words, { size }) =>
    () =>
      signedText(words, size),
  i:
    (words, { size }) =>
    () =>
      signedText(words, size),
  u:
    (words, { size }) =>
    () =>
      unsignedText(words, size),
  x:
    (words, { size }, alternate) =>
    () =>
      `${alternate ? '0x' : ''}${hexadecimalText(words, size)}`,
  X:
    (words, { size }, alternate) =>
    () =>
      `${alternate ? '0x' : ''}${hexadecimalText(words, size)}`,
  p:
    (words, { size }) =>
    () =>
      `0x${hexadecimalText(words, size)}`,
};

function signedText({ low, high }: GuestWords, size: number): string {
  if (size < 4) {
    const spare = 32 - 8 * size;
    return String((low << spare) >> spare);
  }
  if (size === 4) return String(low);
  return high >= -EXACT_HIGH && high < EXACT_HIGH
    ? String(high * HIGH_WORD + (low >>> 0))
    : String((BigInt(high) << 32n) | BigInt(low >>> 0));
}

function unsignedText({ low, high }: GuestWords, size: number): string {
  if (size < 8) return String(lower(low, size));
  return high >= 0 && high < EXACT_HIGH
    ? String(high * HIGH_WORD + (low >>> 0))
    : String((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0));
}

function hexadecimalText({ low, high }: GuestWords, size: number): string {
  if (size < 8 || high === 0) return lower(low, size).toString(16);
  return (high >>> 0).toString(16) + (low >>> 0).toString(16).padStart(HALF_DIGITS, '0');
}

function lower(low: number, size: number): number {
  return size < 4 ? low & ((1 << (8 * size)) - 1) : low >>> 0;
}

/** An array of characters, or what a pointer to them leads to. */
function compileText(words: GuestWords, { type, read }: Compiled): Writing | undefined {
  const bare = stripType(type);
  if (read === undefined) return undefined;
  if (bare.kind === 'array' && isCharacter(bare.element)) {
    const buffer = new Uint8Array(bare.count ?? 0);
    return () => {
      if (!read() || words.copy(buffer) < buffer.length) return undefined;
      // One that begins with a zero and goes on is shown whole.
      return buffer[0] === 0 && buffer.some((byte) => byte !== 0) ? undefined : plainText(buffer);
    };
  }
  if (bare.kind !== 'pointer' || !isCharacter(bare.target)) return undefined;
  const buffer = new Uint8Array(TEXT_LIMIT + 1);
  return () => {
    if (!read()) return undefined;
    return plainText(buffer.subarray(0, words.copyText(buffer)));
  };
}

/** The text up to the first zero; undefined when there is none, or a character that is not shown as it is. */
function plainText(bytes: Uint8Array): string | undefined {
  let text = '';
  for (const byte of bytes) {
    if (byte === 0) return text.length > TEXT_LIMIT ? undefined : text;
    if (byte < FIRST_PLAIN || byte > LAST_PLAIN || byte === QUOTE || byte === BACKSLASH) return undefined;
    text += String.fromCharCode(byte);
  }
  return undefined;
}

function isCharacter(type: Type): boolean {
  const bare = stripType(type);
  return bare.kind === 'base' && bare.isCharacter;
}
