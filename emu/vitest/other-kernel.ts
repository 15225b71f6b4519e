import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'vitest';
import type { Snapshot } from '../machine/index.ts';
import { Machine, type MachineOptions } from '../puffer-machine.ts';
import { GuestTestError } from './errors.ts';
import { beginTest } from './failure/end-of-test.ts';
import { Origin } from './failure/origin.ts';
import type { Beginning, RanKernel } from './failure/recording.ts';
import { Faults } from './faults/faults.ts';
import { injectorOf } from './faults/injector.ts';
import { type CallTree, type TraceChoice, traceCalls } from './looking/call-tree.ts';
import { fieldsOf, type StructFields } from './looking/struct-fields.ts';
import { Observation } from './observation.ts';
import type { Observed } from './observed.ts';
import { endOf, runTo, runToReturn, STEP_BUDGET } from './run-to.ts';

/** A kernel to test, and when it is ready. Paths are relative to the working directory. */
export interface OtherKernelSetup extends Pick<MachineOptions, 'memory' | 'commandLine' | 'modules'> {
  /** An ELF file with a PVH note, best with DWARF; what else `Machine` boots has no symbols. */
  readonly kernel: string | URL;
  readonly initrd?: string | URL | undefined;
  /** Tests begin when the console has printed this text, or when this symbol's instruction is the next one. */
  readonly ready: { readonly text: string } | { readonly symbol: string };
  /** Steps after which something that is waited for does not come any more; 500 million if not given. */
  readonly budget?: number | undefined;
}

const ALL_FUNCTIONS = ['*'];

/**
 * A kernel that need not be ours, booted to where it is ready. Symbols and types come from its file. What asks for names of OpenBSD (events
 * such as sched:fork, processes, system calls) says which name is missing; everything else works without.
 */
export class OtherKernel implements Observed {
  readonly machine: Machine;
  readonly ran: RanKernel;
  readonly faults: Faults;
  readonly hasScratch = false;
  readonly shownFunctions = ALL_FUNCTIONS;
  readonly #budget: number;
  #output = '';
  readonly #origin: Origin;

  /** Throws GuestTestError 'not-reached' and 'bad-expectation', BootError. */
  static boot({ kernel, initrd, ready, budget = STEP_BUDGET, ...options }: OtherKernelSetup): OtherKernel {
    const file = read(kernel);
    const machine = Machine.create({
      ...options,
      kernel: file,
      initrd: initrd === undefined ? undefined : read(initrd),
    });
    const ran = { name: file.name, commandLine: options.commandLine ?? '' };
    const booted = new OtherKernel(machine, ran, budget);
    if ('text' in ready) booted.untilText(ready.text);
    else booted.until(ready.symbol);
    return booted;
  }

  private constructor(machine: Machine, ran: RanKernel, budget: number) {
    this.#budget = budget;
    this.machine = machine;
    this.ran = ran;
    this.faults = new Faults(machine);
    this.#origin = new Origin(machine);
    const decoder = new TextDecoder();
    machine.console.onOutput((bytes) => {
      this.#output += decoder.decode(bytes, { stream: true });
    });
  }

  get output(): string {
    return this.#output;
  }

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

  beginning(): Beginning {
    return this.#origin.beginning();
  }

  settle(): void {}

  /** Puts it back to a moment. */
  restore(snapshot: Snapshot): void {
    this.machine.restore(snapshot);
    this.#output = '';
    this.#origin.begin(snapshot);
  }

  /** Types at the console; the kernel reads it when it runs. */
  type(text: string): void {
    this.noteAction();
    this.machine.console.write(text);
  }

  /** Runs until the console has printed a text; returns what it printed meanwhile. Throws GuestTestError 'not-reached'. */
  untilText(text: string): string {
    const before = this.#output.length;
    const options = { untilText: text, budget: this.#budget };
    const stop = injectorOf(this.machine).run(options, () => false);
    if (stop.reason === 'consoleText') return this.#output.slice(before);
    throw new GuestTestError('not-reached', `no '${text}' was printed: ${endOf(this.machine, stop)}`);
  }

  /** Runs until a symbol or address is next and `when` holds. Throws GuestTestError 'not-reached', KernelError 'no-symbol'. */
  until(place: string | bigint, when?: () => boolean): void {
    runTo(this.machine, place, { when, budget: this.#budget });
  }

  /** At the first instruction of a function: runs until the call has returned; gives rax. Throws GuestTestError. */
  runToReturn(): bigint {
    return runToReturn(this.machine, this.#budget);
  }

  /** Something it is to do, for a matcher. */
  during(action: () => unknown): Observation {
    return new Observation(this, action);
  }

  /** Does something and tells which functions called which meanwhile: all, if none are chosen. Throws TraceError. */
  trace(action: () => unknown, choice: TraceChoice = {}): CallTree {
    return traceCalls(this.machine, action, { functions: ALL_FUNCTIONS, ...choice });
  }

  /** A structure at an address, by its members. Throws KernelError. */
  view(struct: string, address: bigint): StructFields {
    return fieldsOf(this.machine.kernel.struct(struct).at(address));
  }
}

function read(path: string | URL): { readonly name: string; readonly bytes: Uint8Array } {
  const file = path instanceof URL ? fileURLToPath(path) : path;
  if (!existsSync(file)) throw new GuestTestError('bad-expectation', `there is no file ${file}`);
  return { name: basename(file), bytes: new Uint8Array(readFileSync(file)) };
}

/** What a test of another kernel is given. */
export interface OtherKernelFixtures {
  /** Ready, and the same for every test. */
  readonly kernel: OtherKernel;
}

/** vitest's `test` with a `kernel`, which is booted once for each worker, and put back for each test. `setup` may build it. */
export function otherKernelTest(
  setup: OtherKernelSetup | (() => OtherKernelSetup | Promise<OtherKernelSetup>),
) {
  let booted: Promise<{ readonly kernel: OtherKernel; readonly snapshot: Snapshot }> | undefined;
  const boot = async (): Promise<{ readonly kernel: OtherKernel; readonly snapshot: Snapshot }> => {
    const kernel = OtherKernel.boot(typeof setup === 'function' ? await setup() : setup);
    return { kernel, snapshot: kernel.machine.snapshot() };
  };
  return test.extend<OtherKernelFixtures>({
    kernel: async ({ onTestFinished, onTestFailed }, use) => {
      booted ??= boot();
      const { kernel, snapshot } = await booted;
      beginTest(kernel, { onTestFinished, onTestFailed });
      kernel.restore(snapshot);
      await use(kernel);
    },
  });
}
