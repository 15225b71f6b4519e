import { closingIndex } from './functions.ts';
import { readBody, type Span, type Statement } from './statements.ts';
import type { Token } from './tokens.ts';

/** The general rules by which a fault is made. */
export const RULES = [
  'drop-statement',
  'drop-count',
  'turn-count',
  'negate-condition',
  'swap-logic',
  'move-boundary',
  'turn-equality',
  'turn-sign',
  'change-constant',
  'swap-arguments',
  'turn-flag',
  'turn-insertion',
  'return-zero',
] as const;

export type Rule = (typeof RULES)[number];

/** A change of a source: the characters from `start` to `end` become `replacement`. */
export interface Fault {
  readonly rule: Rule;
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

/**
 * Assertions have no behaviour in a kernel that is right, and what a panic says is for people: no fault is made in them.
 * The condition that leads to a panic is behaviour: a fault there panics.
 */
const ASSERTIONS = new Set(['KASSERT', 'KERNEL_ASSERT_LOCKED', 'SCHED_ASSERT_LOCKED', 'panic', 'printf']);

const BOUNDARIES: Readonly<Record<string, string>> = { '<': '<=', '<=': '<', '>': '>=', '>=': '>' };
const LOGIC: Readonly<Record<string, string>> = { '&&': '||', '||': '&&' };
const EQUALITY: Readonly<Record<string, string>> = { '==': '!=', '!=': '==' };
const SIGNS: Readonly<Record<string, string>> = { '+': '-', '-': '+' };
const FLAGS: Readonly<Record<string, string>> = {
  atomic_setbits_int: 'atomic_clearbits_int',
  atomic_clearbits_int: 'atomic_setbits_int',
};
const INSERTIONS: Readonly<Record<string, string>> = {
  LIST_INSERT_AFTER: 'LIST_INSERT_BEFORE',
  LIST_INSERT_BEFORE: 'LIST_INSERT_AFTER',
  TAILQ_INSERT_HEAD: 'TAILQ_INSERT_TAIL',
  TAILQ_INSERT_TAIL: 'TAILQ_INSERT_HEAD',
};
const COUNTS: Readonly<Record<string, string>> = { '++': '--', '--': '++', '+=': '-=', '-=': '+=' };

/** Finds the faults of one function. */
class FaultFinder {
  readonly faults: Fault[] = [];
  readonly #source: string;
  readonly #tokens: readonly Token[];

  constructor(source: string, tokens: readonly Token[]) {
    this.#source = source;
    this.#tokens = tokens;
  }

  find(): Fault[] {
    const { statements, conditions } = readBody(this.#tokens);
    const assertions = statements.filter((statement) => this.#isAssertion(statement));
    for (const statement of statements) {
      if (!assertions.includes(statement)) this.#statement(statement);
    }
    for (const condition of conditions) this.#negate(condition);
    this.#tokens.forEach((token, index) => {
      if (!assertions.some(({ from, to }) => from <= index && index < to)) this.#token(token, index);
    });
    return this.faults.sort((left, right) => left.start - right.start || left.end - right.end);
  }

  #isAssertion({ from }: Statement): boolean {
    return ASSERTIONS.has(this.#tokens[from]?.text ?? '');
  }

  #add(rule: Rule, from: number, to: number, replacement: string): void {
    const start = this.#tokens[from]?.start;
    const end = this.#tokens[to - 1]?.end;
    if (start === undefined || end === undefined) return;
    // Lines keep their numbers, so that a fault that changes no code changes no byte of it either.
    const lost = lineBreaks(this.#source.slice(start, end)) - lineBreaks(replacement);
    this.faults.push({ rule, start, end, replacement: replacement + '\n'.repeat(Math.max(lost, 0)) });
  }

  #textOf({ from, to }: Span): string {
    return this.#source.slice(this.#tokens[from]?.start, this.#tokens[to - 1]?.end);
  }

