import type { BinaryOperator } from '../expressions/index.ts';
import type { GuestWords } from './guest-words.ts';

/** An integer type as arithmetic has it after promotion. */
export interface IntegerKind {
  /** Bytes: 4 or 8. */
  readonly size: number;
  readonly isSigned: boolean;
}

/** Leaves its value in `GuestWords`; false when it has none here, and who wants to know why asks the evaluator. */
export type Reading = () => boolean;

const WORD_BITS = 32;

/** Cuts what was read to a type: its upper half follows from the lower one in 4 bytes. */
export function cut(words: GuestWords, { size, isSigned }: IntegerKind): void {
  if (size === 4) words.high = isSigned ? words.low >> 31 : 0;
}

/** A reading, cut to a type. */
export function asKind(words: GuestWords, kind: IntegerKind, reading: Reading): Reading {
  return () => {
    if (!reading()) return false;
    cut(words, kind);
    return true;
  };
}

/** What two readings compare to. `kind` is what both are converted to. Undefined for an operator that does not compare. */
export function comparison(
  words: GuestWords,
  operator: BinaryOperator,
  kind: IntegerKind,
  left: Reading,
  right: Reading,
): Reading | undefined {
  const decide = COMPARISONS[operator];
  if (decide === undefined) return undefined;
  return () => {
    if (!left()) return false;
    cut(words, kind);
    const { low, high } = words;
    if (!right()) return false;
    cut(words, kind);
    words.set(decide(order(low, high, words, kind.isSigned)) ? 1 : 0, 0);
    return true;
  };
}

const COMPARISONS: Readonly<Partial<Record<BinaryOperator, (order: number) => boolean>>> = {
  '<': (order) => order < 0,
  '>': (order) => order > 0,
  '<=': (order) => order <= 0,
  '>=': (order) => order >= 0,
  '==': (order) => order === 0,
  '!=': (order) => order !== 0,
};

/** Below, equal to or above zero, as the first number is below, equal to or above what was read. */
function order(low: number, high: number, other: GuestWords, isSigned: boolean): number {
  if (high !== other.high)
    return isSigned ? (high < other.high ? -1 : 1) : high >>> 0 < other.high >>> 0 ? -1 : 1;
  if (low === other.low) return 0;
  return low >>> 0 < other.low >>> 0 ? -1 : 1;
}

/** An operation on two readings, of which `kind` is the type. Undefined for one that is not done here. */
export function integerOperation(
  words: GuestWords,
  operator: BinaryOperator,
  kind: IntegerKind,
  left: Reading,
  right: Reading,
): Reading | undefined {
  const operate = OPERATIONS[operator];
  if (operate === undefined) return undefined;
  // How far is shifted keeps its own type.
  const isShift = operator === '<<' || operator === '>>';
  return () => {
    if (!left()) return false;
    cut(words, kind);
    const { low, high } = words;
    if (!right()) return false;
    if (!isShift) cut(words, kind);
    if (!operate(words, low, high, kind)) return false;
    cut(words, kind);
    return true;
  };
}

/** `low` and `high` are the left operand; the right one is in the words, and the result comes there. */
type Operation = (words: GuestWords, low: number, high: number, kind: IntegerKind) => boolean;

const OPERATIONS: Readonly<Partial<Record<BinaryOperator, Operation>>> = {
  '+': (words, low, high) => {
    words.add(low, high);
    return true;
  },
  '-': (words, low, high) => {
    const borrow = low >>> 0 < words.low >>> 0 ? 1 : 0;
    words.set((low - words.low) | 0, (high - words.high - borrow) | 0);
    return true;
  },
  '&': (words, low, high) => {
    words.set(low & words.low, high & words.high);
    return true;
  },
  '|': (words, low, high) => {
    words.set(low | words.low, high | words.high);
    return true;
  },
  '^': (words, low, high) => {
    words.set(low ^ words.low, high ^ words.high);
    return true;
  },
  '<<': (words, low, high, kind) => {
    const count = shiftCount(words, kind);
    if (count < 0) return false;
    if (count >= WORD_BITS) words.set(0, low << (count - WORD_BITS));
    else if (count === 0) words.set(low, high);
    else words.set(low << count, (high << count) | (low >>> (WORD_BITS - count)));
    return true;
  },
  '>>': (words, low, high, kind) => {
    const count = shiftCount(words, kind);
    if (count < 0) return false;
    const sign = kind.isSigned ? high >> 31 : 0;
    if (count >= WORD_BITS) {
      const rest = count - WORD_BITS;
      words.set(kind.isSigned ? high >> rest : (high >>> rest) | 0, sign);
    } else if (count === 0) words.set(low, high);
    else {
      const above = (high << (WORD_BITS - count)) | 0;
      words.set((low >>> count) | above, kind.isSigned ? high >> count : (high >>> count) | 0);
    }
    return true;
  },
};

/** How far is shifted; -1 when C does not define it. */
function shiftCount({ low, high }: GuestWords, { size }: IntegerKind): number {
  return high === 0 && low >= 0 && low < size * 8 ? low : -1;
}
