import type { FloatFormat } from './format.ts';

/**
 * An operation done with the host's own arithmetic, which is IEEE 754's with rounding to nearest: the result, or undefined when an
 * operand or the result is anything but zero or a normal number safely inside the range. In that case nothing but precision can have been lost.
 */
export type HostFunction = (a: number, b: number) => number | undefined;

export interface HostArithmetic {
  readonly add: HostFunction;
  readonly subtract: HostFunction;
  readonly multiply: HostFunction;
  readonly divide: HostFunction;
  readonly squareRoot: HostFunction;
}

function arithmetic(smallest: number, largest: number, round: (value: number) => number): HostArithmetic {
  const usable = (value: number): boolean => {
    const magnitude = Math.abs(value);
    return value === 0 || (magnitude >= smallest && magnitude <= largest);
  };
  // The smallest normal number itself may be the rounded form of something that was tiny.
  const settled = (value: number): boolean => {
    const magnitude = Math.abs(value);
    return magnitude > smallest && magnitude <= largest;
  };
  const sum = (value: number): number | undefined => (value === 0 || settled(value) ? value : undefined);
  return {
    add: (a, b) => (usable(a) && usable(b) ? sum(round(a + b)) : undefined),
    subtract: (a, b) => (usable(a) && usable(b) ? sum(round(a - b)) : undefined),
    multiply: (a, b) => {
      if (!usable(a) || !usable(b)) return undefined;
      const product = round(a * b);
      return a === 0 || b === 0 || settled(product) ? product : undefined;
    },
    divide: (a, b) => {
      if (!usable(a) || !usable(b) || b === 0) return undefined;
      const quotient = round(a / b);
      return a === 0 || settled(quotient) ? quotient : undefined;
    },
    // A root of a double rounded once more to single precision is the single root: 53 bits are more than 2 × 24 + 2.
    squareRoot: (_unused, b) => (usable(b) && b >= 0 ? round(Math.sqrt(b)) : undefined),
  };
}

const SINGLE = arithmetic(2 ** -126, (2 - 2 ** -23) * 2 ** 127, Math.fround);
const DOUBLE = arithmetic(2 ** -1022, Number.MAX_VALUE, (value) => value);

export function hostArithmetic(of: FloatFormat): HostArithmetic {
  return of.size === 4 ? SINGLE : DOUBLE;
}
