import type { GeneralRegister } from '../../machine/index.ts';
import { GENERAL_REGISTERS } from '../../machine/index.ts';
import type { Machine } from '../../puffer-machine.ts';
import { callback, checkArgument, checkOptions, truth, wholeNumber, word } from '../checks.ts';
import { GuestTestError } from '../errors.ts';
import { placeOf } from '../places.ts';
import { type CallArguments, failureOf } from './failing-calls.ts';
import { injectorOf } from './injector.ts';

const ARGUMENT_REGISTERS = ['rdi', 'rsi', 'rdx', 'rcx', 'r8', 'r9'] as const;
const RETURN_ADDRESS_SIZE = 8n;
const BITS_IN_BYTE = 8;

/** Which call of a function fails, and how. */
export interface FailingCall {
  /** The how-manieth call from now on that may fail; the first if not given. */
  readonly call?: number | undefined;
  /** What it returns; known for `uvm_uarea_alloc`, `malloc`, `uvm_pagealloc`, `copyin`, `pool_get` and others. */
  readonly returns?: bigint | number | undefined;
  /** Only calls that this accepts are counted. */
  readonly when?: ((args: CallArguments) => boolean) | undefined;
  /** The test is good also when the call never comes; otherwise `guest` fails it then. */
  readonly mayMiss?: boolean | undefined;
}

const FAILING_CALL = { call: wholeNumber(1), returns: word, when: callback, mayMiss: truth };

/** How a fault at a position may be planned. */
export interface FaultAtPosition {
  /** The test is good also when the guest never comes to the position; otherwise it fails then. */
  readonly mayMiss?: boolean | undefined;
}

const FAULT_AT_POSITION = { mayMiss: truth };

/** A fault that was planned. */
export interface PlannedFault {
  /** The position at which it happened; undefined while it has not. */
  readonly position: number | undefined;
  /** The fault will not happen any more. */
  cancel(): void;
}

/** A fault that has happened. */
export interface HappenedFault {
  readonly position: number;
  /** What it was, for people. */
  readonly what: string;
}

/** Faults in the machine, made without touching the kernel. Each goes through the input log, so that a run with it replays. */
export class Faults {
  readonly #machine: Machine;
  readonly #planned = new Set<PlannedFault>();
  /** Of faults that must happen and have not: what to say. */
  readonly #missing = new Map<PlannedFault, () => string>();

