import type { EventName, EventOf, Kernel } from '../kernel/index.ts';
import type { MachineStop, Snapshot } from '../machine/index.ts';
import { Machine } from '../puffer-machine.ts';
import { type Check, callback, checkArgument, checkOptions } from './checks.ts';
import { GuestTestError } from './errors.ts';
import { noteResult } from './failure/context.ts';
import { Origin, type OriginState } from './failure/origin.ts';
import type { Beginning, RanKernel } from './failure/recording.ts';
import { Faults, type HappenedFault } from './faults/faults.ts';
import { injectorOf } from './faults/injector.ts';
import { guestImage, type ImageContents } from './guest-image.ts';
import { type CallTree, type TraceChoice, traceCalls } from './looking/call-tree.ts';
import { type GuestProcess, processOf } from './looking/guest-process.ts';
import { fieldsOf, type StructFields } from './looking/struct-fields.ts';
import { Observation } from './observation.ts';
import type { Observed } from './observed.ts';
import { isEventName } from './places.ts';
import { endOf, runTo, runToEvent, runToReturn, STEP_BUDGET } from './run-to.ts';
import type { Argument, Call } from './scratch/calls.ts';
import {
  callOf,
  type ProgramOptions,
  type ProgramResult,
  type ScratchProcess,
  type ScratchState,
} from './scratch/process.ts';
import type { SyscallResult } from './scratch/result.ts';
import { type ProcessSetup, setUp } from './scratch/setup.ts';
import { ScratchStage } from './scratch/stage.ts';
import type { UserMemory } from './scratch/user-memory.ts';
import { endOfShell, hasEnded, loginShell, shellStatus } from './shell-status.ts';

/** What a command typed at the guest's shell did. */
export interface ShellResult {
  /** What it printed: the console's output between the echoed line and the next prompt. */
  readonly output: string;
  /** Its exit status, `$?`. */
  readonly status: number;
}

/** A moment of a test that `goBack` goes back to. */
export interface Checkpoint {
  readonly snapshot: Snapshot;
  readonly output: string;
  /** A command was in progress. */
  readonly busy: boolean;
  readonly origin: OriginState;
  readonly scratch: { readonly process: ScratchProcess; readonly state: ScratchState } | undefined;
  /** Faults that had happened. */
  readonly faults: readonly HappenedFault[];
}

/** How a run to an event may be narrowed. */
export interface UntilOptions<E> {
  /** Whether an arrival counts. */
  readonly when?: ((event: E) => boolean) | undefined;
}

/** The guest that a test is given. */
export interface GuestSetup extends ImageContents {
  /** Bytes of RAM: a multiple of 64 KiB; 64 MiB if not given. */
  readonly memory?: number | undefined;
  /** The kernel's command line; `seed=1 time=1700000000` if not given. */
  readonly commandLine?: string | undefined;
  /** What the process that makes system calls is: its user, limits, directory, pledges. */
  readonly process?: ProcessSetup | undefined;
}

export const PROMPT = '# ';
const COMMAND_LINE = 'seed=1 time=1700000000';
const TAIL_LINES = 15;
const ONE_LINE: Check = (value) =>
  typeof value === 'string' && !/[\r\n]/.test(value) ? undefined : 'one line, without a newline';

/** A guest that has booted to its shell. */
export class BootedGuest implements Observed {
  readonly machine: Machine;
  /** What it has booted. */
  readonly ran: RanKernel;
  /** Faults of the machine: calls that fail, interrupts at a moment of choice, flipped bits, a clock that jumps. */
  readonly faults: Faults;
  readonly #scratch: ScratchStage;
  readonly #origin: Origin;
  #output = '';
  /** Where the output of the command in progress begins. */
  #started = 0;
  /** A command was typed whose prompt has not been seen. */
  #busy = false;
  /** The command in progress, as long as its echo is part of the output. */
  #typed: string | undefined;

  /** Boots a guest to its first prompt. Throws GuestTestError 'not-reached', GuestBuildError. */
  static async boot(setup: GuestSetup = {}): Promise<BootedGuest> {
    const image = await guestImage(setup);
    const commandLine = setup.commandLine ?? COMMAND_LINE;
    const machine = Machine.create({ ...image, memory: setup.memory, commandLine });
    const ran = { name: image.kernel.name, commandLine };
    const guest = new BootedGuest(machine, ran, setup.process ?? {});
    guest.finish();
    return guest;
  }

