import { describe, expect, it } from 'vitest';
import { applied, difference, inSeedsOrder, mutantsOf } from '../../../scripts/mutate/mutants.ts';
import { RULES, type Rule } from '../../../scripts/mutate/rules.ts';

/** What a rule makes of the body of a function, one source for each fault. */
function made(rule: Rule, body: string): string[] {
  const source = `int f(void)\n{\n${body}\n}\n`;
  return mutantsOf('f.c', source)
    .filter((mutant) => mutant.rule === rule)
    .map((mutant) => applied(source, mutant).split('\n').slice(2, -2).join('\n'));
}

describe('the rules', () => {
  it.for([
    ['drop-statement', 'a = b; c();', ['; c();', 'a = b; ;']],
    ['drop-statement', 'vref(vp); break;', ['; break;', 'vref(vp); ;']],
    ['drop-count', 'n++; p->ref -= 2;', ['; p->ref -= 2;', 'n++; ;']],
    ['turn-count', 'n++;', ['n--;']],
    ['turn-count', 'p->ref -= n;', ['p->ref += n;']],
    ['negate-condition', 'if (a && b) c();', ['if (!(a && b)) c();']],
    ['negate-condition', 'while (f(a)) ;', ['while (!(f(a))) ;']],
    ['negate-condition', 'a = (b) ? c : d;', ['a = !((b)) ? c : d;']],
    ['turn-equality', 'if (a == b) c();', ['if (a != b) c();']],
    ['swap-logic', 'return a || b;', ['return a && b;']],
    ['move-boundary', 'return a < b;', ['return a <= b;']],
    ['move-boundary', 'return a >= b;', ['return a > b;']],
    ['turn-sign', 'a = b + c - -d;', ['a = b - c - -d;', 'a = b + c + -d;']],
    ['change-constant', 'a[1] = 0x10UL;', ['a[0] = 0x10UL;', 'a[1] = 17UL;']],
    ['change-constant', 'a = 017;', ['a = 14;']],
    ['swap-arguments', 'f(a, g(b, c), d);', ['f(g(b, c), a, d);', 'f(a, d, g(b, c));', 'f(a, g(c, b), d);']],
    ['turn-flag', 'p->flags |= A;', ['p->flags &= ~ A;']],
    ['turn-flag', 'p->flags &= ~A;', ['p->flags |= A;']],
    ['turn-flag', 'atomic_setbits_int(&a, B);', ['atomic_clearbits_int(&a, B);']],
    ['turn-insertion', 'TAILQ_INSERT_TAIL(&h, e, l);', ['TAILQ_INSERT_HEAD(&h, e, l);']],
    ['turn-insertion', 'LIST_INSERT_AFTER(a, b, l);', ['LIST_INSERT_BEFORE(a, b, l);']],
    ['return-zero', 'return error;', ['return 0;']],
  ] as const)('should make by %s of %s', ([rule, body, faults]) => {
    expect(made(rule, body).sort()).toEqual([...faults].sort());
  });

  it.for([
    ['change-constant', 'a = 1.5; b = "1"; c = d1;'],
    ['swap-arguments', 'f(a, a); g(a);'],
    // The comparison alone is turned: negated it would be the same.
    ['negate-condition', 'if (a == NULL) b();'],
    ['return-zero', 'return 0; return NULL; return;'],
    ['turn-sign', 'a = -b; c = (-1);'],
    ['drop-statement', 'KASSERT(a == 1); panic("a"); int b = 1;'],
    ['turn-equality', 'KASSERT(a == 1);'],
  ] as const)('should make nothing by %s of %s', ([rule, body]) => {
    expect(made(rule, body)).toEqual([]);
  });

  it('should leave every line its number', () => {
    const source = 'int f(void)\n{\n\tg(a,\n\t    b);\n\th();\n}\n';
    const faults = mutantsOf('f.c', source);
    expect(faults.length).toBeGreaterThan(2);
    for (const fault of faults) expect(applied(source, fault).split('\n')).toHaveLength(7);
  });
});

describe('a mutant', () => {
  const source = 'int\nf(int a)\n{\n\tif (a == 1)\n\t\ta = 1;\n\treturn a;\n}\n';

  it('should be named by its place, with a number when the same change is possible again', () => {
    const ids = mutantsOf('x/f.c', source)
      .filter(({ rule }) => rule === 'change-constant')
      .map(({ id }) => id);
    expect(ids).toEqual(['x/f.c:f:change-constant:1 => 0', 'x/f.c:f:change-constant:1 => 0 #2']);
  });

  it('should be shown as the lines it changes', () => {
    const turned = mutantsOf('x/f.c', source).find(({ rule }) => rule === 'turn-equality');
    expect(turned && difference(source, turned)).toEqual(['-\tif (a == 1)', '+\tif (a != 1)']);
    expect(turned?.line).toBe(4);
  });

  it('should be of a known rule', () => {
    for (const { rule } of mutantsOf('x/f.c', source)) expect(RULES).toContain(rule);
  });
});

describe('the order of a sample', () => {
  const body = Array.from({ length: 20 }, (_, index) => `a${index} = ${index};`).join('\n');
  const mutants = mutantsOf('x/f.c', `int f(void) { ${body} }`);
  const ids = (seed: number, some = mutants): string[] => inSeedsOrder(some, seed).map(({ id }) => id);

  it('should be the same for the same seed, another for another', () => {
    expect(ids(7)).toEqual(ids(7));
    expect(ids(7)).not.toEqual(ids(8));
  });

  it('should hold every mutant once', () => {
    expect(ids(7).sort()).toEqual(mutants.map(({ id }) => id).sort());
  });

  it('should stay when there are other mutants', () => {
    const more = mutantsOf('x/f.c', `int e(void) { b = 1; c(b, 2); } int f(void) { ${body} }`);
    expect(more.length).toBeGreaterThan(mutants.length);
    expect(ids(7, more).filter((id) => id.includes(':f:'))).toEqual(ids(7));
  });
});

describe('the digest of a mutant', () => {
  const digests = (source: string): string[] => mutantsOf('f.c', source).map(({ digest }) => digest);

  it('should be of the function alone, whatever stands around and between', () => {
    expect(digests('int f(void) { a = b; }')).toEqual(
      digests('int g;\n/* f */ int f(void)\n{\n\ta =\n\t    b; // c\n}\n'),
    );
  });

  it('should be another when the function is', () => {
    expect(digests('int f(void) { a = b; }')).not.toEqual(digests('int f(void) { a = c; }'));
  });
});
