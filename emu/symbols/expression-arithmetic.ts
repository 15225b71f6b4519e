import { DW_OP } from './dwarf-operations.ts';

/** An integer base type on the expression stack. */
export interface ValueType {
  /** Bytes. */
  readonly size: number;
  readonly isSigned: boolean;
}

/** A value on the expression stack; without a type it is of the generic type: an address-sized integer. */
export interface StackValue {
  /** The value as unsigned number of its size. */
  readonly bits: bigint;
  readonly type?: ValueType;
}

const GENERIC_BITS = 64;
const BITS_PER_BYTE = 8;

/** The bits a value keeps in a type. */
export function wrap(bits: bigint, type: ValueType): bigint {
  return BigInt.asUintN(type.size * BITS_PER_BYTE, bits);
}

function widthOf(value: StackValue): number {
  return value.type === undefined ? GENERIC_BITS : value.type.size * BITS_PER_BYTE;
}

/** The value as signed number. */
export function asSigned(value: StackValue): bigint {
  return BigInt.asIntN(widthOf(value), value.bits);
}

/** The value as its type has it; the generic type counts as signed where it matters (DWARF 5, 2.5.1.4). */
function asTyped(value: StackValue): bigint {
  return value.type === undefined || value.type.isSigned ? asSigned(value) : value.bits;
}

/** The result of a binary operation, not yet wrapped; undefined for a division by zero. */
export function binary(code: number, left: StackValue, right: StackValue): bigint | undefined {
  switch (code) {
    case DW_OP.and:
      return left.bits & right.bits;
    case DW_OP.or:
      return left.bits | right.bits;
    case DW_OP.xor:
      return left.bits ^ right.bits;
    case DW_OP.plus:
      return left.bits + right.bits;
    case DW_OP.minus:
      return left.bits - right.bits;
    case DW_OP.mul:
      return left.bits * right.bits;
    case DW_OP.div:
      return right.bits === 0n ? undefined : asTyped(left) / asTyped(right);
    case DW_OP.mod:
      return right.bits === 0n ? undefined : modulo(left, right);
    case DW_OP.shl:
    case DW_OP.shr:
    case DW_OP.shra:
      return shift(code, left, right.bits);
    default:
      return compare(code, asTyped(left), asTyped(right)) ? 1n : 0n;
  }
}

/** Unlike division, the modulus of the generic type is unsigned. */
function modulo(left: StackValue, right: StackValue): bigint {
  return left.type?.isSigned ? asSigned(left) % asSigned(right) : left.bits % right.bits;
}

function shift(code: number, left: StackValue, count: bigint): bigint {
  const width = BigInt(widthOf(left));
  const distance = count < width ? count : width;
  if (code === DW_OP.shl) return left.bits << distance;
  return code === DW_OP.shr ? left.bits >> distance : asSigned(left) >> distance;
}

function compare(code: number, left: bigint, right: bigint): boolean {
  switch (code) {
    case DW_OP.eq:
      return left === right;
    case DW_OP.ge:
      return left >= right;
    case DW_OP.gt:
      return left > right;
    case DW_OP.le:
      return left <= right;
    case DW_OP.lt:
      return left < right;
    default:
      return left !== right;
  }
}
