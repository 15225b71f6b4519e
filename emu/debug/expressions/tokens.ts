import { ExpressionError } from './errors.ts';

/** How an integer constant was written: its digits' base and its suffixes decide its type (C11, 6.4.4.1). */
export interface IntegerToken {
  readonly kind: 'integer';
  readonly at: number;
  readonly text: string;
  readonly value: bigint;
  readonly isDecimal: boolean;
  readonly isUnsigned: boolean;
  readonly isLong: boolean;
}

/** A token of C, and gdb's additions: registers (`$rip`) and the punctuator `::`. */
export type Token =
  | IntegerToken
  | { readonly kind: 'floating'; readonly at: number; readonly text: string; readonly value: number }
  | { readonly kind: 'character'; readonly at: number; readonly text: string; readonly value: number }
  | { readonly kind: 'string'; readonly at: number; readonly text: string; readonly value: string }
  | { readonly kind: 'name'; readonly at: number; readonly text: string }
  /** `text` has no dollar sign. */
  | { readonly kind: 'register'; readonly at: number; readonly text: string }
  /** A program before a name: `prog:ksh:` or `kernel:`. */
  | { readonly kind: 'program'; readonly at: number; readonly text: string }
  /** A source file before `::`: 'kern_fork.c'. */
  | { readonly kind: 'file'; readonly at: number; readonly text: string }
  | { readonly kind: 'punctuator'; readonly at: number; readonly text: string }
  | { readonly kind: 'end'; readonly at: number; readonly text: '' };

/** Longest first: `<<=` before `<<` before `<`. */
const PUNCTUATORS = [
  '<<=',
  '>>=',
  '->',
  '++',
  '--',
  '<<',
  '>>',
  '<=',
  '>=',
  '==',
  '!=',
  '&&',
  '||',
  '+=',
  '-=',
  '*=',
  '/=',
  '%=',
  '&=',
  '|=',
  '^=',
  '::',
  ...'+-*/%&|^~!<>=?:,.()[]@{}',
];
const SPACE = /\s+/y;
/** The one is a program's name, the other the kernel; what follows is a name, a file's, or `::`. */
const PROGRAM = /prog:([\w.+-]+):(?!:)|(kernel):(?=[A-Za-z_'])/y;
const FILE = /'([^']{2,})'(?=\s*::)|([\w./+-]+\.[chS])(?=\s*::)/y;
const FLOATING = /(?:\d+\.\d*|\.\d+)(?:[eE][+-]?\d+)?[fFlL]?|\d+[eE][+-]?\d+[fFlL]?/y;
const INTEGER = /(0[xX][0-9a-fA-F]+|0[bB][01]+|0[0-7]*|[1-9]\d*)([uUlL]*)/y;
const WORD_PART = /[\w.]/;
const NAME = /[A-Za-z_]\w*/y;
const REGISTER = /\$(\$\d*|\w*)/y;
const CHARACTER = /'((?:\\.[^']*|[^'\\]))'/y;
const STRING = /"((?:\\.|[^"\\])*)"/y;
const SUFFIX = /^(?:[uU]?(?:l|L|ll|LL)?|(?:l|L|ll|LL)[uU])$/;

const SIMPLE_ESCAPES: Readonly<Record<string, number>> = {
  n: 10,
  t: 9,
  r: 13,
  a: 7,
  b: 8,
  f: 12,
  v: 11,
  e: 27,
  '\\': 92,
  "'": 39,
  '"': 34,
  '?': 63,
};
const ESCAPE = /\\(?:x([0-9a-fA-F]+)|([0-7]{1,3})|(.))|([^\\])/gsu;
const BYTE_MASK = 0xff;

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** The character codes of a literal's inside. */
function codesOf(inside: string, at: number): number[] {
  const codes: number[] = [];
  for (const [, hex, octal, simple, plain] of inside.matchAll(ESCAPE)) {
    if (plain !== undefined) codes.push(...new TextEncoder().encode(plain));
    else if (hex !== undefined) codes.push(Number.parseInt(hex, 16) & BYTE_MASK);
    else if (octal !== undefined) codes.push(Number.parseInt(octal, 8) & BYTE_MASK);
    else {
      const code = SIMPLE_ESCAPES[simple ?? ''];
      if (code === undefined) throw new ExpressionError('syntax', `unknown escape \\${simple}`, at);
      codes.push(code);
    }
  }
  return codes;
}

