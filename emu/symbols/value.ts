import { DwarfError } from './errors.ts';
import { decodeText } from './text.ts';
import {
  type ArrayType,
  type BaseType,
  type MemberPlace,
  type StructType,
  sizeOf,
  stripType,
  type Type,
} from './types.ts';

/**
 * A value read from guest memory. Integers of 8 bytes and more and pointers are `bigint`, smaller integers and
 * enumerators numbers, `_Bool` is boolean, arrays are arrays, structures objects by member name (members of
 * anonymous structs and unions are lifted into them). What has no value (void, functions, unknown types) is undefined.
 */
export type Value =
  | number
  | bigint
  | boolean
  | string
  | undefined
  | readonly Value[]
  | { readonly [member: string]: Value };

export interface ReadOptions {
  /** Read arrays of characters as text up to their first NUL instead of as numbers. */
  readonly text?: boolean;
}

/** Guest bytes with random access. */
export type Bytes = Uint8Array | DataView;

/** A type by value nests less deeply than this in any program. */
const DEPTH_LIMIT = 64;
/** The most values one call reads: damaged types may contain themselves many times over. */
const VALUE_LIMIT = 1 << 20;
const BITS_PER_BYTE = 8;
const QUICK_BITS = 32;
const X87_EXTENDED_BITS = 80;

/**
 * Decodes the value of a type at `offset` of some bytes (little-endian).
 * Throws DwarfError "truncated" when the bytes do not hold it.
 */
export function readValue(type: Type, bytes: Bytes, offset = 0, options: ReadOptions = {}): Value {
  return read(type, readingOf(bytes, options), offset, 0);
}

/** Decodes a member, bit-fields included, of a structure that begins at `offset`. */
export function readMember(place: MemberPlace, bytes: Bytes, offset = 0, options: ReadOptions = {}): Value {
  return readPlace(place, readingOf(bytes, options), offset, 0);
}

/** What all the steps of one call share. */
interface Reading {
  readonly view: DataView;
  readonly text: boolean;
  valuesLeft: number;
}

function readingOf(bytes: Bytes, options: ReadOptions): Reading {
  return { view: viewOf(bytes), text: options.text ?? false, valuesLeft: VALUE_LIMIT };
}

