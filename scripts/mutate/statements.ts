import { closingIndex } from './functions.ts';
import type { Token } from './tokens.ts';

/** Tokens `from` to `to` (exclusive) of a list. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** An expression statement, `return`, or jump, with its semicolon. */
export interface Statement extends Span {
  readonly kind: 'expression' | 'return' | 'jump';
}

/** What a function's body is made of, as far as the rules need it. */
export interface Body {
  readonly statements: readonly Statement[];
  /** What stands in the parentheses of if, while and do-while, and in the middle of a for. */
  readonly conditions: readonly Span[];
}

/** Words that begin a declaration. A statement that begins with two identifiers in a row is one, too. */
const DECLARATION_WORDS = new Set(
  (
    'struct union enum const volatile static register extern unsigned signed typedef ' +
    'void char short int long __unused'
  ).split(' '),
);

function isDeclaration(tokens: readonly Token[], from: number): boolean {
  const [first, second, third] = tokens.slice(from, from + 3);
  if (first?.kind !== 'identifier') return false;
  if (DECLARATION_WORDS.has(first.text)) return true;
  if (second?.kind === 'identifier') return true;
  // `type_t *name = …`: nobody multiplies and throws the product away.
  return second?.text === '*' && third?.kind === 'identifier';
}

/** Reads a body, which is taken to be C that compiles. */
class BodyReader {
  readonly statements: Statement[] = [];
  readonly conditions: Span[] = [];
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  read(): Body {
    while (this.#at < this.#tokens.length) this.#statement();
    return { statements: this.statements, conditions: this.conditions };
  }

  #text(ahead = 0): string | undefined {
    return this.#tokens[this.#at + ahead]?.text;
  }

  #statement(): void {
    const text = this.#text();
    if (text === 'if' || text === 'while') {
      this.#at++;
      this.conditions.push(this.#parentheses());
    } else if (text === 'for') {
      this.#at++;
      this.#forParts(this.#parentheses());
    } else if (text === 'switch') {
      this.#at++;
      this.#parentheses();
    } else if (text === 'case' || text === 'default') {
      while (this.#at < this.#tokens.length && this.#text() !== ':') this.#at++;
      this.#at++;
    } else if (this.#text(1) === ':' && this.#tokens[this.#at]?.kind === 'identifier') {
      // A label.
      this.#at += 2;
    } else if (text === '{' || text === '}' || text === ';' || text === 'else' || text === 'do') {
      this.#at++;
    } else {
      this.#simple();
    }
  }

  /** At `(`: what stands in the parentheses; goes on behind them. */
  #parentheses(): Span {
    const close = closingIndex(this.#tokens, this.#at);
    const inside = { from: this.#at + 1, to: close };
    this.#at = close + 1;
    return inside;
  }

  #forParts({ from, to }: Span): void {
    const semicolons: number[] = [];
    for (let index = from; index < to; index++) {
      if (this.#tokens[index]?.text === '(') index = closingIndex(this.#tokens, index);
      else if (this.#tokens[index]?.text === ';') semicolons.push(index);
    }
    const [first, second] = semicolons;
    if (first !== undefined && second !== undefined && second > first + 1) {
      this.conditions.push({ from: first + 1, to: second });
    }
  }

  /** Up to the semicolon; a macro that holds a loop has none. */
  #simple(): void {
    const from = this.#at;
    if (/^[A-Z_]*FOREACH[A-Z_]*$/.test(this.#text() ?? '') && this.#text(1) === '(') {
      this.#at++;
      this.#parentheses();
      return;
    }
    while (this.#at < this.#tokens.length && this.#text() !== ';') {
      this.#at = OPEN.has(this.#text() ?? '') ? closingIndex(this.#tokens, this.#at) + 1 : this.#at + 1;
    }
    this.#at++;
    if (isDeclaration(this.#tokens, from) && !JUMPS.has(this.#tokens[from]?.text ?? '')) return;
    const first = this.#tokens[from]?.text ?? '';
    const kind = first === 'return' ? 'return' : JUMPS.has(first) ? 'jump' : 'expression';
    this.statements.push({ kind, from, to: Math.min(this.#at, this.#tokens.length) });
  }
}

const OPEN = new Set(['(', '[', '{']);
const JUMPS = new Set(['return', 'goto', 'break', 'continue']);

/** The statements and conditions of a function's body. */
export function readBody(tokens: readonly Token[]): Body {
  return new BodyReader(tokens).read();
}
