import {
  type BaseType,
  FunctionType,
  formatType,
  sizeOf,
  stripType,
  type Type,
  VoidType,
} from '../../symbols/index.ts';
import {
  binaryOperation,
  promoted,
  type Scalar,
  scalarBytes,
  unaryOperation,
  valueOfScalar,
} from './arithmetic.ts';
import type { ExpressionContext } from './context.ts';
import { ExpressionError } from './errors.ts';
import { parseExpression } from './parser.ts';
import type { BinaryOperator, Expression, TypeSyntax } from './syntax.ts';
import type { IntegerToken } from './tokens.ts';
import {
  arrayOf,
  BUILT_IN_TYPES,
  bitFieldBytes,
  CHAR,
  CValue,
  DOUBLE,
  INT,
  integerBytes,
  integerFromBytes,
  integerOf,
  LONG,
  pointerTo,
  scalarOf,
  UNSIGNED_INT,
  UNSIGNED_LONG,
} from './values.ts';

const VOID = new VoidType();
/** `p *array@n` shows at most this many bytes. */
const SEQUENCE_LIMIT = 1 << 20;

/** The value of an expression of C. Throws ExpressionError; what it assigned before stays assigned. */
export function evaluate(text: string, context: ExpressionContext): CValue {
  return new Evaluator(context).value(parseExpression(text, context));
}

/** The type of an expression, or the type that it names; nothing is written. */
export function typeOf(text: string, context: ExpressionContext): Type {
  const syntax = parseExpression(text, context);
  if (syntax.kind === 'type') return new Evaluator(context).type(syntax.type);
  return new Evaluator(context, true).value(syntax).type;
}

/** Evaluates expressions that have been parsed, as conditions are, again and again. */
export class Evaluator {
  readonly #context: ExpressionContext;
  /** Inside sizeof nothing is written. */
  #unevaluated: boolean;

  constructor(context: ExpressionContext, unevaluated = false) {
    this.#context = context;
    this.#unevaluated = unevaluated;
  }

  value(syntax: Expression): CValue {
    switch (syntax.kind) {
      case 'integer':
        return CValue.integer(typeOfConstant(syntax.token), syntax.token.value);
      case 'floating':
        return CValue.of(DOUBLE, scalarBytes(DOUBLE, syntax.value));
      case 'character':
        return CValue.integer(CHAR, BigInt(syntax.value));
      case 'string':
        return textValue(syntax.value);
      case 'name':
        return this.#name(syntax);
      case 'register':
        return this.#register(syntax);
      case 'unary':
        return this.#unary(syntax);
      case 'binary':
        return this.#binary(syntax);
      case 'conditional':
        return this.value(this.truth(syntax.condition) ? syntax.whenTrue : syntax.whenFalse);
      case 'assignment':
        return this.#assignment(syntax);
      case 'increment':
        return this.#increment(syntax);
      case 'comma':
        this.value(syntax.left);
        return this.value(syntax.right);
      case 'member':
        return this.#member(syntax);
      case 'index':
        return this.#index(syntax);
      case 'cast':
        return this.#cast(this.type(syntax.type), this.value(syntax.operand), syntax.at);
      case 'sizeof':
        return CValue.integer(UNSIGNED_LONG, BigInt(sizeOf(this.#sizeofType(syntax.operand))));
      case 'sequence':
        return this.#sequence(syntax);
      case 'type':
        throw new ExpressionError('type', 'this is a type, and a value is wanted', syntax.at);
      case 'call':
        throw new ExpressionError(
          'unsupported',
          'functions of the guest are not called: that would change what is being watched',
          syntax.at,
        );
    }
  }

  /** Whether an expression is not zero. */
  truth(syntax: Expression): boolean {
    const scalar = scalarOf(this.value(syntax));
    return typeof scalar === 'bigint' ? scalar !== 0n : scalar !== 0;
  }

  /** The type that was written. Throws ExpressionError 'unknown-name'. */
  type(syntax: TypeSyntax): Type {
    switch (syntax.kind) {
      case 'named': {
        const known = syntax.name === 'void' ? VOID : this.#context.type(syntax.name);
        const type = known ?? BUILT_IN_TYPES.get(syntax.name);
        if (type === undefined)
          throw new ExpressionError('unknown-name', `no type ${syntax.name} here`, syntax.at);
        return type;
      }
      case 'pointer':
        return pointerTo(this.type(syntax.target));
      case 'array':
        return arrayOf(
          this.type(syntax.element),
          syntax.count === undefined ? undefined : Number(syntax.count),
        );
      case 'function': {
        const returns = this.type(syntax.returns);
        const parameters = syntax.parameters.map((one) => this.type(one));
        return new FunctionType(
          () => returns,
          () => parameters,
          false,
          true,
        );
      }
    }
  }

  #sizeofType(operand: TypeSyntax | Expression): Type {
    if (operand.kind === 'type') return this.type(operand.type);
    const before = this.#unevaluated;
    this.#unevaluated = true;
    try {
      return this.value(operand as Expression).type;
    } finally {
      this.#unevaluated = before;
    }
  }

  #name({ name, scope, program, at }: Expression & { kind: 'name' }): CValue {
    const value = this.#context.variable(name, scope, program);
    if (value !== undefined) return value;
    const where = scope === undefined || scope === '' ? (program ?? 'scope') : scope;
    throw new ExpressionError('unknown-name', `nothing in ${where} is named ${name}`, at);
  }

  #register({ name, at }: Expression & { kind: 'register' }): CValue {
    const value = this.#context.register(name);
    if (value !== undefined) return value;
    // A variable of the debugger that is only about to be set.
    return new CValue(VOID, { kind: 'convenience', name }, () => {
      throw new ExpressionError('unknown-name', `there is no register or variable $${name}`, at);
    });
  }

