import {
  type BaseType,
  type EnumType,
  formatType,
  sizeOf,
  stripType,
  type Type,
} from '../../symbols/index.ts';
import { type FlagBits, flagsText, REGISTER_FLAGS } from '../registers/flag-bits.ts';
import { ExpressionError } from './errors.ts';
import { bitFieldBytes, CValue, integerFromBytes, integerOf, scalarOf } from './values.ts';

/** gdb's letters: hexadecimal, decimal, unsigned, octal, binary, character, address with symbol, string, float, zero-padded. */
export type FormatLetter = 'x' | 'd' | 'u' | 'o' | 't' | 'c' | 'a' | 's' | 'f' | 'z';

export const FORMAT_LETTERS: readonly FormatLetter[] = ['x', 'd', 'u', 'o', 't', 'c', 'a', 's', 'f', 'z'];

export interface FormatOptions {
  readonly format?: FormatLetter | undefined;
  /** `fork1+4` for an address that a symbol covers. */
  readonly symbolOf: (address: bigint) => string | undefined;
  /** Bytes of guest memory, for the strings that pointers lead to; fewer than asked for at the end of what is mapped. */
  readonly readSome: (address: bigint, size: number) => Uint8Array;
  /** Elements of an array and characters of a string that are shown; 200 if not given. */
  readonly elements?: number | undefined;
}

const DEFAULT_ELEMENTS = 200;
/** So many equal elements are shown as one, with their number. */
const REPEATS = 10;
const INDENT = '  ';
const BYTE_BITS = 8;
/** A structure on one line is at most this long. */
const LINE_WIDTH = 60;
const ESCAPES: ReadonlyMap<number, string> = new Map([
  [7, '\\a'],
  [8, '\\b'],
  [9, '\\t'],
  [10, '\\n'],
  [11, '\\v'],
  [12, '\\f'],
  [13, '\\r'],
  [27, '\\033'],
  [92, '\\\\'],
]);
const FIRST_PRINTABLE = 32;
const DELETE = 127;

/** A value as gdb's print shows it. Throws ExpressionError when the value itself cannot be read. */
export function formatValue(value: CValue, options: FormatOptions): string {
  const type = stripType(value.type);
  const text = new Formatter(options).format(value, '');
  const isPlain = options.format !== undefined && options.format !== 'a' && options.format !== 's';
  if (type.kind !== 'pointer' || isPlain || isText(type.target)) return text;
  return `(${formatType(value.type)}) ${text}`;
}

const DOUBLE_SIZE = 8;
/** Digits that a float of 4 bytes needs, and one of 8. */
const FLOAT_DIGITS = 9;
const DOUBLE_DIGITS = 17;
/** Smaller numbers are written with an exponent (C11, 7.21.6.1). */
const SMALLEST_EXPONENT = -4;

function isText(type: Type): boolean {
  const bare = stripType(type);
  return bare.kind === 'base' && bare.isCharacter;
}

/** A character as C writes it inside quotes. */
function escaped(code: number, quote: string): string {
  if (code === quote.charCodeAt(0)) return `\\${quote}`;
  const known = ESCAPES.get(code);
  if (known !== undefined) return known;
  if (code >= FIRST_PRINTABLE && code < DELETE) return String.fromCharCode(code);
  return `\\${code.toString(8).padStart(3, '0')}`;
}

const quoted = (codes: Iterable<number>): string =>
  `"${[...codes].map((code) => escaped(code, '"')).join('')}"`;

class Formatter {
  readonly #options: FormatOptions;
  readonly #limit: number;

  constructor(options: FormatOptions) {
    this.#options = options;
    this.#limit = options.elements ?? DEFAULT_ELEMENTS;
  }

  format(value: CValue, indent: string): string {
    const type = stripType(value.type);
    switch (type.kind) {
      case 'void':
        return 'void';
      case 'struct':
      case 'union':
        return this.#structure(value, indent);
      case 'array':
        return this.#array(value, indent);
      case 'function':
        return this.#function(value);
      case 'opaque':
        return `<${type.name ?? 'a type'} that C does not have>`;
      default:
        return this.#scalar(value);
    }
  }

