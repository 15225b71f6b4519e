import { existsSync, readFileSync } from 'node:fs';
import { Kernel, KernelImage } from '../../../emu/kernel/index.ts';
import { createMachine } from '../../../emu/machine/create.ts';
import type { Machine } from '../../../emu/machine/index.ts';
import { absolute, buildGuest, guestPaths } from '../../../scripts/guest/index.ts';

const MEMORY = 64 * 2 ** 20;
/** More than any script of these tests needs. */
export const BUDGET = 400_000_000;
export const COMMAND_LINE = 'seed=1 time=1700000000';

/** The guest's files, built when they are not up to date. */
export interface Guest {
  readonly kernel: Uint8Array;
  readonly initrd: Uint8Array;
  readonly image: KernelImage;
}

/** Builds the guest and reads its files. */
export async function readGuest(): Promise<Guest> {
  await buildGuest();
  const read = (path: string): Uint8Array => new Uint8Array(readFileSync(absolute(path)));
  const kernel = read(guestPaths.kernel);
  return { kernel, initrd: read(guestPaths.initrd), image: KernelImage.open(kernel) };
}

/** A guest that has been booted, and what it prints. */
export interface Booted {
  readonly machine: Machine;
  readonly kernel: Kernel;
  readonly output: () => string;
}

/** A machine with the guest loaded; `commands` are typed at the shell's prompt. */
export function boot(guest: Guest, commands: readonly string[]): Booted {
  const { machine, cpu } = createMachine({ memory: MEMORY });
  machine.loadKernel(guest.kernel, {
    name: guestPaths.kernel,
    commandLine: COMMAND_LINE,
    initrd: { name: guestPaths.initrd, bytes: guest.initrd },
  });
  machine.console.setScript({
    bytes: new TextEncoder().encode(commands.map((line) => `${line}\n`).join('')),
    prompts: ['# ', '$ '],
  });
  let output = '';
  const decoder = new TextDecoder();
  machine.console.onOutput((bytes) => {
    output += decoder.decode(bytes, { stream: true });
  });
  const kernel = new Kernel({ image: guest.image, machine, memory: cpu.system.inspector });
  return { machine, kernel, output: () => output };
}

/** A program's file, with its debugging information, by the name it runs under. */
export function programFile(comm: string): Uint8Array | undefined {
  for (const directory of ['bin', 'sbin', 'usr/bin']) {
    const path = absolute(`${guestPaths.programs}/${directory}/${comm}`);
    if (existsSync(path)) return new Uint8Array(readFileSync(path));
  }
  return undefined;
}
