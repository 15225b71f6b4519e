import { KernelError } from './errors.ts';
import type { Kernel } from './kernel.ts';

/** Ends what it was given for. */
export type Detach = () => void;

/** A function's first instruction is about to execute. */
export interface Call {
  /** Entry point. */
  readonly address: bigint;
  /** Steps since power-on. */
  readonly position: number;
  /** Guest ns. */
  readonly guestTime: number;
  /** rsp: it points at the return address. */
  readonly stackPointer: bigint;
  readonly returnAddress: bigint;
  /** The first six integer arguments, as rdi, rsi, rdx, rcx, r8 and r9 hold them (System V ABI, amd64, 3.2.3). */
  readonly arguments: readonly bigint[];
}

/** What is done at a function's entry and after its return. */
export interface FunctionProbe<T> {
  /** Called before the first instruction; what it returns is handed to `leave`. */
  readonly enter: (call: Call) => T;
  /** Called after the return, before the caller's next instruction; `result` is rax. Never called for a call that does not return. */
  readonly leave?: ((call: Call, entered: T, result: bigint) => void) | undefined;
}

const ARGUMENT_REGISTERS = ['rdi', 'rsi', 'rdx', 'rcx', 'r8', 'r9'] as const;
const RETURN_ADDRESS_SIZE = 8n;

/** Something that is to happen when a place is reached with a certain stack pointer. */
interface Expectation {
  /** Of the thread that will come, or undefined for whoever comes. */
  readonly thread: string | undefined;
  readonly position: number;
  readonly arrived: () => void;
}

/** A place where calls return to. */
interface ReturnSite {
  readonly remove: Detach;
  /** By stack pointer, then by who expects it. */
  readonly expected: Map<bigint, Map<object, Expectation>>;
}

/**
 * Probes on the code of the kernel: at an address, at a function's entry and after its return. A return is known by the address
 * and the stack pointer it happens with, and by the thread: so recursion, context switches and stacks that are used again for
 * another thread are told apart. Probes only look: a run with them is, step by step, the run without.
 *
 * Return addresses stay watched until the last function probe is gone: there are few, and changing them is what costs.
 * When the machine is taken back in time, calls that began after the new present are forgotten; a call that had already
 * returned when the machine was taken back is not seen to return again.
 */
export class Probes {
  readonly #kernel: Kernel;
  readonly #sites = new Map<bigint, ReturnSite>();
  #functionProbes = 0;
  #latest = 0;
  #pauses = false;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Calls `reached` each time before the instruction at a linear address executes. */
  at(address: bigint, reached: () => void): Detach {
    return this.#kernel.machine.breakpoints.add(address, () => {
      this.#checkTime();
      this.#pauses = false;
      reached();
      return this.#pauses ? 'stop' : 'continue';
    });
  }

  /** For whoever is being called by a probe: the run pauses here, before the instruction. */
  pause(): void {
    this.#pauses = true;
  }

  /** Probes a function, by symbol or by the address of its first instruction. Throws KernelError 'no-symbol'. */
  function<T>(name: string | bigint, probe: FunctionProbe<T>): Detach {
    const address = typeof name === 'bigint' ? name : this.#kernel.image.address(name);
    const owner = {};
    const detach = this.at(address, () => this.#entered(address, owner, probe));
    this.#functionProbes++;
    let attached = true;
    return () => {
      if (!attached) return;
      attached = false;
      detach();
      for (const { expected } of this.#sites.values()) {
        for (const owners of expected.values()) owners.delete(owner);
      }
      if (--this.#functionProbes === 0) this.#dropSites();
    };
  }

  /**
   * Calls `arrived` once, when an address is reached with a certain stack pointer: where a thread that was switched away goes on.
   * Holds as long as there is a function probe.
   */
  expect(address: bigint, stackPointer: bigint, arrived: () => void, owner: object = {}): void {
    this.#expect(address, stackPointer, owner, { thread: undefined, position: this.#position, arrived });
  }

  get #position(): number {
    return this.#kernel.machine.position;
  }

  #entered<T>(address: bigint, owner: object, probe: FunctionProbe<T>): void {
    const { registers, memory, machine } = this.#kernel;
    const stackPointer = registers.get('rsp');
    const returnAddress = memory.word(stackPointer);
    const call: Call = {
      address,
      position: machine.position,
      guestTime: machine.guestTime,
      stackPointer,
      returnAddress,
      arguments: ARGUMENT_REGISTERS.map((name) => registers.get(name)),
    };
    const entered = probe.enter(call);
    const { leave } = probe;
    if (leave === undefined) return;
    this.#expect(returnAddress, stackPointer + RETURN_ADDRESS_SIZE, owner, {
      thread: this.#threadKey(),
      position: call.position,
      arrived: () => leave(call, entered, registers.get('rax')),
    });
  }

  #expect(address: bigint, stackPointer: bigint, owner: object, expectation: Expectation): void {
    let site = this.#sites.get(address);
    if (site === undefined) {
      const expected: ReturnSite['expected'] = new Map();
      site = { remove: this.at(address, () => this.#arrived(expected)), expected };
      this.#sites.set(address, site);
    }
    const owners = site.expected.get(stackPointer) ?? new Map<object, Expectation>();
    site.expected.set(stackPointer, owners);
    // Insertion order is the order of the calls; an older expectation of the same owner never came true.
    owners.delete(owner);
    owners.set(owner, expectation);
  }

  #arrived(expected: ReturnSite['expected']): void {
    const stackPointer = this.#kernel.registers.get('rsp');
    const owners = expected.get(stackPointer);
    if (owners === undefined) return;
    expected.delete(stackPointer);
    const thread = this.#threadKey();
    for (const expectation of owners.values()) {
      if (expectation.thread === undefined || expectation.thread === thread) expectation.arrived();
    }
  }

  /** Tells threads apart, also when a new one gets the memory of one that has ended. */
  #threadKey(): string {
    try {
      const thread = this.#kernel.currentThread();
      if (thread !== undefined) return `${thread.address} ${thread.integer('p_tid')}`;
    } catch (error) {
      // A kernel whose threads cannot be told apart has one stack for all that is known.
      if (!(error instanceof KernelError)) throw error;
    }
    return 'no thread';
  }

  /** Forgets calls of a future that the machine has been taken back from. */
  #checkTime(): void {
    const position = this.#position;
    if (position < this.#latest) {
      for (const { expected } of this.#sites.values()) {
        for (const [stackPointer, owners] of expected) {
          for (const [owner, expectation] of owners) {
            if (expectation.position >= position) owners.delete(owner);
          }
          if (owners.size === 0) expected.delete(stackPointer);
        }
      }
    }
    this.#latest = position;
  }

  #dropSites(): void {
    for (const site of this.#sites.values()) site.remove();
    this.#sites.clear();
  }
}
