import { type BaseType, stripType, type Type } from '../../symbols/index.ts';
import { REGISTER_FLAGS } from '../registers/flag-bits.ts';
import { ExpressionError } from './errors.ts';
import type { BinaryOperator } from './syntax.ts';
import { CValue, DOUBLE, INT, integerBytes, LONG, scalarOf, UNSIGNED_INT, UNSIGNED_LONG } from './values.ts';

/** A number with its type: what C computes with. */
export interface Scalar {
  readonly type: BaseType;
  readonly value: bigint | number;
}

const INT_SIZE = 4;
const BITS_PER_BYTE = 8;
const COMPARISONS: readonly BinaryOperator[] = ['<', '>', '<=', '>=', '==', '!='];

const isFloat = (type: BaseType): boolean => type.encoding === 'float';

function isUnsigned(type: BaseType): boolean {
  return !isFloat(type) && !type.isSigned;
}

/** Cuts an integer to a type, as storing it there does. */
export function wrap(value: bigint, type: BaseType): bigint {
  const bits = type.size * BITS_PER_BYTE;
  return type.isSigned ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
}

/** The number that an arithmetic value is, after the integer promotions (C11, 6.3.1.1). Undefined when it is none. */
export function promoted(value: CValue): Scalar | undefined {
  const type = stripType(value.type);
  if (type.kind === 'enum') {
    const wide = type.size > INT_SIZE;
    const promotedType = type.isSigned ? (wide ? LONG : INT) : wide ? UNSIGNED_LONG : UNSIGNED_INT;
    return { type: promotedType, value: scalarOf(value) };
  }
  if (type.kind !== 'base' || type.encoding === 'other') return undefined;
  const number = scalarOf(value);
  if (isFloat(type)) return { type: DOUBLE, value: Number(number) };
  // The flags of a register are a number like any other as soon as they are computed with.
  if (type.name in REGISTER_FLAGS) return { type: type.size > INT_SIZE ? LONG : INT, value: number };
  const narrowField =
    value.place?.kind === 'memory' && (value.place.bits?.size ?? Infinity) < INT_SIZE * BITS_PER_BYTE;
  return type.size < INT_SIZE || narrowField ? { type: INT, value: number } : { type, value: number };
}

/** The common type of two operands (the usual arithmetic conversions, C11, 6.3.1.8). */
function commonType(a: BaseType, b: BaseType): BaseType {
  if (isFloat(a) || isFloat(b)) return DOUBLE;
  if (a.size !== b.size) return a.size > b.size ? a : b;
  return isUnsigned(b) ? b : a;
}

function convert({ value }: Scalar, type: BaseType): bigint | number {
  if (isFloat(type)) return Number(value);
  return wrap(typeof value === 'number' ? BigInt(Math.trunc(value)) : value, type);
}

const truth = (value: boolean): Scalar => ({ type: INT, value: value ? 1n : 0n });

function compare(operator: BinaryOperator, a: bigint | number, b: bigint | number): boolean {
  switch (operator) {
    case '<':
      return a < b;
    case '>':
      return a > b;
    case '<=':
      return a <= b;
    case '>=':
      return a >= b;
    case '==':
      return a === b;
    default:
      return a !== b;
  }
}

function integerOperation(operator: BinaryOperator, a: bigint, b: bigint, at: number): bigint {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
    case '%':
      if (b === 0n) throw new ExpressionError('arithmetic', 'division by zero', at);
      return operator === '/' ? a / b : a % b;
    case '&':
      return a & b;
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    default:
      throw new ExpressionError('type', `${operator} does not apply to integers`, at);
  }
}

function floatOperation(operator: BinaryOperator, a: number, b: number, at: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    default:
      throw new ExpressionError('type', `${operator} does not apply to floating-point numbers`, at);
  }
}

/** A shift's type is that of its promoted left operand. */
function shift(operator: '<<' | '>>', left: Scalar, right: Scalar, at: number): Scalar {
  if (typeof left.value === 'number' || typeof right.value === 'number')
    throw new ExpressionError('type', `${operator} needs integers`, at);
  const bits = left.type.size * BITS_PER_BYTE;
  if (right.value < 0n || right.value >= BigInt(bits))
    throw new ExpressionError('arithmetic', `a shift by ${right.value} of ${bits} bits is not defined`, at);
  const value = operator === '<<' ? left.value << right.value : left.value >> right.value;
  return { type: left.type, value: wrap(value, left.type) };
}

/** A binary operation on numbers. Throws ExpressionError 'arithmetic' and 'type'. */
export function binaryOperation(operator: BinaryOperator, left: Scalar, right: Scalar, at: number): Scalar {
  if (operator === '<<' || operator === '>>') return shift(operator, left, right, at);
  const type = commonType(left.type, right.type);
  const [a, b] = [convert(left, type), convert(right, type)];
  if (COMPARISONS.includes(operator)) return truth(compare(operator, a, b));
  if (typeof a === 'bigint' && typeof b === 'bigint')
    return { type, value: wrap(integerOperation(operator, a, b, at), type) };
  return { type, value: floatOperation(operator, Number(a), Number(b), at) };
}

/** `+ - ~ !` on a number. */
export function unaryOperation(operator: '+' | '-' | '~' | '!', operand: Scalar, at: number): Scalar {
  const { type, value } = operand;
  if (operator === '!') return truth(typeof value === 'bigint' ? value === 0n : value === 0);
  if (operator === '+') return operand;
  if (typeof value === 'number') {
    if (operator === '-') return { type, value: -value };
    throw new ExpressionError('type', '~ needs an integer', at);
  }
  return { type, value: wrap(operator === '-' ? -value : ~value, type) };
}

/** A number as a value. */
export function valueOfScalar({ type, value }: Scalar): CValue {
  return CValue.of(type, scalarBytes(type, value));
}

/** The bytes of a number stored as a type. Throws ExpressionError 'type' for what is no scalar type. */
export function scalarBytes(type: Type, value: bigint | number): Uint8Array {
  const bare = stripType(type);
  if (bare.kind === 'base' && isFloat(bare)) return floatBytes(bare, Number(value));
  const integer = typeof value === 'bigint' ? value : BigInt(Math.trunc(value));
  if (bare.kind === 'base' && bare.encoding === 'boolean')
    return integerBytes(integer === 0n ? 0n : 1n, bare.size);
  if (bare.kind === 'base' || bare.kind === 'enum' || bare.kind === 'pointer') {
    return integerBytes(integer, bare.size);
  }
  throw new ExpressionError('type', `a ${bare.kind} cannot be made of a number`);
}

function floatBytes(type: BaseType, value: number): Uint8Array {
  const bytes = new Uint8Array(type.size);
  const view = new DataView(bytes.buffer);
  if (type.size === 4) view.setFloat32(0, value, true);
  else if (type.size === 8) view.setFloat64(0, value, true);
  else throw new ExpressionError('unsupported', `${type.name} cannot be computed with`);
  return bytes;
}
