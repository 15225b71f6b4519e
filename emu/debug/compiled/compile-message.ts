import { stripType, type Type } from '../../symbols/index.ts';
import { type Conversion, type Piece, padded, paddedNumber } from '../printf/conversions.ts';
import { characterText, NULL_POINTER, NULL_TEXT } from '../printf/converted.ts';
import type { Compiled } from './compile-expression.ts';
import { loadKind } from './compile-expression.ts';
import type { GuestWords } from './guest-words.ts';

/** Text of the guest's present state; undefined when something has to be asked of the evaluator, or told by it. */
export type Writing = () => string | undefined;

const HIGH_WORD = 2 ** 32;
const HALF_DIGITS = 8;
/** Longer strings are left to the evaluator, */
const TEXT_LIMIT = 200;
/** and those that are not ASCII. */
const LAST_PLAIN = 0x7f;
const ADDRESS_SIZE = 8;
const BYTE_MASK = 0xff;
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
  const { letter, flags, precision } = conversion;
  // What is rare is left to the evaluator.
  if (precision !== undefined || /[+ ]/.test(flags)) return undefined;
  if (letter !== 's') return compileNumber(words, conversion, value);
  const write = compileText(words, value);
  if (write === undefined || conversion.width === 0) return write;
  return () => {
    const text = write();
    return text === undefined ? undefined : padded(text, conversion);
  };
}

function compileNumber(
  words: GuestWords,
  conversion: Conversion,
  { type, read }: Compiled,
): Writing | undefined {
  const isNumber = stripType(type).kind !== 'array' && loadKind(type) !== undefined;
  const write = isNumber ? NUMBERS[conversion.letter]?.(words, conversion) : undefined;
  if (read === undefined || write === undefined) return undefined;
  return () => (read() ? write() : undefined);
}

/** Writes what has been read, by the letter of a conversion. */
const NUMBERS: Readonly<Record<string, (words: GuestWords, conversion: Conversion) => () => string>> = {
  d: signed,
  i: signed,
  u: (words, conversion) => plain(conversion, () => unsignedText(words, conversion.size)),
  x: hexadecimal,
  X: (words, conversion) => {
    const write = hexadecimal(words, conversion);
    return () => write().toUpperCase();
  },
  c: (words, conversion) => () => padded(characterText(words.low & BYTE_MASK), conversion),
  p: (words, conversion) => () =>
    padded(
      (words.low | words.high) === 0 ? NULL_POINTER : `0x${hexadecimalText(words, ADDRESS_SIZE)}`,
      conversion,
    ),
};

/** Digits without sign or prefix, padded where that is wanted. */
function plain(conversion: Conversion, digits: () => string): () => string {
  return conversion.width === 0 ? digits : () => paddedNumber('', digits(), conversion);
}

function signed(words: GuestWords, conversion: Conversion): () => string {
  const { size, width } = conversion;
  if (width === 0) return () => signedText(words, size);
  return () => {
    const text = signedText(words, size);
    const isNegative = text.startsWith('-');
    return paddedNumber(isNegative ? '-' : '', isNegative ? text.slice(1) : text, conversion);
  };
}

function hexadecimal(words: GuestWords, conversion: Conversion): () => string {
  const digits = (): string => hexadecimalText(words, conversion.size);
  if (!conversion.flags.includes('#')) return plain(conversion, digits);
  return () => {
    const text = digits();
    return paddedNumber(text === '0' ? '' : '0x', text, conversion);
  };
}

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
    return () => (!read() || words.copy(buffer) < buffer.length ? undefined : plainText(buffer, true));
  }
  if (bare.kind !== 'pointer' || !isCharacter(bare.target)) return undefined;
  const buffer = new Uint8Array(TEXT_LIMIT + 1);
  return () => {
    if (!read()) return undefined;
    if ((words.low | words.high) === 0) return NULL_TEXT;
    return plainText(buffer.subarray(0, words.copyText(buffer)), false);
  };
}

/** The text up to the first zero; all of it when there need be none; undefined for one with a character that is not ASCII. */
function plainText(bytes: Uint8Array, mayLackZero: boolean): string | undefined {
  let text = '';
  for (const byte of bytes) {
    if (byte === 0) return text;
    if (byte > LAST_PLAIN) return undefined;
    text += String.fromCharCode(byte);
  }
  return mayLackZero ? text : undefined;
}

function isCharacter(type: Type): boolean {
  const bare = stripType(type);
  return bare.kind === 'base' && bare.isCharacter;
}
