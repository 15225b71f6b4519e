import { type Token, tokenize } from './tokens.ts';

/** A function that a C source defines. `body` are the tokens between its braces. */
export interface CFunction {
  readonly name: string;
  readonly body: readonly Token[];
}

const OPENING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** The index of the bracket that closes the one at `open`; the list's length when none does. */
export function closingIndex(tokens: readonly Token[], open: number): number {
  const opening = tokens[open]?.text ?? '';
  const closing = OPENING[opening];
  let depth = 0;
  for (let index = open; index < tokens.length; index++) {
    const text = tokens[index]?.text;
    if (text === opening) depth++;
    else if (text === closing && --depth === 0) return index;
  }
  return tokens.length;
}

/** The functions of a source, in order: at the outermost level, `name ( ... ) {`. */
export function functionsOf(source: string): CFunction[] {
  const tokens = tokenize(source);
  const found: CFunction[] = [];
  for (let index = 0; index < tokens.length; index++) {
    const text = tokens[index]?.text;
    if (text === '(') {
      const close = closingIndex(tokens, index);
      const name = tokens[index - 1];
      if (tokens[close + 1]?.text === '{' && name?.kind === 'identifier') {
        const end = closingIndex(tokens, close + 1);
        found.push({ name: name.text, body: tokens.slice(close + 2, end) });
        index = end;
      } else {
        index = close;
      }
    } else if (text === '{') {
      // An initializer or a structure.
      index = closingIndex(tokens, index);
    }
  }
  return found;
}
