import { ByteReader, sectionOf } from './byte-reader.ts';
import { DW_OP, GNU_ALIASES } from './dwarf-operations.ts';
import { DwarfError } from './errors.ts';
import { asSigned, binary, type StackValue, type ValueType, wrap } from './expression-arithmetic.ts';
import type { ExpressionContext, Location, Piece } from './location.ts';

/** Operations one evaluation may take: expressions can loop, compilers' output does not for long. */
const STEP_LIMIT = 10_000;
const STACK_LIMIT = 1024;
const BITS_PER_BYTE = 8;
const WORD_SIZE = 8;

/** Stops an evaluation whose result cannot be known; never leaves this file. */
class Unavailable {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/**
 * Evaluates a location description (DWARF 5, 2.5 and 2.6).
 * Throws DwarfError on expressions that are damaged; what cannot be known gives "optimised-out" with the reason.
 */
export function evaluateLocation(expression: Uint8Array, context: ExpressionContext): Location {
  if (expression.length === 0) return { kind: 'optimised-out', reason: 'the compiler kept no location' };
  try {
    return new Evaluator(expression, context).location();
  } catch (problem) {
    if (problem instanceof Unavailable) return { kind: 'optimised-out', reason: problem.reason };
    throw problem;
  }
}

/** Evaluates an expression to the number it computes (a CFA, an address); undefined when that cannot be known. */
export function evaluateAddress(expression: Uint8Array, context: ExpressionContext): bigint | undefined {
  const location = evaluateLocation(expression, context);
  switch (location.kind) {
    case 'memory':
      return location.address;
    case 'value':
      return location.value;
    case 'register':
      return context.register(location.register);
    default:
      return undefined;
  }
}

class Evaluator {
  readonly #reader: ByteReader;
  readonly #context: ExpressionContext;
  readonly #stack: StackValue[];
  readonly #pieces: Piece[] = [];
  /** The location the operations so far describe, when it is not "the address on top of the stack". */
  #described: Location | undefined;

  constructor(expression: Uint8Array, context: ExpressionContext) {
    this.#reader = new ByteReader(sectionOf('expression', expression));
    this.#context = context;
    this.#stack = (context.initialStack ?? []).map((bits) => ({ bits }));
  }

  location(): Location {
    for (let steps = 0; !this.#reader.atEnd; steps++) {
      if (steps >= STEP_LIMIT)
        throw new DwarfError('limit', `an expression ran for ${STEP_LIMIT} operations`);
      const code = this.#reader.u8();
      this.#step(GNU_ALIASES.get(code) ?? code);
    }
    if (this.#pieces.length > 0) return { kind: 'pieces', pieces: this.#pieces };
    return this.#current();
  }

  #current(): Location {
    return this.#described ?? { kind: 'memory', address: this.#pop().bits };
  }

  #push(bits: bigint, type?: ValueType): void {
    if (this.#stack.length >= STACK_LIMIT) throw new DwarfError('limit', 'the expression stack overflows');
    this.#stack.push(
      type === undefined ? { bits: BigInt.asUintN(64, bits) } : { bits: wrap(bits, type), type },
    );
  }

