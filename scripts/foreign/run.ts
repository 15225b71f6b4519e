import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Machine } from '../../emu/index.ts';
import { ForeignError } from './errors.ts';
import { ChildTime, ownSeconds } from './processor-time.ts';
import type { ForeignFiles, ForeignProgram } from './programs.ts';

/** One run to the program's end. */
export interface Run {
  /** Processor time, which neighbours on a busy host do not change. */
  readonly seconds: number;
  /** Console output. */
  readonly output: string;
  /** Puffer's alone: steps taken, instructions that it did not know. */
  readonly steps?: number | undefined;
  readonly unimplemented?: readonly string[] | undefined;
}

const MIB = 2 ** 20;
const BUDGET = 100e9;

/** Boots the program on puffer, in this process. `show` is given the console's output. Throws ForeignError. */
export function runOnPuffer(program: ForeignProgram, files: ForeignFiles, show: (text: string) => void): Run {
  const file = (path: string) => ({ name: basename(path), bytes: new Uint8Array(readFileSync(path)) });
  const kernel = file(files.kernel);
  const initrd = files.initrd === undefined ? undefined : file(files.initrd);
  const started = ownSeconds();
  const machine = Machine.create({
    memory: program.memory * MIB,
    kernel,
    initrd,
    commandLine: program.commandLine,
  });
  const unimplemented = new Set<string>();
  machine.cpu.onUnimplemented = ({ address, bytes }) => {
    unimplemented.add(`${Buffer.from(bytes).toString('hex')} at 0x${address.toString(16)}`);
  };
  let output = '';
  machine.console.onOutput((bytes) => {
    const text = Buffer.from(bytes).toString('latin1');
    output += text;
    show(text);
  });
  const stop = machine.run({ budget: BUDGET, text: program.until });
  const seconds = ownSeconds() - started;
  const expected = program.until === undefined ? 'powerOff' : 'consoleText';
  if (stop.reason !== expected) {
    throw new ForeignError(
      `${program.name} on puffer ended by ${stop.reason} at position ${machine.position}`,
    );
  }
  return { seconds, output, steps: machine.position, unimplemented: [...unimplemented] };
}

/** Boots the program under QEMU's TCG on its PC. Throws ForeignError. */
export async function runOnQemu(program: ForeignProgram, files: ForeignFiles): Promise<Run> {
  const machine = ['-M', 'pc', '-accel', 'tcg', '-m', `${program.memory}`, '-no-reboot'];
  const console = ['-display', 'none', '-serial', 'stdio', '-monitor', 'none', '-nic', 'none'];
  const guest = ['-kernel', files.kernel, '-append', program.commandLine];
  if (files.initrd !== undefined) guest.push('-initrd', files.initrd);
  const qemu = spawn('qemu-system-x86_64', [...machine, ...console, ...guest], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const time = new ChildTime(qemu.pid ?? 0);
  let output = '';
  let errors = '';
  let reached = program.until === undefined;
  qemu.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString('latin1');
    if (reached || !output.includes(program.until ?? '')) return;
    reached = true;
    time.look();
    qemu.kill('SIGKILL');
  });
  qemu.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString('latin1');
  });
  await new Promise<void>((resolve) => {
    qemu.on('error', (error) => {
      errors += error.message;
      resolve();
    });
    qemu.on('close', () => resolve());
  });
  time.stop();
  const seconds = time.used;
  if (!reached || output === '')
    throw new ForeignError(`${program.name} under QEMU did not come to its end: ${errors}`);
  return { seconds, output };
}

/** The output between two lines, for comparison. Throws ForeignError when it is not there. */
export function comparedOutput(run: Run, [begin, end]: readonly [string, string]): string {
  const from = run.output.indexOf(begin);
  const to = run.output.indexOf(end, from);
  if (from < 0 || to < 0) throw new ForeignError(`'${begin}' to '${end}' was not printed`);
  return run.output.slice(from, to);
}
