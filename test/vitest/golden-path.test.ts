import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runLengths } from '../../emu/vitest/golden/run-lengths.ts';
import { gcc } from '../guest-qemu/support/guest.ts';
import { describeWithOracle } from '../oracles/require.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

describe('repetitions on a path', () => {
  const shown = (text: string): string =>
    runLengths([...text])
      .map(({ items, times }) => (times === 1 ? items.join('') : `${times}(${items.join('')})`))
      .join(' ');

  it('should stand once, with how often', () => {
    expect(shown('')).toBe('');
    expect(shown('abc')).toBe('abc');
    expect(shown('aaaa')).toBe('4(a)');
    expect(shown('abababc')).toBe('3(ab) c');
    expect(shown('xaabaabaaby')).toBe('x 3(aab) y');
  });

  it('should be written out as what there was', () => {
    for (const text of ['abcabcabcab', 'aabbaabb', 'abacabadabacaba', 'zzabzzabzz']) {
      const written = runLengths([...text]).flatMap(({ items, times }) => Array(times).fill(items.join('')));
      expect(written.join('')).toBe(text);
    }
  });
});

describeWithOracle(gcc, 'toMatchGoldenPath', () => {
  let directory: string;
  const golden = (): string => join(directory, '__golden__', 'getpid.path');

  /** Runs a test file of its own, as somebody's project has it. */
  const vitest = (...args: string[]): { status: number | null; output: string } => vitestWith('', ...args);
  const vitestWith = (ci: string, ...args: string[]): { status: number | null; output: string } => {
    const run = spawnSync(
      process.execPath,
      [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--testTimeout=60000', ...args],
      {
        cwd: directory,
        encoding: 'utf8',
        env: {
          ...process.env,
          NO_COLOR: '1',
          CI: ci,
          VITEST_WORKER_ID: undefined,
          VITEST_POOL_ID: undefined,
        },
      },
    );
    return { status: run.status, output: run.stdout + run.stderr };
  };

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'puffer-golden-'));
    symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
    writeFileSync(
      join(directory, 'own.test.ts'),
      `import { expect } from 'vitest';
import { guestTest, pufferMatchers } from '${join(ROOT, 'emu/vitest/index.ts')}';
expect.extend(pufferMatchers);
guestTest('getpid', async ({ guest }) => {
  await expect(guest.during(() => guest.syscall('getpid'))).toMatchGoldenPath('getpid');
});
`,
    );
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('should say that there is no path, and how to write it, where none is written', () => {
    const { status, output } = vitestWith('1');
    expect(status).toBe(1);
    expect(output).toMatch(/there is no golden path \S+getpid\.path.* To write it: npx vitest run \S+ -u/);
    expect(existsSync(golden())).toBe(false);
  });

  it('should write the first path, and match it from then on', () => {
    expect(vitest()).toMatchObject({ status: 0, output: expect.stringMatching(/1 written/) });
    expect(readFileSync(golden(), 'utf8')).toMatch(/^SYS_getpid\n {2}Xsyscall\n(?:.*\n)*.*sys_getpid\n/);
    expect(vitest()).toMatchObject({ status: 0, output: expect.not.stringMatching(/written/) });
  });

  it('should show another path as a difference, with the way into the debugger, and take it over when told to', () => {
    const path = readFileSync(golden(), 'utf8');
    writeFileSync(golden(), path.replace('sys_getpid', 'sys_getppid'));
    const { status, output } = vitest();
    expect(status).toBe(1);
    expect(output).toMatch(/- +sys_getppid\n\+ +sys_getpid\n(?:.*\n)*The console's tail/);
    expect(output).toMatch(/npx vitest run \S+own\.test\.ts -u/);
    expect(output).toMatch(/npx puffer debug --open \S+ --ex 'goto \d+'/);
    expect(vitest('-u')).toMatchObject({ status: 0, output: expect.stringMatching(/1 updated/) });
    expect(readFileSync(golden(), 'utf8')).toBe(path);
  });
});
