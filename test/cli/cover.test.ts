import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CoverageReportJson } from '../../emu/debug/coverage/index.ts';
import { puffer } from './run-puffer.ts';

const inDirectory = (act: (directory: string) => void): void => {
  const directory = mkdtempSync(join(tmpdir(), 'puffer-cover-'));
  try {
    act(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

const report = (...args: string[]): CoverageReportJson => {
  const { status, stdout, stderr } = puffer(['cover', '--format', 'json', ...args]);
  expect([status, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as CoverageReportJson;
};

const countOf = ({ files }: CoverageReportJson, name: string): number | undefined =>
  files.flatMap(({ functions }) => functions).find((one) => one.name === name)?.count;

describe('puffer cover', () => {
  it('should print a table of what a command ran, from the first prompt on', () => {
    const { status, stdout, stderr } = puffer(['cover', '--only', 'kernel', '--', 'ls', '-l']);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^file +lines +functions +branches +lines not executed\n/);
    expect(stdout).toMatch(/^guest\/sys\/kern\/kern_fork\.c +\d\d\.\d% \d+\/\d+ +\d\d\.\d% \d+\/\d+ /m);
    expect(stdout).not.toContain('guest/bin/');
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^all files /);
  });

  it('should know what options a program was given', () => {
    const plain = report('--only', 'prog:ls', '--', 'ls');
    const long = report('--only', 'prog:ls', '--', 'ls', '-l');
    expect([countOf(plain, 'main'), countOf(long, 'main')]).toEqual([1, 1]);
    const lines = ({ files }: CoverageReportJson): number =>
      files.reduce((sum, one) => sum + one.totals.lines.hit, 0);
    expect(lines(long)).toBeGreaterThan(lines(plain));
  });

  it('should take command lines from --run, a script and behind --, and words with spaces as they are', () => {
    inDirectory((directory) => {
      const script = join(directory, 'script');
      writeFileSync(script, 'cat /etc/passwd\n');
      const all = report('--script', script, '--run', 'true', '--', 'echo', 'a  b; ls', "it's");
      const programs = new Set(all.files.flatMap((one) => one.programs));
      expect([...programs].sort()).toEqual(['cat', 'echo', 'kernel', 'ksh', 'true']);
      const line = report('ls | wc');
      expect([...new Set(line.files.flatMap((one) => one.programs))].sort()).toEqual([
        'kernel',
        'ksh',
        'ls',
        'wc',
      ]);
    });
  });

  it('should begin at power-on when asked, and when nothing is typed', () => {
    const only = ['--only', 'init_main.c'];
    expect(countOf(report(...only, '--boot', '--', 'true'), 'main')).toBe(1);
    expect(countOf(report(...only), 'main')).toBe(1);
    // Of what ran after it, nothing is of that file.
    const { status, stderr } = puffer(['cover', ...only, '--format', 'json', '--', 'true']);
    expect([status, stderr]).toEqual([0, '']);
  });

  it('should print the source of a function with counts of its lines and branches', () => {
    const { status, stdout } = puffer(['cover', '--function', 'fork1', '--', 'ls']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^guest\/sys\/kern\/kern_fork\.c: fork1\n/);
    expect(stdout).toMatch(/^ +1 +\d+ +\tuaddr = uvm_uarea_alloc\(\);$/m);
    expect(stdout).toMatch(/^ +1 +\d+ +\tif \(uaddr == 0\) \{ {4}\[0:1\]$/m);
    expect(stdout).toMatch(/^ +##### +\d+ +\t\treturn ENOMEM;$/m);
  });

  it('should write a tracefile that names the sources where they are', () => {
    inDirectory((directory) => {
      const path = join(directory, 'coverage.info');
      const { status, stdout } = puffer(['cover', '--format', 'lcov', '--output', path, '--', 'ls']);
      expect([status, stdout]).toEqual([0, '']);
      const text = readFileSync(path, 'utf8');
      expect(text).toContain(`SF:${join(process.cwd(), 'guest/sys/kern/kern_fork.c')}\n`);
      expect(text).toMatch(/^FNDA:1,fork1$/m);
    });
  });

  it('should tell what it cannot use, with exit status 2', () => {
    const refused = (...args: string[]): string => {
      const { status, stdout, stderr } = puffer(['cover', ...args, '--', 'true']);
      expect([status, stdout]).toEqual([2, '']);
      return stderr;
    };
    expect(refused('--only', 'prog:cat')).toMatch(/no program 'cat' ran; what ran: kernel, ksh, true/);
    expect(refused('--only', 'nothing.c')).toMatch(/'nothing\.c'/);
    expect(refused('--function', 'no_such')).toMatch(/'no_such'/);
    expect(refused('--function', 'fork1', '--format', 'json')).toMatch(/--format json/);
    expect(refused('--script', '/nonexistent')).toMatch(/'\/nonexistent'/);
    expect(refused('--output', '/dev/null/file')).toMatch(/'\/dev\/null\/file'/);
  });

  it('should exit 42 when the budget is used up, with what ran until then', () => {
    const { status, stdout, stderr } = puffer(['cover', '--budget', '500k', '--only', 'kernel']);
    expect(status).toBe(42);
    expect(stdout).toMatch(/^all files /m);
    expect(stderr).toBe(
      'puffer: the budget was used up at step 500000; what follows is only what ran until then\n',
    );
  });

  it('should warn of what makes its numbers those of something else', () => {
    const warned = (...args: string[]): string => puffer(['cover', '--only', 'kernel', ...args]).stderr;
    expect(warned('--run', 'true', '--', 'nosuchcommand')).toBe(
      "puffer: 'nosuchcommand' ended with status 127\n",
    );
    expect(warned('--', 'cat')).toMatch(
      /^puffer: at the end this still waited for input: pid \d+ cat in ttyin; .*\n$/,
    );
    const early = puffer(['cover', '--only', 'kernel', '--budget', '100k', '--', 'ls']);
    expect(early).toMatchObject({ status: 42, stdout: '' });
    expect(early.stderr).toBe(
      'puffer: no prompt had come when it ended (budget at step 100000): nothing was measured\n',
    );
  });
});