  #structure(value: CValue, indent: string): string {
    const type = stripType(value.type);
    if (type.kind !== 'struct' && type.kind !== 'union') return '';
    if (!type.isComplete) return '<incomplete type>';
    const inner = indent + INDENT;
    const { bytes, address } = value;
    const parts = type.members.map((member) => {
      const { offset, bitOffset, bitSize } = member;
      const bits =
        bitOffset === undefined || bitSize === undefined ? undefined : { offset: bitOffset, size: bitSize };
      const size = bits === undefined ? sizeOf(member.type) : bitFieldBytes(bits);
      const place = { kind: 'memory' as const, address: (address ?? 0n) + BigInt(offset), bits };
      const field = new CValue(member.type, place, () => bytes.subarray(offset, offset + size));
      const text = this.format(field, inner);
      return member.name === undefined ? text : `${member.name} = ${text}`;
    });
    return joined(parts, indent);
  }

  #array(value: CValue, indent: string): string {
    const type = stripType(value.type);
    if (type.kind !== 'array') return '';
    const size = sizeOf(type.element);
    const count = type.count ?? 0;
    const isString = this.#options.format === undefined || this.#options.format === 's';
    if (isText(type.element) && isString) return this.#characters(value.bytes);
    const inner = indent + INDENT;
    const { bytes, address } = value;
    const parts: string[] = [];
    for (let index = 0; index < count && parts.length < this.#limit; ) {
      const slice = bytes.subarray(index * size, (index + 1) * size);
      let same = 1;
      while (
        index + same < count &&
        equalBytes(slice, bytes.subarray((index + same) * size, (index + same + 1) * size))
      )
        same++;
      const place = { kind: 'memory' as const, address: (address ?? 0n) + BigInt(index * size) };
      const text = this.format(new CValue(type.element, place, () => slice), inner);
      if (same >= REPEATS) {
        parts.push(`${text} <repeats ${same} times>`);
        index += same;
      } else {
        parts.push(text);
        index++;
      }
      if (parts.length === this.#limit && index < count) parts.push('...');
    }
    return joined(parts, indent);
  }

  /** An array of characters: its text up to the first zero, as C takes it; all of it when it begins with a zero and goes on. */
  #characters(bytes: Uint8Array): string {
    let end = bytes.indexOf(0);
    if (end < 0 || (end === 0 && bytes.some((byte) => byte !== 0))) end = bytes.length;
    return end > this.#limit
      ? `${quoted(bytes.subarray(0, this.#limit))}...`
      : quoted(bytes.subarray(0, end));
  }

  #function(value: CValue): string {
    const address = value.address ?? 0n;
    return `{${formatType(value.type)}} ${hexadecimal(address)}${this.#symbol(address)}`;
  }

  #symbol(address: bigint): string {
    const symbol = this.#options.symbolOf(BigInt.asUintN(64, address));
    return symbol === undefined ? '' : ` <${symbol}>`;
  }

  #scalar(value: CValue): string {
    const type = stripType(value.type);
    const { format } = this.#options;
    if (type.kind === 'pointer' && format === 's' && isText(type.target))
      return this.#string(integerOf(value));
    if (format !== undefined && format !== 's') return this.#formatted(value, format);
    if (type.kind === 'pointer') return this.#pointer(value, type.target);
    if (type.kind === 'enum') return enumName(type, integerOf(value));
    if (type.kind !== 'base') return '?';
    const flags = REGISTER_FLAGS[type.name as keyof typeof REGISTER_FLAGS] as FlagBits | undefined;
    if (flags !== undefined) return flagsText(flags, integerOf(value));
    const number = scalarOf(value);
    if (type.encoding === 'boolean') return number === 0n ? 'false' : 'true';
    if (type.isCharacter || (type.size === 1 && type.name.includes('char')))
      return this.#character(number as bigint);
    return typeof number === 'number' ? floating(number, type.size) : String(number);
  }

  #character(code: bigint): string {
    return `${code} '${escaped(Number(BigInt.asUintN(BYTE_BITS, code)), "'")}'`;
  }

  #pointer(value: CValue, target: Type): string {
    const address = integerOf(value);
    const bare = stripType(target);
    if (isText(target) && address !== 0n) return this.#string(address);
    if (bare.kind === 'function' || bare.kind === 'void')
      return `${hexadecimal(address)}${this.#symbol(address)}`;
    return `${hexadecimal(address)}${address === 0n ? '' : this.#symbol(address)}`;
  }

  #string(address: bigint): string {
    const bytes = this.#options.readSome(address, this.#limit + 1);
    const end = bytes.indexOf(0);
    if (bytes.length === 0) return `${hexadecimal(address)} <no memory there>`;
    const shown = end < 0 ? bytes.subarray(0, this.#limit) : bytes.subarray(0, end);
    return `${hexadecimal(address)}${this.#symbol(address)} ${quoted(shown)}${end < 0 ? '...' : ''}`;
  }

  /** A number in a base, whatever its type: of a float the bits, but for `f`, and for `c`, which takes its whole part. */
  #formatted(value: CValue, format: FormatLetter): string {
    const type = stripType(value.type);
    const isFloat = type.kind === 'base' && type.encoding === 'float';
    if (format === 'f') return isFloat ? floating(Number(scalarOf(value))) : asFloat(value, type as BaseType);
    const bits = bitsOf(value);
    const raw = isFloat && format !== 'c' ? integerFromBytes(value.bytes) : integerOf(value);
    const unsigned = BigInt.asUintN(bits, raw);
    switch (format) {
      case 'x':
        return `0x${unsigned.toString(16)}`;
      case 'z':
        return `0x${unsigned.toString(16).padStart(Math.ceil(bits / 4), '0')}`;
      case 'd':
        return String(BigInt.asIntN(bits, raw));
      case 'o':
        return unsigned === 0n ? '0' : `0${unsigned.toString(8)}`;
      case 't':
        return unsigned.toString(2);
      case 'c':
        return this.#character(
          isSigned(type) ? BigInt.asIntN(BYTE_BITS, raw) : BigInt.asUintN(BYTE_BITS, raw),
        );
      case 'a':
        return `${hexadecimal(unsigned)}${this.#symbol(unsigned)}`;
      default:
        return String(unsigned);
    }
  }
}

