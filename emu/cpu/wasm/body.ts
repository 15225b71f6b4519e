import { Bytes } from './bytes.ts';
import type { Expression, I32, I64, V128, ValueType } from './expressions.ts';

/** Encodings of value types (WebAssembly core specification, 5.3.1). */
export const VALUE_TYPE: Record<ValueType, number> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
};
const EMPTY_BLOCK = 0x40;
/** First byte of every vector instruction. */
const VECTOR_PREFIX = 0xfd;

/** A local variable of a function body; as an expression it reads itself. */
export interface Local<T extends ValueType> {
  readonly index: number;
  readonly type: T;
  readonly get: Expression<T>;
}

/** A branch target: `depth` is the nesting depth of its block or loop. */
export interface Label {
  readonly depth: number;
}

/** A function that can be called: an import or a function of the module. */
export interface Callable<R extends ValueType | undefined = ValueType | undefined> {
  readonly index: number;
  readonly result?: R;
}

/** Buffers of finished bodies. Allocating one for each function is most of the time that generating takes. */
const spare: Bytes[] = [];
/** Room for the local declarations of a body: a count and a type for each run. */
const DECLARATIONS_ROOM = 64;

/**
 * Writes one function body: statements append to it at once, expressions when a statement uses them.
 * Locals taken inside `scope` are given back at its end and reused.
 */
export class Body {
  readonly code = spare.pop() ?? new Bytes(4096);
  readonly #types: ValueType[] = [];
  readonly #free: Record<ValueType, Local<ValueType>[]> = { i32: [], i64: [], f32: [], f64: [], v128: [] };
  #scope: Local<ValueType>[] = [];
  #depth = 0;
  readonly parameters: Local<ValueType>[];

  constructor(parameters: readonly ValueType[] = []) {
    this.parameters = parameters.map((type, index) => local(index, type));
  }

