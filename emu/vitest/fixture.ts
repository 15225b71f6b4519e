import { test } from 'vitest';
import type { MachineStop, Snapshot } from '../machine/index.ts';
import { Machine } from '../puffer-machine.ts';
import { readGuestImage } from './guest-image.ts';
import { Observation } from './observation.ts';

/** What a command typed at the guest's shell did. */
export interface ShellResult {
  /** What it printed: the console's output between the echoed line and the next prompt. */
  readonly output: string;
  /** Its exit status, `$?`. */
  readonly status: number;
}

/** The steps that a command may take before it counts as hung. */
const COMMAND_BUDGET = 500_000_000;
const PROMPT = '# ';
const COMMAND_LINE = 'seed=1 time=1700000000';
const STATUS = /^(\d+)\r?\n$/;

/** A guest that has booted to its shell. Each test gets it as it was at the first prompt. */
export class BootedGuest {
  readonly machine: Machine;
  #output = '';

  constructor(machine: Machine) {
    this.machine = machine;
    const decoder = new TextDecoder();
    machine.console.onOutput((bytes) => {
      this.#output += decoder.decode(bytes, { stream: true });
    });
  }

  /** All the console has printed since the test began. */
  get output(): string {
    return this.#output;
  }

  /** Forgets the output so far. */
  clearOutput(): void {
    this.#output = '';
  }

  /** Types a command at the prompt and runs to the next one. Throws when that does not come. */
  sh(command: string): ShellResult {
    const output = this.#command(command);
    const status = STATUS.exec(this.#command('echo $?'))?.[1];
    if (status === undefined)
      throw new Error(`after '${command}' the shell does not tell its status; console:\n${this.#output}`);
    return { output, status: Number(status) };
  }

  #command(command: string): string {
    const start = this.#output.length;
    this.machine.console.write(`${command}\n`);
    const stop = this.machine.run({ text: PROMPT, budget: COMMAND_BUDGET });
    if (stop.reason !== 'consoleText') throw new Error(hung(command, stop, this.#output));
    const printed = this.#output.slice(start);
    const echoed = printed.indexOf('\n') + 1;
    return printed.slice(echoed, printed.length - PROMPT.length).replaceAll('\r\n', '\n');
  }

  /** Something the guest is to do, for a matcher: `expect(guest.during(() => guest.sh('ls'))).toReach('cpu_fork')`. */
  during(action: () => unknown): Observation {
    return new Observation(this.machine, action);
  }
}

function hung(command: string, stop: MachineStop, output: string): string {
  const tail = output.split('\n').slice(-15).join('\n');
  return `'${command}' did not come back to the prompt: ${stop.reason} at position ${stop.position}. The console's tail:\n${tail}`;
}

/** Boots once for each worker. */
let booted: { guest: BootedGuest; atPrompt: Snapshot } | undefined;

function bootOnce(): { guest: BootedGuest; atPrompt: Snapshot } {
  if (booted !== undefined) return booted;
  const { kernel, initrd } = readGuestImage();
  const machine = Machine.create({ kernel, initrd, commandLine: COMMAND_LINE });
  const guest = new BootedGuest(machine);
  const stop = machine.run({ text: PROMPT, budget: COMMAND_BUDGET });
  if (stop.reason !== 'consoleText') throw new Error(hung('(boot)', stop, guest.output));
  booted = { guest, atPrompt: machine.snapshot() };
  return booted;
}

/** vitest's `test` with a `guest`: booted to the prompt, and the same for every test. */
export const guestTest = test.extend<{ guest: BootedGuest }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the fixture's dependencies from this pattern.
  guest: async ({}, use) => {
    const { guest, atPrompt } = bootOnce();
    guest.machine.restore(atPrompt);
    guest.clearOutput();
    await use(guest);
  },
});
