import type { Kernel } from '../../kernel/index.ts';
import type { MachineStop } from '../../machine/index.ts';
import type { Machine } from '../../puffer-machine.ts';
import { checkOptions, truth } from '../checks.ts';
import { GuestTestError } from '../errors.ts';
import { withPlace } from '../failure/code-place.ts';
import { injectorOf } from '../faults/injector.ts';
import { type NamedView, namedView } from '../looking/named-view.ts';
import { endOf, STEP_BUDGET } from '../run-to.ts';
import { type Argument, Call } from './calls.ts';
import { type EncodedProgram, encodeProgram } from './encode.ts';
import { CALL, CALL_END, CALL_TOUCH, FIRST_CALL, SCRATCH_CALLS, SHARED } from './layout.ts';
import { decodeResult, type SyscallResult } from './result.ts';
import { SystemCallNames } from './system-call-names.ts';
import { UserMemory } from './user-memory.ts';

/** Guest ns that calls may take before they count as never returning: 600 s. */
const PATIENCE = 600_000_000_000;
/** `p_stat` of a thread that sleeps, or is stopped (sys/proc.h). */
const SLEEPING: readonly number[] = [3, 4];
/** Guest ns in which the reaper and the idle thread come to an end: a few ticks of the clock. */
const SETTLING = 50_000_000;
const COMMAND = 'scratch';

/** Where the scratch program is let go and held again. */
export interface ScratchPlaces {
  /** The address of `scratch_park`. */
  readonly park: bigint;
}

/** Why a stretch of the scratch process's life is over. */
export type ScratchEnd =
  /** All calls have returned. */
  | 'parked'
  /** It sleeps in a call, and nothing else can run. */
  | 'asleep'
  /** The shell has its prompt again: the process has exited, or was killed. */
  | 'gone';

/** What a program of calls came to. */
export interface ProgramResult {
  readonly end: ScratchEnd;
  /** By call, those of the children among them; a call that has not returned is missing. */
  readonly results: ReadonlyMap<Call, SyscallResult>;
  /** Of the process's own calls, in order. Throws GuestTestError for one that has not returned. */
  result(index: number): SyscallResult;
}

/** What can be asked of a run of calls. */
export interface ProgramOptions {
  /** Stop as soon as the process sleeps and nothing else can run. */
  readonly untilAsleep?: boolean | undefined;
}

interface PendingCalls {
  readonly calls: readonly Call[];
  readonly program: EncodedProgram;
}

/** What the host knows of a scratch process. */
export interface ScratchState {
  readonly parked: boolean;
  readonly started: number;
  readonly free: bigint;
  readonly used: number;
  readonly pending: PendingCalls | undefined;
}

/**
 * A process of the guest that makes the system calls a test asks for, natively: the calls are written into its memory (through the
 * input log), and its own code makes them, one after the other, without the host.
 */
export class ScratchProcess {
  readonly machine: Machine;
  readonly user: UserMemory;
  readonly #places: ScratchPlaces;
  readonly #prompt: string;
  readonly #thread: bigint;
  readonly #names: SystemCallNames;
  #detach: (() => void)[] = [];
  #running = false;
  #parked = true;
  /** Where the next program is put: behind those whose children may still read theirs. */
  #free = FIRST_CALL;
  /** Where the run in progress began. */
  #started = 0;
  #panic: string | undefined;
  #pending: PendingCalls | undefined;

