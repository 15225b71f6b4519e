import type { Kernel } from '../kernel/index.ts';
import type { MachineStop } from '../machine/index.ts';
import { Machine } from '../puffer-machine.ts';
import { GuestTestError } from './errors.ts';
import { guestImage, type ImageContents } from './guest-image.ts';
import { Observation } from './observation.ts';
import { runTo, runToReturn, STEP_BUDGET } from './run-to.ts';

/** What a command typed at the guest's shell did. */
export interface ShellResult {
  /** What it printed: the console's output between the echoed line and the next prompt. */
  readonly output: string;
  /** Its exit status, `$?`. */
  readonly status: number;
}

/** The guest that a test is given. */
export interface GuestSetup extends ImageContents {
  /** Bytes of RAM: a multiple of 64 KiB; 64 MiB if not given. */
  readonly memory?: number | undefined;
  /** The kernel's command line; `seed=1 time=1700000000` if not given. */
  readonly commandLine?: string | undefined;
}

const PROMPT = '# ';
const COMMAND_LINE = 'seed=1 time=1700000000';
const STATUS = /^(\d+)\n$/;
const TAIL_LINES = 15;

/** A guest that has booted to its shell. */
export class BootedGuest {
  readonly machine: Machine;
  #output = '';
  /** Where the output of the command in progress begins. */
  #started = 0;
  /** The command in progress, as long as its echo is part of the output. */
  #typed: string | undefined;

  /** Boots a guest to its first prompt. Throws GuestTestError 'not-reached', GuestBuildError. */
  static async boot(setup: GuestSetup = {}): Promise<BootedGuest> {
    const machine = Machine.create({
      ...(await guestImage(setup)),
      memory: setup.memory,
      commandLine: setup.commandLine ?? COMMAND_LINE,
    });
    const guest = new BootedGuest(machine);
    guest.finish();
    return guest;
  }

  private constructor(machine: Machine) {
    this.machine = machine;
    const decoder = new TextDecoder();
    machine.console.onOutput((bytes) => {
      this.#output += decoder.decode(bytes, { stream: true });
    });
  }

  /** The kernel's structures. */
  get kernel(): Kernel {
    return this.machine.kernel;
  }

  /** All the console has printed since the test began. */
  get output(): string {
    return this.#output;
  }

  /** Forgets the output so far. */
  clearOutput(): void {
    this.#output = '';
    this.#started = 0;
    this.#typed = undefined;
  }

  /** Types a command at the prompt and runs to the next one. Throws GuestTestError when that does not come. */
  sh(command: string): ShellResult {
    this.start(command);
    const output = this.finish();
    this.start('echo $?');
    const status = STATUS.exec(this.finish())?.[1];
    if (status === undefined) {
      throw new GuestTestError(
        'not-reached',
        `after '${command}' the shell does not tell its status; the console's tail:\n${this.#tail()}`,
      );
    }
    return { output, status: Number(status) };
  }

  /** Types a command at the prompt; the guest runs when it is told to. */
  start(command: string): void {
    this.#started = this.#output.length;
    this.#typed = command;
    this.machine.console.write(`${command}\n`);
  }

  /** Runs to the next prompt; returns what the command printed since `start`. Throws GuestTestError when the prompt does not come. */
  finish(): string {
    const stop = this.machine.run({ text: PROMPT, budget: STEP_BUDGET });
    if (stop.reason !== 'consoleText') throw this.#hung(stop);
    const printed = this.#output.slice(this.#started);
    const echoed = printed.startsWith(this.#typed ?? '\n') ? printed.indexOf('\n') + 1 : 0;
    return printed.slice(echoed, printed.length - PROMPT.length).replaceAll('\r\n', '\n');
  }

  /** Runs until a symbol or address is next and `when` holds. Throws GuestTestError when the prompt comes first, KernelError 'no-symbol'. */
  runTo(place: string | bigint, when?: () => boolean): void {
    runTo(this.machine, place, { when, unlessText: PROMPT });
  }

  /** At the first instruction of a function: runs until the call has returned; gives rax. Throws GuestTestError. */
  runToReturn(): bigint {
    return runToReturn(this.machine);
  }

  /** Something the guest is to do, for a matcher: `expect(guest.during(() => guest.sh('ls'))).toReach('cpu_fork')`. */
  during(action: () => unknown): Observation {
    return new Observation(this.machine, action);
  }

  #hung(stop: MachineStop): GuestTestError {
    return new GuestTestError(
      'not-reached',
      `no prompt: ${stop.reason} at position ${stop.position}. The console's tail:\n${this.#tail()}`,
    );
  }

  #tail(): string {
    return this.#output.split('\n').slice(-TAIL_LINES).join('\n');
  }
}
