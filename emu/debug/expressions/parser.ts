import { ExpressionError } from './errors.ts';
import type { BinaryOperator, Expression, TypeSyntax, UnaryOperator } from './syntax.ts';
import { type Token, tokenize } from './tokens.ts';
import { isTypeWord, TypeParser } from './type-parser.ts';

/** Binding strength of the binary operators, weakest first (C11, 6.5; `@` as in gdb). */
const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<', '>', '<=', '>='],
  ['<<', '>>'],
  ['@'],
  ['+', '-'],
  ['*', '/', '%'],
];
const UNARY = ['+', '-', '~', '!', '*', '&'];
const ASSIGNMENT = ['=', '+=', '-=', '*=', '/=', '%=', '&=', '|=', '^=', '<<=', '>>='];
/** Expressions nest less deeply than this. */
const DEPTH_LIMIT = 200;

/** What decides whether `(x)` begins a cast. */
export interface TypeNames {
  /** Whether a name is a type's (a typedef) where the expression is evaluated, and not a variable's. */
  isTypeName(name: string): boolean;
}

/** The programs that an expression names: `ksh` of `prog:ksh:NAME`. Throws ExpressionError 'syntax'. */
export function programsIn(text: string): string[] {
  return tokenize(text).flatMap((token) => (token.kind === 'program' ? [token.text] : []));
}

