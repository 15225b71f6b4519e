import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { TerminalSession } from '../../cli/run-puffer.ts';
import { gcc } from '../../kernel/support/fixture-kernel.ts';
import { describeWithOracle } from '../../oracles/require.ts';
import { gdb, startGdb } from './support/gdb.ts';

describeWithOracle([gdb, gcc], 'gdb on a guest at a terminal', () => {
  const directory = mkdtempSync(join(tmpdir(), 'puffer-terminal-'));
  let terminal: TerminalSession | undefined;
  afterEach(() => {
    terminal?.kill();
    rmSync(directory, { recursive: true, force: true });
  });

  it('should let a person type while the guest runs, and stop for breakpoints and ^C of gdb', async () => {
    const path = join(directory, 'stub');
    terminal = new TerminalSession(['boot', '--gdb', `unix:${path}`]);
    await terminal.shows('waiting for gdb', 0);
    const session = startGdb(path, [
      'break sys_execve',
      'continue',
      'continue',
      'delete',
      'continue',
      'print/x $cr3',
      'kill',
    ]);
    await terminal.shows('# ', 0);
    const listed = terminal.shows('bin ');
    terminal.type('/bin/ls\r');
    await listed;
    const hello = terminal.shows('hello\r\n# ');
    terminal.type('echo hello\r');
    await hello;
    session.interrupt();
    const [, , typed, , interrupted, cr3] = await session.outputs;
    expect(typed).toContain('sys_execve');
    expect(interrupted).toContain('SIGINT');
    expect(cr3).toMatch(/= 0x[1-9a-f]/);
    expect(await terminal.ended).toBe(0);
  });
});
