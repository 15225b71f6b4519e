import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { watch } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { puffer, RunningProgram, runningPuffer } from './run-puffer.ts';

const directory = mkdtempSync(join(tmpdir(), 'puffer-fuzz-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Waits until a directory that is made meanwhile has a file. */
async function fileIn(path: string): Promise<void> {
  mkdirSync(path, { recursive: true });
  const controller = new AbortController();
  const changes = watch(path, { signal: controller.signal });
  try {
    if (readdirSync(path).length > 0) return;
    for await (const _ of changes) return;
  } finally {
    controller.abort();
  }
}

describe('puffer fuzz', () => {
  it('should run as many programs as asked, tell so as JSON, and do the same again for the same seed', () => {
    const runs = [1, 2].map(() => puffer(['fuzz', '--cases', '20', '--seed', '3', '--jobs', '1', '--json']));
    for (const { status, stderr } of runs) expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(runs[0]?.stdout ?? '')).toMatchObject({ event: 'end', executions: 20, crashes: 0 });
    expect(runs[0]?.stdout).toBe(runs[1]?.stdout);
  });

  it('should end with Ctrl-C as it does by itself, tell so, and have kept its programs', async () => {
    const corpus = join(directory, 'interrupted');
    const args = ['fuzz', '--cases', '1000000', '--jobs', '2', '--json', '--corpus', corpus];
    const run = runningPuffer(args);
    // A program lies there: it is in the middle of it.
    await fileIn(join(corpus, 'programs'));
    run.interrupt();
    const { status, stdout, stderr } = await run.ended;
    expect({ status, stderr }).toEqual({ status: 130, stderr: expect.stringContaining('Ctrl-C again') });
    const end = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    expect(end).toMatchObject({ event: 'end', interrupted: true });
    expect(end.executions).toBeLessThan(1_000_000);
    expect(readdirSync(join(corpus, 'programs'))).toHaveLength(end.kept);
  });

  it('should end at once with a second Ctrl-C, whatever it is at', async () => {
    const module = new URL('../../dist/emu/cli/interruption.js', import.meta.url).href;
    const run = new RunningProgram([
      '--input-type=module',
      '--eval',
      `import { onInterruption } from '${module}'; onInterruption('once'); setInterval(() => {}, 1000); console.log('ready');`,
    ]);
    await run.says('ready');
    run.interrupt();
    await run.says('once');
    run.interrupt();
    expect(await run.ended).toEqual({ status: 130, stdout: 'ready\n', stderr: 'puffer: once\n' });
  });

  it('should end after the programs that were asked for, however much time there is', () => {
    const { stdout } = puffer(['fuzz', '--time', '10h', '--cases', '4', '--jobs', '2', '--json']);
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '').executions).toBe(4);
  });

  it('should keep programs, and go on from them', () => {
    const corpus = join(directory, 'corpus');
    const run = (cases: number): { kept: number; coverage: number } =>
      JSON.parse(
        puffer(['fuzz', '--cases', String(cases), '--seed', '3', '--jobs', '1', '--json', '--corpus', corpus])
          .stdout,
      );
    const first = run(10);
    expect(readdirSync(join(corpus, 'programs'))).toHaveLength(first.kept);
    // As many programs as were kept bring what they brought before; in another order, some instructions that begin on one page and
    // end on the next are counted differently.
    const again = run(first.kept);
    expect(Math.abs(again.coverage - first.coverage) / first.coverage).toBeLessThan(0.01);
  });

  const wrong: readonly [string[], RegExp][] = [
    [['--cases', '0'], /'0' is no number of programs/],
    [['--time', 'soon'], /'soon' is no time/],
    [['--jobs', '1000'], /too many/],
    [['--seed', '-1'], /no seed/],
    [['--corpus', '/dev/null/x'], /cannot be used/],
    [['--corpus', '/proc/nope'], /\/proc\/nope cannot be used/],
  ];
  for (const [args, message] of wrong) {
    it(`should refuse ${args.join(' ')}`, () => {
      const { status, stderr } = puffer(['fuzz', ...args]);
      expect(status).toBe(2);
      expect(stderr).toMatch(message);
    });
  }

  it('should say when not all of a corpus was run', () => {
    const corpus = join(directory, 'partly');
    puffer(['fuzz', '--cases', '6', '--seed', '3', '--jobs', '1', '--corpus', corpus]);
    const kept = readdirSync(join(corpus, 'programs')).length;
    expect(kept).toBeGreaterThan(1);
    const { stderr } = puffer(['fuzz', '--cases', '1', '--jobs', '1', '--corpus', corpus]);
    expect(stderr).toBe(
      `puffer: only 1 of the corpus's ${kept} programs were run, and no new one: give it more --cases or --time\n`,
    );
  });

  it('should leave out the files of a corpus that are no programs, and name them', () => {
    const corpus = join(directory, 'broken');
    puffer(['fuzz', '--cases', '1', '--jobs', '1', '--corpus', corpus]);
    writeFileSync(join(corpus, 'programs', 'x.json'), '{"calls": 1}');
    writeFileSync(join(corpus, 'programs', 'y.json'), 'nothing');
    const { status, stderr } = puffer(['fuzz', '--cases', '1', '--jobs', '1', '--corpus', corpus]);
    expect(status).toBe(0);
    expect(stderr).toMatch(/left out 2 of the corpus/);
    expect(stderr).toMatch(/y\.json: /);
    expect(stderr).toMatch(/x\.json: calls must be a list/);
  });
});