  private constructor(machine: Machine, ran: RanKernel, setup: ProcessSetup) {
    this.machine = machine;
    this.ran = ran;
    this.faults = new Faults(machine);
    this.#origin = new Origin(machine);
    this.#scratch = new ScratchStage(this, setup);
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

  /** Puts the guest back to a moment, with the output that it had printed: with it begins what is remembered and recorded. */
  restore(snapshot: Snapshot, output = ''): void {
    this.#scratch.leave();
    this.machine.restore(snapshot);
    this.clearOutput();
    this.#output = output;
    this.#busy = false;
    this.#origin.begin(snapshot);
  }

  /** The present moment, to go back to in the same test. */
  checkpoint(): Checkpoint {
    const scratch = this.hasScratch ? this.scratch : undefined;
    return {
      snapshot: this.machine.snapshot(),
      output: this.#output,
      busy: this.#busy,
      origin: this.#origin.save(),
      scratch: scratch && { process: scratch, state: scratch.save() },
      faults: [...this.faults.happened],
    };
  }

  /** Goes back to a moment of the same test: as often as is wanted, and in 1 ms. Throws GuestTestError 'bad-expectation' for what is no checkpoint. */
  goBack(checkpoint: Checkpoint): void {
    const { snapshot, output, scratch, origin } = checkpoint ?? {};
    if (snapshot === undefined || output === undefined || origin?.inputs === undefined) {
      throw new GuestTestError('bad-expectation', 'goBack takes what guest.checkpoint() has returned');
    }
    this.machine.restore(snapshot);
    this.#output = output;
    this.#busy = checkpoint.busy;
    this.#origin.goBack(origin);
    this.#started = Math.min(this.#started, output.length);
    this.#scratch.goBack(scratch?.process);
    scratch?.process.restore(scratch.state);
    this.faults.goBack(checkpoint.faults);
  }

  /** The moment that the guest was last put back to; undefined before it ever was. */
  get origin(): Snapshot | undefined {
    return this.#origin.moment;
  }

  /** The position at which what the test did last began. */
  get lastAction(): number {
    return this.#origin.lastAction;
  }

  /** The test does something now. */
  noteAction(): void {
    this.#origin.noteAction();
  }

  /** Where a recording of what the guest does now begins: that moment, or the present. */
  beginning(): Beginning {
    return this.#origin.beginning();
  }

  /** Nothing has happened since then. */
  get untouched(): boolean {
    return this.#origin.untouched;
  }

  /** Forgets the output so far. */
  clearOutput(): void {
    this.#output = '';
    this.#started = 0;
    this.#typed = undefined;
  }

  /** Types a command at the prompt and runs to the next one; the status is read from the shell's memory, nothing more is run. Throws GuestTestError when that does not come. */
  sh(command: string): ShellResult {
    const shell = loginShell(this.kernel);
    this.start(command);
    const output = this.finish();
    const ended = hasEnded(this.kernel, shell) ? endOfShell(output) : undefined;
    if (ended !== undefined) return ended;
    const status = shellStatus(this.machine);
    if (status === undefined) {
      throw new GuestTestError(
        'not-reached',
        `after '${command}' it is not the shell that has printed a prompt; the console's tail:\n${this.#tail()}`,
      );
    }
    return { output, status };
  }

  /** Types a command at the prompt; the guest runs when it is told to. */
  start(command: string): void {
    checkArgument('guest.sh', command, ONE_LINE);
    this.#requirePrompt(command);
    this.#scratch.end();
    this.noteAction();
    this.#busy = true;
    this.#started = this.#output.length;
    this.#typed = command;
    this.machine.console.write(`${command}\n`);
  }

  /** Runs to the next prompt; returns what the command printed since `start`. Throws GuestTestError when the prompt does not come. */
  finish(): string {
    const options = { untilText: PROMPT, budget: STEP_BUDGET };
    const stop = injectorOf(this.machine).run(options, () => false);
    if (stop.reason !== 'consoleText') throw this.#hung(stop);
    this.#busy = false;
    const printed = this.#output.slice(this.#started);
    const echoed = printed.startsWith(this.#typed ?? '\n') ? printed.indexOf('\n') + 1 : 0;
    return printed.slice(echoed, printed.length - PROMPT.length).replaceAll('\r\n', '\n');
  }

  /** Hands a system call to that process, which makes it as soon as the guest runs: to stop on the way, and `scratch.finish()`. */
  begin(name: string | number, ...args: readonly Argument[]): void {
    const { scratch } = this;
    this.noteAction();
    scratch.begin([callOf(name, args)]);
  }

  /** The process with a pid, a zombie too. Throws GuestTestError 'bad-expectation'. */
  proc(pid: number): GuestProcess {
    const found = processOf(this.kernel, pid);
    if (found !== undefined) return found;
    throw new GuestTestError('bad-expectation', `there is no process ${pid}`);
  }

  /** A structure of the kernel at an address, by its members: `guest.view('process', address).ps_flags`. Throws KernelError. */
  view(struct: string, address: bigint): StructFields {
    return fieldsOf(this.kernel.struct(struct).at(address));
  }

  /** Does something and tells which functions of the kernel called which meanwhile. Throws TraceError 'unknown-function'. */
  trace(action: () => unknown, choice?: TraceChoice): CallTree {
    return traceCalls(this.machine, action, choice);
  }

  /** Runs until an event of the kernel for which `when` holds, and returns it. Throws GuestTestError 'not-reached'. */
  until<N extends EventName>(event: N, options?: UntilOptions<EventOf<N>>): EventOf<N>;
  /** Runs until a symbol or address is next and `when` holds. Throws GuestTestError 'not-reached', KernelError 'no-symbol'. */
  until(place: string | bigint, options?: { readonly when?: (() => boolean) | undefined }): undefined;
  until<N extends EventName>(place: N | string | bigint, options: UntilOptions<EventOf<N>> = {}): unknown {
    checkOptions('guest.until', options, { when: callback });
    if (isEventName(place)) {
      return this.#withTail(() =>
        runToEvent(this.machine, place as N, { when: options.when, unlessText: PROMPT }),
      );
    }
    this.runTo(place, options.when as (() => boolean) | undefined);
    return undefined;
  }

  /** Runs until a symbol or address is next and `when` holds. Throws GuestTestError when the prompt comes first, KernelError 'no-symbol'. */
  runTo(place: string | bigint, when?: () => boolean): void {
    this.#withTail(() => runTo(this.machine, place, { when, unlessText: PROMPT }));
  }

  /** At the first instruction of a function: runs until the call has returned; gives rax. Throws GuestTestError. */
  runToReturn(): bigint {
    return runToReturn(this.machine);
  }

  /**
   * A system call from a process of its own, run until it returns: `guest.syscall('open', '/etc/passwd', 0)`. The process is there
   * from the first call of a test on, with the shell's terminal, descriptors and rights.
   * Throws GuestTestError 'not-returned', 'panic', 'bad-expectation'.
   */
  syscall(name: string | number, ...args: readonly Argument[]): SyscallResult {
    const { scratch } = this;
    this.noteAction();
    const began = this.machine.position;
    const result = scratch.syscall(callOf(name, args));
    noteResult(result, { guest: this, beginning: this.beginning(), began, ended: this.machine.position });
    return result;
  }

  /** Several calls of that process, made without a stop in between; children that they make have calls of their own. Throws as `syscall` does. */
  program(calls: readonly Call[], options?: ProgramOptions): ProgramResult {
    const { scratch } = this;
    this.noteAction();
    return scratch.program(calls, options);
  }

  /** Makes that process another user, gives it limits, pledges, a directory: by system calls. Throws GuestTestError 'bad-expectation'. */
  become(setup: ProcessSetup): void {
    setUp(this.scratch, setup);
  }

  /** The process that system calls are made from. Throws GuestTestError 'not-reached'. */
  get scratch(): ScratchProcess {
    return this.#scratch.process();
  }

  /** Whether that process is there. */
  get hasScratch(): boolean {
    return this.#scratch.isOn;
  }

  /** The position from which on that process has been ready; undefined when it is not there. */
  get scratchSince(): number | undefined {
    return this.#scratch.since;
  }

  /** Brings that process to rest, when it is there. */
  settle(): void {
    if (this.hasScratch) this.scratch.settle();
  }

  /** That process's memory: what arguments point at. */
  get user(): UserMemory {
    return this.scratch.user;
  }

  /** Something the guest is to do, for a matcher: `expect(guest.during(() => guest.sh('ls'))).toReach('cpu_fork')`. */
  during(action: () => unknown): Observation {
    return new Observation(this, action);
  }

  /** Throws GuestTestError 'bad-expectation' where it is not the shell that would read what is typed. */
  #requirePrompt(command: string): void {
    const inProgress = this.hasScratch ? !this.scratch.parked : this.#busy;
    if (!inProgress || this.#output.endsWith(PROMPT)) return;
    const what = this.hasScratch
      ? 'the system call in progress has not returned: guest.scratch.finish() lets it'
      : 'the command in progress has not ended: guest.finish() lets it';
    throw new GuestTestError('bad-expectation', `the shell cannot take '${command}': ${what}`);
  }

  #hung(stop: MachineStop): GuestTestError {
    return new GuestTestError(
      'not-reached',
      `no prompt: ${endOf(this.machine, stop)}. The console's tail:\n${this.#tail()}`,
    );
  }

  /** A run that does not come to its end tells what the console had printed. */
  #withTail<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof GuestTestError && error.code === 'not-reached')) throw error;
      throw new GuestTestError(error.code, `${error.message}. The console's tail:\n${this.#tail()}`);
    }
  }

  #tail(): string {
    return this.#output.split('\n').slice(-TAIL_LINES).join('\n');
  }
}