  readonly #happened: HappenedFault[] = [];

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** A call of a function of the kernel fails: it returns at once what it returns when it fails, and does nothing. Throws KernelError 'no-symbol', GuestTestError 'bad-expectation'. */
  failCall(name: string, options: FailingCall = {}): PlannedFault {
    checkOptions(`failCall('${name}')`, options, FAILING_CALL);
    const machine = this.#machine;
    const address = placeOf(machine.image, name);
    const given = options.returns === undefined ? undefined : BigInt(options.returns);
    const { returns, mayFail } = failureOf(name, given);
    const wanted = options.call ?? 1;
    let seen = 0;
    const planned = this.#plan((happened) =>
      machine.core.breakpoints.add(address, () => {
        const args = ARGUMENT_REGISTERS.map((register) => machine.register(register));
        if (mayFail?.(args) === false || options.when?.(args) === false) return 'continue';
        if (++seen !== wanted) return 'continue';
        injectorOf(machine).now(() => {
          this.#note(`${name} does not run, and returns ${BigInt.asIntN(64, returns)}`);
          this.#returnFromCall(returns);
          happened();
        });
        return 'stop';
      }),
    );
    if (options.mayMiss !== true) {
      this.#missing.set(planned, () => `call ${wanted} of ${name} that may fail: there were ${seen}`);
    }
    return planned;
  }

  /** A timer's interrupt is requested at a position: the clock jumps to the next deadline. */
  interruptAt(position: number, options?: FaultAtPosition): PlannedFault {
    return this.#at(position, 'an interrupt', options, () => {
      const { core } = this.#machine;
      if (core.nextDeadline === undefined) {
        throw new GuestTestError('bad-expectation', 'no timer runs that could interrupt');
      }
      this.#note('the timer interrupts');
      core.jumpTime(Math.max(0, core.nextDeadline - core.guestTime));
    });
  }

  /** Guest time jumps forward at a position, by ns. */
  jumpTimeAt(position: number, nanoseconds: number, options?: FaultAtPosition): PlannedFault {
    return this.#at(position, 'a jump of the clock', options, () => this.jumpTime(nanoseconds));
  }

  /**
   * Guest time jumps forward now, by ns: whole, from 0 to `Number.MAX_SAFE_INTEGER`. Timers that are due expire once: a kernel that counts
   * clock interrupts, as the guest's does, takes a leap for one tick. Throws GuestTestError 'bad-expectation'.
   */
  jumpTime(nanoseconds: number): void {
    checkArgument(
      'jumpTime (ns; at most 104 days)',
      nanoseconds,
      wholeNumber(0, Number.MAX_SAFE_INTEGER - 1),
    );
    this.#machine.core.jumpTime(nanoseconds);
    this.#note(`the clock jumps by ${nanoseconds} ns`);
  }

  /** A bit of memory flips now: `bit` is counted from the lowest of the byte at the address. Throws KernelError 'unmapped'. */
  flipMemory(address: bigint, bit: number): void {
    const at = address + BigInt(Math.floor(bit / BITS_IN_BYTE));
    const [byte = 0] = this.#machine.readMemory(at, 1);
    this.#machine.writeMemory(at, Uint8Array.of(byte ^ (1 << (bit % BITS_IN_BYTE))));
    this.#note(`bit ${bit % BITS_IN_BYTE} of the byte at 0x${at.toString(16)} flips`);
  }

  /** A bit of a register flips at a position, 0 being the lowest. */
  flipRegisterAt(
    position: number,
    register: GeneralRegister,
    bit: number,
    options?: FaultAtPosition,
  ): PlannedFault {
    return this.#at(position, `a flip of ${register}`, options, () => this.flipRegister(register, bit));
  }

  /** A bit of a register flips now. */
  flipRegister(register: GeneralRegister, bit: number): void {
    if (!GENERAL_REGISTERS.includes(register) || bit < 0 || bit > 63) {
      throw new GuestTestError('bad-expectation', `${register} has no bit ${bit} that can flip`);
    }
    this.#machine.setRegister(register, this.#machine.register(register) ^ (1n << BigInt(bit)));
    this.#note(`bit ${bit} of ${register} flips`);
  }

  /** What has happened so far, in the order of time, on the way to the present. */
  get happened(): readonly HappenedFault[] {
    return this.#happened;
  }

  /** The machine has been put back to a moment at which only these had happened. */
  goBack(happened: readonly HappenedFault[]): void {
    this.#happened.splice(0, Number.POSITIVE_INFINITY, ...happened);
  }

  /** Forgets what has happened. */
  forget(): void {
    this.#happened.length = 0;
  }

  /** Ends a test: throws GuestTestError 'bad-expectation' when a fault was to happen and never did. Cancels what has not happened. */
  finish(): void {
    const missing = [...this.#missing.values()].map((what) => what());
    this.cancel();
    if (missing.length === 0) return;
    throw new GuestTestError(
      'bad-expectation',
      `a fault never happened: ${missing.join('; ')} ({ mayMiss: true } allows that)`,
    );
  }

  /** Cancels all faults that have not happened. */
  cancel(): void {
    for (const fault of this.#planned) fault.cancel();
    injectorOf(this.#machine).clear();
  }

  #note(what: string): void {
    this.#happened.push({ position: this.#machine.position, what });
  }

  #returnFromCall(value: bigint): void {
    const machine = this.#machine;
    const stackPointer = machine.register('rsp');
    const returnAddress = machine.kernel.memory.word(stackPointer);
    machine.setRegister('rax', value);
    machine.setRegister('rsp', stackPointer + RETURN_ADDRESS_SIZE);
    machine.setRegister('rip', returnAddress);
  }

  #at(position: number, what: string, options: FaultAtPosition | undefined, act: () => void): PlannedFault {
    if (options !== undefined) checkOptions(what, options, FAULT_AT_POSITION);
    if (!Number.isSafeInteger(position)) {
      throw new GuestTestError(
        'bad-expectation',
        `${String(position)} is no position: ${what} needs a whole number of steps since power-on`,
      );
    }
    if (position < this.#machine.position) {
      throw new GuestTestError(
        'bad-expectation',
        `position ${position} is past: the guest is at ${this.#machine.position}`,
      );
    }
    const planned = this.#plan((happened) => {
      let cancelled = false;
      injectorOf(this.#machine).at(position, () => {
        if (cancelled) return;
        act();
        happened();
      });
      return () => {
        cancelled = true;
      };
    });
    if (options?.mayMiss !== true) {
      this.#missing.set(
        planned,
        () => `${what} at position ${position}: the guest has come to ${this.#machine.position}`,
      );
    }
    return planned;
  }

  #plan(start: (happened: () => void) => () => void): PlannedFault {
    let position: number | undefined;
    let detach: () => void = () => {};
    const planned: PlannedFault = {
      get position() {
        return position;
      },
      cancel: () => {
        detach();
        this.#planned.delete(planned);
        this.#missing.delete(planned);
      },
    };
    detach = start(() => {
      position = this.#machine.position;
      planned.cancel();
    });
    this.#planned.add(planned);
    return planned;
  }
}
