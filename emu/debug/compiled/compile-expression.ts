import { sizeOf, stripType, type Type } from '../../symbols/index.ts';
import {
  type BinaryOperator,
  CHAR,
  type Expression,
  INT,
  LONG,
  pointerTo,
  typeOfConstant,
  UNSIGNED_INT,
  UNSIGNED_LONG,
} from '../expressions/index.ts';
import { type GuestWords, highHalf, lowHalf } from './guest-words.ts';
import {
  asKind,
  comparison,
  cut,
  type IntegerKind,
  integerOperation,
  type Reading,
} from './word-arithmetic.ts';

/** What an expression becomes at a place of the code: no name is looked up any more. */
export interface Compiled {
  readonly type: Type;
  /** Its number (of an array its address), extended to 64 bits; absent for structures. */
  readonly read: Reading | undefined;
  /** The address of an object in memory. */
  readonly locate: Reading | undefined;
}

/** Names and types, as the code sees them where an expression is compiled for. */
export interface CompilerScope {
  /** A variable, constant or per-processor pointer. */
  variable(name: string, scope: string | undefined): Compiled | undefined;
  /** A register, without the dollar sign. */
  register(name: string): Compiled | undefined;
  /** Throws ExpressionError 'unknown-name'. */
  type(syntax: Expression & { kind: 'cast' }): Type;
}

/**
 * Turns expressions into closures over 32-bit halves: constants, variables, registers, pointers and members, integer arithmetic, comparisons.
 * What it does not know (floating-point numbers, bit-fields, assignments, division …) it leaves to the evaluator, by returning undefined;
 * what it knows means the same there.
 */
export class ExpressionCompiler {
  readonly #words: GuestWords;
  readonly #scope: CompilerScope;

  constructor(words: GuestWords, scope: CompilerScope) {
    this.#words = words;
    this.#scope = scope;
  }