function viewOf(bytes: Bytes): DataView {
  return bytes instanceof DataView ? bytes : new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function need(view: DataView, offset: number, size: number): void {
  if (!(offset >= 0 && offset + size <= view.byteLength)) {
    throw new DwarfError(
      'truncated',
      `${size} bytes wanted at offset ${offset}, there are ${view.byteLength}`,
    );
  }
}

function read(type: Type, reading: Reading, offset: number, depth: number): Value {
  const { view } = reading;
  if (depth > DEPTH_LIMIT || reading.valuesLeft-- <= 0) {
    throw new DwarfError('limit', 'the value is nested too deeply or has too many parts');
  }
  const bare = stripType(type);
  switch (bare.kind) {
    case 'base':
      return readBase(bare, view, offset);
    case 'pointer':
      return toValue(readInteger(view, offset, bare.size, false), bare.size, true);
    case 'enum':
      return toValue(readInteger(view, offset, bare.size, bare.isSigned), bare.size, false);
    case 'array':
      return readArray(bare, reading, offset, depth);
    case 'struct':
    case 'union':
      return readStruct(bare, reading, offset, depth);
    default:
      return undefined;
  }
}

function readBase(type: BaseType, view: DataView, offset: number): Value {
  need(view, offset, type.size);
  switch (type.encoding) {
    case 'float':
      if (type.size === 4) return view.getFloat32(offset, true);
      return type.size === 8 ? view.getFloat64(offset, true) : readExtended(view, offset, type.size);
    case 'boolean':
      return readInteger(view, offset, type.size, false) !== 0n;
    case 'other':
      return undefined;
    default:
      return toValue(readInteger(view, offset, type.size, type.isSigned), type.size, false);
  }
}

function toValue(value: bigint, size: number, isPointer: boolean): Value {
  return isPointer || size >= 8 ? value : Number(value);
}

function readInteger(view: DataView, offset: number, size: number, signed: boolean): bigint {
  need(view, offset, size);
  switch (size) {
    case 1:
      return BigInt(signed ? view.getInt8(offset) : view.getUint8(offset));
    case 2:
      return BigInt(signed ? view.getInt16(offset, true) : view.getUint16(offset, true));
    case 4:
      return BigInt(signed ? view.getInt32(offset, true) : view.getUint32(offset, true));
    case 8:
      return signed ? view.getBigInt64(offset, true) : view.getBigUint64(offset, true);
    default:
      return assemble(view, offset, size, signed);
  }
}

/** An integer of an unusual size (__int128, a 3-byte storage unit), byte by byte. */
function assemble(view: DataView, offset: number, size: number, signed: boolean): bigint {
  let value = 0n;
  for (let index = size - 1; index >= 0; index--)
    value = (value << 8n) | BigInt(view.getUint8(offset + index));
  return signed ? BigInt.asIntN(size * BITS_PER_BYTE, value) : value;
}

/** long double: x87 extended precision (Intel SDM vol. 1, 4.2.2), rounded to a double. */
function readExtended(view: DataView, offset: number, size: number): Value {
  if (size * BITS_PER_BYTE < X87_EXTENDED_BITS) return undefined;
  const significand = view.getBigUint64(offset, true);
  const head = view.getUint16(offset + 8, true);
  const exponent = head & 0x7fff;
  const sign = head & 0x8000 ? -1 : 1;
  const fractionMask = 0x7fff_ffff_ffff_ffffn;
  if (exponent === 0x7fff) {
    return (significand & fractionMask) === 0n ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  }
  const exponentBias = 16383;
  const fractionBits = 63;
  return sign * Number(significand) * 2 ** (exponent - exponentBias - fractionBits);
}

function readArray(type: ArrayType, reading: Reading, offset: number, depth: number): Value {
  const { view, text } = reading;
  const size = sizeOf(type);
  need(view, offset, size);
  const element = stripType(type.element);
  if (text && element.kind === 'base' && element.isCharacter && element.size === 1) {
    const bytes = new Uint8Array(view.buffer, view.byteOffset + offset, size);
    const nul = bytes.indexOf(0);
    return decodeText(bytes, 0, nul < 0 ? size : nul);
  }
  const elementSize = sizeOf(element);
  // An array of nothing has nothing to show, however many of them there are.
  if (elementSize === 0) return [];
  const values: Value[] = [];
  for (let index = 0; index < (type.count ?? 0); index++) {
    values.push(read(element, reading, offset + index * elementSize, depth + 1));
  }
  return values;
}

function readStruct(type: StructType, reading: Reading, offset: number, depth: number): Value {
  need(reading.view, offset, type.size);
  const values: Record<string, Value> = {};
  for (const member of type.members) {
    const { offset: at, type: memberType, bitOffset, bitSize } = member;
    const bits = bitOffset === undefined || bitSize === undefined ? {} : { bitOffset, bitSize };
    const value = readPlace({ offset: at, type: memberType, ...bits }, reading, offset, depth + 1);
    if (member.name !== undefined) values[member.name] = value;
    else if (typeof value === 'object' && !Array.isArray(value)) Object.assign(values, value);
  }
  return values;
}

function readPlace(place: MemberPlace, reading: Reading, offset: number, depth: number): Value {
  const start = offset + place.offset;
  if (place.bitOffset === undefined || place.bitSize === undefined) {
    return read(place.type, reading, start, depth);
  }
  const { view } = reading;
  const type = stripType(place.type);
  const signed = (type.kind === 'base' || type.kind === 'enum') && type.isSigned;
  const { bitOffset, bitSize } = place;
  const size = Math.ceil((bitOffset + bitSize) / BITS_PER_BYTE);
  need(view, start, size);
  const raw = assemble(view, start, size, false) >> BigInt(bitOffset);
  const value = signed ? BigInt.asIntN(bitSize, raw) : BigInt.asUintN(bitSize, raw);
  if (type.kind === 'base' && type.encoding === 'boolean') return value !== 0n;
  return type.size >= 8 || bitSize > QUICK_BITS ? value : Number(value);
}