function isSigned(type: Type): boolean {
  return (type.kind === 'base' || type.kind === 'enum') && type.isSigned;
}

function bitsOf(value: CValue): number {
  const bits = value.place?.kind === 'memory' ? value.place.bits : undefined;
  return bits?.size ?? sizeOf(value.type) * BYTE_BITS;
}

function asFloat(value: CValue, type: BaseType): string {
  const view = new DataView(value.bytes.slice().buffer);
  if (type.size === 4) return floating(view.getFloat32(0, true), type.size);
  if (type.size === 8) return floating(view.getFloat64(0, true));
  throw new ExpressionError('type', `${type.size} bytes are no floating-point number`);
}

/** As C's `%.17g` and `%.9g` write it: with the digits that tell it from its neighbours. */
function floating(value: number, size: number = DOUBLE_SIZE): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const digits = size < DOUBLE_SIZE ? FLOAT_DIGITS : DOUBLE_DIGITS;
  const [mantissa = '', power = '0'] = value.toExponential(digits - 1).split('e');
  const exponent = Number(power);
  if (exponent >= SMALLEST_EXPONENT && exponent < digits)
    return withoutZeros(value.toFixed(digits - 1 - exponent));
  const sign = exponent < 0 ? '-' : '+';
  return `${withoutZeros(mantissa)}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function withoutZeros(digits: string): string {
  return digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
}

export function hexadecimal(value: bigint): string {
  return `0x${BigInt.asUintN(64, value).toString(16)}`;
}

/** An enumerator's name; for other values the flags it is made of, as gdb shows them, or the number. */
function enumName(type: EnumType, value: bigint): string {
  const name = type.nameOf(Number(value));
  if (name !== undefined) return name;
  const flags = [...type.enumerators].filter(([, flag]) => {
    const isSingleBit = flag > 0 && (flag & (flag - 1)) === 0;
    return isSingleBit && (value & BigInt(flag)) !== 0n;
  });
  const known = flags.reduce((sum, [, flag]) => sum | BigInt(flag), 0n);
  if (flags.length === 0) return String(value);
  const names = flags.map(([flagName]) => flagName);
  if (known !== value) names.push(`unknown: ${hexadecimal(value & ~known)}`);
  return `(${names.join(' | ')})`;
}

/** On one line when that is short, else a line a part. */
function joined(parts: readonly string[], indent: string): string {
  const line = `{${parts.join(', ')}}`;
  if (parts.length === 0 || (line.length + indent.length <= LINE_WIDTH && !line.includes('\n'))) return line;
  const inner = indent + INDENT;
  return `{\n${parts.map((part) => `${inner}${part}`).join(',\n')}\n${indent}}`;
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