  #unary({ operator, operand, at }: Expression & { kind: 'unary' }): CValue {
    const value = this.value(operand);
    if (operator === '&') return this.#addressOf(value, at);
    if (operator === '*') return this.#dereference(value, at);
    if (operator === '!' && promoted(value) === undefined)
      return CValue.integer(INT, scalarOf(value) === 0n ? 1n : 0n);
    return valueOfScalar(unaryOperation(operator, this.#number(value, operator, at), at));
  }

  #addressOf(value: CValue, at: number): CValue {
    if (value.isBitField) throw new ExpressionError('type', 'a bit-field has no address', at);
    if (value.address === undefined) {
      const why =
        value.place?.kind === 'register'
          ? `it is in the register ${value.place.name}`
          : 'it is not in memory';
      throw new ExpressionError('type', `no address: ${why}`, at);
    }
    return CValue.integer(pointerTo(value.type), value.address);
  }

  /** The object that a pointer, or an array's name, points to. A plain integer is taken as the address of a long, as in gdb. */
  #dereference(value: CValue, at: number): CValue {
    const type = stripType(value.type);
    const target = type.kind === 'pointer' ? type.target : type.kind === 'array' ? type.element : undefined;
    if (type.kind === 'function') return value;
    if (target === undefined) {
      if (type.kind !== 'base' || type.encoding === 'float')
        throw new ExpressionError('type', `* needs a pointer, not ${formatType(value.type)}`, at);
      return this.object(LONG, integerOf(value));
    }
    if (stripType(target).kind === 'void')
      throw new ExpressionError('type', 'a void * has to be cast before it is followed', at);
    return this.object(target, BigInt.asUintN(64, integerOf(value)));
  }

  /** The object of a type at an address. */
  object(type: Type, address: bigint): CValue {
    return new CValue(type, { kind: 'memory', address }, () => this.#read(address, sizeOf(type)));
  }

  #read(address: bigint, size: number): Uint8Array {
    const bytes = this.#context.readMemory(address, size);
    if (bytes === undefined)
      throw new ExpressionError('unmapped', `cannot access memory at address 0x${address.toString(16)}`);
    return bytes;
  }

  #member({ object, name, at }: Expression & { kind: 'member' }): CValue {
    let value = this.value(object);
    if (stripType(value.type).kind === 'pointer') value = this.#dereference(value, at);
    const type = stripType(value.type);
    if (type.kind !== 'struct' && type.kind !== 'union')
      throw new ExpressionError('type', `${formatType(value.type)} has no members`, at);
    if (!type.isComplete)
      throw new ExpressionError('type', `${formatType(type)} is declared here but not defined`, at);
    const member = type.member(name);
    if (member === undefined)
      throw new ExpressionError('unknown-name', `${formatType(type)} has no member ${name}`, at);
    const { offset, bitOffset, bitSize } = member;
    const bits =
      bitOffset === undefined || bitSize === undefined ? undefined : { offset: bitOffset, size: bitSize };
    const size = bits === undefined ? sizeOf(member.type) : bitFieldBytes(bits);
    if (value.address !== undefined) {
      const address = BigInt.asUintN(64, value.address + BigInt(offset));
      return new CValue(member.type, { kind: 'memory', address, bits }, () => this.#read(address, size));
    }
    // A structure in registers.
    return partOf(value, member.type, offset, size);
  }

  #index({ array, index, at }: Expression & { kind: 'index' }): CValue {
    const [whole, position] = [this.value(array), this.value(index)];
    const type = stripType(whole.type);
    if (type.kind !== 'array' || whole.address !== undefined)
      return this.#dereference(this.#offset(whole, position, 1n, at), at);
    // An array in a register.
    const number = Number(integerOf(position));
    const count = type.count ?? 0;
    if (number < 0 || number >= count)
      throw new ExpressionError('type', `the array has the elements 0 to ${count - 1}`, at);
    const size = sizeOf(type.element);
    return partOf(whole, type.element, number * size, size);
  }

  #binary({ operator, left, right, at }: Expression & { kind: 'binary' }): CValue {
    if (operator === '&&' || operator === '||') {
      const first = this.truth(left);
      const result = operator === '&&' ? first && this.truth(right) : first || this.truth(right);
      return CValue.integer(INT, result ? 1n : 0n);
    }
    return this.#operate(operator, this.value(left), this.value(right), at);
  }

  #operate(operator: BinaryOperator, left: CValue, right: CValue, at: number): CValue {
    const [leftPointer, rightPointer] = [isPointer(left), isPointer(right)];
    if (!leftPointer && !rightPointer) {
      return valueOfScalar(
        binaryOperation(operator, this.#number(left, operator, at), this.#number(right, operator, at), at),
      );
    }
    if (operator === '+' && !(leftPointer && rightPointer)) {
      return leftPointer ? this.#offset(left, right, 1n, at) : this.#offset(right, left, 1n, at);
    }
    if (operator === '-' && leftPointer && !rightPointer) return this.#offset(left, right, -1n, at);
    const [a, b] = [left, right].map((value) => ({
      type: UNSIGNED_LONG,
      value: BigInt.asUintN(64, integerOf(value)),
    })) as [Scalar, Scalar];
    if (operator === '-') {
      const size = BigInt(sizeOf(elementOf(left) ?? CHAR) || 1);
      return CValue.integer(LONG, BigInt.asIntN(64, (a.value as bigint) - (b.value as bigint)) / size);
    }
    return valueOfScalar(binaryOperation(operator, a, b, at));
  }

  /** A pointer, so many elements further. */
  #offset(pointer: CValue, index: CValue, sign: 1n | -1n, at: number): CValue {
    const element = elementOf(pointer);
    if (element === undefined) {
      if (elementOf(index) !== undefined && sign === 1n) return this.#offset(index, pointer, sign, at);
      throw new ExpressionError('type', `${formatType(pointer.type)} is neither an array nor a pointer`, at);
    }
    const distance = integerOf(index) * BigInt(sizeOf(element) || 1) * sign;
    // An array in registers can be indexed, too, but has no address to add to.
    if (stripType(pointer.type).kind === 'array' && pointer.address === undefined)
      throw new ExpressionError('type', 'the array is not in memory', at);
    return CValue.integer(pointerTo(element), integerOf(pointer) + distance);
  }

  #number(value: CValue, operator: string, at: number): Scalar {
    const scalar = promoted(value);
    if (scalar === undefined)
      throw new ExpressionError('type', `${operator} does not apply to ${formatType(value.type)}`, at);
    return scalar;
  }

  #cast(type: Type, value: CValue, at: number): CValue {
    const target = stripType(type);
    switch (target.kind) {
      case 'void':
        return CValue.of(type, new Uint8Array(0));
      case 'base': {
        const scalar = scalarOf(value);
        return CValue.of(type, scalarBytes(type, scalar));
      }
      case 'pointer':
      case 'enum':
        return CValue.integer(type, integerOf(value));
      default:
        // gdb lets an object in memory be seen as another structure.
        if (value.address !== undefined && !value.isBitField) return this.object(type, value.address);
        throw new ExpressionError(
          'type',
          `no cast from ${formatType(value.type)} to ${formatType(type)}`,
          at,
        );
    }
  }

  #sequence({ first, count, at }: Expression & { kind: 'sequence' }): CValue {
    const value = this.value(first);
    const length = Number(integerOf(this.value(count)));
    const size = sizeOf(value.type) * length;
    if (value.address === undefined || value.isBitField)
      throw new ExpressionError('type', 'what stands before @ must be in memory', at);
    if (length < 1 || size > SEQUENCE_LIMIT)
      throw new ExpressionError(
        'arithmetic',
        `@ takes 1 element and more, up to ${SEQUENCE_LIMIT} bytes`,
        at,
      );
    return this.object(arrayOf(value.type, length), value.address);
  }

  #assignment({ operator, target, value, at }: Expression & { kind: 'assignment' }): CValue {
    const place = this.value(target);
    const given = this.value(value);
    return this.#store(place, operator === undefined ? given : this.#operate(operator, place, given, at), at);
  }

  #increment({ target, delta, isPrefix, at }: Expression & { kind: 'increment' }): CValue {
    const place = this.value(target);
    const before = CValue.of(place.type, place.bytes);
    const after = this.#store(place, this.#operate('+', place, CValue.integer(INT, delta), at), at);
    return isPrefix ? after : before;
  }

  #store(target: CValue, value: CValue, at: number): CValue {
    const { place } = target;
    if (place === undefined) throw new ExpressionError('read-only', 'this has no place to be written to', at);
    if (place.kind === 'convenience') {
      const stored = CValue.of(value.type, value.bytes);
      if (!this.#unevaluated) this.#context.write(place, stored);
      return stored;
    }
    const converted = this.#converted(target, value, at);
    if (!this.#unevaluated) this.#context.write(place, converted);
    return new CValue(target.type, place, () => converted.bytes);
  }

  /** A value as the target's type, as assignment converts it; for a bit-field the bytes around it are kept. */
  #converted(target: CValue, value: CValue, at: number): CValue {
    const type = stripType(target.type);
    if (type.kind === 'struct' || type.kind === 'union' || type.kind === 'array') {
      if (sizeOf(value.type) !== sizeOf(type))
        throw new ExpressionError(
          'type',
          `no assignment of ${formatType(value.type)} to ${formatType(target.type)}`,
          at,
        );
      return CValue.of(target.type, value.bytes);
    }
    const bits = target.place?.kind === 'memory' ? target.place.bits : undefined;
    if (bits === undefined) return this.#cast(target.type, value, at);
    const mask = ((1n << BigInt(bits.size)) - 1n) << BigInt(bits.offset);
    const old = integerFromBytes(target.bytes);
    const merged = (old & ~mask) | ((integerOf(value) << BigInt(bits.offset)) & mask);
    return CValue.of(target.type, integerBytes(merged, target.bytes.length));
  }
}

