import { describe, expect, it } from 'vitest';
import { functionsOf } from '../../../scripts/mutate/functions.ts';
import { readBody, type Span } from '../../../scripts/mutate/statements.ts';
import { tokenize } from '../../../scripts/mutate/tokens.ts';

const texts = (source: string): string[] => tokenize(source).map(({ text }) => text);

describe('the tokens of a C source', () => {
  it('should leave out comments, blanks and directives with their continued lines', () => {
    const source = '#define A \\\n\t1 /* one */\n  # include <b.h>\nx; /* "y;" */ z; // w\nv';
    expect(texts(source)).toEqual(['x', ';', 'z', ';', 'v']);
  });

  it('should take the longest operator', () => {
    expect(texts('a>>=b<<c->d--<=e...')).toEqual([
      'a',
      '>>=',
      'b',
      '<<',
      'c',
      '->',
      'd',
      '--',
      '<=',
      'e',
      '...',
    ]);
  });

  it('should keep what looks like code in strings and characters together', () => {
    expect(texts(String.raw`f("a;\"{", '\'', '"')`)).toEqual([
      'f',
      '(',
      String.raw`"a;\"{"`,
      ',',
      String.raw`'\''`,
      ',',
      `'"'`,
      ')',
    ]);
  });

  it('should take a number with its suffix and its exponent as one', () => {
    expect(texts('0xffUL+1e+9-017')).toEqual(['0xffUL', '+', '1e+9', '-', '017']);
  });

  it('should say where each token stands', () => {
    const source = 'int\tx = 12;';
    for (const { text, start, end } of tokenize(source)) expect(source.slice(start, end)).toBe(text);
  });
});

describe('the functions of a C source', () => {
  it('should be found between prototypes, structures, initializers and function pointers', () => {
    const source = `
int proto(int);
struct s { int (*call)(int); };
const struct s table[] = { { NULL }, { one } };
int
one(struct s *s, int (*call)(void))
{
	return s->call(1);
}
static void two(void) { }
`;
    expect(functionsOf(source).map(({ name, body }) => [name, body.length])).toEqual([
      ['one', 8],
      ['two', 0],
    ]);
  });
});

/** Statements and conditions of the one function of a source, as texts. */
function bodyOf(source: string): { statements: string[]; conditions: string[] } {
  const [found] = functionsOf(`void f(void) {${source}}`);
  const tokens = found?.body ?? [];
  const show = ({ from, to }: Span): string =>
    tokens
      .slice(from, to)
      .map(({ text }) => text)
      .join(' ');
  const { statements, conditions } = readBody(tokens);
  return {
    statements: statements.map((each) => `${each.kind}: ${show(each)}`),
    conditions: conditions.map(show),
  };
}

describe('the statements of a function', () => {
  it('should be found inside of other statements, behind labels and cases', () => {
    const source =
      'if (a) b(); else { c = 1; } do d++; while (e); switch (g) { case 1: h(); break; } out: return i;';
    expect(bodyOf(source)).toEqual({
      statements: [
        'expression: b ( ) ;',
        'expression: c = 1 ;',
        'expression: d ++ ;',
        'expression: h ( ) ;',
        'jump: break ;',
        'return: return i ;',
      ],
      conditions: ['a', 'e'],
    });
  });

  it('should not be declarations', () => {
    const source = 'struct proc *p = q; int i; u_int flags = 0; pid_t *pid = r; static const long l; i = 1;';
    expect(bodyOf(source).statements).toEqual(['expression: i = 1 ;']);
  });

  it('should be found in the bodies of loops and list macros', () => {
    const source = 'for (i = 0; i < n; i++) a(); LIST_FOREACH(p, &head, link) { b(p); } for (;;) continue;';
    expect(bodyOf(source)).toEqual({
      statements: ['expression: a ( ) ;', 'expression: b ( p ) ;', 'jump: continue ;'],
      conditions: ['i < n'],
    });
  });
});
