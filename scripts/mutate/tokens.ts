/** What a C token is; comments, blanks and preprocessor lines are left out. */
export type TokenKind = 'identifier' | 'number' | 'text' | 'punctuator';

/** A token of a C source and where it stands: offsets in UTF-16 units, `end` exclusive. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Longest first: C11 6.4.6, without digraphs. */
const PUNCTUATORS = [
  ...['...', '<<=', '>>='],
  ...['->', '++', '--', '<<', '>>', '<=', '>=', '==', '!=', '&&', '||'],
  ...['*=', '/=', '%=', '+=', '-=', '&=', '^=', '|=', '##'],
];

const BLANK = /\s+/y;
const COMMENT = /\/\*[\s\S]*?\*\/|\/\/[^\n]*/y;
/** A directive goes on behind a backslash at a line's end, and behind a comment that it opens. */
const DIRECTIVE = /#(?:\\\r?\n|\/\*[\s\S]*?\*\/|[^\n])*/y;
const IDENTIFIER = /[A-Za-z_]\w*/y;
/** A preprocessing number (C11 6.4.8): what the compiler takes for one token. */
const NUMBER = /\.?\d(?:[eEpP][+-]|[\w.])*/y;
const TEXT = /"(?:\\[\s\S]|[^"\\])*"|'(?:\\[\s\S]|[^'\\])*'/y;

function matchAt(pattern: RegExp, source: string, offset: number): string | undefined {
  pattern.lastIndex = offset;
  return pattern.exec(source)?.[0];
}

/** The tokens of a C source, in order. What is no token of C becomes a punctuator of one character. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let offset = 0;
  let lineBegins = true;
  while (offset < source.length) {
    const skipped = matchAt(BLANK, source, offset) ?? matchAt(COMMENT, source, offset);
    if (skipped !== undefined) {
      lineBegins ||= skipped.includes('\n');
      offset += skipped.length;
      continue;
    }
    const directive = lineBegins ? matchAt(DIRECTIVE, source, offset) : undefined;
    if (directive !== undefined) {
      offset += directive.length;
      continue;
    }
    lineBegins = false;
    const token = tokenAt(source, offset);
    tokens.push(token);
    offset = token.end;
  }
  return tokens;
}

function tokenAt(source: string, start: number): Token {
  const kinds: readonly (readonly [TokenKind, RegExp])[] = [
    ['identifier', IDENTIFIER],
    ['number', NUMBER],
    ['text', TEXT],
  ];
  for (const [kind, pattern] of kinds) {
    const text = matchAt(pattern, source, start);
    if (text !== undefined) return { kind, text, start, end: start + text.length };
  }
  const text = PUNCTUATORS.find((each) => source.startsWith(each, start)) ?? source.charAt(start);
  return { kind: 'punctuator', text, start, end: start + text.length };
}
