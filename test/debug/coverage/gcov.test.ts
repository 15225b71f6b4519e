import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FileCoverage } from '../../../emu/debug/coverage/file-coverage.ts';
import { compileProgram } from '../../../scripts/guest/index.ts';
import { gcc } from '../../guest-qemu/support/guest.ts';
import { commandProbe, describeWithOracle, oracle } from '../../oracles/require.ts';
import { CoveredGuest } from './support.ts';

const SOURCE = fileURLToPath(new URL('counted.c', import.meta.url));
const gcov = oracle('gcov', commandProbe('gcov', ['--version'], 'gcc'));

interface GcovJson {
  readonly files: readonly {
    readonly file: string;
    readonly lines: readonly { readonly line_number: number; readonly count: number }[];
    readonly functions: readonly { readonly name: string; readonly execution_count: number }[];
  }[];
}

describeWithOracle([gcc, gcov], 'coverage of a user program, beside gcov', () => {
  let directory: string;
  /** Count by line, and by function. */
  let lines: Map<number, number>;
  let functions: Map<string, number>;
  /** The program as the guest's programs are compiled, and without optimization. */
  let optimized: FileCoverage;
  let plain: FileCoverage;

  const inDirectory = (command: string, ...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync(command, args, { cwd: directory, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
    return stdout;
  };

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'puffer-gcov-'));
    copyFileSync(SOURCE, join(directory, 'counted.c'));
    inDirectory('gcc', '-O0', '--coverage', '-w', 'counted.c', '-o', 'native');
    inDirectory('./native');
    const json = inDirectory('gcov', '--json-format', '--stdout', 'native-counted.gcda');
    const file = (JSON.parse(json) as GcovJson).files.find((one) => one.file === 'counted.c');
    lines = new Map(file?.lines.map((one) => [one.line_number, one.count]));
    functions = new Map(file?.functions.map((one) => [one.name, one.execution_count]));
    const text = readFileSync(SOURCE, 'utf8');
    // The comment that it begins with is one line too.
    const first = text.indexOf('\n');
    writeFileSync(join(directory, 'plain.c'), `#pragma GCC optimize ("O0")${text.slice(first)}`);
    const programs = new Map<string, Uint8Array>();
    for (const name of ['counted', 'plain']) {
      await compileProgram(join(directory, `${name}.c`), join(directory, name));
      programs.set(name, readFileSync(join(directory, name)));
    }
    const guest = await CoveredGuest.boot(programs);
    optimized = guest.file(guest.measure('counted'), 'counted.c');
    plain = guest.file(guest.measure('plain'), 'plain.c');
  });

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('should know the lines and functions that gcov knows, and which of them ran, without optimization', () => {
    // Where a function begins and ends, and what a jump is of, the two see differently.
    const joint = /^[{}]|^\w+\(|^\tcase |^\tdefault:|\tbreak;|\t[{}]$/;
    const text = readFileSync(SOURCE, 'utf8').split('\n');
    const inOne = [...new Set([...lines.keys(), ...plain.lines.keys()])].filter(
      (line) => !(lines.has(line) && plain.lines.has(line)),
    );
    expect(inOne.filter((line) => !joint.test(text[line - 1] ?? ''))).toEqual([]);
    const inBoth = [...lines].filter(([line]) => plain.lines.has(line));
    expect(inBoth.length).toBeGreaterThan(25);
    const ran = (counts: Map<number, number>): number[] =>
      inBoth.map(([line]) => line).filter((line) => (counts.get(line) ?? 0) > 0);
    expect(ran(plain.lines)).toEqual(ran(lines));
    expect(new Map(plain.functions.map(({ name, count }) => [name, count]))).toEqual(functions);
  });

  it('should count each line as often as gcov, except where a line has several pieces of code', () => {
    const text = readFileSync(SOURCE, 'utf8').split('\n');
    const several = (line: number): boolean => /\bfor\b|\bwhile\b|\?/.test(text[line - 1] ?? '');
    const expected = [...lines].filter(([line]) => plain.lines.has(line) && !several(line));
    expect(expected.length).toBeGreaterThan(20);
    expect(expected.map(([line]) => [line, plain.lines.get(line)])).toEqual(expected);
  });

  it('should find the same lines run when they are optimized, of those that have code then', () => {
    const common = [...lines].filter(([line]) => optimized.lines.has(line));
    expect(common.length).toBeGreaterThan(15);
    for (const [line, count] of common) {
      expect([line, (optimized.lines.get(line) ?? 0) > 0]).toEqual([line, count > 0]);
    }
    // Inlined everywhere, or left out, they still have a name where they have code.
    const counts = new Map(optimized.functions.map(({ name, count }) => [name, count]));
    expect(counts.get('main')).toBe(1);
    expect(counts.get('kind')).toBe(functions.get('kind'));
  });

  it('should tell for each branch of the source how often it went which way', () => {
    const at = (pattern: string): number =>
      readFileSync(SOURCE, 'utf8')
        .split('\n')
        .findIndex((line) => line.includes(pattern)) + 1;
    const ways = (line: number): number[] =>
      plain.branches
        .filter((one) => one.line === line)
        .flatMap(({ taken, notTaken }) => [taken, notTaken])
        .sort((a, b) => a - b);
    const calls = functions.get('fibonacci') ?? 0;
    const small = lines.get(at('return n;')) ?? 0;
    expect(ways(at('if (n < 2)'))).toEqual([small, calls - small].sort((a, b) => a - b));
    expect(ways(at('if (sum > 1000)'))).toEqual([0, 10]);
    expect(ways(at('if (argc > 1)'))).toEqual([0, 1]);
    expect(ways(at('if (n < 0)'))).toEqual([0, 2]);
  });
});