/** A part of a value that is not in memory. */
function partOf(value: CValue, type: Type, offset: number, size: number): CValue {
  const { place } = value;
  const part = place?.kind === 'register' ? { ...place, offset: (place.offset ?? 0) + offset } : undefined;
  return new CValue(type, part, () => value.bytes.subarray(offset, offset + size));
}

function isPointer(value: CValue): boolean {
  const { kind } = stripType(value.type);
  return kind === 'pointer' || kind === 'array' || kind === 'function';
}

/** What a pointer points to, or an array is of. A function is taken for a pointer to itself, whose bytes are counted. */
function elementOf(value: CValue): Type | undefined {
  const type = stripType(value.type);
  if (type.kind === 'function') return value.type;
  if (type.kind === 'pointer') return type.target;
  return type.kind === 'array' ? type.element : undefined;
}

/** The type of an integer constant: the first that holds it (C11, 6.4.4.1). Throws ExpressionError 'arithmetic'. */
export function typeOfConstant({ value, isDecimal, isUnsigned, isLong }: IntegerToken): BaseType {
  const candidates = [INT, UNSIGNED_INT, LONG, UNSIGNED_LONG].filter((type) => {
    if (isLong && type.size < LONG.size) return false;
    if (isUnsigned) return !type.isSigned;
    return type.isSigned || !isDecimal;
  });
  const holds = candidates.find((type) => value < 1n << BigInt(type.size * 8 - (type.isSigned ? 1 : 0)));
  if (holds !== undefined) return holds;
  if (value < 1n << 64n) return UNSIGNED_LONG;
  throw new ExpressionError('arithmetic', 'the number is too large for any type');
}

function textValue(text: string): CValue {
  const bytes = Uint8Array.from([...text].map((character) => character.charCodeAt(0)).concat(0));
  return CValue.of(arrayOf(CHAR, bytes.length), bytes);
}