  /** A fresh local (its value is whatever an earlier user of the slot left). */
  local<T extends ValueType>(type: T): Local<T> {
    const reused = this.#free[type].pop();
    const taken = reused ?? local(this.parameters.length + this.#types.length, type);
    if (reused === undefined) this.#types.push(type);
    this.#scope.push(taken);
    return taken as Local<T>;
  }

  /** Runs `write`; locals it takes are free afterwards. */
  scope(write: () => void): void {
    const outer = this.#scope;
    this.#scope = [];
    write();
    for (const taken of this.#scope) this.#free[taken.type].push(taken);
    this.#scope = outer;
  }

  set<T extends ValueType>(target: Local<T>, value: Expression<T>): void {
    value(this);
    this.code.byte(0x21);
    this.code.unsigned(target.index);
  }

  /** Evaluates `value` now, into a fresh local, and returns the expression that reads it. */
  let64(value: I64): I64 {
    const target = this.local('i64');
    this.set(target, value);
    return target.get;
  }

  let32(value: I32): I32 {
    const target = this.local('i32');
    this.set(target, value);
    return target.get;
  }

  let128(value: V128): V128 {
    const target = this.local('v128');
    this.set(target, value);
    return target.get;
  }

  /** The same for any type. */
  let<T extends ValueType>(type: T, value: Expression<T>): Expression<T> {
    const target = this.local(type);
    this.set(target, value);
    return target.get;
  }

  #store(opcode: number, address: I32, value: Expression<ValueType>, offset: number): void {
    address(this);
    value(this);
    this.code.byte(opcode);
    this.code.byte(0);
    this.code.unsigned(offset);
  }

  store32(address: I32, value: I32, offset = 0): void {
    this.#store(0x36, address, value, offset);
  }

  store64(address: I32, value: I64, offset = 0): void {
    this.#store(0x37, address, value, offset);
  }

  /** Stores the low `size` bytes of `value`. */
  storeLow(size: number, address: I32, value: I64, offset = 0): void {
    this.#store({ 1: 0x3c, 2: 0x3d, 4: 0x3e, 8: 0x37 }[size] as number, address, value, offset);
  }

  storeFloat<T extends 'f32' | 'f64'>(type: T, address: I32, value: Expression<T>): void {
    this.#store(type === 'f32' ? 0x38 : 0x39, address, value, 0);
  }

  /** Stores the low `size` bytes of a vector. */
  storeVector(size: 4 | 8 | 16, address: I32, value: V128, offset = 0): void {
    address(this);
    value(this);
    this.code.byte(VECTOR_PREFIX);
    this.code.byte({ 4: 0x5a, 8: 0x5b, 16: 0x0b }[size]);
    this.code.byte(0);
    this.code.unsigned(offset);
    if (size !== 16) this.code.byte(0);
  }

  if(condition: I32, then: () => void, otherwise?: () => void): void {
    condition(this);
    this.code.byte(0x04);
    this.code.byte(EMPTY_BLOCK);
    this.#depth++;
    then();
    if (otherwise !== undefined) {
      this.code.byte(0x05);
      otherwise();
    }
    this.#depth--;
    this.code.byte(0x0b);
  }

  #nested(opcode: number, write: (label: Label) => void): void {
    this.code.byte(opcode);
    this.code.byte(EMPTY_BLOCK);
    this.#depth++;
    write({ depth: this.#depth });
    this.#depth--;
    this.code.byte(0x0b);
  }

  /** A block: branching to its label leaves it. */
  block(write: (label: Label) => void): void {
    this.#nested(0x02, write);
  }

  /** A loop: branching to its label starts it again; falling out of it leaves it. */
  loop(write: (label: Label) => void): void {
    this.#nested(0x03, write);
  }

  br(label: Label): void {
    this.code.byte(0x0c);
    this.code.unsigned(this.#depth - label.depth);
  }

  brIf(label: Label, condition: I32): void {
    condition(this);
    this.code.byte(0x0d);
    this.code.unsigned(this.#depth - label.depth);
  }

  /** Branches to `labels[index]`, or to `otherwise` when there is none. */
  brTable(labels: readonly Label[], otherwise: Label, index: I32): void {
    index(this);
    this.code.byte(0x0e);
    this.code.unsigned(labels.length);
    for (const label of labels) this.code.unsigned(this.#depth - label.depth);
    this.code.unsigned(this.#depth - otherwise.depth);
  }

  /** A call used as an expression. */
  call<R extends ValueType>(callee: Callable<R>, ...operands: Expression<ValueType>[]): Expression<R> {
    return (body) => {
      for (const operand of operands) operand(body);
      body.code.byte(0x10);
      body.code.unsigned(callee.index);
    };
  }

  /** A call of a function without a result, as a statement. */
  run(callee: Callable<undefined>, ...operands: Expression<ValueType>[]): void {
    for (const operand of operands) operand(this);
    this.code.byte(0x10);
    this.code.unsigned(callee.index);
  }

  /** Calls through the module's table with a function type. */
  callIndirect<R extends ValueType>(
    typeIndex: number,
    element: I32,
    ...operands: Expression<ValueType>[]
  ): Expression<R> {
    return (body) => {
      for (const operand of operands) operand(body);
      element(body);
      body.code.byte(0x11);
      body.code.unsigned(typeIndex);
      body.code.byte(0);
    };
  }

  return(value?: Expression<ValueType>): void {
    value?.(this);
    this.code.byte(0x0f);
  }

  unreachable(): void {
    this.code.byte(0x00);
  }

  /** The function's body with its local declarations, as the code section holds it (without the size). The body is done with then. */
  finish(): Uint8Array {
    const out = new Bytes(this.code.length + DECLARATIONS_ROOM);
    const runs: { type: ValueType; count: number }[] = [];
    for (const type of this.#types) {
      const last = runs.at(-1);
      if (last?.type === type) last.count++;
      else runs.push({ type, count: 1 });
    }
    out.unsigned(runs.length);
    for (const { type, count } of runs) {
      out.unsigned(count);
      out.byte(VALUE_TYPE[type]);
    }
    out.append(this.code.view());
    out.byte(0x0b);
    this.code.length = 0;
    spare.push(this.code);
    return out.view();
  }
}

function local<T extends ValueType>(index: number, type: T): Local<T> {
  return {
    index,
    type,
    get: (body) => {
      body.code.byte(0x20);
      body.code.unsigned(index);
    },
  };
}