  #pop(): StackValue {
    const top = this.#stack.pop();
    if (top === undefined) throw this.#reader.malformed('the expression stack is empty');
    return top;
  }

  #pick(depth: number): StackValue {
    const value = this.#stack[this.#stack.length - 1 - depth];
    if (value === undefined) throw this.#reader.malformed('the expression stack is empty');
    return value;
  }

  #register(index: number): bigint {
    const value = this.#context.register(index);
    if (value === undefined) throw new Unavailable(`register ${index} is not known in this frame`);
    return value;
  }

  #memory(address: bigint, size: number): bigint {
    if (size === 0 || size > WORD_SIZE) throw this.#reader.malformed(`a dereference of ${size} bytes`);
    const bytes = this.#context.readMemory(address, size);
    if (bytes === undefined || bytes.length < size)
      throw new Unavailable(`no memory at 0x${address.toString(16)}`);
    return littleEndian(bytes.subarray(0, size));
  }

  #baseType(offset: number): ValueType | undefined {
    // Offset 0 stands for the generic type.
    if (offset === 0) return undefined;
    const type = this.#context.baseType?.(offset);
    if (type === undefined) throw new Unavailable('a computation in a type that is no integer');
    return type;
  }

  #step(code: number): void {
    const handled =
      this.#pushed(code) ||
      this.#stackOperation(code) ||
      this.#arithmetic(code) ||
      this.#typed(code) ||
      this.#describe(code) ||
      this.#control(code);
    if (!handled) throw new Unavailable(`operation 0x${code.toString(16)} is not supported`);
  }

  /** Operations that only push a value. */
  #pushed(code: number): boolean {
    const value = this.#constant(code) ?? this.#machineValue(code);
    if (value === undefined) return false;
    this.#push(value);
    return true;
  }

  /** Values of registers, frame and memory. */
  #machineValue(code: number): bigint | undefined {
    const reader = this.#reader;
    if (code >= DW_OP.breg0 && code <= DW_OP.breg31) {
      return this.#register(code - DW_OP.breg0) + reader.slebBig();
    }
    switch (code) {
      case DW_OP.bregx:
        return this.#register(reader.uleb()) + reader.slebBig();
      case DW_OP.fbreg:
        return this.#known(this.#context.frameBase?.(), 'the frame base') + reader.slebBig();
      case DW_OP.callFrameCfa:
        return this.#known(this.#context.cfa?.(), 'the frame address');
      case DW_OP.deref:
        return this.#memory(this.#pop().bits, WORD_SIZE);
      case DW_OP.derefSize: {
        const size = reader.u8();
        return this.#memory(this.#pop().bits, size);
      }
      case DW_OP.entryValue: {
        const inner = reader.take(reader.uleb());
        return this.#known(this.#context.entryValue?.(inner), 'the value at the entry of the function');
      }
      default:
        return undefined;
    }
  }

  /** Operations that end a location description or a piece of it (DWARF 5, 2.6.1). */
  #describe(code: number): boolean {
    const reader = this.#reader;
    if (code >= DW_OP.reg0 && code <= DW_OP.reg31) {
      this.#described = { kind: 'register', register: code - DW_OP.reg0 };
      return true;
    }
    switch (code) {
      case DW_OP.regx:
        this.#described = { kind: 'register', register: reader.uleb() };
        return true;
      case DW_OP.stackValue:
        this.#described = { kind: 'value', value: this.#pop().bits };
        return true;
      case DW_OP.implicitValue:
        this.#described = { kind: 'bytes', bytes: reader.take(reader.uleb()) };
        return true;
      case DW_OP.implicitPointer:
        reader.advance(this.#context.version === 2 ? WORD_SIZE : (this.#context.offsetSize ?? 4));
        reader.skipLeb();
        this.#described = { kind: 'optimised-out', reason: 'a pointer to something that is not in memory' };
        return true;
      case DW_OP.piece:
        this.#piece(reader.uleb() * BITS_PER_BYTE, 0);
        return true;
      case DW_OP.bitPiece: {
        const size = reader.uleb();
        this.#piece(size, reader.uleb());
        return true;
      }
      default:
        return false;
    }
  }

  #control(code: number): boolean {
    switch (code) {
      case DW_OP.nop:
        return true;
      case DW_OP.skip:
        this.#jump(this.#reader.i16());
        return true;
      case DW_OP.bra: {
        const distance = this.#reader.i16();
        if (this.#pop().bits !== 0n) this.#jump(distance);
        return true;
      }
      default:
        return false;
    }
  }

  #known(value: bigint | undefined, what: string): bigint {
    if (value === undefined) throw new Unavailable(`${what} is not known here`);
    return value;
  }

  #constant(code: number): bigint | undefined {
    const reader = this.#reader;
    if (code >= DW_OP.lit0 && code <= DW_OP.lit31) return BigInt(code - DW_OP.lit0);
    switch (code) {
      case DW_OP.addr:
        return BigInt.asUintN(64, reader.u64() + (this.#context.loadBias ?? 0n));
      case DW_OP.const8u:
        return reader.u64();
      case DW_OP.const8s:
        return reader.i64();
      case DW_OP.const1u:
        return BigInt(reader.u8());
      case DW_OP.const1s:
        return BigInt(reader.i8());
      case DW_OP.const2u:
        return BigInt(reader.u16());
      case DW_OP.const2s:
        return BigInt(reader.i16());
      case DW_OP.const4u:
        return BigInt(reader.u32());
      case DW_OP.const4s:
        return BigInt(reader.i32());
      case DW_OP.constu:
        return reader.ulebBig();
      case DW_OP.consts:
        return reader.slebBig();
      case DW_OP.addrx:
      case DW_OP.constx:
        return this.#known(this.#context.indexedAddress?.(reader.uleb()), 'the address table');
      default:
        return undefined;
    }
  }

  #stackOperation(code: number): boolean {
    switch (code) {
      case DW_OP.dup:
        this.#copy(0);
        return true;
      case DW_OP.drop:
        this.#pop();
        return true;
      case DW_OP.over:
        this.#copy(1);
        return true;
      case DW_OP.pick:
        this.#copy(this.#reader.u8());
        return true;
      case DW_OP.swap: {
        const [top, second] = [this.#pop(), this.#pop()];
        this.#stack.push(top, second);
        return true;
      }
      case DW_OP.rot: {
        const [top, second, third] = [this.#pop(), this.#pop(), this.#pop()];
        this.#stack.push(top, third, second);
        return true;
      }
      default:
        return false;
    }
  }

  #copy(depth: number): void {
    const { bits, type } = this.#pick(depth);
    this.#push(bits, type);
  }

  #arithmetic(code: number): boolean {
    switch (code) {
      case DW_OP.abs: {
        const top = this.#pop();
        const signed = asSigned(top);
        this.#push(signed < 0n ? -signed : signed, top.type);
        return true;
      }
      case DW_OP.neg: {
        const top = this.#pop();
        this.#push(-top.bits, top.type);
        return true;
      }
      case DW_OP.not: {
        const top = this.#pop();
        this.#push(~top.bits, top.type);
        return true;
      }
      case DW_OP.plusUconst: {
        const top = this.#pop();
        this.#push(top.bits + this.#reader.ulebBig(), top.type);
        return true;
      }
      default:
        return this.#binary(code);
    }
  }

  #binary(code: number): boolean {
    const isBinary = (code >= DW_OP.and && code <= DW_OP.xor) || (code >= DW_OP.eq && code <= DW_OP.ne);
    if (!isBinary) return false;
    const right = this.#pop();
    const left = this.#pop();
    const result = binary(code, left, right);
    if (result === undefined) throw new Unavailable('a division by zero');
    const isComparison = code >= DW_OP.eq;
    this.#push(result, isComparison ? undefined : left.type);
    return true;
  }

  /** Operations on values with a type (DWARF 5, 2.5.1.6). */
  #typed(code: number): boolean {
    const reader = this.#reader;
    switch (code) {
      case DW_OP.constType: {
        const offset = reader.uleb();
        const bytes = reader.take(reader.u8());
        this.#push(littleEndian(bytes), this.#baseType(offset));
        return true;
      }
      case DW_OP.regvalType: {
        const register = reader.uleb();
        const type = this.#baseType(reader.uleb());
        this.#push(this.#register(register), type);
        return true;
      }
      case DW_OP.derefType: {
        const size = reader.u8();
        const type = this.#baseType(reader.uleb());
        this.#push(this.#memory(this.#pop().bits, size), type);
        return true;
      }
      case DW_OP.convert:
      case DW_OP.reinterpret: {
        const type = this.#baseType(reader.uleb());
        const top = this.#pop();
        this.#push(code === DW_OP.convert && top.type?.isSigned ? asSigned(top) : top.bits, type);
        return true;
      }
      default:
        return false;
    }
  }

  #jump(distance: number): void {
    const target = this.#reader.offset + distance;
    if (target < 0 || target > this.#reader.end)
      throw this.#reader.malformed('a branch out of the expression');
    this.#reader.offset = target;
  }

  #piece(bitSize: number, bitOffset: number): void {
    const isEmpty = this.#described === undefined && this.#stack.length === 0;
    const location: Location = isEmpty
      ? { kind: 'optimised-out', reason: 'the compiler kept no such part' }
      : this.#current();
    this.#pieces.push({ location, bitSize, bitOffset });
    this.#described = undefined;
  }
}

/** The unsigned integer in some bytes. */
export function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let index = bytes.length - 1; index >= 0; index--) value = (value << 8n) | BigInt(bytes[index] ?? 0);
  return value;
}
