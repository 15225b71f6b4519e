import {
  ArrayType,
  BaseType,
  PointerType,
  readMember,
  readValue,
  sizeOf,
  stripType,
  type Type,
} from '../../symbols/index.ts';
import { ExpressionError } from './errors.ts';

/** Where a value can be written. */
export type Place =
  | {
      readonly kind: 'memory';
      readonly address: bigint;
      /** Of a bit-field: its lowest bit, counted from the byte at the address, and its width. */
      readonly bits?: { readonly offset: number; readonly size: number } | undefined;
    }
  /** A register by its name in the debugger, or its bytes from `offset` on. */
  | { readonly kind: 'register'; readonly name: string; readonly offset?: number }
  /** A variable of the debugger itself (`$x`). */
  | { readonly kind: 'convenience'; readonly name: string };

/** A value of the guest's program, or one computed from such. Its bytes are read when they are first needed. */
export class CValue {
  readonly type: Type;
  readonly place: Place | undefined;
  readonly #load: () => Uint8Array;
  #bytes: Uint8Array | undefined;

  constructor(type: Type, place: Place | undefined, load: () => Uint8Array) {
    this.type = type;
    this.place = place;
    this.#load = load;
  }

  /** A computed value. */
  static of(type: Type, bytes: Uint8Array): CValue {
    return new CValue(type, undefined, () => bytes);
  }

  /** A computed integer, cut to the size of its type. */
  static integer(type: Type, value: bigint): CValue {
    return CValue.of(type, integerBytes(value, sizeOf(type)));
  }

  /** Little-endian, the size of the type. Throws ExpressionError 'unmapped' and 'optimised-out'. */
  get bytes(): Uint8Array {
    this.#bytes ??= this.#load();
    return this.#bytes;
  }

  /** The address of an object in memory. */
  get address(): bigint | undefined {
    return this.place?.kind === 'memory' ? this.place.address : undefined;
  }

  get isBitField(): boolean {
    return this.place?.kind === 'memory' && this.place.bits !== undefined;
  }
}

export const INT = new BaseType('int', 4, 'signed');
export const UNSIGNED_INT = new BaseType('unsigned int', 4, 'unsigned');
export const LONG = new BaseType('long int', 8, 'signed');
export const UNSIGNED_LONG = new BaseType('long unsigned int', 8, 'unsigned');
export const CHAR = new BaseType('char', 1, 'signed-char');
export const DOUBLE = new BaseType('double', 8, 'float');

/** The types that C has in every program (System V ABI, amd64), by the names that expressions give them: a program may have used none of some. */
export const BUILT_IN_TYPES: ReadonlyMap<string, BaseType> = new Map([
  ['int', INT],
  ['unsigned int', UNSIGNED_INT],
  ['long', LONG],
  ['unsigned long', UNSIGNED_LONG],
  ['long long', new BaseType('long long int', 8, 'signed')],
  ['unsigned long long', new BaseType('long long unsigned int', 8, 'unsigned')],
  ['short', new BaseType('short int', 2, 'signed')],
  ['unsigned short', new BaseType('short unsigned int', 2, 'unsigned')],
  ['char', CHAR],
  ['signed char', new BaseType('signed char', 1, 'signed-char')],
  ['unsigned char', new BaseType('unsigned char', 1, 'unsigned-char')],
  ['_Bool', new BaseType('_Bool', 1, 'boolean')],
  ['float', new BaseType('float', 4, 'float')],
  ['double', DOUBLE],
]);
const BYTE_BITS = 8n;
const POINTER_SIZE = 8;

/** Little-endian bytes of an integer, cut to a size. */
export function integerBytes(value: bigint, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let rest = BigInt.asUintN(size * Number(BYTE_BITS), value);
  for (let index = 0; index < size; index++) {
    bytes[index] = Number(rest & 0xffn);
    rest >>= BYTE_BITS;
  }
  return bytes;
}

/** The unsigned integer that little-endian bytes are. */
export function integerFromBytes(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << BYTE_BITS) | BigInt(byte), 0n);
}

export function pointerTo(target: Type): PointerType {
  return new PointerType(POINTER_SIZE, () => target);
}

export function arrayOf(element: Type, count: number | undefined): ArrayType {
  return new ArrayType(count, () => element);
}

/** The integer that a value of an integer, enumeration, boolean or pointer type is. Throws ExpressionError 'type'. */
export function integerOf(value: CValue): bigint {
  const number = scalarOf(value);
  if (typeof number === 'bigint') return number;
  return BigInt(Math.trunc(number));
}

/** An integer, or a floating-point number. An array is its address, as everywhere in C. Throws ExpressionError 'type'. */
export function scalarOf(value: CValue): bigint | number {
  const type = stripType(value.type);
  if (type.kind === 'array' || type.kind === 'function') {
    if (value.address !== undefined) return value.address;
    throw new ExpressionError('type', 'an array that is not in memory has no address');
  }
  const read =
    value.place?.kind === 'memory' && value.place.bits !== undefined
      ? readMember(
          {
            offset: 0,
            type: value.type,
            bitOffset: value.place.bits.offset,
            bitSize: value.place.bits.size,
          },
          value.bytes,
        )
      : readValue(value.type, value.bytes);
  if (typeof read === 'bigint') return read;
  if (typeof read === 'boolean') return read ? 1n : 0n;
  if (typeof read === 'number') {
    return type.kind === 'base' && type.encoding === 'float' ? read : BigInt(read);
  }
  throw new ExpressionError('type', `a value of type ${type.kind} is no number`);
}

/** Bytes that a bit-field spans from its first byte on. */
export function bitFieldBytes(bits: { readonly offset: number; readonly size: number }): number {
  return Math.ceil((bits.offset + bits.size) / Number(BYTE_BITS));
}
