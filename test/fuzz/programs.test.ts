import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CALLS, LEFT_OUT } from '../../emu/fuzz/calls/index.ts';
import { Generator } from '../../emu/fuzz/generate.ts';
import { mutate } from '../../emu/fuzz/mutate.ts';
import { allCalls, type FuzzProgram, formatProgram, parseProgram } from '../../emu/fuzz/program.ts';
import { Random } from '../../emu/fuzz/random.ts';
import { shrink } from '../../emu/fuzz/shrink.ts';
import { absolute } from '../../scripts/guest/paths.ts';

const COUNT = 200;

function programs(seed: number): FuzzProgram[] {
  const generator = new Generator(new Random(seed));
  const made = [generator.program()];
  while (made.length < COUNT) {
    made.push(
      made.length % 2 === 0 ? generator.program() : mutate(made.at(-1) as FuzzProgram, generator, made),
    );
  }
  return made;
}

describe('programs', () => {
  it('should be the same for the same seed, and others for another', () => {
    expect(programs(1)).toEqual(programs(1));
    expect(programs(1)).not.toEqual(programs(2));
  });

  it('should come back from a corpus as they were', () => {
    for (const program of programs(3)) expect(parseProgram(formatProgram(program))).toEqual(program);
  });

  it('should have an id of its own for each call, and refer to calls that are there', () => {
    for (const { calls } of programs(4).filter((_, index) => index % 2 === 0)) {
      const ids = new Set(allCalls(calls).map(({ id }) => id));
      expect(ids.size).toBe(allCalls(calls).length);
      for (const argument of allCalls(calls).flatMap((one) => one.arguments)) {
        if (typeof argument === 'object' && 'result' in argument) expect(ids).toContain(argument.result);
      }
    }
  });

  it('should make use of every call sooner or later', () => {
    const generator = new Generator(new Random(5));
    const used = new Set<string>();
    for (let left = 4 * COUNT; left > 0; left--) {
      for (const { name } of allCalls(generator.program().calls)) used.add(name);
    }
    expect(CALLS.map(({ name }) => name).filter((name) => !used.has(name))).toEqual([]);
    expect([...LEFT_OUT.keys()].filter((name) => used.has(name))).toEqual([]);
  });

  it('should know every call that the guest has', () => {
    const table = readFileSync(absolute('guest/sys/kern/init_sysent.c'), 'utf8');
    const there = [...table.matchAll(/ROW\(\d+, \w+, sys_(\w+)\),\s*\/\* \d+ = (\w+) \*\//g)]
      .filter(([, handler]) => handler !== 'nosys')
      .map(([, , name]) => name);
    expect(there.length).toBeGreaterThan(100);
    const known = new Set([...CALLS.map(({ name }) => name), ...LEFT_OUT.keys()]);
    expect(there.filter((name) => name !== undefined && !known.has(name))).toEqual([]);
  });

  const wrong: readonly [string, RegExp][] = [
    ['{', /no JSON/],
    ['[]', /a program must be an object/],
    ['{"calls": 1}', /calls must be a list/],
    ['{"calls": [{"id": 1, "name": "read"}]}', /arguments must be a list/],
    ['{"calls": [{"id": "x", "name": "read", "arguments": []}]}', /id must be a whole number/],
    [
      '{"calls": [{"id": 1, "name": "a", "arguments": []}, {"id": 1, "name": "b", "arguments": []}]}',
      /two calls/,
    ],
    ['{"calls": [{"id": 1, "name": "read", "arguments": [{"bytes": "xyz"}]}]}', /an argument must be/],
  ];
  for (const [text, message] of wrong) {
    it(`should be refused when they are none: ${text}`, () => {
      expect(() => parseProgram(text)).toThrow(message);
    });
  }
});

describe('shrinking', () => {
  const [program] = programs(6).filter(
    ({ calls }) => allCalls(calls).filter(({ name }) => name === 'close').length > 1,
  );

  it('should leave what makes the program fail, and nothing else', () => {
    const fails = ({ calls }: FuzzProgram): boolean => allCalls(calls).some(({ name }) => name === 'close');
    const { calls, user, session, fault } = shrink(program as FuzzProgram, fails);
    expect(calls.map(({ name }) => name)).toEqual(['close']);
    expect({ user, session, fault }).toEqual({ user: 0, session: false, fault: undefined });
    expect(calls[0]?.arguments).toEqual([0]);
  });

  it('should keep calls that only fail together', () => {
    const fails = ({ calls }: FuzzProgram): boolean =>
      allCalls(calls).filter(({ name }) => name === 'close').length > 1;
    expect(allCalls(shrink(program as FuzzProgram, fails).calls).map(({ name }) => name)).toEqual([
      'close',
      'close',
    ]);
  });
});
