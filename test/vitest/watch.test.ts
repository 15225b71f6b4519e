import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ReachRecord } from '../../emu/vitest/watch/reach-records.ts';
import { sourceChange } from '../../emu/vitest/watch/source-change.ts';
import { testsToRun } from '../../emu/vitest/watch/tests-to-run.ts';
import { Shadow } from '../../scripts/mutate/shadow.ts';
import { gcc } from '../guest-qemu/support/guest.ts';
import { describeWithOracle } from '../oracles/require.ts';

const SOURCE = `
#include <sys/param.h>
int table[] = { 1, 2 };

/* The first. */
int
first(int a)
{
	return a + 1;
}

int
second(void)
{
	int n = first(1);

#ifdef MORE
	n += 2;
#endif
	return n;
}
`;

describe('a change of a C source', () => {
  const change = (from: string, to: string) => sourceChange(SOURCE, SOURCE.replace(from, to));

  it('should be of the functions whose bodies differ', () => {
    expect(change('a + 1', 'a + 2')).toEqual({ functions: ['first'], outside: false });
    expect(change('#ifdef MORE', '#ifndef MORE')).toEqual({ functions: ['second'], outside: false });
    expect(change('int\nsecond', 'int\nthird(void)\n{\n\treturn 3;\n}\n\nint\nsecond')).toMatchObject({
      functions: ['third'],
      outside: true,
    });
  });

  it('should be none for comments and blanks', () => {
    expect(change('/* The first. */', '/* Another\n * comment. */\n\n')).toEqual({
      functions: [],
      outside: false,
    });
    expect(change('return a + 1;', 'return a  +  1; /* one more */')).toEqual({
      functions: [],
      outside: false,
    });
  });

  it('should be of what is outside of functions: data, types, parameters, directives', () => {
    for (const [from, to] of [
      ['{ 1, 2 }', '{ 1, 3 }'],
      ['first(int a)', 'first(long a)'],
      ['<sys/param.h>', '<sys/proc.h>'],
    ] as const) {
      expect(change(from, to)).toEqual({ functions: [], outside: true });
    }
  });
});

describe('the tests that a change concerns', () => {
  const record = (test: string, functions: string[], programs: string[]): ReachRecord => ({
    test,
    functions,
    programs,
  });
  const records = [
    record('forks', ['fork1', 'sys_fork'], ['kernel', 'ksh', 'ls']),
    record('exits', ['exit1'], ['kernel', 'ksh']),
    record('pure', [], []),
  ];
  const run = (path: string, change?: { functions: string[]; outside: boolean }): string[] =>
    testsToRun({ path, change, records, tests: ['forks', 'exits', 'pure', 'new'] });

  it('should be those that reach a changed function, and those of which nothing is known', () => {
    expect(run('guest/sys/kern/kern_fork.c', { functions: ['fork1'], outside: false })).toEqual([
      'forks',
      'new',
    ]);
    expect(run('guest/sys/kern/kern_exit.c', { functions: ['exit1', 'x'], outside: false })).toEqual([
      'exits',
      'new',
    ]);
    expect(run('guest/sys/kern/kern_exit.c', { functions: [], outside: false })).toEqual(['new']);
  });

  it('should be all that run a guest when anything may depend on what changed', () => {
    const all = ['forks', 'exits', 'new'];
    expect(run('guest/sys/kern/kern_fork.c', { functions: ['fork1'], outside: true })).toEqual(all);
    expect(run('guest/sys/sys/proc.h')).toEqual(all);
    expect(run('guest/sys/arch/amd64/amd64/locore.S')).toEqual(all);
    expect(run('guest/lib/libc/string/strlen.c', { functions: ['strlen'], outside: false })).toEqual(all);
  });

  it('should be those that run a changed program', () => {
    expect(run('guest/bin/ls/ls.c', { functions: ['main'], outside: true })).toEqual(['forks', 'new']);
  });
});

/** vitest in watch mode, as `npm test -- --watch` runs it. */
class Watching {
  readonly #child: ChildProcess;
  #output = '';
  #seen = 0;
  #wake: () => void = () => {};

  constructor(directory: string, tests: readonly string[]) {
    this.#child = spawn(
      process.execPath,
      ['node_modules/vitest/vitest.mjs', 'run', '--watch', '--reporter=default', ...tests],
      {
        cwd: directory,
        env: {
          ...process.env,
          NO_COLOR: '1',
          CI: undefined,
          VITEST_WORKER_ID: undefined,
          VITEST_POOL_ID: undefined,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (data: Buffer) => {
        this.#output += data.toString();
        this.#wake();
      });
    }
    this.#child.on('close', () => this.#wake());
  }

  /** What has been printed since the last call, up to and with a text. */
  async until(text: string): Promise<string> {
    for (;;) {
      const found = this.#output.indexOf(text, this.#seen);
      if (found >= 0) {
        const part = this.#output.slice(this.#seen, found + text.length);
        this.#seen = found + text.length;
        return part;
      }
      if (this.#child.exitCode !== null) throw new Error(`vitest has ended:\n${this.#output}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.on('close', resolve));
    this.#child.kill('SIGTERM');
    await ended;
  }
}

describeWithOracle(gcc, 'npm test -- --watch', () => {
  it('should build the guest and run the tests that reach a changed function, when a source of it changes', async () => {
    const shadow = new Shadow();
    const edit = (path: string, from: string, to: string): void => {
      const text = readFileSync(shadow.path(path), 'utf8');
      expect(text).toContain(from);
      writeFileSync(shadow.path(path), text.replace(from, to));
    };
    const tests = ['one', 'two', 'none'].map((name) => `test/watched/${name}.test.ts`);
    mkdirSync(shadow.path('test/watched'));
    copyFileSync('vitest.config.ts', shadow.path('vitest.config.ts'));
    // What differs between the two is a system call; the third boots nothing.
    const texts = [
      guestFile("expect(guest.sh('mkdir /tmp/a && rmdir /tmp/a').status).toBe(0);"),
      guestFile("expect(guest.sh('mkdir /tmp/a && mv /tmp/a /tmp/b').status).toBe(0);"),
      "import { expect, it } from 'vitest';\nit('adds', () => expect(1 + 1).toBe(2));\n",
    ];
    for (const [index, text] of texts.entries()) writeFileSync(shadow.path(tests[index] as string), text);
    const watching = new Watching(shadow.root, ['test/watched']);
    try {
      const waiting = 'press q to quit';
      expect(await watching.until(waiting)).toMatch(/Tests +3 passed/);

      const check = 'error = rename_check(&fnd, &tnd);';
      edit('guest/sys/kern/vfs_dirops.c', check, 'error = EROFS;');
      const broken = await watching.until(waiting);
      expect(broken).toMatch(/Test Files +1 failed \(1\)/);
      expect(broken).toContain('test/watched/two.test.ts');

      edit('guest/sys/kern/vfs_dirops.c', 'error = EROFS;', check);
      const mended = await watching.until(waiting);
      expect(mended).toMatch(/Test Files +1 passed \(1\)/);
    } finally {
      await watching.end();
      shadow.remove();
    }
  });
});

const guestFile = (body: string): string =>
  [
    "import { expect } from 'vitest';",
    "import { guestTest } from '../../emu/vitest/index.ts';",
    `guestTest('runs', ({ guest }) => {\n  ${body}\n});`,
    '',
  ].join('\n');
