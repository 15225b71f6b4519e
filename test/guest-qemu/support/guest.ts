import { readFileSync } from 'node:fs';
import { Machine } from '../../../emu/index.ts';
import { absolute, buildGuest, guestPaths } from '../../../scripts/guest/index.ts';
import type { GuestFiles } from '../../oracles/qemu-guest.ts';
import { commandProbe, oracle } from '../../oracles/require.ts';

export const qemu = oracle('QEMU', commandProbe('qemu-system-x86_64', ['--version'], 'qemu-system-x86'));
export const gcc = oracle('gcc', commandProbe('gcc', ['--version'], 'gcc'));

/** The shell's prompts for root and for others, and the one inside of a command. */
export const PROMPTS = ['\n# ', '\n$ ', '\n> '];
export const COMMAND_LINE = 'seed=1 time=1700000000';
/** Steps: many times what the scripts here need. */
export const BUDGET = 2_000_000_000;

/** The guest's kernel and an initrd, the kernel built if need be, read once: whatever boots here boots the same bytes. */
export async function readGuest(initrd: string = guestPaths.initrd): Promise<GuestFiles> {
  await buildGuest();
  const read = (path: string): Uint8Array => new Uint8Array(readFileSync(absolute(path)));
  return { kernel: read(guestPaths.kernel), initrd: read(initrd), commandLine: COMMAND_LINE };
}

/**
 * A transcript without the pids that the shell tells of its jobs. A pid is drawn from the numbers that other processes draw from
 * too: whether a process in the background comes first depends on the moment at which a line is typed, to a tick of the clock.
 */
export const withoutJobPids = (transcript: string): string =>
  transcript.replaceAll(/^(\[\d+\]) \d+(?=\r?$)/gm, '$1 pid');

/** A machine with the guest loaded. */
export function machineWith(files: GuestFiles): Machine {
  return Machine.create({
    kernel: { name: guestPaths.kernel, bytes: files.kernel },
    initrd: { name: guestPaths.initrd, bytes: files.initrd },
    commandLine: files.commandLine,
  });
}

/** Sets lines to be typed, each when the output ends in one of some prompts. */
export function script(
  machine: Machine,
  lines: readonly string[],
  prompts: readonly string[] = PROMPTS,
): void {
  const bytes = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''));
  machine.console.setScript({ bytes, prompts });
}

/** Collects what a machine prints from now on, one character per byte. */
export function collectOutput(machine: Machine): () => string {
  let output = '';
  machine.console.onOutput((bytes) => {
    output += String.fromCharCode(...bytes);
  });
  return () => output;
}

/** Boots a guest on puffer, types lines at its prompt and runs until it has switched the machine off. Returns all it has printed. */
export function transcriptOnPuffer(files: GuestFiles, lines: readonly string[]): string {
  const machine = machineWith(files);
  const output = collectOutput(machine);
  script(machine, lines);
  const stop = machine.run({ budget: BUDGET });
  if (stop.reason !== 'powerOff') {
    const tail = output().slice(-500);
    throw new Error(`no power-off: ${stop.reason} at position ${stop.position}. The output's tail:\n${tail}`);
  }
  return output();
}
