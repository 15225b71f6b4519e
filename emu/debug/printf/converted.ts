import { formatType, stripType, type Type } from '../../symbols/index.ts';
import { type CValue, ExpressionError, hexadecimal, integerOf, scalarOf } from '../expressions/index.ts';
import { type Conversion, padded, paddedNumber } from './conversions.ts';
import { floatingText } from './floating-text.ts';

/** Bytes of guest memory; fewer than asked for at the end of what is mapped. */
export type MemorySome = (address: bigint, size: number) => Uint8Array;

/** How null pointers are written, as gdb on Linux does. */
export const NULL_POINTER = '(nil)';
export const NULL_TEXT = '(null)';

const BYTE_BITS = 8;
const ADDRESS_BITS = 64;
/** A string that has no end is cut after so many bytes. */
const LONGEST_TEXT = 1 << 16;
/** Strings are read in pieces: most are short. */
const TEXT_PIECE = 256;
const FLOAT_SIZE = 4;
const DOUBLE_SIZE = 8;

/**
 * A value as a conversion of printf writes it, in gdb's way: an integer takes as many bits as the conversion says, %s takes an address of any
 * type, and a floating-point conversion takes the bits of an integer as large as a float or double.
 * Throws ExpressionError 'type' and 'unmapped'.
 */
export function converted(value: CValue, conversion: Conversion, readSome: MemorySome): string {
  switch (conversion.letter) {
    case 's':
      return padded(textOf(value, readSome).slice(0, conversion.precision), conversion);
    case 'c':
      return padded(characterText(Number(BigInt.asUintN(BYTE_BITS, numberOf(value)))), conversion);
    case 'p':
      return padded(pointer(BigInt.asUintN(ADDRESS_BITS, numberOf(value))), conversion);
    case 'e':
    case 'E':
    case 'f':
    case 'g':
    case 'G':
      return floating(value, conversion);
    default:
      return integer(numberOf(value), conversion);
  }
}

function integer(number: bigint, conversion: Conversion): string {
  const { letter, flags, precision, size } = conversion;
  const bits = size * BYTE_BITS;
  const isSigned = letter === 'd' || letter === 'i';
  const cut = isSigned ? BigInt.asIntN(bits, number) : BigInt.asUintN(bits, number);
  const digits = precision === 0 && cut === 0n ? '' : magnitude(cut, letter).padStart(precision ?? 1, '0');
  // With a precision there are no other zeros in front (C11, 7.21.6.1).
  const own = precision === undefined ? conversion : { ...conversion, flags: flags.replaceAll('0', '') };
  if (isSigned) return paddedNumber(signOf(cut < 0n, flags), digits, own);
  if (!flags.includes('#')) return paddedNumber('', digits, own);
  if (letter === 'o') return paddedNumber('', digits.startsWith('0') ? digits : `0${digits}`, own);
  const isPrefixed = cut !== 0n && (letter === 'x' || letter === 'X');
  return paddedNumber(isPrefixed ? `0${letter}` : '', digits, own);
}

function magnitude(number: bigint, letter: string): string {
  const absolute = number < 0n ? -number : number;
  if (letter === 'o') return absolute.toString(8);
  if (letter === 'x') return absolute.toString(16);
  return letter === 'X' ? absolute.toString(16).toUpperCase() : String(absolute);
}

function signOf(isNegative: boolean, flags: string): string {
  if (isNegative) return '-';
  if (flags.includes('+')) return '+';
  return flags.includes(' ') ? ' ' : '';
}

/** A character by its code, as a terminal shows it: a zero is nothing at all. */
export function characterText(code: number): string {
  return code === 0 ? '' : String.fromCharCode(code);
}

function pointer(address: bigint): string {
  return address === 0n ? NULL_POINTER : hexadecimal(address);
}