  compile(syntax: Expression): Compiled | undefined {
    switch (syntax.kind) {
      case 'integer':
        return constant(this.#words, typeOfConstant(syntax.token), syntax.token.value);
      case 'character':
        return constant(this.#words, CHAR, BigInt(syntax.value));
      case 'name':
        // A program's own names are in the memory of its process, whoever runs.
        return syntax.program === undefined ? this.#scope.variable(syntax.name, syntax.scope) : undefined;
      case 'register':
        return this.#scope.register(syntax.name);
      case 'unary':
        return this.#unary(syntax);
      case 'binary':
        return this.#binary(syntax);
      case 'conditional':
        return this.#conditional(syntax);
      case 'member':
        return this.#member(syntax);
      case 'index': {
        const array = this.compile(syntax.array);
        const index = this.compile(syntax.index);
        const place = array && index && this.#offset(array, index, false);
        return place && this.#dereference(place);
      }
      case 'cast':
        return this.#cast(syntax);
      default:
        return undefined;
    }
  }

  /** Whether an expression is not zero: 1 or 0. */
  truth(syntax: Expression): Reading | undefined {
    const read = this.compile(syntax)?.read;
    if (read === undefined) return undefined;
    const words = this.#words;
    return () => {
      if (!read()) return false;
      words.set((words.low | words.high) === 0 ? 0 : 1, 0);
      return true;
    };
  }

  #unary({ operator, operand }: Expression & { kind: 'unary' }): Compiled | undefined {
    if (operator === '!') {
      const truth = this.truth(operand);
      return (
        truth &&
        number(
          INT,
          this.#then(truth, (words) => words.set(words.low ^ 1, 0)),
        )
      );
    }
    const value = this.compile(operand);
    if (value === undefined) return undefined;
    if (operator === '*') return this.#dereference(value);
    if (operator === '&') return value.locate && number(pointerTo(value.type), value.locate);
    const kind = promotedKind(value.type);
    if (kind === undefined || value.read === undefined) return undefined;
    const { read } = value;
    switch (operator) {
      case '+':
        return number(typeOfKind(kind), read);
      case '~':
        return number(
          typeOfKind(kind),
          asKind(
            this.#words,
            kind,
            this.#then(read, (words) => words.set(~words.low, ~words.high)),
          ),
        );
      case '-':
        return number(
          typeOfKind(kind),
          asKind(
            this.#words,
            kind,
            this.#then(read, (words) => {
              words.set(~words.low, ~words.high);
              words.add(1, 0);
            }),
          ),
        );
    }
  }

  #binary({ operator, left, right }: Expression & { kind: 'binary' }): Compiled | undefined {
    if (operator === '&&' || operator === '||') return this.#logical(operator, left, right);
    const [a, b] = [this.compile(left), this.compile(right)];
    if (a?.read === undefined || b?.read === undefined) return undefined;
    if (isPointer(a.type) || isPointer(b.type)) return this.#pointerOperation(operator, a, b);
    const [kindA, kindB] = [promotedKind(a.type), promotedKind(b.type)];
    if (kindA === undefined || kindB === undefined) return undefined;
    const kind = operator === '<<' || operator === '>>' ? kindA : commonKind(kindA, kindB);
    return this.#operation(operator, kind, a.read, b.read);
  }

  #operation(
    operator: BinaryOperator,
    kind: IntegerKind,
    left: Reading,
    right: Reading,
  ): Compiled | undefined {
    const compared = comparison(this.#words, operator, kind, left, right);
    if (compared !== undefined) return number(INT, compared);
    const computed = integerOperation(this.#words, operator, kind, left, right);
    return computed && number(typeOfKind(kind), computed);
  }

  #pointerOperation(operator: BinaryOperator, a: Compiled, b: Compiled): Compiled | undefined {
    const [first, second] = [isPointer(a.type), isPointer(b.type)];
    if (operator === '+' && first !== second)
      return first ? this.#offset(a, b, false) : this.#offset(b, a, false);
    if (operator === '-') return first && !second ? this.#offset(a, b, true) : undefined;
    return a.read && b.read && this.#operation(operator, ADDRESS, a.read, b.read);
  }

  #logical(operator: '&&' | '||', left: Expression, right: Expression): Compiled | undefined {
    const [first, second] = [this.truth(left), this.truth(right)];
    if (first === undefined || second === undefined) return undefined;
    const words = this.#words;
    const decisive = operator === '||' ? 1 : 0;
    return number(INT, () => first() && (words.low === decisive || second()));
  }

  #conditional({ condition, whenTrue, whenFalse }: Expression & { kind: 'conditional' }) {
    const truth = this.truth(condition);
    const [yes, no] = [this.compile(whenTrue), this.compile(whenFalse)];
    // With branches of two types the value's type is known only when it is evaluated.
    const isOneType = yes !== undefined && no !== undefined && stripType(yes.type) === stripType(no.type);
    if (!isOneType || truth === undefined || yes.read === undefined || no.read === undefined)
      return undefined;
    const [readYes, readNo] = [yes.read, no.read];
    const words = this.#words;
    return number(yes.type, () => truth() && (words.low !== 0 ? readYes() : readNo()));
  }

  #member({ object, name }: Expression & { kind: 'member' }): Compiled | undefined {
    const value = this.compile(object);
    return value && this.member(value, name);
  }

  /** A member of a structure in memory, or of what a pointer leads to. */
  member(object: Compiled, name: string): Compiled | undefined {
    const value = stripType(object.type).kind === 'pointer' ? this.#dereference(object) : object;
    const locate = value?.locate;
    if (value === undefined || locate === undefined) return undefined;
    const type = stripType(value.type);
    if ((type.kind !== 'struct' && type.kind !== 'union') || !type.isComplete) return undefined;
    const member = type.member(name);
    if (member === undefined || member.bitSize !== undefined) return undefined;
    const { offset } = member;
    return this.object(
      member.type,
      this.#then(locate, (words) => words.add(offset, 0)),
    );
  }

  /** The object that a pointer or an array's name points to. */
  #dereference({ type, read }: Compiled): Compiled | undefined {
    const bare = stripType(type);
    const target = bare.kind === 'pointer' ? bare.target : bare.kind === 'array' ? bare.element : undefined;
    if (target === undefined || read === undefined || stripType(target).kind === 'void') return undefined;
    return this.object(target, read);
  }

  /** An object in memory. */
  object(type: Type, locate: Reading): Compiled {
    const words = this.#words;
    const bare = stripType(type);
    if (bare.kind === 'array') return { type, read: locate, locate };
    const kind = loadKind(type);
    if (kind === undefined) return { type, read: undefined, locate };
    const { size, isSigned } = kind;
    return { type, read: () => locate() && words.load(size, isSigned), locate };
  }

  /** A pointer, so many elements further or back. */
  #offset(pointer: Compiled, index: Compiled, isBack: boolean): Compiled | undefined {
    const bare = stripType(pointer.type);
    const element = bare.kind === 'pointer' ? bare.target : bare.kind === 'array' ? bare.element : undefined;
    const { read } = pointer;
    const at = index.read;
    if (element === undefined || read === undefined || at === undefined || loadKind(index.type) === undefined)
      return undefined;
    const size = sizeOf(element) || 1;
    const words = this.#words;
    return number(pointerTo(element), () => {
      if (!read()) return false;
      const { low, high } = words;
      if (!at()) return false;
      // Indexes of more than 32 bits are left to the evaluator, which is exact about them.
      if (words.high !== words.low >> 31) return false;
      const distance = words.low * size;
      words.set(low, high);
      const signed = isBack ? -distance : distance;
      words.add((signed % HIGH_WORD) | 0, Math.floor(signed / HIGH_WORD));
      return true;
    });
  }

  #cast(syntax: Expression & { kind: 'cast' }): Compiled | undefined {
    const value = this.compile(syntax.operand);
    const read = value?.read;
    if (value === undefined || read === undefined) return undefined;
    const type = this.#scope.type(syntax);
    const bare = stripType(type);
    const isAddress = bare.kind === 'pointer' || bare.kind === 'enum';
    const size = bare.kind === 'base' || isAddress ? bare.size : 0;
    if (size !== 4 && size !== 8) return undefined;
    if (bare.kind === 'base' && (bare.encoding === 'boolean' || loadKind(type) === undefined))
      return undefined;
    const isSigned = (bare.kind === 'base' || bare.kind === 'enum') && bare.isSigned;
    const words = this.#words;
    return number(
      type,
      this.#then(read, () => cut(words, { size, isSigned })),
    );
  }

  #then(read: Reading, change: (words: GuestWords) => void): Reading {
    const words = this.#words;
    return () => {
      if (!read()) return false;
      change(words);
      return true;
    };
  }
}

