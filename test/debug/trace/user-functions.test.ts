import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { guestProgram } from '../../../emu/cli/guest-program.ts';
import { Programs } from '../../../emu/debug/programs/programs.ts';
import type { TraceCall } from '../../../emu/debug/trace/index.ts';
import { absolute } from '../../../scripts/guest/index.ts';
import { compilePie, pieFile } from '../support/pie-program.ts';
import { TracedGuest } from './traced-guest.ts';

const ancestors = (call: TraceCall): string[] =>
  call.parent === undefined ? [] : [...ancestors(call.parent), call.parent.name];

describe('a trace of functions of user programs', () => {
  let guest: TracedGuest;

  beforeAll(() => {
    guest = new TracedGuest();
  });

  const programs = (): Programs => new Programs(guest.machine.kernel, guestProgram);

  it('should enter a function as often as a breakpoint is met there in that program', () => {
    const all = programs();
    const counted = (name: string, of: string): number => {
      guest.rewind();
      const program = all.byName(of);
      const address = program?.image.address(name) ?? 0n;
      let count = 0;
      const remove = guest.machine.core.breakpoints.add(address, () => {
        if (all.at(address) === program) count++;
        return 'continue';
      });
      guest.run('ls -l | wc');
      remove();
      return count;
    };
    const globs = ['prog:ls:*', 'prog:wc:*', 'prog:ksh:*'];
    const { calls } = guest.trace('ls -l | wc', { functions: globs, programs: all });
    const entered = new Map<string, number>();
    for (const { name } of calls) entered.set(name, (entered.get(name) ?? 0) + 1);
    expect(entered.get('wc:isspace')).toBeGreaterThan(300);
    for (const [of, name] of [
      ['wc', 'isspace'],
      ['wc', 'main'],
      ['wc', 'strlen'],
      ['ls', 'strlen'],
      ['ls', 'printf'],
      ['ls', 'malloc'],
      ['ksh', 'strlen'],
      ['ksh', 'fork'],
      ['ksh', 'execute'],
    ] as const) {
      const expected = counted(name, of);
      expect({ of, name, count: entered.get(`${of}:${name}`) ?? 0 }).toEqual({ of, name, count: expected });
    }
  });

  it('should nest what the kernel does in the function that asked for it, and end the old program’s functions at an exec', () => {
    const { told, calls } = guest.trace('ls -l', {
      functions: [
        'prog:ls:*',
        'prog:ksh:execve',
        'prog:ksh:execute',
        'sys_getdents',
        'sys_execve',
        'sys_write',
      ],
      programs: programs(),
    });
    const open = new Map<number, TraceCall[]>();
    for (const { kind, call } of told) {
      const stack = open.get(call.thread.number) ?? [];
      open.set(call.thread.number, stack);
      if (kind === 'enter') {
        expect(call.parent).toBe(stack.at(-1));
        stack.push(call);
      } else expect(stack.pop()).toBe(call);
    }
    const way = (name: string): string[] => {
      const found = calls.filter((one) => one.name === name).map(ancestors);
      return found.find((names) => names.includes('ls:main')) ?? found[0] ?? [];
    };
    expect(way('sys_execve').slice(-2)).toEqual(['ksh:execve', 'execve']);
    expect(way('sys_getdents').slice(0, 2)).toEqual(['ls:__start', 'ls:___start']);
    expect(way('sys_getdents').at(-1)).toBe('getdents');
    expect(way('sys_write')).toContain('write');
    expect(way('ls:__start')).toEqual([]);
    const main = told.find(({ kind, call }) => kind === 'leave' && call.name === 'ksh:execve');
    expect(main).toMatchObject({ leave: { how: 'abandoned' } });
  });

  it('should show arguments and results by the program’s own types', () => {
    const { told } = guest.trace('wc /etc/group', {
      functions: ['prog:wc:isspace', 'prog:wc:main'],
      programs: programs(),
    });
    const [first] = told;
    expect(first?.call).toMatchObject({
      name: 'wc:main',
      arguments: [{ name: 'argc', text: '2' }, { name: 'argv' }],
    });
    const letters = told.filter(({ kind, call }) => kind === 'leave' && call.name === 'wc:isspace');
    const group = readFileSync(absolute('guest/etc/group'), 'latin1');
    expect(letters.map(({ call }) => Number(call.arguments[0]?.value))).toEqual(
      [...group].map((letter) => letter.charCodeAt(0)),
    );
    expect(letters.map((one) => (one.kind === 'leave' ? one.leave.result?.text : undefined))).toEqual(
      [...group].map((letter) => (/\s/.test(letter) ? '1' : '0')),
    );
  });

  it('should leave the run as it is without', () => {
    guest.rewind();
    guest.run('ls -l | wc');
    const plain = guest.machine.stateHash();
    guest.trace(
      'ls -l | wc',
      { functions: ['prog:ls:*', 'prog:wc:*', 'prog:ksh:*', '*'], programs: programs() },
      50_000,
    );
    expect(guest.machine.stateHash()).toBe(plain);
  });

  it('should find a position-independent program wherever it was loaded', () => {
    const bytes = compilePie();
    const pie = new TracedGuest([pieFile(bytes)]);
    const own = new Programs(pie.machine.kernel, (name) => (name === 'pie' ? bytes : undefined));
    const { told } = pie.trace('pie', { functions: ['prog:pie:*'], programs: own });
    const calls = told.filter(({ kind }) => kind === 'enter').map(({ call }) => call);
    expect(calls.map(({ name, arguments: values }) => [name, ...values.map(({ text }) => text)])).toEqual([
      ['pie:_start'],
      ['pie:twice', '4'],
      ['pie:twice', '8'],
    ]);
    expect(told.find(({ kind }) => kind === 'leave')).toMatchObject({ leave: { result: { text: '8' } } });
  });

  it('should refuse a program and functions that nobody knows, with names that are near', () => {
    expect(() => guest.trace('ls', { functions: ['prog:nothing:main'], programs: programs() })).toThrow(
      /no program nothing/,
    );
    expect(() => guest.trace('ls', { functions: ['prog:ls:mian'], programs: programs() })).toThrow(
      /program ls has no function 'ls:mian'.*main/,
    );
  });
});
