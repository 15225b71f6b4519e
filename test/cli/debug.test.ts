import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { puffer, TerminalSession } from './run-puffer.ts';

const CTRL_C = '\x03';
const UP = '\x1b[A';
const TAB = '\t';

const lines = (...commands: readonly string[]): string => commands.map((command) => `${command}\n`).join('');

describe('puffer debug in a pipe', () => {
  it('should answer commands, show the guest’s output between them, and end with status 0', () => {
    const { status, stdout } = puffer(
      ['debug', '--run', 'echo hello', '--ex', 'break sys_fork', '--ex', 'continue'],
      lines('backtrace 1', 'delete', 'continue', 'print 6 * 7'),
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Breakpoint 1 at sys_fork at guest\/sys\/kern\/kern_fork\.c:\d+$/m);
    expect(stdout).toMatch(/^#0 {2}sys_fork \(/m);
    expect(stdout).toMatch(/^hello\r?$/m);
    expect(stdout).toMatch(/waits for input/);
    expect(stdout).toMatch(/^\$1 = 42$/m);
  });

  it('should end with status 2 when a command was wrong, having run the others', () => {
    const { status, stdout } = puffer(['debug'], lines('nonsense', 'print nothing_here', 'print 1 + 1'));
    expect(status).toBe(2);
    expect(stdout).toMatch(/no command 'nonsense'/);
    expect(stdout).toMatch(/nothing in scope is named nothing_here/);
    expect(stdout).toMatch(/= 2$/m);
  });

  it('should take the lines after commands up to end for a stop point, from options and from the pipe', () => {
    const { status, stdout } = puffer(
      ['debug', '--run', 'ls; ls', '--ex', 'break sys_fork', '--ex', 'commands', '--ex', 'silent'],
      lines('printf "a;b %d\\n",curproc->p_p->ps_pid > 1', 'continue', 'end', 'break fork1', 'commands 2') +
        lines('silent', 'print 40 + 2', 'continue', 'end', 'continue', 'info breakpoints'),
    );
    expect(status).toBe(0);
    expect(stdout.match(/^a;b 1$/gm)?.length).toBeGreaterThanOrEqual(2);
    expect(stdout.match(/^\$\d+ = 42$/gm)?.length).toBeGreaterThanOrEqual(2);
    expect(stdout).not.toMatch(/^Breakpoint 2, |^Breakpoint 1, |no command/m);
    expect(stdout).toMatch(/^\t\tsilent\n\t\tprint 40 \+ 2\n\t\tcontinue$/m);
  });

  it('should answer a block once as data, and say that one has no end', () => {
    const { status, stdout } = puffer(['debug', '--json'], lines('break main', 'commands', '', 'print 1'));
    expect(status).toBe(2);
    const answers = stdout.split('\n').filter((line) => line.startsWith('{'));
    expect(answers).toHaveLength(2);
    expect(JSON.parse(answers[1] ?? '')).toMatchObject({ ok: false, command: 'commands' });
  });

  it('should answer with NDJSON when asked to', () => {
    const { status, stdout } = puffer(
      ['debug', '--json', '--run', 'true'],
      lines(
        'dprintf main,"here\\n"',
        'tbreak main',
        'continue',
        'print/x $rsp',
        'print )',
        'ptwalk $rsp',
        'continue',
      ),
    );
    expect(status).toBe(2);
    const all = stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
    const printed = (event: string): string =>
      all.flatMap((line) => (line.event === event ? [line.text] : [])).join('');
    expect(printed('console')).toContain('\n# true\r\n# ');
    expect(printed('message')).toBe('here');
    const answers = all.filter(({ event, command }) => event === undefined && !command.startsWith('dprintf'));
    expect(answers.map(({ schema, version }) => `${schema} ${version}`)).toEqual(
      Array(6).fill('puffer-debug 1'),
    );
    expect(answers[1]).toMatchObject({
      ok: true,
      result: { reason: 'stopPoint', frame: { function: 'main' } },
    });
    expect(answers[2].result.value).toMatch(/^0xffff/);
    expect(answers[3]).toMatchObject({ ok: false, error: { code: 'syntax', at: 0 } });
    expect(answers[4].result.steps).toHaveLength(4);
  });

  it('should save a recording that opens again, and say what is wrong with a file that does not', () => {
    const directory = mkdtempSync(join(tmpdir(), 'puffer-recording-'));
    try {
      const file = join(directory, 'boot.recording');
      const saved = puffer(['debug', '--run', 'true'], lines('tbreak sys_fork', 'continue', `save ${file}`));
      expect(saved.status).toBe(0);
      expect(existsSync(file)).toBe(true);
      const opened = puffer(['debug', '--open', file], lines('goto end', 'backtrace 1', 'stepi'));
      expect(opened.status).toBe(0);
      expect(opened.stdout).toMatch(/^#0 {2}sys_fork/m);
      expect(opened.stdout).toMatch(/At the end of the recording/);
      const junk = join(directory, 'junk');
      writeFileSync(junk, 'nothing');
      const refused = puffer(['debug', '--open', junk]);
      expect(refused.status).toBe(2);
      expect(refused.stderr).toContain('is not a puffer recording');
      expect(puffer(['debug', '--open', join(directory, 'none')]).status).toBe(2);
      const sized = puffer(['debug', '--open', file, '--memory', '32']);
      expect(sized.status).toBe(2);
      expect(sized.stderr).toContain('does not go with --memory');
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});

describe('puffer debug on a terminal', () => {
  let session: TerminalSession | undefined;
  afterEach(() => session?.kill());

  const open = async (...args: readonly string[]): Promise<TerminalSession> => {
    session = new TerminalSession(['debug', ...args]);
    await session.shows('(puffer) ', 0);
    return session;
  };

  const answers = async (terminal: TerminalSession, keys: string, text: string): Promise<void> => {
    const shown = terminal.shows(text);
    terminal.type(keys);
    await shown;
  };

  it('should complete names, remember lines, repeat steps, and leave with quit', async () => {
    const terminal = await open('--run', 'ls');
    // A tab alone is a key; inside of what is pasted it would be a character.
    await answers(terminal, 'tbreak fork_check_max', 'fork_check_max');
    await answers(terminal, TAB, 'thread');
    await answers(terminal, '\r', 'breakpoint 1 at fork_check_maxthread');
    await answers(terminal, 'continue\r', 'Temporary breakpoint 1');
    await answers(terminal, 'print nproce', 'nproce');
    await answers(terminal, TAB, 'sses');
    await answers(terminal, '\r', '$1 = ');
    await answers(terminal, `${UP}\r`, '$2 = ');
    await answers(terminal, 'print curproc->p_p->ps_com', 'ps_com');
    await answers(terminal, TAB, 'm');
    await answers(terminal, '\r', '"swapper"');
    await answers(terminal, 'stepi\r', '(puffer) ');
    await answers(terminal, '\r', '(puffer) ');
    await answers(terminal, 'when\r', 'history from 0 to');
    terminal.type('quit\r');
    expect(await terminal.ended).toBe(0);
  });

  it('should prompt for the lines of commands', async () => {
    const terminal = await open();
    await answers(terminal, 'break main\r', '(puffer) ');
    await answers(terminal, 'commands\r', '>');
    await answers(terminal, 'silent\r', '>');
    await answers(terminal, 'print 40 + 2\r', '>');
    await answers(terminal, 'end\r', '(puffer) ');
    await answers(terminal, 'continue\r', '$1 = 42');
    expect(terminal.screen).not.toMatch(/Breakpoint 1, main/);
    terminal.type('quit\r');
    expect(await terminal.ended).toBe(0);
  });

  it('should interrupt a guest that runs, and go back from there', async () => {
    const terminal = await open();
    await answers(terminal, 'continue\r', '# ');
    await answers(terminal, CTRL_C, 'Interrupted at position');
    await answers(terminal, 'type echo typed in the debugger\r', '(puffer) ');
    await answers(terminal, 'continue\r', 'typed in the debugger\r\n# ');
    await answers(terminal, CTRL_C, 'Interrupted at position');
    await answers(terminal, 'reverse-stepi\r', '(puffer) ');
    await answers(terminal, 'goto begin\r', 'cli');
    terminal.type('quit\r');
    expect(await terminal.ended).toBe(0);
  });
});
