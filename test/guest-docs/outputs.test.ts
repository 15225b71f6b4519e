import { describe, expect, it } from 'vitest';
import {
  type CommandResult,
  documentsWithCommands,
  mismatches,
  pufferArguments,
  readDocument,
  remembering,
  rewriteDocument,
  rewriteOutput,
  type ShownCommand,
  shownCommands,
} from '../../scripts/docs/index.ts';
import { puffer } from '../cli/run-puffer.ts';

/**
 * The documents show what the commands print. What may differ (addresses, positions, line numbers, process ids: they
 * move with each edit of the kernel) is said at Shape in scripts/docs/shape.ts; `npm run docs:update` renews it.
 */

const run = remembering(puffer);
const documents = documentsWithCommands();

/** The one command of a fence with these lines. */
function only(...lines: readonly string[]): ShownCommand {
  const [command] = shownCommands(['```console', ...lines, '```'].join('\n'));
  if (command === undefined) throw new Error('the fence has no command');
  return command;
}

const printed = (...lines: readonly string[]): CommandResult => ({
  status: 0,
  stdout: lines.map((line) => `${line}\n`).join(''),
  stderr: '',
});

describe('the documents', () => {
  it('should have the tour among them', () => {
    expect(documents).toContain('guest/TOUR.md');
  });

  describe.each(documents)('%s', (path) => {
    const commands = shownCommands(readDocument(path));

    it.each(commands.map((command) => ({ at: `line ${command.line}: ${command.text}`, command })))(
      'should show the real output, $at',
      ({ command }) => {
        const args = pufferArguments(command);
        // Only puffer's output can be checked: no other may be shown.
        if (args === undefined) expect(command.output).toEqual([]);
        else expect(mismatches(command, run(args, command.input))).toEqual([]);
      },
    );
  });
});

describe('the check of a shown output', () => {
  const command = '$ npx puffer boot';

  it('should accept other addresses, positions, line numbers and ids, if they differ together', () => {
    const shown = only(
      command,
      '  123456 fork1 kern_fork.c:12  p ffff800000012340  pid 4711',
      'ffff800000012340',
    );
    const moved = printed(' 1234567 fork1 kern_fork.c:9  p ffff80000009abc0  pid 99', 'ffff80000009abc0');
    expect(mismatches(shown, moved)).toEqual([]);
    const apart = printed(' 1234567 fork1 kern_fork.c:9  p ffff80000009abc0  pid 99', 'ffff80000009abd0');
    expect(mismatches(shown, apart)).toMatchObject([{ line: 4 }]);
  });

  it('should accept two numbers only if they are two', () => {
    const shown = only(command, 'cr3 0x3f98000 → 0x3f7c000');
    expect(mismatches(shown, printed('cr3 0x1111000 → 0x2222000'))).toEqual([]);
    expect(mismatches(shown, printed('cr3 0x1111000 → 0x1111000'))).toHaveLength(1);
  });

  it.each([
    ['another function', 'fork2 kern_fork.c:12 returns 0'],
    ['another file', 'fork1 kern_exit.c:12 returns 0'],
    ['another small number', 'fork1 kern_fork.c:12 returns 35'],
    ['more text', 'fork1 kern_fork.c:12 returns 0 at once'],
  ])('should refuse %s', (_what, line) => {
    expect(mismatches(only(command, 'fork1 kern_fork.c:12 returns 0'), printed(line))).toHaveLength(1);
  });

  it('should not take pids 0 and 1 for any other', () => {
    expect(mismatches(only(command, '{"pid":1}'), printed('{"pid":2}'))).toHaveLength(1);
    expect(mismatches(only(command, '{"pid":17}'), printed('{"pid":18}'))).toEqual([]);
  });

  it('should want lines in their order, and next to each other where nothing says that lines are left out', () => {
    const output = printed('one', 'two', 'three');
    expect(mismatches(only(command, 'one', '…', 'three'), output)).toEqual([]);
    expect(mismatches(only(command, '…', 'two', 'three'), output)).toEqual([]);
    expect(mismatches(only(command, 'one', 'three'), output)).toMatchObject([{ line: 4 }]);
    expect(mismatches(only(command, '…', 'two', '…', 'one', '…'), output)).toMatchObject([{ line: 6 }]);
    expect(mismatches(only(command, 'one', 'two'), output)).toHaveLength(1);
    expect(mismatches(only(command, 'two', '…'), output)).toHaveLength(1);
  });

  it('should let … stand for text inside a line', () => {
    const shown = only(command, '{…"name":"sched:fork",…"pid":2}');
    expect(mismatches(shown, printed('{"position":1,"name":"sched:fork","a":{},"pid":3}'))).toEqual([]);
    expect(mismatches(shown, printed('{"position":1,"name":"sched:exit","a":{},"pid":3}'))).toHaveLength(1);
  });

  it('should refuse a command that puffer does not understand, whatever it prints', () => {
    expect(mismatches(only(command), { status: 2, stdout: '', stderr: 'usage' })).toHaveLength(1);
  });
});

describe('a document', () => {
  it('should give a command its here-document', () => {
    const command = only('$ npx puffer step --run "ls -l" <<END', '> break fork1', '> END', 'output');
    expect(pufferArguments(command)).toEqual(['step', '--run', 'ls -l']);
    expect(command.input).toBe('break fork1\n');
    expect(command.output).toEqual([{ line: 5, text: 'output' }]);
  });

  it('should not have a command that only a shell could run', () => {
    expect(() => pufferArguments(only('$ npx puffer boot | head'))).toThrow('needs a shell');
  });

  it('should be written anew with the numbers of now, leaving out what it left out', () => {
    const before = ['```console', '$ npx puffer boot', '…', '{…"pid":12345,…}', '```', 'after'].join('\n');
    const rewrites = shownCommands(before).map((command) =>
      rewriteOutput(command, printed('first', '{"a":1,"pid":54321,"b":2}')),
    );
    expect(rewrites.flatMap(({ failed }) => failed)).toEqual([]);
    expect(rewriteDocument(before, rewrites)).toBe(before.replace('12345', '54321'));
  });

  it('should not be written anew from a command that failed', () => {
    const before = ['```console', '$ npx puffer boot', 'all is well', '```'].join('\n');
    const rewrites = shownCommands(before).map((command) =>
      rewriteOutput(command, { status: 1, stdout: '', stderr: 'internal error' }),
    );
    expect(rewrites.flatMap(({ failed }) => failed)).toHaveLength(1);
    expect(rewriteDocument(before, rewrites)).toBe(before);
  });

  it('should keep a line that the output does not have any more, and say so', () => {
    const before = ['```console', '$ npx puffer boot', '…', 'fork1 returns', '```'].join('\n');
    const rewrites = shownCommands(before).map((command) => rewriteOutput(command, printed('fork2 returns')));
    expect(rewrites.flatMap(({ failed }) => failed)).toMatchObject([{ line: 4 }]);
    expect(rewriteDocument(before, rewrites)).toBe(before);
  });
});