const HIGH_WORD = 2 ** 32;
const ADDRESS: IntegerKind = { size: 8, isSigned: false };

/** A value that is no object in memory. */
export function number(type: Type, read: Reading): Compiled {
  return { type, read, locate: undefined };
}

export function constant(words: GuestWords, type: Type, value: bigint): Compiled {
  const [low, high] = [lowHalf(value), highHalf(value)];
  return number(type, () => {
    words.set(low, high);
    return true;
  });
}

function isPointer(type: Type): boolean {
  const { kind } = stripType(type);
  return kind === 'pointer' || kind === 'array';
}

/** How an object of a type is loaded; undefined when it is no integer, pointer or enumeration. */
export function loadKind(type: Type): IntegerKind | undefined {
  const bare = stripType(type);
  if (bare.kind === 'pointer') return ADDRESS;
  if (bare.kind !== 'base' && bare.kind !== 'enum') return undefined;
  const isInteger = bare.kind === 'enum' || !['float', 'other', 'boolean'].includes(bare.encoding);
  return isInteger && [1, 2, 4, 8].includes(bare.size)
    ? { size: bare.size, isSigned: bare.isSigned }
    : undefined;
}

/** What C computes with instead of a type (the integer promotions, C11, 6.3.1.1). */
function promotedKind(type: Type): IntegerKind | undefined {
  const kind = stripType(type).kind === 'pointer' ? undefined : loadKind(type);
  if (kind === undefined) return undefined;
  return kind.size < INT.size ? { size: INT.size, isSigned: true } : kind;
}

/** The usual arithmetic conversions (C11, 6.3.1.8). */
function commonKind(a: IntegerKind, b: IntegerKind): IntegerKind {
  if (a.size !== b.size) return a.size > b.size ? a : b;
  return a.isSigned ? b : a;
}

function typeOfKind({ size, isSigned }: IntegerKind): Type {
  if (size === INT.size) return isSigned ? INT : UNSIGNED_INT;
  return isSigned ? LONG : UNSIGNED_LONG;
}
