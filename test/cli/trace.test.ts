import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { puffer } from './run-puffer.ts';

interface ChromeEvent {
  readonly ph: string;
  readonly ts: number;
  readonly pid: number;
  readonly tid: number;
  readonly name?: string;
  readonly id?: number;
  readonly args?: Readonly<Record<string, unknown>>;
}

const chromeTrace = (text: string): ChromeEvent[] =>
  (JSON.parse(text) as { traceEvents: ChromeEvent[] }).traceEvents;

describe('puffer trace', () => {
  it('should print the way of a fork as an indented tree, with arguments, results and steps', () => {
    const { status, stdout, stderr } = puffer(['trace', '--run', 'ls']);
    expect(status).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^ +\d+ +ksh \(\d+\) +SYS_fork\(\) \{$/m);
    expect(stdout).toMatch(/^ +\d+ +ksh \(\d+\) {6,}fork1\(curp 0x\w+, flags 1, .*\) \{$/m);
    expect(stdout).toMatch(/^ +\d+ +\d+ +ksh \(\d+\) +fork_check_maxthread\(uid 0\) = 0$/m);
    expect(stdout).toMatch(/^ +\d+ +\d+ +ksh \(\d+\) +\} SYS_fork = \d+$/m);
    expect(stdout).toMatch(/ls \(\d+\) +\} SYS_execve = 0$/m);
  });

  it('should print ndjson of schema puffer-trace: each call entered and left, with the events asked for', () => {
    const args = ['trace', '--run', 'ls', '--format', 'ndjson', '--functions', 'fork1', 'thread_*'];
    const { status, stdout } = puffer([...args, '--events', 'sched:fork']);
    expect(status).toBe(0);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    for (const line of lines) {
      expect(line).toMatchObject({ schema: 'puffer-trace', version: 1 });
      expect(Number.isSafeInteger(line.position) && Number.isSafeInteger(line.guestTime)).toBe(true);
    }
    const ids = (kind: string) => lines.filter((line) => line.kind === kind).map(({ id }) => id);
    expect(ids('enter').length).toBeGreaterThan(2);
    expect([...ids('leave')].sort()).toEqual([...ids('enter')].sort());
    expect(lines.find(({ name }) => name === 'fork1')).toMatchObject({ kind: 'enter', call: 'function' });
    expect(lines.filter(({ kind }) => kind === 'event')).toHaveLength(1);
    expect(lines.at(-1)).toMatchObject({ kind: 'end' });
  });

  it('should write a trace that Perfetto opens: balanced slices, named tracks, an arrow to the child, counters', () => {
    const directory = mkdtempSync(join(tmpdir(), 'puffer-trace-'));
    const path = join(directory, 'trace.json');
    try {
      const { status, stdout } = puffer(['trace', '--run', 'ls', '--format', 'chrome', '--output', path]);
      expect(status).toBe(0);
      expect(stdout).toBe('');
      const events = chromeTrace(readFileSync(path, 'utf8'));
      const depth = new Map<number, number>();
      const last = new Map<number, number>();
      for (const { ph, ts, pid, tid } of events.filter((event) => 'BE'.includes(event.ph))) {
        expect(pid).toBe(1);
        expect(ts).toBeGreaterThanOrEqual(last.get(tid) ?? 0);
        last.set(tid, ts);
        const now = (depth.get(tid) ?? 0) + (ph === 'B' ? 1 : -1);
        expect(now).toBeGreaterThanOrEqual(0);
        depth.set(tid, now);
      }
      expect([...depth.values()].every((open) => open === 0)).toBe(true);
      const tracks = events.filter(({ name }) => name === 'thread_name');
      const titles = tracks.map(({ args }) => String(args?.name));
      expect(titles).toContainEqual(expect.stringMatching(/^ksh \(\d+\)$/));
      expect(titles).toContainEqual(expect.stringMatching(/^ksh \((\d+)\) → ls \(\1\)$/));
      const arrow = (phase: string) => events.find(({ ph }) => ph === phase);
      expect(arrow('s')?.id).toBe(arrow('f')?.id);
      expect(arrow('s')?.tid).not.toBe(arrow('f')?.tid);
      expect(arrow('f')?.ts).toBeGreaterThan(arrow('s')?.ts ?? Number.POSITIVE_INFINITY);
      const counters = new Set(events.filter(({ ph }) => ph === 'C').map(({ name }) => name));
      expect(counters).toEqual(new Set(['processes', 'free pages', 'runnable']));
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('should trace the boot when it is given nothing to run', () => {
    const { status, stdout } = puffer(['trace', '--functions', 'cpu_startup', 'fork1', '--depth', '1']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ +\d+ +\d+ +swapper \(0\) +cpu_startup\(\)|boot +cpu_startup\(\)/m);
    expect(stdout).toMatch(/fork1\(/);
  });

  it('should refuse functions and events that there are not, saying what is near, with exit 2', () => {
    const functions = puffer(['trace', '--functions', 'frok1', '--run', 'ls']);
    expect(functions).toMatchObject({ status: 2, stdout: '' });
    expect(functions.stderr).toContain("no function 'frok1'; near it: fork1");
    const events = puffer(['trace', '--events', 'sched:frok']);
    expect(events.status).toBe(2);
    expect(events.stderr).toContain('sched:fork');
    expect(puffer(['trace', '--depth', '0']).status).toBe(2);
    expect(puffer(['trace', '--format', 'xml']).status).toBe(2);
  });

  it('should refuse an output that cannot be written, with exit 2 and before it writes anything', () => {
    const path = '/no/such/directory/trace.json';
    const { status, stderr } = puffer(['trace', '--run', 'ls', '--output', path]);
    expect(status).toBe(2);
    expect(stderr).toContain(path);
    expect(existsSync(path)).toBe(false);
  });

  it('should end with 42, and a whole trace, when the steps are used up', () => {
    const { status, stdout, stderr } = puffer([
      'trace',
      '--run',
      'ls',
      '--format',
      'chrome',
      '--budget',
      '1265000',
    ]);
    expect(stderr).toContain('the step budget is used up at position 1265000');
    expect(status).toBe(42);
    const events = chromeTrace(stdout);
    const count = (phase: string) => events.filter(({ ph }) => ph === phase).length;
    expect(count('B')).toBe(count('E'));
    expect(count('B')).toBeGreaterThan(3);
  });
});