function integerToken(text: string, at: number, digits: string, suffix: string): IntegerToken {
  if (!SUFFIX.test(suffix)) throw new ExpressionError('syntax', `bad suffix of the number ${text}`, at);
  const octal = /^0[0-7]+$/.test(digits);
  return {
    kind: 'integer',
    at,
    text,
    value: BigInt(octal ? `0o${digits.slice(1)}` : digits),
    isDecimal: /^[1-9]/.test(digits),
    isUnsigned: /u/i.test(suffix),
    isLong: /l/i.test(suffix),
  };
}

/** What stands there up to the next blank or operator. */
function wordAt(text: string, at: number): string {
  return /^[\w.]*/.exec(text.slice(at))?.[0] ?? '';
}

function tokenAt(text: string, at: number): { token: Token; end: number } {
  const program = matchAt(PROGRAM, text, at);
  if (program !== null)
    return { token: { kind: 'program', at, text: program[1] ?? program[2] ?? '' }, end: PROGRAM.lastIndex };
  const file = matchAt(FILE, text, at);
  if (file !== null)
    return { token: { kind: 'file', at, text: file[1] ?? file[2] ?? '' }, end: FILE.lastIndex };
  const floating = matchAt(FLOATING, text, at);
  if (floating !== null) {
    const value = Number.parseFloat(floating[0]);
    return { token: { kind: 'floating', at, text: floating[0], value }, end: FLOATING.lastIndex };
  }
  const integer = matchAt(INTEGER, text, at);
  if (integer !== null) {
    const end = INTEGER.lastIndex;
    if (WORD_PART.test(text[end] ?? ''))
      throw new ExpressionError('syntax', `'${wordAt(text, at)}' is no number`, at);
    return { token: integerToken(integer[0], at, integer[1] ?? '', integer[2] ?? ''), end };
  }
  const name = matchAt(NAME, text, at);
  if (name !== null) return { token: { kind: 'name', at, text: name[0] }, end: NAME.lastIndex };
  const register = matchAt(REGISTER, text, at);
  if (register !== null)
    return { token: { kind: 'register', at, text: register[1] ?? '' }, end: REGISTER.lastIndex };
  const character = matchAt(CHARACTER, text, at);
  if (character !== null) {
    const codes = codesOf(character[1] ?? '', at);
    if (codes.length !== 1)
      throw new ExpressionError('syntax', 'a character constant holds one character', at);
    const token: Token = { kind: 'character', at, text: character[0], value: codes[0] ?? 0 };
    return { token, end: CHARACTER.lastIndex };
  }
  const string = matchAt(STRING, text, at);
  if (string !== null) {
    const value = String.fromCharCode(...codesOf(string[1] ?? '', at));
    return { token: { kind: 'string', at, text: string[0], value }, end: STRING.lastIndex };
  }
  const punctuator = PUNCTUATORS.find((one) => text.startsWith(one, at));
  if (punctuator !== undefined)
    return { token: { kind: 'punctuator', at, text: punctuator }, end: at + punctuator.length };
  const unclosed = /['"]/.test(text[at] ?? '') ? 'a quote is not closed' : `unexpected character ${text[at]}`;
  throw new ExpressionError('syntax', unclosed, at);
}

/** Splits an expression into tokens, the last of which is the end. Throws ExpressionError 'syntax'. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; ; ) {
    if (matchAt(SPACE, text, at) !== null) at = SPACE.lastIndex;
    if (at >= text.length) {
      tokens.push({ kind: 'end', at: text.length, text: '' });
      return tokens;
    }
    const { token, end } = tokenAt(text, at);
    tokens.push(token);
    at = end;
  }
}