  #statement(statement: Statement): void {
    const { kind, from, to } = statement;
    if (kind === 'return') {
      const value = this.#textOf({ from: from + 1, to: to - 1 });
      if (to - from > 2 && value !== '0' && value !== 'NULL') {
        this.#add('return-zero', from, to, 'return 0;');
      }
      return;
    }
    if (kind === 'jump') {
      this.#add('drop-statement', from, to, ';');
      return;
    }
    const operator = this.#tokens.findIndex(
      ({ text }, index) => index >= from && index < to && COUNTS[text] !== undefined,
    );
    this.#add(operator < 0 ? 'drop-statement' : 'drop-count', from, to, ';');
  }

  #negate({ from, to }: Span): void {
    const inside = this.#tokens.slice(from, to).map(({ text }) => text);
    const alone = inside.every((text) => LOGIC[text] === undefined && text !== '(' && text !== '?');
    // Turning the one comparison is the same.
    if (alone && inside.some((text) => EQUALITY[text] !== undefined)) return;
    this.#add('negate-condition', from, to, `!(${this.#textOf({ from, to })})`);
  }

  #token(token: Token, index: number): void {
    const replace = (rule: Rule, to: string | undefined): void => {
      if (to !== undefined) this.#add(rule, index, index + 1, to);
    };
    if (token.kind === 'number') replace('change-constant', changedConstant(token.text));
    if (token.kind === 'identifier') {
      replace('turn-flag', FLAGS[token.text]);
      if (this.#tokens[index + 1]?.text === '(') this.#call(token, index);
    }
    if (token.kind !== 'punctuator') return;
    replace('move-boundary', BOUNDARIES[token.text]);
    replace('swap-logic', LOGIC[token.text]);
    replace('turn-equality', EQUALITY[token.text]);
    replace('turn-count', COUNTS[token.text]);
    if (this.#isBinary(index)) replace('turn-sign', SIGNS[token.text]);
    if (token.text === '|=') replace('turn-flag', '&= ~');
    if (token.text === '&=' && this.#tokens[index + 1]?.text === '~') {
      this.#add('turn-flag', index, index + 2, '|= ');
    }
    if (token.text === '?') this.#negateChoice(index);
  }

  /** Whether an operator has an operand on its left. */
  #isBinary(index: number): boolean {
    const before = this.#tokens[index - 1];
    return (
      before !== undefined && (before.kind !== 'punctuator' || before.text === ')' || before.text === ']')
    );
  }

  /** `(condition) ? a : b`, as style(9) wants it in parentheses. */
  #negateChoice(index: number): void {
    if (this.#tokens[index - 1]?.text !== ')') return;
    let open = index - 1;
    while (open > 0 && !(this.#tokens[open]?.text === '(' && closingIndex(this.#tokens, open) === index - 1))
      open--;
    const before = this.#tokens[open - 1];
    if (before?.kind === 'identifier' && before.text !== 'return') return;
    this.#negate({ from: open, to: index });
  }

  #call(name: Token, index: number): void {
    const close = closingIndex(this.#tokens, index + 1);
    const args = splitArguments(this.#tokens, index + 2, close);
    if (INSERTIONS[name.text] !== undefined) {
      this.#add('turn-insertion', index, index + 1, INSERTIONS[name.text] ?? '');
    }
    if (NOT_CALLS.has(name.text)) return;
    for (let left = 0; left + 1 < args.length; left++) {
      const [first, second] = [args[left], args[left + 1]];
      if (first === undefined || second === undefined) continue;
      const [one, other] = [this.#textOf(first), this.#textOf(second)];
      if (one !== other) this.#add('swap-arguments', first.from, second.to, `${other}, ${one}`);
    }
  }
}

const NOT_CALLS = new Set(['if', 'while', 'for', 'switch', 'return', 'sizeof', 'SCARG', 'offsetof']);

/** The arguments between a call's parentheses. */
function splitArguments(tokens: readonly Token[], from: number, to: number): Span[] {
  const args: Span[] = [];
  let begin = from;
  for (let index = from; index < to; index++) {
    const text = tokens[index]?.text ?? '';
    if (text === '(' || text === '[' || text === '{') index = closingIndex(tokens, index);
    else if (text === ',') {
      args.push({ from: begin, to: index });
      begin = index + 1;
    }
  }
  if (begin < to) args.push({ from: begin, to });
  return args;
}

/** One more, or for an odd number one less; undefined for what is no integer. */
function changedConstant(text: string): string | undefined {
  const [, digits = '', suffix = ''] = /^(0[xX][0-9a-fA-F]+|\d+)([uUlL]*)$/.exec(text) ?? [];
  if (digits === '') return undefined;
  const value = /^0\d/.test(digits) ? BigInt(`0o${digits.slice(1)}`) : BigInt(digits);
  return `${value % 2n === 0n ? value + 1n : value - 1n}${suffix}`;
}

const lineBreaks = (text: string): number => text.split('\n').length - 1;

/** The faults that the rules make in a function's body, by place. */
export function faultsIn(source: string, body: readonly Token[]): Fault[] {
  return new FaultFinder(source, body).find();
}
