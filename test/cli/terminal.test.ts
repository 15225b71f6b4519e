import { afterEach, describe, expect, it } from 'vitest';
import { TerminalSession } from './run-puffer.ts';

const CTRL_A = '\x01';
const CTRL_C = '\x03';

describe('puffer boot on a terminal', () => {
  let session: TerminalSession | undefined;
  afterEach(() => session?.kill());

  const boot = async (): Promise<TerminalSession> => {
    session = new TerminalSession(['boot']);
    await session.shows('# ', 0);
    return session;
  };

  it('should run a typed command and come back to the prompt', async () => {
    const terminal = await boot();
    const shown = terminal.shows('hello from ksh\r\n# ');
    terminal.type('echo hello from ksh\r');
    await shown;
  });

  it('should interrupt the foreground program with ^C and leave the shell alive', async () => {
    const terminal = await boot();
    const echoed = terminal.shows('sleep 1000');
    terminal.type('sleep 1000\r');
    await echoed;
    const prompt = terminal.shows('# ');
    terminal.type(CTRL_C);
    await prompt;
    const status = terminal.shows('130\r\n');
    terminal.type('echo $?\r');
    await status;
  });

  it('should show its help on Ctrl-A h and leave with status 0 on Ctrl-A x', async () => {
    const terminal = await boot();
    const help = terminal.shows('leave puffer');
    terminal.type(`${CTRL_A}h`);
    await help;
    terminal.type(`${CTRL_A}x`);
    expect(await terminal.ended).toBe(0);
  });

  it('should end with status 0 when the guest powers off', async () => {
    const terminal = await boot();
    terminal.type('halt -p\r');
    expect(await terminal.ended).toBe(0);
  });

  it('should end with status 0 when the guest halts for good', async () => {
    const terminal = await boot();
    terminal.type('halt\r');
    expect(await terminal.ended).toBe(0);
  });
});
