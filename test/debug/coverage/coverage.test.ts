import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import {
  CoverageData,
  type CoverageJson,
  chooseData,
  chooseFiles,
  coverageTable,
  jsonReport,
  lcovTracefile,
  parseSelection,
} from '../../../emu/debug/coverage/index.ts';
import { gcc } from '../../guest-qemu/support/guest.ts';
import { stepTo } from '../../machine/support/stepped-executions.ts';
import { commandProbe, describeWithOracle, oracle } from '../../oracles/require.ts';
import { compilePie, PIE, pieLine } from '../support/pie-program.ts';
import { CoveredGuest } from './support.ts';

const COMMAND = 'ls | wc -l';
const lcov = oracle('lcov', commandProbe('lcov', ['--version'], 'lcov'));
const genhtml = oracle('genhtml', commandProbe('genhtml', ['--version'], 'lcov'));
/** Places of the kernel's code that many lines have, so that many lines are compared. */
const FILES = [
  'kern_fork.c',
  'kern_exec.c',
  'kern_exit.c',
  'amd64/trap.c',
  'vm_machdep.c',
  'vfs_lookup.c',
  'uvm_map.c',
];

describeWithOracle(gcc, 'coverage of the guest', () => {
  let guest: CoveredGuest;
  let data: CoverageData;

  beforeAll(async () => {
    guest = await CoveredGuest.boot();
    data = guest.measure(COMMAND);
  });

  it('should hold the lines at which a breakpoint would have stopped', () => {
    const { machine } = guest;
    const snapshot = machine.snapshot();
    machine.console.write(`${COMMAND}\n`);
    machine.run({ text: '# ' });
    const end = machine.position;
    machine.restore(snapshot);
    machine.console.write(`${COMMAND}\n`);
    const stepped = stepTo(machine, end);
    machine.restore(snapshot);
    const report = guest.reporter.report(guest.measure(COMMAND));
    let compared = 0;
    for (const name of FILES) {
      const file = report.find(({ path }) => path.endsWith(`/${name}`));
      const reported = [...(file?.lines ?? [])];
      const stops = (line: number): boolean =>
        machine.image.lines
          .addresses(file?.path ?? '', line)
          .some((address) => (stepped.found.get(`kernel ${address.toString(16)}`)?.executed ?? 0) > 0);
      const ran = reported.filter(([, count]) => count > 0).map(([line]) => line);
      expect([name, ran]).toEqual([name, reported.map(([line]) => line).filter(stops)]);
      compared += reported.length;
    }
    expect(compared).toBeGreaterThan(900);
  });

  it('should be of the kernel and of each program that ran, and of no other', () => {
    const report = guest.reporter.report(data);
    const files = (name: string) => report.filter(({ programs }) => programs.has(name));
    expect([...data.programs].map(({ name }) => name).sort()).toEqual(['kernel', 'ksh', 'ls', 'wc']);
    expect(files('ls').map(({ path }) => path)).toContain('guest/bin/ls/ls.c');
    expect(files('kernel').every(({ path }) => path.startsWith('guest/sys/'))).toBe(true);
    const fork = guest.file(data, 'kern_fork.c').functions.find(({ name }) => name === 'fork1');
    expect(fork?.count).toBe(2);
  });

  it('should count functions that were inlined', () => {
    const inlined = guest.reporter
      .report(data)
      .flatMap(({ functions, path }) => functions.map(({ name, count }) => ({ name, count, path })))
      .filter(({ name, count }) => count > 0 && guest.machine.image.addressOf(name) === undefined)
      .filter(({ path }) => path.startsWith('guest/sys/'));
    expect(inlined.map(({ name }) => name)).toContain('curproc_get');
  });

  it('should count functions of assembly', () => {
    const counts = (path: string) =>
      new Map(guest.file(data, path).functions.map(({ name, count }) => [name, count]));
    expect(counts('locore.S').get('cpu_switchto')).toBeGreaterThan(1);
    expect(counts('copy.S').get('copyin')).toBeGreaterThan(1);
    expect(counts('locore.S').get('Xsyscall')).toBeGreaterThan(counts('copy.S').get('copyin') ?? 0);
  });

  it('should add up: two halves of a run and the whole, through JSON', () => {
    const { machine } = guest;
    const snapshot = machine.snapshot();
    const whole = guest.measure('ls; wc /etc/*');
    machine.restore(snapshot);
    const collector = guest.collector();
    machine.console.write('ls; wc /etc/*\n');
    const parts: CoverageData[] = [];
    while (machine.run({ text: '# ', budget: 100_000 }).reason === 'budget') parts.push(collector.take());
    parts.push(collector.stop());
    const sum = new CoverageData();
    for (const part of parts) {
      sum.add(CoverageData.fromJSON(JSON.parse(JSON.stringify(part)) as CoverageJson));
    }
    expect(parts.length).toBeGreaterThan(3);
    expect(sum.toJSON()).toEqual(whole.toJSON());
    machine.restore(snapshot);
  });

  it('should refuse to add another build, and data that is none', () => {
    const other = new CoverageData();
    other.program('kernel', 'another');
    expect(() => other.add(data)).toThrow(expect.objectContaining({ code: 'other-build' }));
    const broken = { programs: { ls: 3 } } as unknown as CoverageJson;
    expect(() => CoverageData.fromJSON(broken)).toThrow(expect.objectContaining({ code: 'bad-data' }));
  });

  it('should be that of chosen programs and files', () => {
    const selection = parseSelection(['prog:ls', 'guest/bin/*']);
    const chosen = chooseFiles(guest.reporter.report(chooseData(data, selection)), selection);
    expect(chosen.length).toBeGreaterThan(0);
    for (const file of chosen) {
      expect([...file.programs]).toEqual(['ls']);
      expect(file.path).toMatch(/^guest\/bin\/ls\//);
    }
    expect(() => chooseData(data, parseSelection(['prog:cat']))).toThrow(/no program 'cat' ran/);
    expect(() => chooseFiles(chosen, parseSelection(['kern_fork.c']))).toThrow(/no.*'kern_fork.c'/);
  });

  it('should be shown as a table with totals, and as JSON with the same numbers', () => {
    const report = guest.reporter.report(data).filter(({ path }) => path.endsWith('kern_fork.c'));
    const { totals, lines } = jsonReport(report).files[0] as ReturnType<typeof jsonReport>['files'][0];
    const { found, hit } = totals.lines;
    expect(lines.filter(([, count]) => count > 0)).toHaveLength(hit);
    const [header, row, all] = coverageTable(report).split('\n');
    expect(header).toMatch(/^file +lines +functions +branches +lines not executed$/);
    expect(row).toMatch(new RegExp(`^guest/sys/kern/kern_fork.c +\\d+\\.\\d% ${hit}/${found} .* \\d+-\\d+`));
    expect(all).toMatch(new RegExp(`^all files +\\d+\\.\\d% ${hit}/${found} `));
  });

  it('should know a position-independent program wherever it was loaded', async () => {
    const guestWithPie = await CoveredGuest.boot(new Map([[PIE, compilePie()]]));
    const file = guestWithPie.file(guestWithPie.measure(PIE), 'pie.c');
    expect(file.lines.get(pieLine('return 2 * n'))).toBe(2);
    expect(file.lines.get(pieLine('return 7'))).toBe(0);
    expect(file.functions).toMatchObject([
      { name: 'twice', count: 2 },
      { name: '_start', count: 1 },
    ]);
  });

  describeWithOracle([lcov, genhtml], 'as a tracefile of lcov', () => {
    it('should be accepted by lcov and genhtml, which find the same totals', () => {
      const directory = mkdtempSync(join(tmpdir(), 'puffer-lcov-'));
      try {
        const path = join(directory, 'coverage.info');
        const report = guest.reporter.report(data);
        writeFileSync(
          path,
          lcovTracefile(report, (name) => join(process.cwd(), name), 'ls and wc'),
        );
        const run = (command: string, ...args: string[]): string => {
          const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
          expect([command, status, stderr]).toEqual([command, 0, expect.not.stringMatching(/ERROR/)]);
          return stdout + stderr;
        };
        const sum = (pick: (file: (typeof report)[number]) => { found: number; hit: number }): string => {
          const ratios = report.map(pick);
          const add = (key: 'found' | 'hit'): number => ratios.reduce((total, one) => total + one[key], 0);
          return `(${add('hit')} of ${add('found')}`;
        };
        const summary = run('lcov', '--summary', path, '--rc', 'lcov_branch_coverage=1');
        expect(summary).toMatch(/lines\.+: /);
        expect(summary).toContain(`${sum((file) => file.lineRatio)} lines)`);
        expect(summary).toContain(`${sum((file) => file.functionRatio)} functions)`);
        expect(summary).toContain(`${sum((file) => file.branchRatio)} branches)`);
        run('genhtml', '--quiet', '--branch-coverage', '--output-directory', join(directory, 'html'), path);
        const pages = readdirSync(join(directory, 'html'), { recursive: true }).map(String);
        const pageName = pages.find((name) => name.endsWith('kern_fork.c.gcov.html')) ?? '';
        const page = readFileSync(join(directory, 'html', pageName), 'utf8');
        expect(page).toContain('fork1');
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    });
  });
});