  /** The guest must stand at `scratch_park` in the scratch program: see `enterScratch`. */
  constructor(machine: Machine, places: ScratchPlaces, prompt: string) {
    this.machine = machine;
    this.#places = places;
    this.#prompt = prompt;
    const thread = this.#kernel.currentThread();
    if (thread === undefined || !standsInScratch(machine)) {
      throw new GuestTestError('not-reached', 'the guest does not stand in the scratch program');
    }
    this.#thread = thread.address;
    this.#names = new SystemCallNames(this.#kernel);
    this.user = new UserMemory({
      machine,
      root: () => (this.#parked ? undefined : this.#root()),
      touch: (address) => this.#touch(address),
    });
    this.watch();
  }

  /** The process waits for calls. */
  get parked(): boolean {
    return this.#parked;
  }

  /** Its struct proc. */
  get thread(): NamedView {
    return namedView(this.#kernel.struct('proc').at(this.#thread));
  }

  /** Its struct process. */
  get process(): NamedView {
    return namedView(this.thread.at('p_p'));
  }

  /** Its pid. */
  get pid(): number {
    return this.process.number('ps_pid');
  }

  /** One system call, run until it returns. Throws GuestTestError 'not-returned', 'panic'. */
  syscall(one: Call): SyscallResult {
    return this.program([one]).result(0);
  }

  /** Calls made one after the other. Throws GuestTestError 'bad-expectation', 'not-returned' when they never come to an end, 'panic'. */
  program(calls: readonly Call[], options: ProgramOptions = {}): ProgramResult {
    checkOptions('guest.program', options, { untilAsleep: truth });
    this.begin(calls);
    return this.finish(options);
  }

  /** Hands calls to the process, which makes them as soon as the guest runs: to stop on the way. Throws GuestTestError 'bad-expectation'. */
  begin(calls: readonly Call[]): void {
    const program = this.encode(calls);
    this.#pending = { calls, program };
    this.#load(program);
  }

  /** Encodes a program for `runEncoded`; text and bytes among the arguments are put into user memory now. Throws GuestTestError 'bad-expectation'. */
  encode(calls: readonly Call[]): EncodedProgram {
    return encodeProgram(calls, {
      numberOf: (name) => this.#names.numberOf(name),
      place: (bytes) => this.user.buffer(bytes).address,
      base: this.#free,
    });
  }

  /** Runs a program that was encoded before: for callers who make thousands of them. Throws as `program` does. */
  runEncoded(program: EncodedProgram, options: ProgramOptions = {}): ScratchEnd {
    this.#load(program);
    return this.#run(options);
  }

  #load(program: EncodedProgram): void {
    if (!this.#parked) {
      throw new GuestTestError('bad-expectation', 'the scratch process has not come back from its last call');
    }
    const { base, bytes } = program;
    this.user.write(base, bytes);
    if (program.makesChildren) this.#free = base + BigInt(bytes.length);
    this.#start(base);
  }

  /** Runs until the calls in progress have returned: those that were begun, or left asleep. Throws as `program` does. */
  finish(options: ProgramOptions = {}): ProgramResult {
    checkOptions('guest.scratch.finish', options, { untilAsleep: truth });
    return this.#results(this.#run(options));
  }

  /** Lets the kernel finish what it has put off: threads that have ended are freed by others, a little later. */
  settle(): void {
    this.program([new Call('nanosleep', [this.user.struct('timespec', { tv_nsec: SETTLING }), null])]);
  }

  /** What the calls of an encoded program came to, as far as they have returned. */
  resultsOf(program: EncodedProgram): Map<Call, SyscallResult> {
    const bytes = this.user.read(program.base, program.bytes.length);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const results = new Map<Call, SyscallResult>();
    for (const [one, offset] of program.offsets) {
      const result = decodeResult(view, offset, this.#names.nameOf(one.name));
      if (result !== undefined) results.set(one, result);
    }
    return results;
  }

  /** What the host knows of the process, to be restored with the machine. */
  save(): ScratchState {
    return {
      parked: this.#parked,
      started: this.#started,
      free: this.#free,
      used: this.user.used,
      pending: this.#pending,
    };
  }

  /** The machine was put back to the moment of `save`. */
  restore({ parked, started, free, used, pending }: ScratchState): void {
    this.#parked = parked;
    this.#started = parked ? this.machine.position : started;
    this.#free = free;
    this.#pending = pending;
    this.#panic = undefined;
    this.user.used = used;
  }

  /** Ends the watch on the guest: to be called before the guest does something else. */
  release(): void {
    for (const one of this.#detach.splice(0)) one();
  }

  #results(end: ScratchEnd): ProgramResult {
    const { calls, program } = this.#pending ?? { calls: [], program: undefined };
    const results =
      end === 'gone' || program === undefined ? new Map<Call, SyscallResult>() : this.resultsOf(program);
    return {
      end,
      results,
      result: (index) => {
        const one = calls[index];
        const result = one && results.get(one);
        if (result !== undefined) return result;
        throw new GuestTestError(
          'not-returned',
          `${one?.name ?? `call ${index}`} has not returned: the scratch process is ${end}${this.#whereAsleep()}`,
        );
      },
    };
  }

  /** Tells the process where its calls are. */
  #start(calls: bigint): void {
    const entry = new Uint8Array(8);
    new DataView(entry.buffer).setBigUint64(0, calls, true);
    this.user.write(SCRATCH_CALLS + BigInt(SHARED.entry), entry);
    this.#started = this.machine.position;
    this.#parked = false;
  }

  #run(options: ProgramOptions): ScratchEnd {
    const { core } = this.machine;
    if (this.#parked) return 'parked';
    this.#running = true;
    let isAsleep = false;
    const asleep =
      options.untilAsleep === true
        ? core.breakpoints.add(this.#kernel.image.address('cpu_idle_cycle'), () => {
            isAsleep = SLEEPING.includes(this.thread.number('p_stat'));
            return isAsleep ? 'stop' : 'continue';
          })
        : undefined;
    let stop: MachineStop;
    try {
      stop = injectorOf(this.machine).run(
        {
          budget: STEP_BUDGET,
          untilTime: this.machine.guestTime + PATIENCE,
          untilText: this.#prompt,
        },
        () => this.#parked || this.#panic !== undefined || isAsleep,
      );
    } finally {
      this.#running = false;
      asleep?.();
    }
    if (this.#panic !== undefined) throw new GuestTestError('panic', this.#panic);
    if (this.#parked) return 'parked';
    if (stop.reason === 'consoleText') {
      this.release();
      return 'gone';
    }
    if (isAsleep) return 'asleep';
    throw new GuestTestError(
      'not-returned',
      `the scratch process's calls do not return: ${endOf(this.machine, stop)}${this.#whereAsleep()}`,
    );
  }

  /** Watches the guest for the process, as it does from the beginning until `release`. */
  watch(): void {
    if (this.#detach.length > 0) return;
    const { core } = this.machine;
    this.#detach = [
      core.breakpoints.add(this.#places.park, () => {
        // After a restore the place that the process stands at counts as reached once more.
        if (this.#parked || core.position === this.#started) return 'continue';
        if (this.#kernel.currentThread()?.address !== this.#thread) return 'continue';
        this.#parked = true;
        return 'stop';
      }),
    ];
    // Other kernels have no such function; then a panic is seen as calls that do not return.
    if (this.#kernel.image.addressOf('panic') === undefined) return;
    this.#detach.push(
      this.machine.on('kernel:panic', ({ message, position }) => {
        this.#panic = `the kernel panics at position ${position}: ${withPlace(this.#kernel.image, message)}`;
        if (this.#running) core.requestStop();
      }),
    );
  }

  /** The process writes a byte of a page, without changing it. */
  #touch(address: bigint): void {
    if (!this.#parked) throw new GuestTestError('bad-expectation', 'the scratch process is in a call');
    const bytes = new Uint8Array(2 * CALL.size);
    const view = new DataView(bytes.buffer);
    view.setBigInt64(CALL.number, CALL_TOUCH, true);
    view.setBigInt64(CALL.arguments, address, true);
    view.setBigInt64(CALL.size + CALL.number, CALL_END, true);
    this.user.write(this.#free, bytes);
    this.#start(this.#free);
    this.#run({});
  }

  #root(): bigint {
    return this.process.integer('ps_vmspace.vm_map.pmap.pm_pdirpa');
  }

  #whereAsleep(): string {
    const message = this.thread.text('p_wmesg');
    return message === undefined || this.#parked ? '' : ` (it waits for "${message}")`;
  }

  get #kernel(): Kernel {
    return this.machine.kernel;
  }
}

/** The scratch program runs, in its first thread. */
export function standsInScratch(machine: Machine): boolean {
  return machine.kernel.currentIdentity()?.comm === COMMAND;
}

/** One call for `ScratchProcess.syscall`, from a name and arguments. */
export function callOf(name: string | number, args: readonly Argument[]): Call {
  return new Call(name, args);
}
