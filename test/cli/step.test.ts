import { afterEach, describe, expect, it } from 'vitest';
import { puffer, TerminalSession } from './run-puffer.ts';

describe('puffer step', () => {
  it('should print position, address, symbol, text and changed registers of each step from power-on', () => {
    const { status, stdout } = puffer(['step', '--count', '20']);
    expect(status).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(20);
    expect(lines[0]).toMatch(/^ +0 {2}[0-9a-f]{16} {2}start/);
  });

  it('should start at a symbol with --break', () => {
    const { status, stdout } = puffer(['step', '--break', 'fork1', '--run', 'ls', '--count', '3', '--json']);
    expect(status).toBe(0);
    const steps = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(steps).toHaveLength(3);
    expect(steps[0]).toMatchObject({ schema: 'puffer-step', version: 1, symbol: 'fork1' });
    expect(steps[0]?.file).toMatch(/kern_fork\.c$/);
  });

  it('should refuse a place that is no symbol, with exit 2', () => {
    const { status, stderr } = puffer(['step', '--break', 'no_such_function', '--count', '1']);
    expect(status).toBe(2);
    expect(stderr).toContain('no_such_function');
  });

  it('should say so, with exit 3, when the place is not reached', () => {
    const { status, stderr } = puffer(['step', '--break', 'panic', '--run', 'true', '--count', '1']);
    expect(status).toBe(3);
    expect(stderr).toContain('panic was not reached');
  });

  it('should step, stop at breakpoints, and show registers, memory, code and calls at its prompt', () => {
    const commands = [
      'break sys_fork',
      'continue',
      'backtrace',
      'next',
      'step 2',
      'registers',
      'memory fork1 16',
      'disassemble fork1 2',
      'nonsense',
      'quit',
    ];
    const { status, stdout } = puffer(['step', '--run', 'ls'], `${commands.join('\n')}\n`);
    expect(status).toBe(0);
    expect(stdout).toContain('breakpoint at sys_fork');
    expect(stdout).toMatch(/#1 +mi_syscall/);
    expect(stdout).toContain('rflags');
    expect(stdout).toContain("'nonsense' is no command");
  });

  it('should refuse --json without --count, with exit 2', () => {
    const { status, stderr } = puffer(['step', '--json']);
    expect(status).toBe(2);
    expect(stderr).toContain('--json needs --count');
  });

  it('should say in a sentence why a place was not reached, and ask for --run only when it was not given', () => {
    const typed = puffer(['step', '--break', 'panic', '--run', 'nosuchcmd']);
    expect(typed.status).toBe(3);
    expect(typed.stderr).toContain('the guest waits for input, and nothing is left to type');
    expect(typed.stderr).not.toMatch(/inputEnd|--run/);
    expect(puffer(['step', '--break', 'panic']).stderr).toContain('--run');
  });

  it('should show what the guest prints, and come back when the guest waits for input', () => {
    const { status, stdout } = puffer(['step', '--run', 'echo from the guest'], 'continue\nregs\n');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^from the guest\r?$/m);
    expect(stdout).toContain('the guest waits for input');
    expect(stdout).toContain('rflags');
  });

  it('should come back when a program without a prompt waits for input', () => {
    const { status, stdout } = puffer(['step', '--run', 'cat'], 'continue\n');
    expect(status).toBe(0);
    expect(stdout).toContain('the guest waits for input, and nothing is left to type');
  });

  it('should take registers, numbers and offsets as places, and short names of commands', () => {
    const commands = ['m rsp+8 1', 'm rsp+0x8 1', 'm 0 1', 'm 16777216 1', 'disas rip 1', 'm nowhere+1'];
    const { stdout } = puffer(['step', '--break', 'main'], `${commands.join('\n')}\n`);
    const rows = stdout.match(/[0-9a-f]{16} {2}[0-9a-f]{2} /g) ?? [];
    expect(rows[0]).toMatch(/^ffff[0-9a-f]{12}/);
    expect(rows[1]).toBe(rows[0]);
    expect(stdout).toContain('0x0 is not mapped');
    expect(stdout).toMatch(/0{8}01000000 {2}|0x1000000 is not mapped/);
    expect(stdout).toMatch(/^[0-9a-f]{16} {2}main /m);
    expect(stdout).toContain("'nowhere+1' is no symbol");
  });

  it('should step and continue from a breakpoint that it has stepped to', () => {
    const commands = ['break 0x1000001', 'step', 'continue 5', 'step'];
    const { stdout } = puffer(['step'], `${commands.join('\n')}\n`);
    const positions = Array.from(stdout.matchAll(/=> (\d+)/g), ([, position]) => Number(position));
    expect(positions).toEqual([0, 1, 6, 7]);
  });
});

describe('puffer step on a terminal', () => {
  let session: TerminalSession | undefined;
  afterEach(() => session?.kill());

  it.each(['continue', 'step 100000000'])(
    'should come back to its prompt from %s with Ctrl-C',
    async (command) => {
      session = new TerminalSession(['step']);
      await session.shows('(puffer) ', 0);
      const begun = session.shows(command === 'continue' ? '# ' : '     300  ');
      session.type(`${command}\r`);
      await begun;
      const interrupted = session.shows('interrupted');
      session.type('\x03');
      await interrupted;
      const registers = session.shows('rflags');
      session.type('registers\r');
      await registers;
      session.type('quit\r');
      expect(await session.ended).toBe(0);
    },
  );
});
