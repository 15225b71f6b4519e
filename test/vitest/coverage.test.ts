import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FileCoverage } from '../../emu/debug/coverage/file-coverage.ts';
import { type IstanbulFile, istanbulMap } from '../../emu/vitest/coverage/istanbul-map.ts';
import { unreached } from '../../emu/vitest/coverage/thresholds.ts';
import { gcc } from '../guest-qemu/support/guest.ts';
import { describeWithOracle } from '../oracles/require.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FORK = 'guest/sys/kern/kern_fork.c';
/** Two files, so that two workers' counts are added. */
const TESTS = ['test/guest/fork/identity.test.ts', 'test/guest/fork/uarea.test.ts'];

describeWithOracle(gcc, 'vitest --coverage', () => {
  let directory: string;
  let output: string;
  let status: number | null;

  const vitest = (...args: string[]): void => {
    const run = spawnSync(
      process.execPath,
      ['node_modules/vitest/vitest.mjs', 'run', '--coverage', ...args],
      {
        cwd: ROOT,
        encoding: 'utf8',
        env: { ...process.env, NO_COLOR: '1', VITEST_WORKER_ID: undefined, VITEST_POOL_ID: undefined },
      },
    );
    output = run.stdout + run.stderr;
    status = run.status;
  };

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'puffer-vitest-'));
    vitest(
      ...TESTS,
      `--coverage.reportsDirectory=${join(directory, 'coverage')}`,
      `--coverage.thresholds.lines=99`,
      ...['text', 'lcovonly', 'json', 'lcov-per-test'].map((name) => `--coverage.reporter=${name}`),
    );
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('should print the guest’s files as a table', () => {
    expect(output).toContain('2 passed');
    expect(output).toMatch(/guest\/sys\/kern\/kern_fork\.c +\d\d\.\d% \d+\/\d+ /);
    expect(output).toMatch(/guest\/bin\/ksh\/exec\.c +\d\d\.\d% /);
  });

  it('should fail below a threshold, and say what falls short', () => {
    expect(status).toBe(1);
    expect(output).toMatch(/coverage: all files: \d+\.\d% of lines ran, fewer than 99%/);
  });

  it('should write a tracefile and istanbul’s JSON with the same counts', () => {
    const text = readFileSync(join(directory, 'coverage', 'lcov.info'), 'utf8');
    const record =
      text.split('end_of_record\n').find((one) => one.includes(`SF:${join(ROOT, FORK)}\n`)) ?? '';
    const lines = [...record.matchAll(/^DA:(\d+),(\d+)$/gm)].map(([, line, count]) => [
      Number(line),
      Number(count),
    ]);
    const map = JSON.parse(
      readFileSync(join(directory, 'coverage', 'coverage-final.json'), 'utf8'),
    ) as Record<string, IstanbulFile>;
    const file = map[join(ROOT, FORK)] as IstanbulFile;
    const statements = Object.entries(file.s).map(([key, count]) => [
      file.statementMap[key]?.start.line,
      count,
    ]);
    expect(statements).toEqual(lines);
    expect(lines.length).toBeGreaterThan(200);
    const fork1 = Object.entries(file.fnMap).find(([, { name }]) => name === 'fork1')?.[0] ?? '';
    expect(file.f[fork1]).toBeGreaterThan(1);
    expect(existsSync(join(directory, 'coverage', 'index.html'))).toBe(false);
  });

  it('should tell which test file ran a line how often, the sum being the total', () => {
    const linesOf = (name: string): Map<string, Map<number, number>> => {
      const text = readFileSync(join(directory, 'coverage', name), 'utf8');
      const records = text.split('end_of_record\n').filter((one) => one.includes(`SF:${join(ROOT, FORK)}\n`));
      return new Map(
        records.map((record) => [
          /^TN:(.*)$/m.exec(record)?.[1] ?? '',
          new Map([...record.matchAll(/^DA:(\d+),(\d+)$/gm)].map((one) => [Number(one[1]), Number(one[2])])),
        ]),
      );
    };
    const byTest = linesOf('lcov-per-test.info');
    expect([...byTest.keys()].sort()).toEqual(TESTS.map((test) => test.replaceAll(/\W/g, '_')));
    const sum = new Map<number, number>();
    for (const lines of byTest.values())
      for (const [line, count] of lines) sum.set(line, (sum.get(line) ?? 0) + count);
    expect(sum).toEqual(linesOf('lcov.info').get(''));
    const all = readFileSync(join(directory, 'coverage', 'lcov-per-test.info'), 'utf8');
    const [one, other] = [...byTest.keys()].map((test) =>
      all.split('end_of_record\n').filter((record) => record.startsWith(`TN:${test}\n`)),
    );
    expect(one?.map((record) => record.replace(/^TN:.*/, ''))).not.toEqual(
      other?.map((record) => record.replace(/^TN:.*/, '')),
    );
  });
});

describe('thresholds of coverage', () => {
  const file = (path: string, counts: readonly number[]): FileCoverage => {
    const made = new FileCoverage(path);
    for (const [line, count] of counts.entries()) made.addLine(line + 1, count);
    made.addFunction('f', 1, counts[0] ?? 0);
    made.addBranch(1, 0, counts[0] ?? 0, 0);
    return made;
  };
  const files = [file('guest/sys/kern/a.c', [1, 1, 1, 0]), file('guest/sys/kern/b.c', [0, 0])];

  it('should be met by what reaches them exactly', () => {
    expect(unreached(files, { lines: 50, functions: 50, branches: 25 })).toEqual([]);
  });

  it('should tell each kind that falls short, of all files and by name', () => {
    expect(unreached(files, { lines: 51, functions: 51, branches: 26, statements: 51 })).toHaveLength(4);
    expect(unreached(files, { '**/a.c': { lines: 76 }, '**/b.c': { lines: 0 } })).toEqual([
      '**/a.c: 75.0% of lines ran, fewer than 76%',
    ]);
    expect(unreached(files, { 'guest/**': { 100: true } })).toHaveLength(4);
  });

  it('should not be met by a file that is not there', () => {
    expect(unreached(files, { '**/c.c': { lines: 0 } })).toEqual(['**/c.c: no file with code has this name']);
  });

  it('should leave nothing out of istanbul’s map', () => {
    const map = istanbulMap(files, (path) => `/root/${path}`);
    expect(Object.keys(map)).toEqual(['/root/guest/sys/kern/a.c', '/root/guest/sys/kern/b.c']);
    expect(map['/root/guest/sys/kern/a.c']).toMatchObject({
      s: { 0: 1, 3: 0 },
      f: { 0: 1 },
      b: { 0: [1, 0] },
    });
  });
});
