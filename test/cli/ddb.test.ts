import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { writeCpio } from '../../scripts/guest/index.ts';
import { puffer, TerminalSession } from './run-puffer.ts';

const BREAK_KEYS = '\x01b';

const directory = mkdtempSync(join(tmpdir(), 'puffer-ddb-'));
const withoutInit = join(directory, 'no-init.cpio');
writeFileSync(withoutInit, writeCpio([{ kind: 'directory', path: 'dev', permissions: 0o755 }]));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('the kernel debugger on a terminal', () => {
  let session: TerminalSession | undefined;
  afterEach(() => session?.kill());

  /** Types something and waits for what it brings. */
  async function exchange(terminal: TerminalSession, keys: string, answer: string): Promise<void> {
    const shown = terminal.shows(answer);
    terminal.type(keys);
    await shown;
  }

  it('should be entered by Ctrl-A b and left by continue, and the shell goes on', async () => {
    session = new TerminalSession(['boot']);
    await session.shows('# ', 0);
    await exchange(session, BREAK_KEYS, 'ddb> ');
    await exchange(session, 'show panic\r', 'the kernel did not panic\r\nddb> ');
    await exchange(session, 'ps\r', 'swapper\r\nddb> ');
    session.type('continue\r');
    await exchange(session, 'echo $((6*7))\r', '\r\n42\r\n# ');
  });

  it('should be entered between the keys that are typed', async () => {
    session = new TerminalSession(['boot']);
    await session.shows('# ', 0);
    await exchange(session, `echo be${BREAK_KEYS}c\rfore\r`, '\r\nbefore\r\n# ');
    expect(session.screen).toContain('ddb> c\r\n');
  });

  it('should power the machine off, with status 0', async () => {
    session = new TerminalSession(['boot']);
    await session.shows('# ', 0);
    await exchange(session, BREAK_KEYS, 'ddb> ');
    session.type('boot poweroff\r');
    expect(await session.ended).toBe(0);
  });

  it('should be asked on a panic, whose status stays 4', async () => {
    session = new TerminalSession(['boot', '--initrd', withoutInit]);
    await session.shows('ddb> ', 0);
    expect(session.screen).toContain('panic: no init\r\nStopped at      db_enter');
    await exchange(session, 'show panic\r', 'no init\r\nddb> ');
    session.type('boot reboot\r');
    expect(await session.ended).toBe(4);
  });

  it('should be entered after the lines of --run when it goes on at the prompt', async () => {
    session = new TerminalSession(['boot', '--run', 'echo first', '--interactive']);
    await session.shows('first\r\n# ', 0);
    await exchange(session, BREAK_KEYS, 'ddb> ');
  });
});

describe('the kernel debugger elsewhere', () => {
  it('should not ask: a panic prints its trace by name, and puffer exits 4', () => {
    const { status, stdout } = puffer(['boot', '--initrd', withoutInit], 'ls\n');
    expect(stdout.replaceAll('\r', '')).toMatch(
      /panic: no init\nStarting stack trace\.\.\.\npanic\(\) at panic\+0x[0-9a-f]+\nstart_init\(\) at start_init\+0x[0-9a-f]+\n(.*\n)+End of stack trace\.\n$/,
    );
    expect(stdout).not.toContain('ddb>');
    expect(status).toBe(4);
  });

  it('should not be asked for on a terminal that only watches', async () => {
    const session = new TerminalSession(['boot', '--run', 'sysctl ddb.console']);
    expect(await session.ended).toBe(0);
    expect(session.screen).toContain('ddb.console=0\r\n');
  });
});