function floating(value: CValue, conversion: Conversion): string {
  const { letter, flags, precision } = conversion;
  const { number, isNegative } = floatOf(value);
  const sign = signOf(isNegative, flags);
  if (!Number.isFinite(number)) {
    const name = Number.isNaN(number) ? 'nan' : 'inf';
    const text = `${sign}${letter === letter.toLowerCase() ? name : name.toUpperCase()}`;
    return padded(text, conversion);
  }
  const text = floatingText(Math.abs(number), letter, precision, flags.includes('#'));
  return paddedNumber(sign, letter === letter.toLowerCase() ? text : text.toUpperCase(), conversion);
}

/** Also of a NaN it is known whether its sign is set. */
function floatOf(value: CValue): { readonly number: number; readonly isNegative: boolean } {
  const scalar = scalarOf(value);
  const type = stripType(value.type);
  const isInteger = typeof scalar === 'bigint';
  const size = isInteger && !value.isBitField && 'size' in type ? type.size : 0;
  let number = Number(scalar);
  let isNegative = number < 0 || Object.is(number, -0);
  if (size === FLOAT_SIZE || size === DOUBLE_SIZE) {
    const view = new DataView(new ArrayBuffer(DOUBLE_SIZE));
    view.setBigUint64(0, BigInt.asUintN(size * BYTE_BITS, scalar as bigint), true);
    number = size === FLOAT_SIZE ? view.getFloat32(0, true) : view.getFloat64(0, true);
    isNegative = isTopBitSet(new Uint8Array(view.buffer, 0, size));
  } else if (!isInteger) {
    isNegative = isTopBitSet(value.bytes);
  }
  return { number, isNegative };
}

/** x87's long double has its sign in the tenth byte; behind it there is padding. */
const EXTENDED_SIZE = 10;

function isTopBitSet(bytes: Uint8Array): boolean {
  const last = bytes[Math.min(bytes.length, EXTENDED_SIZE) - 1] ?? 0;
  return (last & 0x80) !== 0;
}

/** The integer that a conversion takes; of a floating-point number the whole part, or the end of the range. */
function numberOf(value: CValue): bigint {
  const scalar = scalarOf(value);
  if (typeof scalar === 'bigint') return scalar;
  const lowest = -(1n << 63n);
  if (Number.isNaN(scalar)) return lowest;
  if (!Number.isFinite(scalar)) return scalar < 0 ? lowest : -lowest - 1n;
  const whole = BigInt(Math.trunc(scalar));
  if (whole < lowest) return lowest;
  return whole >= -lowest ? -lowest - 1n : whole;
}

/** What %s writes: an array of characters, or the string at an address. */
function textOf(value: CValue, readSome: MemorySome): string {
  const type = stripType(value.type);
  const isCharacters = type.kind === 'array' && isCharacter(type.element);
  if (isCharacters) return decoded(upToZero(value.bytes));
  const isNumber = type.kind !== 'base' || type.encoding !== 'float';
  if (type.kind === 'struct' || type.kind === 'union' || type.kind === 'void' || !isNumber)
    throw new ExpressionError(
      'type',
      `%s takes a string or the address of one, and not a ${formatType(value.type)}`,
    );
  const address = BigInt.asUintN(ADDRESS_BITS, integerOf(value));
  return address === 0n ? NULL_TEXT : stringAt(address, readSome);
}

function isCharacter(type: Type): boolean {
  const bare = stripType(type);
  return bare.kind === 'base' && bare.isCharacter;
}

function stringAt(address: bigint, readSome: MemorySome): string {
  const found: number[] = [];
  while (found.length < LONGEST_TEXT) {
    const at = address + BigInt(found.length);
    const piece = readSome(at, TEXT_PIECE);
    const text = upToZero(piece);
    found.push(...text);
    if (text.length < piece.length) break;
    if (piece.length < TEXT_PIECE)
      throw new ExpressionError(
        'unmapped',
        `cannot access memory at address ${hexadecimal(at + BigInt(piece.length))}, for the string at ${hexadecimal(address)}`,
      );
  }
  return decoded(Uint8Array.from(found));
}

function upToZero(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

function decoded(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
