import { type StructType, sizeOf, stripType, type Type } from '../../symbols/index.ts';
import { GuestTestError } from '../errors.ts';
import type { UserAddress } from './calls.ts';

/** What a member of a structure can be given: text for an array of characters, members of a structure by name. */
export type FieldValue =
  | number
  | bigint
  | string
  | null
  | UserAddress
  | readonly FieldValue[]
  | { readonly [member: string]: FieldValue };

/** The bytes of a structure: members that are not named are zero. Throws GuestTestError 'bad-expectation'. */
export function structBytes(
  type: StructType,
  members: { readonly [member: string]: FieldValue },
): Uint8Array {
  const bytes = new Uint8Array(type.size);
  put(new DataView(bytes.buffer), 0, type, members, type.name ?? type.kind);
  return bytes;
}

function put(view: DataView, at: number, declared: Type, value: FieldValue, path: string): void {
  const type = stripType(declared);
  switch (type.kind) {
    case 'struct':
    case 'union':
      putMembers(view, at, type, value, path);
      return;
    case 'array':
      putElements(view, at, sizeOf(type.element), type.element, type.count ?? 0, value, path);
      return;
    case 'base':
    case 'enum':
    case 'pointer':
      putInteger(view, at, type.size, integerOf(value, path), path);
      return;
    default:
      throw wrong(path, 'is of a kind that cannot be written');
  }
}

function putMembers(view: DataView, at: number, type: StructType, value: FieldValue, path: string): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || isAddress(value)) {
    throw wrong(path, 'is a structure: give it its members by name');
  }
  for (const [name, field] of Object.entries(value as { readonly [member: string]: FieldValue })) {
    const place = type.member(name);
    if (place === undefined) throw wrong(path, `has no member ${name}`);
    if (place.bitSize !== undefined) throw wrong(`${path}.${name}`, 'is a bit-field');
    put(view, at + place.offset, place.type, field, `${path}.${name}`);
  }
}

function putElements(
  view: DataView,
  at: number,
  size: number,
  element: Type,
  count: number,
  value: FieldValue,
  path: string,
): void {
  const values = typeof value === 'string' ? [...new TextEncoder().encode(value)] : value;
  if (!Array.isArray(values)) throw wrong(path, 'is an array: give it a list, or text');
  if (values.length > count) throw wrong(path, `has ${count} elements, not ${values.length}`);
  values.forEach((one: FieldValue, index) => {
    put(view, at + index * size, element, one, `${path}[${index}]`);
  });
}

function putInteger(view: DataView, at: number, size: number, value: bigint, path: string): void {
  const bits = size * 8;
  if (value < -(1n << BigInt(bits - 1)) || value >= 1n << BigInt(bits)) {
    throw wrong(path, `has ${bits} bits: ${value} does not fit`);
  }
  for (let index = 0; index < size; index++) {
    view.setUint8(at + index, Number((value >> BigInt(8 * index)) & 0xffn));
  }
}

function integerOf(value: FieldValue, path: string): bigint {
  if (value === null) return 0n;
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  if (isAddress(value)) return value.address;
  throw wrong(path, `is an integer or a pointer, not ${JSON.stringify(value)}`);
}

function isAddress(value: FieldValue): value is UserAddress {
  return (
    typeof value === 'object' && value !== null && 'address' in value && typeof value.address === 'bigint'
  );
}

function wrong(path: string, why: string): GuestTestError {
  return new GuestTestError('bad-expectation', `${path} ${why}`);
}
