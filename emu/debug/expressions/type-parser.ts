import { ExpressionError } from './errors.ts';
import type { TypeNames } from './parser.ts';
import type { TypeSyntax } from './syntax.ts';
import type { Token } from './tokens.ts';

const TAG_WORDS = ['struct', 'union', 'enum'];
const QUALIFIERS = ['const', 'volatile', 'restrict', '_Atomic'];
const BASE_WORDS = ['void', 'char', 'short', 'int', 'long', 'float', 'double', 'signed', 'unsigned', '_Bool'];

/** Whether a word can only begin a type. */
export function isTypeWord(word: string): boolean {
  return TAG_WORDS.includes(word) || QUALIFIERS.includes(word) || BASE_WORDS.includes(word);
}

/** Applies a declarator to the type before it: a declarator is read inside out. */
type Declarator = (type: TypeSyntax) => TypeSyntax;

/** Reads type names as casts and sizeof take them (C11, 6.7.7): `struct proc *`, `char [16]`, `int (*)(void *)`. */
export class TypeParser {
  readonly #tokens: readonly Token[];
  readonly #names: TypeNames;
  /** Index of the token after the type. */
  next: number;

  constructor(tokens: readonly Token[], start: number, names: TypeNames) {
    this.#tokens = tokens;
    this.#names = names;
    this.next = start;
  }

  /** Throws ExpressionError 'syntax'. */
  typeName(): TypeSyntax {
    const base = this.#specifiers();
    return this.#declarator()(base);
  }

  #specifiers(): TypeSyntax {
    const words: string[] = [];
    const at = this.#peek().at;
    for (;;) {
      const token = this.#peek();
      if (token.kind !== 'name') break;
      if (QUALIFIERS.includes(token.text)) {
        this.next++;
      } else if (TAG_WORDS.includes(token.text)) {
        this.next++;
        const tag = this.#peek();
        if (tag.kind !== 'name') throw new ExpressionError('syntax', `${token.text} needs a tag`, tag.at);
        this.next++;
        words.push(token.text, tag.text);
      } else if (
        BASE_WORDS.includes(token.text) ||
        (words.length === 0 && this.#names.isTypeName(token.text))
      ) {
        this.next++;
        words.push(token.text);
      } else break;
    }
    if (words.length === 0) throw new ExpressionError('syntax', 'a type is missing', at);
    return { kind: 'named', name: baseName(words, at), at };
  }

  #declarator(): Declarator {
    if (this.#takeIf('*')) {
      this.#skipQualifiers();
      const rest = this.#declarator();
      return (type) => rest({ kind: 'pointer', target: type });
    }
    return this.#direct();
  }

  #direct(): Declarator {
    let inner: Declarator = (type) => type;
    if (this.#isPunctuator('(') && this.#isPunctuator('*', 1)) {
      this.next++;
      inner = this.#declarator();
      this.#expect(')');
    }
    return this.#suffixes(inner);
  }

  #suffixes(inner: Declarator): Declarator {
    if (this.#takeIf('[')) {
      const token = this.#peek();
      let count: bigint | undefined;
      if (token.kind === 'integer') {
        count = token.value;
        this.next++;
      }
      this.#expect(']');
      const rest = this.#suffixes((type) => type);
      return (type) => inner({ kind: 'array', element: rest(type), count });
    }
    if (this.#takeIf('(')) {
      const parameters = this.#parameters();
      return (type) => inner({ kind: 'function', returns: type, parameters });
    }
    return inner;
  }

  #parameters(): TypeSyntax[] {
    const parameters: TypeSyntax[] = [];
    while (!this.#takeIf(')')) {
      if (parameters.length > 0) this.#expect(',');
      parameters.push(this.typeName());
    }
    const [only] = parameters;
    const isVoid = parameters.length === 1 && only?.kind === 'named' && only.name === 'void';
    return isVoid ? [] : parameters;
  }

  #skipQualifiers(): void {
    for (
      let token = this.#peek();
      token.kind === 'name' && QUALIFIERS.includes(token.text);
      token = this.#peek()
    )
      this.next++;
  }

  #peek(): Token {
    return this.#tokens[this.next] as Token;
  }

  #isPunctuator(text: string, ahead = 0): boolean {
    const token = this.#tokens[this.next + ahead];
    return token?.kind === 'punctuator' && token.text === text;
  }

  #takeIf(text: string): boolean {
    if (!this.#isPunctuator(text)) return false;
    this.next++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#takeIf(text))
      throw new ExpressionError('syntax', `${text} expected in a type`, this.#peek().at);
  }
}

/** The usual name of a base type whose words may stand in any order: `long unsigned` is `unsigned long`. */
function baseName(words: readonly string[], at: number): string {
  if (!words.every((word) => BASE_WORDS.includes(word))) {
    if (words.length > 2 || (words.length === 2 && !TAG_WORDS.includes(words[0] as string)))
      throw new ExpressionError('syntax', `${words.join(' ')} is no type`, at);
    return words.join(' ');
  }
  const count = (word: string): number => words.filter((one) => one === word).length;
  const sign = count('unsigned') > 0 ? 'unsigned ' : '';
  if (count('char') > 0) return count('signed') > 0 ? 'signed char' : `${sign}char`;
  if (count('short') > 0) return `${sign}short`;
  if (count('double') > 0) return count('long') > 0 ? 'long double' : 'double';
  if (count('long') > 1) return `${sign}long long`;
  if (count('long') > 0) return `${sign}long`;
  const [alone] = words.filter((word) => word === 'void' || word === 'float' || word === '_Bool');
  return alone ?? `${sign}int`;
}
