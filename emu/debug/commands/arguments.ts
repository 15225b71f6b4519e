import { evaluate, integerOf } from '../expressions/index.ts';
import { DebugError } from '../session/errors.ts';
import type { DebugSession } from '../session/session.ts';

/** A count of steps: 1 if nothing is given. Throws DebugError 'usage'. */
export function countOf(session: DebugSession, argument: string): number {
  if (argument === '') return 1;
  const count = Number(integerOf(evaluate(argument, session.values)));
  if (!Number.isSafeInteger(count) || count < 1)
    throw new DebugError('usage', `a count from 1 on is wanted, not ${argument}`);
  return count;
}

/** A position: a number, with or without separators (1_000_000, 1,000,000). Undefined when the text is none. */
export function positionOf(text: string): number | undefined {
  if (!/^\d[\d_,]*$/.test(text)) return undefined;
  const position = Number(text.replace(/[_,]/g, ''));
  return Number.isSafeInteger(position) ? position : undefined;
}

/** The numbers of stop points: `2`, `1 3`, `2-5`. Throws DebugError 'usage'. */
export function numbersOf(argument: string): number[] {
  return argument.split(/[\s,]+/).flatMap((word) => {
    const [whole, first = '', last] = /^(\d+)(?:-(\d+))?$/.exec(word) ?? [];
    if (whole === undefined) throw new DebugError('usage', `'${word}' is no number of a breakpoint`);
    const [from, to] = [Number(first), Number(last ?? first)];
    return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
  });
}

/** Refuses arguments of a command that has none. */
export function none(argument: string): void {
  if (argument !== '') throw new DebugError('usage', `this command takes no argument ('${argument}')`);
}

/** Refuses a command line without its argument. */
export function needed(argument: string, what: string): string {
  if (argument === '') throw new DebugError('usage', `${what} is missing`);
  return argument;
}
