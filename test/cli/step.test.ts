import { describe, expect, it } from 'vitest';
import { puffer } from './run-puffer.ts';

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
});
