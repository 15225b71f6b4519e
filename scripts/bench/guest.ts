import { readFileSync } from 'node:fs';
import type { Machine } from '../../emu/machine/index.ts';
import { absolute, buildGuest, guestPaths, isGuestStale } from '../guest/index.ts';
import { BenchError } from './child.ts';

/** What both machines boot. */
export const GUEST = {
  kernel: absolute(guestPaths.kernel),
  initrd: absolute(guestPaths.initrd),
  commandLine: 'seed=1 time=1700000000',
  prompt: '# ',
  memory: 64 * 2 ** 20,
} as const;

/** Builds the guest unless it is there and current. */
export async function ensureGuest(): Promise<void> {
  if (isGuestStale()) await buildGuest({ progress: () => {} });
}

export interface GuestFiles {
  readonly kernel: Uint8Array;
  readonly initrd: Uint8Array;
}

export function readGuest(): GuestFiles {
  return {
    kernel: new Uint8Array(readFileSync(GUEST.kernel)),
    initrd: new Uint8Array(readFileSync(GUEST.initrd)),
  };
}

/** Loads the guest's kernel: the machine then stands before its first instruction. */
export function loadGuest(machine: Machine, files: GuestFiles): void {
  machine.loadKernel(files.kernel, {
    name: guestPaths.kernel,
    commandLine: GUEST.commandLine,
    initrd: { name: guestPaths.initrd, bytes: files.initrd },
  });
}

/** Runs until the shell prompts. Throws BenchError when it does not. */
export function runToPrompt(machine: Machine): void {
  const stop = machine.run({ untilText: GUEST.prompt, budget: BUDGET });
  if (stop.reason !== 'consoleText')
    throw new BenchError(`no prompt: the machine stopped with '${stop.reason}'`);
}

/** More steps than a boot or a command takes. */
const BUDGET = 1_000_000_000;
