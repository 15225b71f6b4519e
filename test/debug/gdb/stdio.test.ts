import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { absolute, buildGuest, guestPaths, repositoryRoot } from '../../../scripts/guest/index.ts';
import { gcc } from '../../kernel/support/fixture-kernel.ts';
import { describeWithOracle } from '../../oracles/require.ts';
import { gdb } from './support/gdb.ts';

const MAIN = fileURLToPath(new URL('../../../dist/emu/cli/main.js', import.meta.url));

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command with something on its standard input, which then ends. */
function run(command: string, args: readonly string[], input: string): Promise<Ended> {
  const child = spawn(command, args, { cwd: repositoryRoot, stdio: 'pipe' });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('latin1').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('latin1').on('data', (text) => {
    stderr += text;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input, 'latin1');
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, stdout, stderr })));
}

const stub = (input: string, ...args: string[]): Promise<Ended> =>
  run(process.execPath, [MAIN, 'boot', '--gdb', 'stdio', ...args], input);

const debug = (...commands: string[]): Promise<Ended> =>
  run(
    'gdb',
    [
      ...['-nx', '-batch', '-ex', 'set confirm off', '-ex', 'set width 0'],
      ...['-ex', `target remote | ${process.execPath} ${MAIN} boot --gdb stdio --run ls`],
      ...commands.flatMap((command) => ['-ex', command]),
      absolute(guestPaths.kernel),
    ],
    '',
  );

describeWithOracle([gdb, gcc], 'puffer boot --gdb stdio', () => {
  it("should be what gdb's 'target remote |' starts, with the console beside the packets", async () => {
    await buildGuest();
    const { stdout, stderr } = await debug(
      'break fork1 if curp->p_p->ps_pid > 1',
      'continue',
      'print curp->p_p->ps_comm',
      'info mem',
      'x/x 0x900000000000',
      'reverse-stepi',
      'kill',
    );
    expect(stdout).toMatch(/hit Breakpoint 1, fork1/);
    expect(stdout).toMatch(/= "ksh"/);
    expect(stdout).toMatch(/sys_fork \(p=/);
    expect(stdout).toMatch(/killed/);
    // gdb shows what the guest prints.
    expect(stdout + stderr).toMatch(/cpu0 at mainbus0/);
    // Both halves of the addresses are memory; what lies between is asked of nobody.
    expect(stdout).toMatch(/memory regions provided by the target/);
    expect(stdout).toMatch(/0xffff800000000000 0x10000000000000000 rw/);
    expect(stderr).toMatch(/Cannot access memory at address 0x900000000000/);
  });

  it('should let the guest run to its end after a detach, though the input ends', async () => {
    const { status, stdout, stderr } = await stub('$D#44', '--run', 'echo by "itself"');
    expect(stdout).toBe('+$OK#9a');
    expect(stderr).toMatch(/^by itself\r?$/m);
    expect(status).toBe(0);
  });

  it('should answer packets alone on standard output, and end when the input does', async () => {
    const { status, stdout, stderr } = await stub('$qC#b4+', '--run', 'ls');
    expect(stdout).toBe('+$QC1#c5');
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  it('should answer once what was sent again before it listened', async () => {
    const { stdout } = await stub('$qC#b4$qC#b4$qC#b4', '--run', 'ls');
    expect(stdout).toBe('+$QC1#c5');
  });
});