/** Parses an expression of C. Throws ExpressionError 'syntax' saying where. */
export function parseExpression(text: string, names: TypeNames): Expression {
  return new Parser(tokenize(text), names).all();
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #names: TypeNames;
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], names: TypeNames) {
    this.#tokens = tokens;
    this.#names = names;
  }

  all(): Expression {
    if (this.#peek().kind === 'end') throw new ExpressionError('syntax', 'an expression is missing', 0);
    const expression = this.#comma();
    const rest = this.#peek();
    if (rest.kind !== 'end') throw new ExpressionError('syntax', `unexpected ${rest.text}`, rest.at);
    return expression;
  }

  #peek(): Token {
    return this.#tokens[this.#next] as Token;
  }

  #take(): Token {
    const token = this.#peek();
    if (token.kind !== 'end') this.#next++;
    return token;
  }

  #isNext(text: string): boolean {
    const token = this.#peek();
    return token.kind === 'punctuator' && token.text === text;
  }

  #takeOneOf(texts: readonly string[]): Token | undefined {
    const token = this.#peek();
    if (token.kind !== 'punctuator' || !texts.includes(token.text)) return undefined;
    this.#next++;
    return token;
  }

  #expect(text: string): Token {
    const token = this.#peek();
    if (!this.#isNext(text)) {
      const found = token.kind === 'end' ? 'the end' : token.text;
      throw new ExpressionError('syntax', `${text} expected, ${found} found`, token.at);
    }
    this.#next++;
    return token;
  }

  #comma(): Expression {
    let left = this.#assignment();
    for (let token = this.#takeOneOf([',']); token !== undefined; token = this.#takeOneOf([','])) {
      left = { kind: 'comma', at: token.at, left, right: this.#assignment() };
    }
    return left;
  }

  #assignment(): Expression {
    const target = this.#conditional();
    const token = this.#takeOneOf(ASSIGNMENT);
    if (token === undefined) return target;
    const operator = token.text === '=' ? undefined : (token.text.slice(0, -1) as BinaryOperator);
    return { kind: 'assignment', at: token.at, operator, target, value: this.#assignment() };
  }

  #conditional(): Expression {
    const condition = this.#binary(0);
    const token = this.#takeOneOf(['?']);
    if (token === undefined) return condition;
    const whenTrue = this.#comma();
    this.#expect(':');
    return { kind: 'conditional', at: token.at, condition, whenTrue, whenFalse: this.#conditional() };
  }

  #binary(level: number): Expression {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (let token = this.#takeOneOf(operators); token !== undefined; token = this.#takeOneOf(operators)) {
      const right = this.#binary(level + 1);
      left =
        token.text === '@'
          ? { kind: 'sequence', at: token.at, first: left, count: right }
          : { kind: 'binary', at: token.at, operator: token.text as BinaryOperator, left, right };
    }
    return left;
  }

  #unary(): Expression {
    if (++this.#depth > DEPTH_LIMIT)
      throw new ExpressionError('syntax', 'the expression is nested too deeply', this.#peek().at);
    try {
      return this.#prefixed();
    } finally {
      this.#depth--;
    }
  }

  #prefixed(): Expression {
    const token = this.#peek();
    if (token.kind === 'name' && token.text === 'sizeof') return this.#sizeof();
    const increment = this.#takeOneOf(['++', '--']);
    if (increment !== undefined) {
      const delta = increment.text === '++' ? 1n : -1n;
      return { kind: 'increment', at: increment.at, delta, isPrefix: true, target: this.#unary() };
    }
    const unary = this.#takeOneOf(UNARY);
    if (unary !== undefined) {
      return { kind: 'unary', at: unary.at, operator: unary.text as UnaryOperator, operand: this.#unary() };
    }
    if (this.#isNext('(') && this.#beginsType(this.#next + 1)) {
      this.#next++;
      const type = this.#type();
      this.#expect(')');
      return { kind: 'cast', at: token.at, type, operand: this.#unary() };
    }
    return this.#postfixed();
  }

  #sizeof(): Expression {
    const { at } = this.#take();
    if (!this.#isNext('(') || !this.#beginsType(this.#next + 1)) {
      return { kind: 'sizeof', at, operand: this.#unary() };
    }
    this.#next++;
    const operand = this.#type();
    this.#expect(')');
    return { kind: 'sizeof', at, operand: { kind: 'type', at, type: operand } };
  }

  #postfixed(): Expression {
    let expression = this.#primary();
    for (;;) {
      const token = this.#takeOneOf(['.', '->', '[', '(', '++', '--']);
      if (token === undefined) return expression;
      const { at } = token;
      switch (token.text) {
        case '[': {
          const index = this.#comma();
          this.#expect(']');
          expression = { kind: 'index', at, array: expression, index };
          break;
        }
        case '(':
          if (!this.#isNext(')')) this.#comma();
          this.#expect(')');
          expression = { kind: 'call', at, callee: expression };
          break;
        case '++':
        case '--': {
          const delta = token.text === '++' ? 1n : -1n;
          expression = { kind: 'increment', at, delta, isPrefix: false, target: expression };
          break;
        }
        default: {
          const name = this.#take();
          if (name.kind !== 'name')
            throw new ExpressionError('syntax', "a member's name is missing", name.at);
          expression = { kind: 'member', at: name.at, object: expression, name: name.text };
        }
      }
    }
  }

  #primary(): Expression {
    if (this.#beginsType(this.#next)) {
      const { at } = this.#peek();
      return { kind: 'type', at, type: this.#type() };
    }
    const token = this.#take();
    const { at } = token;
    switch (token.kind) {
      case 'integer':
        return { kind: 'integer', at, token };
      case 'floating':
      case 'character':
      case 'string':
        return { kind: token.kind, at, value: token.value } as Expression;
      case 'register':
        return { kind: 'register', at, name: token.text };
      case 'file':
        return this.#scoped(token.text);
      case 'name':
        return this.#isNext('::') ? this.#scoped(token.text) : { kind: 'name', at, name: token.text };
      case 'program': {
        const next = this.#peek();
        const named = next.kind === 'name' || next.kind === 'file' ? this.#primary() : undefined;
        if (named?.kind !== 'name')
          throw new ExpressionError('syntax', `a name is missing after ${token.text}:`, next.at);
        return { ...named, at, program: token.text };
      }
      case 'end':
        throw new ExpressionError('syntax', 'an operand is missing', at);
      case 'punctuator': {
        if (token.text === '::') {
          this.#next--;
          return this.#scoped('');
        }
        if (token.text !== '(') throw new ExpressionError('syntax', `unexpected ${token.text}`, at);
        const expression = this.#comma();
        this.#expect(')');
        return expression;
      }
    }
  }

  /** `kern_fork.c::nforks`, `fork1::count`, `::nprocesses`. */
  #scoped(scope: string): Expression {
    this.#expect('::');
    const name = this.#take();
    if (name.kind !== 'name') throw new ExpressionError('syntax', 'a name is missing after ::', name.at);
    return { kind: 'name', at: name.at, name: name.text, scope };
  }

  #beginsType(index: number): boolean {
    const token = this.#tokens[index];
    if (token?.kind !== 'name') return false;
    if (isTypeWord(token.text)) return true;
    const after = this.#tokens[index + 1];
    if (after?.kind === 'punctuator' && after.text === '::') return false;
    return this.#names.isTypeName(token.text);
  }

  #type(): TypeSyntax {
    const parser = new TypeParser(this.#tokens, this.#next, this.#names);
    const type = parser.typeName();
    this.#next = parser.next;
    return type;
  }
}
